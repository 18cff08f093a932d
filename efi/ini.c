/*
 * ini.c - mem9.ini: where it is looked for, and its lines.
 *
 * At the root of the volume that the program came from, where people find it,
 * then beside the program, which wins. Lines that are not understood are
 * ignored: the first few are said, each with its number, then how many more.
 */
#include "ini.h"
#include "few.h"
#include "hooks.h"
#include "volume.h"

typedef struct Inifile Inifile;

enum { MAXINI = 64 * 1024 };

/* A file that is being read. */
struct Inifile {
	const char *path;
	unsigned number; /* of the line */
	size_t ignored;  /* lines so far */
};

/* One line, its end already cut off; comments and sections say nothing. */
static void
iniline(Options *o, Inifile *f, char *line, size_t n)
{
	f->number++;
	while (n > 0 && (line[n - 1] == '\r' || line[n - 1] == ' ' ||
			    line[n - 1] == '\t'))
		n--;
	line[n] = '\0';
	while (*line == ' ' || *line == '\t')
		line++;
	if (*line == '\0' || *line == '#' || *line == ';' || *line == '[')
		return;
	const char *why = optionsline(o, line);
	if (why != NULL && few(&f->ignored))
		print("mem9: %s:%u: %.*s%s: %s: ignored\n", f->path, f->number,
		    SHOWNTEXT, line, cutmark(textlength(line)), why);
}

/* Is it UTF-16, as Notepad's Unicode is and what the shell's > writes? */
static bool
isutf16(const char *text, size_t size)
{
	return size >= 2 && (memcmp(text, "\xff\xfe", 2) == 0 ||
				memcmp(text, "\xfe\xff", 2) == 0);
}

/* To bytes, in place; how many. */
static size_t
narrowutf16(char *text, size_t size)
{
	size_t low = text[0] == '\xfe';
	size_t n = 0;

	for (size_t i = 2; i + 1 < size; i += 2) {
		bool one = text[i + 1 - low] == 0;

		text[n++] = one ? text[i + low] : '?';
	}
	return n;
}

/* A 0 is no character: as a ? it is part of no option, and so is told of. */
static void
inilines(Options *o, char *text, size_t size, const char *path)
{
	Inifile f = {.path = path};
	char *line = text;

	if (isutf16(text, size))
		size = narrowutf16(text, size);
	else if (size >= 3 && memcmp(text, "\xef\xbb\xbf", 3) == 0)
		line += 3;
	for (size_t i = 0; i < size; i++)
		if (text[i] == '\0')
			text[i] = '?';
	for (char *p = line; p <= text + size; p++)
		if (p == text + size || *p == '\n') {
			iniline(o, &f, line, (size_t)(p - line));
			line = p + 1;
		}
	if (beyondfew(f.ignored) > 0)
		print("mem9: %s: %zu more line%s: ignored\n", path,
		    beyondfew(f.ignored), plural(beyondfew(f.ignored)));
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
	_Static_assert(nelem(name) <= MAXNAME, "a path has room for it");
	CHAR16 path[MAXPATH];
	size_t folder = 0;
	EFI_FILE_HANDLE root = volumeroot(li);

	if (root == NULL)
		return;
	memcpy(path, name, sizeof name);
	readfile(o, root, path);
	programpath(li, path, &folder);
	if (folder > 1) {
		memcpy(path + folder - 1, name, sizeof name);
		readfile(o, root, path);
	}
	root->Close(root);
}
