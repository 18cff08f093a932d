/*
 * ini.c - mem9.ini: where it is looked for, and its lines.
 *
 * At the root of the volume that the program came from, where people find it,
 * then beside the program, which wins. A line that is not understood is said,
 * with its number, and ignored.
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
 * Where the program lies on its volume, as far as the last backslash: a list of
 * file path nodes. Its length in characters.
 */
static size_t
directory(const EFI_LOADED_IMAGE *li, CHAR16 path[MAXPATH])
{
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
	return dir;
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

/* The lines of this file, if it is there. */
static void
readfile(Options *o, EFI_FILE_HANDLE root, CHAR16 *path)
{
	char shown[MAXPATH];
	EFI_FILE_HANDLE f = NULL;
	UINTN size = MAXINI;

	if (EFI_ERROR(root->Open(root, &f, path, EFI_FILE_MODE_READ, 0)))
		return;
	narrow(path, MAXPATH, shown, MAXPATH);
	char *text = fwtake(MAXINI + 1);
	if (text != NULL && EFI_ERROR(f->Read(f, &size, text)))
		print("mem9: %s cannot be read: ignored\n", shown);
	else if (text != NULL && size == MAXINI)
		print("mem9: %s has %u bytes or more: ignored\n", shown,
		    (unsigned)MAXINI);
	else if (text != NULL)
		inilines(o, text, size, shown);
	fwfree(text);
	f->Close(f);
}

void
readini(Options *o, const EFI_LOADED_IMAGE *li)
{
	static const CHAR16 name[] = L"\\mem9.ini";
	CHAR16 path[MAXPATH];
	EFI_FILE_HANDLE root = openroot(li);

	if (root == NULL)
		return;
	memcpy(path, name, sizeof name);
	readfile(o, root, path);
	size_t dir = directory(li, path);
	if (dir > 1) {
		memcpy(path + dir - 1, name, sizeof name);
		readfile(o, root, path);
	}
	root->Close(root);
}
