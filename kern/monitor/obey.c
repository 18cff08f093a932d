/*
 * obey.c - the table of commands, and who runs one.
 *
 * Nothing changes the machine but reset and poweroff, nor memory but ramscan.
 */
#include "obey.h"
#include "asks.h"
#include "cpulist.h"
#include "cpus.h"
#include "edit.h"
#include "hooks.h"
#include "ink.h"
#include "log.h"
#include "more.h"
#include "../nearest.h"
#include "provoke.h"
#include "run.h"
#include "screen.h"
#include "symbol.h"
#include "tell.h"

typedef struct Command Command;

struct Command {
	const char *name;
	const char *args; /* in brackets if it can do without */
	const char *what;
	void (*run)(const char *arg);
	Words *words;     /* that its argument may be, or NULL */
	const char *more; /* for who asks for help with it, or NULL */
};

static void help(const char *arg);
static void cmdon(const char *arg);
static void cmdmore(const char *arg);

static const char *commandname(size_t i);

#define ADDRESSES                                                              \
	"An address is in hexadecimal, with 0x or not, or the name of a "      \
	"function, also with + and more digits after it. "

#define LINES "-v: in lines for programs, sizes in bytes."
#define BEFORE "-v before it: in lines for programs, sizes in bytes."

static const Command commands[] = {
    {"help", "[COMMAND]", "this list, or more of one", help, commandname,
	"Keys: arrows, Home, End, ^A ^E: to and fro; ^U ^K ^W: take away what "
	"is before, behind, the word before; up, down: lines typed before; "
	"TAB: completes a word, or lists what it may become; ^C: never mind."},
    {"summary", "[-v]", "the machine's memory and the checks, for people",
	cmdsummary, NULL, LINES},
    {"map", "[-v]", "the memory map, by address", cmdmap, NULL, LINES},
    {"conf", "[-v]", "banks, and the kernel's share", cmdconf, NULL, LINES},
    {"xsummary", "[-v]", "holes of xalloc, pools of malloc", cmdxsummary, NULL,
	LINES},
    {"palloc", "[-v]", "pages and the byte map", cmdpalloc, NULL, LINES},
    {"pages", "[-v]", "what is mapped, from the live page tables", cmdpages,
	NULL, LINES},
    {"walk", "ADDRESS", "an address through the page tables", cmdwalk,
	symbolword, ADDRESSES BEFORE},
    {"find", "ADDRESS", "all that is known of an address", cmdfind, symbolword,
	"One of the kernel's, or a physical one: firmware's descriptor, "
	"caching, the memory map, the bank, the page and its references, the "
	"heap's block and who asked for it, and where it is "
	"mapped. " ADDRESSES BEFORE},
    {"dump", "WHERE", "memory in bytes", cmddump, symbolword,
	"WHERE is, maybe behind -f, an address, FROM-TO, or an address and a "
	"size (as 64, 4K); "
	"256 bytes if there is none. Without -f only RAM is read: to read a "
	"device may change it. ^C ends it. " ADDRESSES},
    {"ramscan", "[WHERE]", "is the free memory any good?", cmdramscan, NULL,
	"All pages that nobody uses, or of those the ones in WHERE, are "
	"written, then read back. WHERE is a physical address, of a page; "
	"FROM-TO; or an address and a size. What does not hold is named and "
	"used no more. ^C ends it."},
    {"check", "[full]", "every promise, once more", cmdcheck, NULL,
	"full: with all pages, and all memory that malloc gets. It says how "
	"far it is; ^C ends it, -v is in lines for programs."},
    {"efi", "[-v]", "firmware's own memory map", cmdefi, NULL, LINES},
    {"e820", "[-v]", "that map as Linux would have it", cmde820, NULL,
	"-v: mem9's own, as *e820=, which gives it to another start."},
    {"options", "[-v]", "what was asked for, as lines of mem9.ini", cmdoptions,
	NULL, LINES},
    {"bench", "[-v]", "how fast the allocators are here", cmdbench, NULL,
	"Each pair of calls over and over by one CPU, the best of some rounds; "
	"about a second. ^C ends it. -v: in lines for programs, picoseconds."},
    {"picture", "[-v]", "all memory by owner and state, with a cursor",
	cmdpicture, NULL,
	"Arrows, or h j k l, move the cursor, and what is under it is named; "
	"q ends it. " LINES},
    {"log", "", "all that was said, where you ask", cmdlog, NULL, NULL},
    {"fault", "KIND", "provoke a fault, to see the report", cmdfault, faultname,
	"The fault is reported as any other would be, with registers, the walk "
	"of the address and a back trace; then there is a new prompt."},
    {"cpus", "[-v]", "the CPUs, and what each is at", cmdcpus, NULL, LINES},
    {"nodes", "[-v]", "which RAM is near which CPUs", cmdnodes, NULL,
	"A CPU takes pages of its own node, or else of the nearest. " LINES},
    {"more", "COMMAND", "run it, a screen at a time", cmdmore, NULL,
	"For a serial line, as if it were a terminal of 24 rows: any key goes "
	"on, Enter by a line, and q is enough. The screen does so without."},
    {"run", "[PROGRAM]", "a program, and all that it starts", cmdrun,
	programname,
	"PROGRAM may have a number behind it. All CPUs run it, until none of "
	"its processes is left. ^C ends them all, ^Z stops them: then ps and "
	"segs show them, and run alone goes on."},
    {"ps", "[-v]", "the processes that there are", cmdps, NULL, LINES},
    {"segs", "[-v]", "and their memory", cmdsegs, NULL, LINES},
    {"forbidden", "[-v]", "what no program may do, tried", cmdforbidden, NULL,
	LINES},
    {"fuzz", "N [FIRST]", "N programs that do anything", cmdfuzz, NULL,
	"By seed, from FIRST or 1 on: random bytes run, and random system "
	"calls. Each ends; after it, all memory must be back. ^C ends it."},
    {"on", "N COMMAND", "run it on that CPU", cmdon, NULL, NULL},
    {"reset", "", "start the machine anew", cmdreset, NULL, NULL},
    {"poweroff", "", "switch it off", cmdpoweroff, NULL, NULL},
};

