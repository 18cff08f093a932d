/*
 * monitored.c - see monitored.h. The end of input ends the monitor, as nothing
 * else does.
 *
 * needs: kern/monitor/monitor.c kern/monitor/obey.c kern/monitor/asks.c
 * needs: kern/monitor/readline.c kern/monitor/complete.c kern/monitor/edit.c
 * needs: kern/monitor/redraw.c kern/monitor/history.c kern/monitor/keys.c
 * needs: kern/monitor/vt100.c kern/monitor/address.c kern/tell/line.c
 * needs: kern/nearest.c kern/value.c kern/monitor/tables.c
 * needs: kern/tell/nodelines.c kern/monitor/memview.c kern/monitor/memcells.c
 * needs: kern/monitor/panel.c kern/monitor/picture.c tests/host/glass.c
 * needs: kern/tell/sizetext.c kern/format.c kern/linuxmap.c kern/linuxtype.c
 * needs: kern/optionsay.c kern/options.c kern/monitor/run.c kern/monitor/ps.c
 * needs: kern/optionwords.c tests/host/monitoredruns.c tests/host/told.c
 */
#include "monitored.h"
#include "audit.h"
#include "bootinfo.h"
#include "cpus.h"
#include "hooks.h"
#include "host.h"
#include "kept.h"
#include "key.h"
#include "keyboard.h"
#include "log.h"
#include "nodes.h"
#include "panic.h"
#include "patience.h"
#include "provoke.h"
#include "screen.h"
#include "serial.h"
#include "symbol.h"
#include "told.h"
#include "trap.h"
#include "../../kern/monitor/quickbench.h"
#include "../../kern/check/checks.h"
#include "../../kern/monitor/dump.h"
#include "../../kern/monitor/find.h"
#include "../../kern/handed.h"
#include "../../kern/leave.h"
#include "../../kern/monitor/monitor.h"
#include "../../kern/monitor/more.h"
#include "../../kern/monitor/progress.h"
#include "../../kern/monitor/asks.h"
#include "../../kern/monitor/scan.h"
#include "../../kern/tell/summary.h"

#include <string.h>

Monitored monitored;

static const char *keys;
static jmp_buf out;
static bool late; /* what is waited for now */

/* Keys are a line for the monitor, not for a command under way. */
static bool
atprompt(void)
{
	const char *end = strrchr(hostsaid(), '\n');

	return strncmp(end != NULL ? end + 1 : hostsaid(), "mem9> ", 6) == 0;
}

int
serialread(void)
{
	static bool look;

	if ((told.asked || monitored.more) && atprompt())
		print("<asked>");
	look = !look;
	if (monitored.late && look)
		return -1;
	if (*keys == *MOMENT) {
		keys++;
		late = true;
		return -1;
	}
	if (*keys == '\0' && (!monitored.dies || monitored.lostsaid))
		longjmp(out, 1);
	if (*keys == '\0')
		return -1;
	return (uint8_t)*keys++;
}

int
keyboardread(void)
{
	if (monitored.board != NULL && *monitored.board != 0)
		return *monitored.board++;
	monitored.lost |= monitored.dies;
	return NOKEY;
}

bool
keyboardworks(void)
{
	return !monitored.lost;
}

bool
keyboardlost(void)
{
	bool is = monitored.lost && !monitored.lostsaid;

	monitored.lostsaid |= is;
	return is;
}

bool
serialworks(void)
{
	return !monitored.noserial;
}

/* A while has passed each time that it is asked. */
uint64_t
waited(Patience *p)
{
	(void)p;
	return UINT64_MAX;
}

static const char *const names[] = {"main", "mainly", "xalloc"};
enum { SYMBOLS = 0x1000 }; /* the first, and each 256 bytes after it */

const char *
symbolword(size_t i)
{
	return i < nelem(names) ? names[i] : NULL;
}

size_t
symboladdr(const char *name, size_t n, uintptr_t *va)
{
	if (n == 4 && memcmp(name, "same", n) == 0)
		return 2;
	for (size_t i = 0; i < nelem(names); i++)
		if (strlen(names[i]) == n && memcmp(names[i], name, n) == 0) {
			*va = SYMBOLS + i * 256;
			return 1;
		}
	return 0;
}

void
morestart(enum morewhere where)
{
	monitored.more = true;
	monitored.anywhere = where == MOREANYWHERE;
}

void
morestop(void)
{
	monitored.more = false;
}

void
morewrite(const char *s, size_t n)
{
	(void)s;
	(void)n;
}

unsigned
screencols(void)
{
	return monitored.cols;
}

unsigned
screenrows(void)
{
	return monitored.cols != 0 ? (unsigned)monitored.seen.rows : 0;
}

/* The screen, if there is one, is what the serial line would be at. */
void
screenwrite(const char *s, size_t n)
{
	glasswrite(&monitored.seen, s, n);
}

void
screenup(void)
{
	glasswrite(&monitored.seen, "\x1bM", 2);
}

