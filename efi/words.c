/*
 * words.c - the options' text: the shell's line, LoadOptions, mem9.ini.
 *
 * A bad word on the shell's line is an error, as the user is there to mend it.
 * From a boot manager the same bytes are often garbage, and nobody may be
 * there: then it is said and ignored, as it is in mem9.ini.
 */
#include "commands.h"
#include "firmware.h"
#include "hooks.h"

enum { MAXWORD = E820MAX + 16, MAXPATH = 256, MAXINI = 64 * 1024 };

/* The word at hand; too large for a stack without probes. */
static char word[MAXWORD];

/*
 * Text of n UCS-2 characters as bytes. False if it is no printable ASCII or
 * too long; what could be converted is in the word even so.
 */
static bool
narrow(const CHAR16 *s, size_t n, char *word, size_t size)
{
	size_t i = 0;

	for (; i < n && s[i] != 0; i++) {
		if (i == size - 1)
			break;
		word[i] = s[i] >= ' ' && s[i] < 0x7f ? (char)s[i] : '?';
		if (word[i] != (char)s[i] || s[i] > 0x7e)
			break;
	}
	word[i] = '\0';
	return i == n || s[i] == 0;
}

static int
shellwords(Options *o, const Shellparameters *sp)
{
	for (UINTN i = 1; i < sp->argc; i++) {
		const char *why = NULL;

		if (!narrow(sp->argv[i], MAXWORD, word, MAXWORD))
			why = "too long, or not ASCII";
		else
			why = optionsword(o, word);
		if (why != NULL) {
			print("mem9: %s: %s (mem9 -h shows all)\n", word, why);
			return SHELLINVALID;
		}
	}
	return SHELLOK;
}

/* Is this a line of text at all? Dell firmware passes a whole structure. */
static bool
istext(const CHAR16 *s, size_t n)
{
	for (size_t i = 0; i < n && s[i] != 0; i++)
		if (s[i] != '\t' && (s[i] < ' ' || s[i] > 0x7e))
			return false;
	return true;
}

static size_t
wordlength(const CHAR16 *s, size_t n)
{
	size_t i = 0;

	while (i < n && s[i] != 0 && s[i] != ' ' && s[i] != '\t')
		i++;
	return i;
}

static void
loadoptions(Options *o, const EFI_LOADED_IMAGE *li)
{
	const CHAR16 *s = li->LoadOptions;
	size_t n = li->LoadOptionsSize / sizeof *s;

	if (s == NULL || n == 0)
		return;
	if (s[0] == 0xfeff) {
		s++;
		n--;
	}
	if (li->LoadOptionsSize % sizeof *s != 0 || !istext(s, n)) {
		print("mem9: load options are no text: ignored\n");
		return;
	}
	while (n > 0 && *s != 0) {
		size_t k = wordlength(s, n);

		if (k == 0)
			k = 1; /* a blank */
		else {
			const char *why = narrow(s, k, word, MAXWORD)
					      ? optionsword(o, word)
					      : "too long";
			if (why != NULL)
				print("mem9: %s: %s: ignored\n", word, why);
		}
		s += k;
		n -= k;
	}
}

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

static void
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

int
getoptions(Options *o)
{
	EFI_GUID loaded = EFI_LOADED_IMAGE_PROTOCOL_GUID;
	EFI_GUID shell = SHELLPARAMETERS;
	EFI_LOADED_IMAGE *li = protocol(fw.image, loaded);
	Shellparameters *sp = protocol(fw.image, shell);

	optionsinit(o);
	if (li != NULL)
		readini(o, li);
	if (sp != NULL)
		return shellwords(o, sp);
	if (li != NULL)
		loadoptions(o, li);
	return SHELLOK;
}