static const char *
commandname(size_t i)
{
	return i < nelem(commands) ? commands[i].name : NULL;
}

static const Command *
findcommand(const char *name)
{
	for (size_t i = 0; i < nelem(commands); i++) {
		const char *c = commands[i].name;
		size_t n = 0;

		while (c[n] != '\0' && c[n] == name[n])
			n++;
		if (c[n] == name[n])
			return &commands[i];
	}
	return NULL;
}

static void
unknown(const char *name)
{
	const char *meant =
	    nearest(name, commands, nelem(commands), sizeof commands[0]);

	if (meant != NULL)
		print("%s: unknown, or is it %s? help lists the commands\n",
		    name, meant);
	else
		print("%s: unknown; help lists the commands\n", name);
}

static void
helpwith(const Command *c)
{
	static const Teller here = {
	    .write = logwrite, .ink = screenink, .cols = 80};

	print("%s%s%s: %s\n", c->name, *c->args != '\0' ? " " : "", c->args,
	    c->what);
	if (c->more != NULL)
		linewords(&here, INKPLAIN, 2, c->more);
}

static void
help(const char *arg)
{
	const Command *c = *arg != '\0' ? findcommand(arg) : NULL;

	if (c != NULL)
		helpwith(c);
	else if (*arg != '\0')
		unknown(arg);
	else
		for (size_t i = 0; i < nelem(commands); i++)
			print("%-9s %-9s %s\n", commands[i].name,
			    commands[i].args, commands[i].what);
}

/* It cannot do without. */
static bool
needsarg(const Command *c)
{
	return c->args[0] != '\0' && c->args[0] != '[';
}

/* Without the blanks at its end, as completion leaves one. */
static void
trim(char *s)
{
	size_t n = 0;

	for (size_t i = 0; s[i] != '\0'; i++)
		if (s[i] != ' ')
			n = i + 1;
	s[n] = '\0';
}

/* Where the line that is obeyed stops: what it hands on does so, too. */
static enum morewhere place;

static void
obeyin(char *line, enum morewhere where)
{
	place = where;
	trim(line);
	while (*line == ' ')
		line++;
	char *arg = line;
	while (*arg != '\0' && *arg != ' ')
		arg++;
	while (*arg == ' ')
		*arg++ = '\0';
	if (*line == '\0')
		return;
	const Command *c = findcommand(line);
	if (c == NULL)
		unknown(line);
	else if (needsarg(c) && *arg == '\0')
		print("%s needs %s\n", c->name, c->args);
	else if (c->args[0] == '\0' && *arg != '\0')
		print("%s: nothing goes with %s\n", arg, c->name);
	else {
		tellasked(true);
		morestart(where);
		c->run(arg);
		morestop();
		tellasked(false);
	}
}

void
obey(char *line)
{
	obeyin(line, MORESCREEN);
}

/* The words of a line, for who takes them apart. */
static void
copyline(char line[EDITMAX], const char *from)
{
	size_t n = 0;

	while (*from == ' ')
		from++;
	while ((line[n] = from[n]) != '\0')
		n++;
}

static void
cmdmore(const char *arg)
{
	char line[EDITMAX];

	copyline(line, arg);
	obeyin(line, MOREANYWHERE);
}

static void
obeythere(void *line)
{
	obeyin(line, place);
}

/* N COMMAND: whatever it is, it runs there, and this CPU waits. */
static void
cmdon(const char *arg)
{
	char line[EDITMAX];
	size_t n = 0;
	size_t digits = 0;

	if (!of0("on"))
		return;
	for (; arg[digits] >= '0' && arg[digits] <= '9'; digits++)
		n = MIN(n * 10 + (size_t)(arg[digits] - '0'), (size_t)MOSTCPUS);
	if (arg[digits] != ' ') { /* nor is that the first */
		print("on: %s is no number and command\n", arg);
		return;
	}
	copyline(line, arg + digits);
	if (!oncpu(n, obeythere, line, MINDLESS))
		print("on: CPU %zu is not up\n", n);
}

/* What follows a word and its blanks. */
static const char *
nextword(const char *p, const char *end)
{
	while (p < end && *p != ' ')
		p++;
	while (p < end && *p == ' ')
		p++;
	return p;
}

/* Is it the word at p? */
static bool
isword(const char *p, const char *end, const char *word)
{
	while (p < end && *word != '\0' && *p == *word)
		p++, word++;
	return *word == '\0' && (p == end || *p == ' ');
}

Words *
commandwords(const char *line, size_t n)
{
	const char *end = line + n;

	while (line < end && *line == ' ')
		line++;
	for (;;)
		if (isword(line, end, "on"))
			line = nextword(nextword(line, end), end);
		else if (isword(line, end, "more"))
			line = nextword(line, end);
		else
			break;
	if (line == end)
		return commandname;
	for (size_t i = 0; i < nelem(commands); i++)
		if (isword(line, end, commands[i].name))
			return commands[i].words;
	return NULL;
}
