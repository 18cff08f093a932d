/*
 * userfile.c - see userfile.h.
 *
 * The shell has a current folder, and names for volumes, so it is asked to open
 * the file; what it gives then only its own functions can read.
 */
#include "userfile.h"
#include "hooks.h"
#include "options.h"
#include "volume.h"

typedef struct Source Source;

/* An open file, and whose it is. */
struct Source {
	Shell *shell; /* NULL: firmware's */
	VOID *file;
	EFI_FILE_HANDLE root;
};

static EFI_FILE_HANDLE
ownroot(void)
{
	EFI_GUID loaded = EFI_LOADED_IMAGE_PROTOCOL_GUID;
	EFI_LOADED_IMAGE *li = protocol(fw.image, loaded);

	return li != NULL ? volumeroot(li) : NULL;
}

static const char *
openreason(EFI_STATUS r)
{
	switch (r) {
	case EFI_NOT_FOUND:
	case EFI_INVALID_PARAMETER: /* the shell's, of no such volume */
		return "there is no such file";
	case EFI_NO_MEDIA:
	case EFI_MEDIA_CHANGED:
		return "its volume is gone";
	default:
		return "it cannot be opened";
	}
}

static const char *
openname(Source *s, const char *name, bool shell)
{
	EFI_GUID guid = SHELLPROTOCOL;
	CHAR16 wide[PATHMAX];
	size_t n = 0;
	EFI_STATUS r = EFI_NOT_FOUND;

	*s = (Source){.shell = shell ? anyprotocol(guid) : NULL};
	for (; name[n] != '\0' && n < PATHMAX - 1; n++)
		wide[n] = name[n] == '/' ? '\\' : (CHAR16)(uint8_t)name[n];
	wide[n] = 0;
	if (s->shell != NULL)
		r = s->shell->openfilebyname(
		    wide, &s->file, EFI_FILE_MODE_READ);
	else if ((s->root = ownroot()) == NULL)
		return "mem9 comes from no volume that has files";
	else
		r = s->root->Open(s->root, (EFI_FILE_HANDLE *)&s->file, wide,
		    EFI_FILE_MODE_READ, 0);
	return EFI_ERROR(r) ? openreason(r) : NULL;
}

static void
closeall(Source *s)
{
	EFI_FILE_HANDLE f = s->file;

	if (s->file != NULL && s->shell != NULL)
		s->shell->closefile(s->file);
	else if (f != NULL)
		f->Close(f);
	if (s->root != NULL)
		s->root->Close(s->root);
}

static bool
inform(const Source *s, Fileinfo *info)
{
	if (s->shell == NULL)
		return fileinfo(s->file, info);
	EFI_FILE_INFO *told = s->shell->getfileinfo(s->file);

	if (told == NULL)
		return false;
	info->folder = (told->Attribute & EFI_FILE_DIRECTORY) != 0;
	info->size = told->FileSize;
	fwfree(told);
	return true;
}

static EFI_STATUS
readpiece(const Source *s, UINTN *n, uint8_t *p)
{
	EFI_FILE_HANDLE f = s->file;

	return s->shell != NULL ? s->shell->readfile(s->file, n, p)
				: f->Read(f, n, p);
}

/* Firmware may give less than it is asked for. */
static bool
readall(const Source *s, Userfile *f, size_t size)
{
	while (f->n < size) {
		UINTN n = size - f->n;

		if (EFI_ERROR(readpiece(s, &n, f->bytes + f->n)) || n == 0 ||
		    n > size - f->n)
			return false;
		f->n += n;
	}
	return true;
}

static const char *
readopen(const Source *s, Userfile *f, size_t most)
{
	Fileinfo info = {false, 0};

	if (!inform(s, &info))
		return "firmware tells nothing of it";
	if (info.folder)
		return "it is a folder";
	if (info.size == 0)
		return "there is nothing in it";
	if (info.size > most)
		return "it is longer than any map";
	f->bytes = fwtake(info.size);
	if (f->bytes == NULL)
		return "no memory to read it";
	return readall(s, f, info.size) ? NULL : "it cannot be read";
}

const char *
userfile(Userfile *f, const char *name, bool shell, size_t most)
{
	Source s;

	*f = (Userfile){NULL, 0};
	const char *why = openname(&s, name, shell);

	if (why == NULL)
		why = readopen(&s, f, most);
	closeall(&s);
	return why;
}
