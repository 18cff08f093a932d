/*
 * volume.c - see volume.h.
 */
#include "volume.h"
#include "hooks.h"

/* More in \EFI than anybody reads: it is no stick of ours. */
enum { MOSTENTRIES = 64 };

/* One entry, with a name as long as FAT knows. */
typedef union Entry Entry;
union Entry {
	EFI_FILE_INFO info;
	uint8_t
	    room[offsetof(EFI_FILE_INFO, FileName) + MAXPATH * sizeof(CHAR16)];
};

EFI_FILE_HANDLE
volumeroot(const EFI_LOADED_IMAGE *li)
{
	EFI_GUID guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;
	EFI_FILE_IO_INTERFACE *fs = protocol(li->DeviceHandle, guid);
	EFI_FILE_HANDLE root = NULL;

	if (fs == NULL || EFI_ERROR(fs->OpenVolume(fs, &root)))
		return NULL;
	return root;
}

/* It comes as a list of file path nodes. */
size_t
programpath(const EFI_LOADED_IMAGE *li, CHAR16 path[MAXPATH], size_t *folder)
{
	size_t n = 0;
	const uint8_t *node = (const uint8_t *)li->FilePath;

	*folder = 0;
	while (node != NULL && node[0] == MEDIA_DEVICE_PATH &&
	       node[1] == MEDIA_FILEPATH_DP) {
		size_t size = node[2] | (size_t)node[3] << 8;

		if (size < 4)
			break;
		for (size_t i = 4; i + 1 < size && n < MAXPATH - MAXNAME;
		     i += 2) {
			CHAR16 c = (CHAR16)(node[i] | node[i + 1] << 8);

			if (c == 0)
				break;
			path[n++] = c == '/' ? '\\' : c;
			if (path[n - 1] == '\\')
				*folder = n;
		}
		node += size;
	}
	return n;
}

static CHAR16
uppercase(CHAR16 c)
{
	return c >= 'a' && c <= 'z' ? (CHAR16)(c - 'a' + 'A') : c;
}

/* Of n characters, or up to a 0; in whatever case. */
static bool
isname(const CHAR16 *s, size_t n, const char *name)
{
	size_t i = 0;

	while (i < n && name[i] != '\0' && uppercase(s[i]) == (CHAR16)name[i])
		i++;
	return name[i] == '\0' && (i == n || s[i] == 0);
}

/* Are there no folders in this one but BOOT? */
static bool
bootalone(EFI_FILE_HANDLE folder)
{
	static Entry e; /* large */

	for (int i = 0; i < MOSTENTRIES; i++) {
		UINTN size = sizeof e;

		if (EFI_ERROR(folder->Read(folder, &size, &e)))
			return false;
		if (size == 0)
			return true;
		const CHAR16 *name = e.info.FileName;
		size_t n =
		    (size - MIN(size, offsetof(EFI_FILE_INFO, FileName))) /
		    sizeof *name;
		if ((e.info.Attribute & EFI_FILE_DIRECTORY) != 0 &&
		    !isname(name, n, "BOOT") && !isname(name, n, ".") &&
		    !isname(name, n, ".."))
			return false;
	}
	return false;
}

bool
fromstick(const EFI_LOADED_IMAGE *li)
{
	static const char where[] = "\\EFI\\BOOT\\BOOTX64.EFI";
	CHAR16 path[MAXPATH];
	size_t folder = 0;
	size_t n = programpath(li, path, &folder);
	EFI_FILE_HANDLE root = NULL;
	EFI_FILE_HANDLE efi = NULL;
	bool alone = false;

	/* Some firmware leaves out the first backslash. */
	if (!isname(path, n, where) && !isname(path, n, where + 1))
		return false;
	root = volumeroot(li);
	if (root == NULL)
		return false;
	if (!EFI_ERROR(root->Open(
		root, &efi, (CHAR16 *)L"\\EFI", EFI_FILE_MODE_READ, 0))) {
		alone = bootalone(efi);
		efi->Close(efi);
	}
	root->Close(root);
	return alone;
}

/* What firmware tells of it, and how much that is; NULL if it does not. */
static EFI_FILE_INFO *
infoof(EFI_FILE_HANDLE f, UINTN *size)
{
	static Entry e; /* large */
	EFI_GUID guid = EFI_FILE_INFO_ID;

	*size = sizeof e;
	return EFI_ERROR(f->GetInfo(f, &guid, size, &e)) ? NULL : &e.info;
}

bool
fileinfo(EFI_FILE_HANDLE f, Fileinfo *info)
{
	UINTN n = 0;
	const EFI_FILE_INFO *e = infoof(f, &n);

	if (e == NULL)
		return false;
	info->folder = (e->Attribute & EFI_FILE_DIRECTORY) != 0;
	info->size = e->FileSize;
	return true;
}

/* U-Boot says no, and leaves the file as it is. */
bool
filecut(EFI_FILE_HANDLE f, uint64_t size)
{
	EFI_GUID guid = EFI_FILE_INFO_ID;
	UINTN n = 0;
	EFI_FILE_INFO *e = infoof(f, &n);

	if (e == NULL)
		return false;
	e->FileSize = size;
	return !EFI_ERROR(f->SetInfo(f, &guid, n, e));
}
