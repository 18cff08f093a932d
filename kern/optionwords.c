/*
 * optionwords.c - a word of the command line: a command, a flag, or a key,
 * which is options.c's. See options.h.
 */
#include "options.h"
#include "nearest.h"
#include "value.h"

static const Choice commands[] = {{"boot", CMDBOOT}, {"map", CMDMAP},
    {"audit", CMDAUDIT}, {"diff", CMDDIFF}, {"rehearse", CMDREHEARSE},
    {"report", CMDREPORT}, {"e820", CMDE820}, {NULL, 0}};

const char *
commandword(enum command v)
{
	return choiceword(commands, (int)v);
}

/* Can it be a name on a FAT volume, or a path? */
static bool
ispath(const char *name)
{
	static const char wrong[] = "\"*:<>?|";
	size_t n = 0;

	for (; name[n] != '\0'; n++) {
		if (name[n] < ' ')
			return false;
		for (const char *p = wrong; *p != '\0'; p++)
			if (name[n] == *p)
				return false;
	}
	return n > 0 && name[n - 1] != '\\' && name[n - 1] != '/';
}

/* The file of -o, from the volume's root on. */
static const char *
setfile(Options *o, const char *name)
{
	bool root = *name == '\\' || *name == '/';
	size_t n = 0;

	o->filenext = false;
	while (name[n] != '\0')
		n++;
	if (!ispath(name))
		return "expected a file on mem9's own volume";
	if (n + !root >= sizeof o->report)
		return "too long";
	o->report[0] = '\\';
	for (size_t i = 0; i <= n; i++)
		o->report[i + !root] = name[i] == '/' ? '\\' : name[i];
	return NULL;
}

/* The file of diff, which the shell finds. */
static const char *
setdiff(Options *o, const char *name)
{
	o->diffnext = false;
	return settext(o->diff, sizeof o->diff, name);
}

static bool
setflag(Options *o, const char *word)
{
	const struct {
		const char *word;
		bool *flag;
	} flags[] = {{"h", &o->help}, {"-help", &o->help}, {"?", &o->help},
	    {"v", &o->verbose}, {"b", &o->pagebreak}, {"a", &o->all},
	    {"r", &o->raw}, {"sfo", &o->sfo}, {"o", &o->filenext}};

	for (size_t i = 0; i < nelem(flags); i++)
		if (sameword(word, flags[i].word)) {
			*flags[i].flag = true;
			return true;
		}
	return false;
}

const char *
optionsword(Options *o, const char *word)
{
	int v = 0;

	if (o->filenext)
		return setfile(o, word);
	if (*word == '-' || *word == '/' || *word == '+')
		return setflag(o, word + 1) ? NULL : "unknown flag";
	if (o->diffnext)
		return setdiff(o, word);
	if (choose(commands, word, &v)) {
		o->command = (enum command)v;
		o->diffnext = v == CMDDIFF;
		return NULL;
	}
	for (const char *p = word; *p != '\0'; p++)
		if (*p == '=')
			return optionsline(o, word);
	return unknownword(
	    "command", word, commands, nelem(commands) - 1, sizeof commands[0]);
}