/* Its answer is among the keys, or not. */
void
serialwrite(const char *s, size_t n)
{
	static const char question[] = "\x1b"
				       "7\x1b[999;999H\x1b[6n\x1b"
				       "8";

	if (n == strlen(question) && memcmp(s, question, n) == 0)
		monitored.asked++;
	else
		glasswrite(&monitored.seen, s, n);
}

uint32_t
reports(void)
{
	return monitored.reports;
}

void
screencursor(void)
{
	monitored.cursors++;
}

void
types(const char *text)
{
	hostquiet();
	glassclear(&monitored.seen);
	if (monitored.rows != 0)
		monitored.seen.rows = monitored.rows;
	keys = text;
	late = false;
	told.asked = true; /* as a command may leave it that panics */
	monitored.more = true;
	if (setjmp(out) == 0)
		monitor();
}

uint64_t
rest(Patience *p)
{
	(void)p;
	monitored.rests++;
	if (monitored.meanwhile != NULL)
		monitored.meanwhile();
	bool is = late;

	late = false;
	return is ? UINT64_MAX - 1 : 0;
}

void
walkprint(uintptr_t va)
{
	monitored.walked = va;
	monitored.walks++;
}

void
walklines(uintptr_t va)
{
	print("<walk lines %#jx>", (uintmax_t)va);
}

void
pagesprint(void)
{
	print(!told.asked || !monitored.more ? "<unseen>"
	      : monitored.anywhere           ? "<pages, stopping>"
					     : "<pages>");
}

void
pageslines(void)
{
	print("<page lines>");
}

static Bootinfo block = {.options.checks = CHECKSNONE};
Bootinfo *bootinfo = &block;

Efimap
handedmap(void)
{
	return monitored.map;
}

bool
isvirtual(uintptr_t at)
{
	return at >> 63 != 0;
}

void
findaddress(uintptr_t at, enum findfor whom)
{
	print("<find%s %#jx>", whom == FINDPROGRAMS ? " lines" : "",
	    (uintmax_t)at);
}

void
dump(const Span *span, enum dumpwhat what)
{
	print("<dump%s %#jx %zu>", what == DUMPALL ? " all" : "",
	    (uintmax_t)span->at, span->size);
}

void
progresswatched(void)
{
	monitored.watched = true;
}

bool
progressbroken(void)
{
	return monitored.broken;
}

bool
morequit(void)
{
	return monitored.broken;
}

void
scanabandoned(void)
{
	monitored.abandoned++;
}

void
scan(const Span *span)
{
	print("<scan %#jx %zu>", (uintmax_t)span->at, span->size);
}

size_t
check(enum checkset set, void (*seen)(const Checkresult *r))
{
	if (seen != NULL)
		seen(NULL);
	print("<check%s%s%s>", seen == NULL && told.asked ? " lines" : "",
	    set == CHECKALL ? "" : " some",
	    block.options.checks == CHECKSFULL    ? " full"
	    : block.options.checks == CHECKSQUICK ? ""
						  : " none");
	return 0;
}

void
logwrite(const char *s, size_t n)
{
	print("%.*s", (int)n, s);
}

void
screenink(enum ink ink)
{
	(void)ink;
}

void
cpusprint(void)
{
	print("<cpus>");
}

void
cpuslines(void)
{
	print("<cpu lines>");
}

void
bench(void)
{
	print("<bench>");
}

void
benchlines(void)
{
	print("<bench lines>");
}

void
summarylines(void)
{
	print("<summary lines>");
}

void
checklines(void)
{
	print("<check lines>");
}

size_t
cpunumber(void)
{
	return monitored.on;
}

size_t
ncpus(void)
{
	return MONITOREDCPUS;
}

uint32_t
cpunode(size_t n)
{
	return (uint32_t)(n % nodecount());
}

bool
cpugone(size_t n)
{
	(void)n;
	return false;
}

bool
oncpu(size_t n, void (*fn)(void *), void *arg, uint64_t us)
{
	size_t was = monitored.on;

	if (n >= MONITOREDCPUS || us != MINDLESS) /* for people */
		return false;
	print("<on %zu>", n);
	monitored.on = n;
	fn(arg);
	monitored.on = was;
	return true;
}

uint64_t
loglost(void)
{
	return monitored.loglost;
}

void
logreplay(Sink *sink, size_t last)
{
	print("<log%s%s>",
	    sink == moreserial  ? ""
	    : sink == morewrite ? " here"
				: " elsewhere",
	    last == SIZE_MAX ? "" : " in part");
}

void
moreserial(const char *s, size_t n)
{
	(void)s;
	(void)n;
}

bool
provoke(const char *name)
{
	print("<fault %s%s>", name, monitored.more ? " by pages" : "");
	return strcmp(name, "null") == 0;
}

const char *
faultname(size_t i)
{
	return i == 0 ? "null" : NULL;
}

bool
keptopened(void)
{
	return monitored.kept;
}

void
leave(enum end how)
{
	print(how == ENDRESET      ? "<reset>"
	      : how == ENDPOWEROFF ? "<off>"
				   : "<another way>");
}

void
cmdforbidden(const char *arg)
{
	print("<forbidden %s>", arg);
}

void
cmdfuzz(const char *arg)
{
	print("<fuzz %s>", arg);
}
