/*
 * ini.c - mem9.ini: where it is looked for, and its lines.
 *
 * Beside the program, then at the root of the volume it came from. A line that
 * is not understood is said, with its number, and ignored.
 */
#include "ini.h"
#include "hooks.h"

enum { MAXPATH = 256, MAXINI = 64 * 1024 };

static EFI_FILE_HANDLE
openroot(const EFI_LOADED_IMAGE *li)
{
	EFI_GUID guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;
	EFI_FILE_IO_INTERFACE *fs = protocol(li->DeviceHandle, guid);
	EFI_FILE_HANDLE root = NULL;

	if (fs == NULL || EFI_ERROR(fs->OpenVolume(fs, &root)))
		return NULL;
	return root;
}

/*
 * mem9.ini beside the program, whose path on its volume is a list of file
 * path nodes; then at the volume's root.
 */
static EFI_FILE_HANDLE
openini(EFI_FILE_HANDLE root, const EFI_LOADED_IMAGE *li, char *shown)
{
	static const CHAR16 name[] = L"mem9.ini";
	CHAR16 path[MAXPATH];
	EFI_FILE_HANDLE f = NULL;
	size_t n = 0;
	size_t dir = 0;
	const uint8_t *node = (const uint8_t *)li->FilePath;

	while (node != NULL && node[0] == MEDIA_DEVICE_PATH &&
	       node[1] == MEDIA_FILEPATH_DP) {
		size_t size = node[2] | (size_t)node[3] << 8;

		if (size < 4)
			break;
		for (size_t i = 4; i + 1 < size && n < MAXPATH - 16; i += 2) {
			CHAR16 c = (CHAR16)(node[i] | node[i + 1] << 8);

			if (c == 0)
				break;
			path[n++] = c == '/' ? '\\' : c;
			if (path[n - 1] == '\\')
				dir = n;
		}
		node += size;
	}
	memcpy(path + dir, name, sizeof name);
	narrow(path, MAXPATH, shown, MAXPATH);
	if (!EFI_ERROR(root->Open(root, &f, path, EFI_FILE_MODE_READ, 0)))
		return f;
	memcpy(path, name, sizeof name);
	narrow(path, MAXPATH, shown, MAXPATH);
	if (!EFI_ERROR(root->Open(root, &f, path, EFI_FILE_MODE_READ, 0)))
		return f;
	return NULL;
}

/* One line, its end already cut off; comments and sections say nothing. */
static void
iniline(Options *o, char *line, size_t n, const char *file, unsigned number)
{
	while (n > 0 && (line[n - 1] == '\r' || line[n - 1] == ' ' ||
			    line[n - 1] == '\t'))
		n--;
	line[n] = '\0';
	while (*line == ' ' || *line == '\t')
		line++;
	if (*line == '\0' || *line == '#' || *line == ';' || *line == '[')
		return;
	const char *why = optionsline(o, line);
	if (why != NULL)
		print(
		    "mem9: %s:%u: %s: %s: ignored\n", file, number, line, why);
}

static void
inilines(Options *o, char *text, size_t size, const char *file)
{
	unsigned number = 0;
	char *line = text;

	if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		line += 3;
	for (char *p = line; p <= text + size; p++)
		if (p == text + size || *p == '\n') {
			iniline(o, line, (size_t)(p - line), file, ++number);
			line = p + 1;
		}
}

void
readini(Options *o, const EFI_LOADED_IMAGE *li)
{
	char shown[MAXPATH];
	EFI_FILE_HANDLE root = openroot(li);

	if (root == NULL)
		return;
	EFI_FILE_HANDLE f = openini(root, li, shown);
	UINTN size = MAXINI;
	char *text = f != NULL ? fwtake(MAXINI + 1) : NULL;

	if (text != NULL && EFI_ERROR(f->Read(f, &size, text)))
		print("mem9: %s cannot be read: ignored\n", shown);
	else if (text != NULL && size == MAXINI)
		print("mem9: %s has %u bytes or more: ignored\n", shown,
		    (unsigned)MAXINI);
	else if (text != NULL)
		inilines(o, text, size, shown);
	fwfree(text);
	if (f != NULL)
		f->Close(f);
	root->Close(root);
}
