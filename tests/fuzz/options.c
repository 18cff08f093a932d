/*
 * options.c - any line of options and any LoadOptions are taken or refused as
 * the model says, and what is refused changes nothing.
 *
 * The first byte chooses: a line as it is; a key, and the rest its value;
 * LoadOptions of 16-bit characters; LoadOptions of the bytes made wider.
 *
 * needs: efi/cmdline.c kern/options.c kern/value.c tests/host/fakefw.c
 * needs: kern/optionwords.c
 * needs: tests/model/asked.c
 * needs: kern/nearest.c kern/format.c
 */
#include "fuzz.h"
#include "asked.h"
#include "fakefw.h"
#include "../../efi/commands.h"
#include "../../efi/ini.h"
#include "../../efi/volume.h"

enum { MAXTEXT = E820MAX + 200, FEW = 8 };

static Options got, want;
static EFI_LOADED_IMAGE image;

void
readini(Options *o, const EFI_LOADED_IMAGE *li)
{
	(void)o;
	(void)li;
}

void
reportown(Options *o)
{
	strcpy(o->report, REPORTFILE);
	o->reportown = true;
}

bool
fromstick(const EFI_LOADED_IMAGE *li)
{
	(void)li;
	return false;
}

static void
compare(const char *text)
{
	const char *field = askeddiffers(&got, &want);

	if (field != NULL)
		panic("'%s': another %s", text, field);
}

static void
line(const char *text)
{
	optionsinit(&got);
	optionsinit(&want);
	bool good = asked(&want, text);

	if ((optionsline(&got, text) == NULL) != good)
		panic("'%s' should be %s", text, good ? "taken" : "refused");
	compare(text);
}

static void
value(unsigned which, const char *text)
{
	static const char *const keys[] = {
	    "*end=", "*checks=", "*bootscreen=", "*kernelpercent=", "*maxmem=",
	    "*directmap=", "*nswap=", "*ncpu=", "*nomp=", "*verbose=", "*menu=",
	    "*nokaslr=", "*e820=", "umbexclude=", "console=", "console=mmio32,",
	    "console=0 b", "*report="};
	static char copy[MAXTEXT + 20];

	sprintf(copy, "%s%s", keys[which % nelem(keys)], text);
	line(copy);
}

/* Until a 0, between blanks; a mark of the byte order may come first. */
static size_t
wordsof(const CHAR16 *s, size_t n, size_t *taken)
{
	static char word[MAXTEXT];
	size_t refused = 0;
	size_t k = 0;

	for (size_t i = 0; i <= n; i++) {
		bool end = i == n || s[i] == 0;

		if (!end && s[i] != ' ' && s[i] != '\t') {
			if (k < MAXTEXT - 1)
				word[k++] = (char)s[i];
			continue;
		}
		word[k] = '\0';
		if (k > E820MAX + 15 || (k > 0 && !askedword(&want, word)))
			refused++;
		else if (k > 0)
			++*taken;
		k = 0;
		if (end)
			break;
	}
	return refused;
}

static bool
istext(const CHAR16 *s, size_t n)
{
	for (size_t i = 0; i < n && s[i] != 0; i++)
		if (s[i] != '\t' && (s[i] < 32 || s[i] > 126))
			return false;
	return true;
}

/* There is no shell here: a menu, unless something else was asked for. */
static void
menu(bool asked)
{
	if (want.command != CMDBOOT || want.help)
		want.menu = 0;
	else if (want.menu < 0)
		want.menu = asked || want.endgiven ? 0 : 5;
}

static void
loadoptions(const void *bytes, size_t size)
{
	EFI_GUID guid = EFI_LOADED_IMAGE_PROTOCOL_GUID;
	CHAR16 *s = malloc(MAX(size, (size_t)1));
	size_t n = size / 2;
	size_t refused = 0;
	size_t taken = 0;
	char more[80];

	memcpy(s, bytes, size);
	fakestart();
	fakeprotocol((EFI_HANDLE)1, guid, &image);
	image.LoadOptions = s;
	image.LoadOptionsSize = (UINT32)size;
	optionsinit(&want);
	size_t from = n > 0 && s[0] == 0xfeff;
	if (n > 0 && (size % 2 != 0 || !istext(s + from, n - from)))
		refused = 1;
	else
		refused = wordsof(s + from, n - from, &taken);
	sprintf(more, "load options: %zu more word%s: ignored\n",
	    refused - MIN(refused, (size_t)FEW), refused == FEW + 1 ? "" : "s");
	refused = MIN(refused, FEW + 1u); /* lines: those, and that one */
	bool many = refused > FEW;
	if (want.command == CMDDIFF && want.diff[0] == '\0') {
		want.command = CMDBOOT;
		refused++;
	}
	menu(taken > 0);
	refused += want.filenext;
	if (want.command == CMDREPORT && want.report[0] == '\0')
		strcpy(want.report, "\\MEM9.TXT");
	hostquiet();
	if (getoptions(&got) != SHELLOK)
		panic("LoadOptions are an error");
	compare("LoadOptions");
	if (hosttimes(": ignored\n") != refused || hosttimes(more) != many)
		panic("%zu refused, and it said %s", refused, hostsaid());
	free(s);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char text[MAXTEXT + 1];
	static CHAR16 wider[MAXTEXT];

	if (size < 2 || size > MAXTEXT)
		return 0;
	size_t n = size - 1;
	memcpy(text, data + 1, n);
	text[n] = '\0';
	switch (data[0] % 32) {
	case 0:
		line(text);
		break;
	case 1:
		loadoptions(text, n);
		break;
	case 2:
		for (size_t i = 0; i < n; i++)
			wider[i] = (uint8_t)text[i];
		loadoptions(wider, 2 * n);
		break;
	default:
		value(data[0] % 32u - 3, text);
	}
	return 0;
}
