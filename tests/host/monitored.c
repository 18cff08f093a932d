/*
 * monitored.c - see monitored.h. The end of input ends the monitor, as nothing
 * else does.
 *
 * needs: kern/monitor.c kern/nearest.c kern/value.c kern/memview.c
 * needs: kern/picture.c kern/sizetext.c kern/format.c tests/host/told.c
 */
#include "monitored.h"
#include "audit.h"
#include "cpus.h"
#include "halt.h"
#include "hooks.h"
#include "host.h"
#include "log.h"
#include "provoke.h"
#include "screen.h"
#include "serial.h"
#include "told.h"
#include "trap.h"
#include "../../kern/leave.h"
#include "../../kern/monitor.h"

#include <string.h>

Monitored monitored;

static const char *keys;
static jmp_buf out;

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

	if (told.asked && atprompt())
		print("<asked>");
	look = !look;
	if (monitored.late && look)
		return -1;
	if (*keys == '\0')
		longjmp(out, 1);
	return (uint8_t)*keys++;
}

void
types(const char *text)
{
	hostquiet();
	keys = text;
	told.asked = true; /* as a command may leave it that panics */
	if (setjmp(out) == 0)
		monitor();
}

void
relax(void)
{
	monitored.rests++;
}

void
walkprint(uintptr_t va)
{
	monitored.walked = va;
	monitored.walks++;
}

void
pagesprint(void)
{
	print(told.asked ? "<pages>" : "<unseen>");
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

size_t
cpunumber(void)
{
	return monitored.on;
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
	return monitored.lost;
}

void
logreplay(Sink *sink, size_t last)
{
	print("<log%s%s>", sink == serialwrite ? "" : " elsewhere",
	    last == SIZE_MAX ? "" : " in part");
}

void
serialwrite(const char *s, size_t n)
{
	(void)s;
	(void)n;
}

bool
provoke(const char *name)
{
	print("<fault %s>", name);
	return strcmp(name, "null") == 0;
}

void
faultnames(void)
{
	print(" null\n");
}

void
leave(enum end how)
{
	print(how == ENDRESET      ? "<reset>"
	      : how == ENDPOWEROFF ? "<off>"
				   : "<another way>");
}
