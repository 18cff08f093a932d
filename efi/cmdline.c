/*
 * cmdline.c - the options' text: the shell's line, or LoadOptions.
 *
 * A bad word on the shell's line is an error, as the user is there to mend it.
 * From a boot manager the same bytes are often garbage, and nobody may be
 * there: then they are ignored, as in mem9.ini, and a few of them are said.
 */
#include "commands.h"
#include "few.h"
#include "firmware.h"
#include "hooks.h"
#include "ini.h"
#include "report.h"
#include "volume.h"

enum { MAXWORD = E820MAX + 16, MENUSECONDS = 5 };

/* The word at hand; too large for a stack without probes. */
static char word[MAXWORD];

static bool
nofile(const Options *o)
{
	return o->command == CMDDIFF && o->diff[0] == '\0';
}

/* Does what was said go together? It is said if not. */
static bool
togetherwell(const Options *o)
{
	const char *wrong = NULL;

	if (o->filenext)
		wrong = "-o: expected a file behind it";
	else if (nofile(o))
		wrong = "diff: expected a file behind it";
	else if ((o->raw || o->sfo) && o->command != CMDMAP)
		wrong = "-r and -sfo go with map";
	else if (o->all && o->command != CMDMAP && o->command != CMDDIFF &&
		 !o->help)
		wrong = "-a goes with map, diff and -h";
	if (wrong != NULL)
		print("mem9: %s\n", wrong);
	return wrong == NULL;
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
			print("mem9: %.*s%s: %s (mem9 -h -a shows all)\n",
			    SHOWNTEXT, word, cutmark(textlength(word)), why);
			return SHELLINVALID;
		}
	}
	return togetherwell(o) ? SHELLOK : SHELLINVALID;
}

/* Is this a line of text at all? Dell firmware passes a whole structure. */
static bool
isascii(const CHAR16 *s, size_t n)
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

/* Each of n characters' words; how many were understood. */
static size_t
loadwords(Options *o, const CHAR16 *s, size_t n)
{
	size_t understood = 0;
	size_t ignored = 0;

	while (n > 0 && *s != 0) {
		size_t k = wordlength(s, n);
		const char *why = "too long";

		if (k == 0)
			k = 1; /* a blank */
		else if (narrow(s, k, word, MAXWORD) &&
			 (why = optionsword(o, word)) == NULL)
			understood++;
		else if (few(&ignored))
			print("mem9: %.*s%s: %s: ignored\n", SHOWNTEXT, word,
			    cutmark(textlength(word)), why);
		s += k;
		n -= k;
	}
	if (beyondfew(ignored) > 0)
		print("mem9: load options: %zu more word%s: ignored\n",
		    beyondfew(ignored), plural(beyondfew(ignored)));
	return understood;
}

/* Was anything of it understood? */
static bool
loadoptions(Options *o, const EFI_LOADED_IMAGE *li)
{
	const CHAR16 *s = li->LoadOptions;
	size_t n = li->LoadOptionsSize / sizeof *s;

	if (s == NULL || n == 0)
		return false;
	if (s[0] == 0xfeff) {
		s++;
		n--;
	}
	if (li->LoadOptionsSize % sizeof *s != 0 || !isascii(s, n)) {
		print("mem9: load options are no text: ignored\n");
		return false;
	}
	bool understood = loadwords(o, s, n) > 0;
	if (o->filenext)
		print("mem9: -o: expected a file behind it: ignored\n");
	if (nofile(o)) {
		print("mem9: diff: expected a file behind it: ignored\n");
		o->command = CMDBOOT;
	}
	return understood;
}

/*
 * Where there is a shell its user says what is to be done; elsewhere there is a
 * menu, unless something was asked for already.
 */
static void
howlong(Options *o, bool shell, bool asked)
{
	if (shell || o->command != CMDBOOT || o->help)
		o->menu = 0;
	else if (o->menu < 0)
		o->menu = asked || o->endgiven ? 0 : MENUSECONDS;
}

/*
 * A report that nobody has named is written where a stick was started; from an
 * installed system's volume none is, unasked.
 */
static void
whereto(Options *o, const EFI_LOADED_IMAGE *li)
{
	bool unasked = !o->shell && !o->noreport && o->command == CMDBOOT &&
		       !o->help && li != NULL;

	if (o->report[0] == '\0' &&
	    (o->command == CMDREPORT || (unasked && fromstick(li))))
		reportown(o);
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
	int status = sp != NULL ? shellwords(o, sp) : SHELLOK;
	bool asked = sp == NULL && li != NULL && loadoptions(o, li);
	o->shell = sp != NULL;
	howlong(o, o->shell, asked);
	whereto(o, li);
	return status;
}
