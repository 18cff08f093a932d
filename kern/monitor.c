/*
 * monitor.c - a prompt, a line, a table of commands.
 *
 * Input is polled, as mem9 runs with interrupts off. Nothing here changes the
 * machine but reset and poweroff.
 */
#include "monitor.h"
#include "audit.h"
#include "bytemap.h"
#include "conf.h"
#include "cpulist.h"
#include "cpus.h"
#include "halt.h"
#include "hooks.h"
#include "leave.h"
#include "log.h"
#include "memmap.h"
#include "memview.h"
#include "nearest.h"
#include "page.h"
#include "pool.h"
#include "provoke.h"
#include "screen.h"
#include "serial.h"
#include "tell.h"
#include "trap.h"
#include "xalloc.h"

typedef struct Command Command;

enum { MAXLINE = 128 };

struct Command {
	const char *name;
	const char *args;
	const char *what;
	void (*run)(const char *arg);
};

static void help(const char *arg);
static void cmdon(const char *arg);

static void
cmdsummary(const char *arg)
{
	static const Teller all = {
	    .write = logwrite, .ink = screenink, .cols = 80};

	(void)arg;
	tellagain(&all);
}

static void
cmdmap(const char *arg)
{
	(void)arg;
	memmapdump();
	memmapprinttotal();
}

static void
cmdconf(const char *arg)
{
	(void)arg;
	confprintbanks();
	confprint();
	confreport();
}

static void
cmdxsummary(const char *arg)
{
	(void)arg;
	xsummary();
	mallocsummary();
	poolsprint();
}

static void
cmdpalloc(const char *arg)
{
	(void)arg;
	pallocprint();
	bytemapprint();
}

static void
cmdpages(const char *arg)
{
	(void)arg;
	pagesprint();
}

static void
cmdwalk(const char *arg)
{
	uintptr_t va = 0;
	const char *p = arg;

	if (p[0] == '0' && (p[1] == 'x' || p[1] == 'X'))
		p += 2;
	if (*p == '\0')
		p = arg; /* 0x alone, whose x is no digit */
	for (; *p != '\0'; p++) {
		int d = *p >= '0' && *p <= '9'   ? *p - '0'
			: *p >= 'a' && *p <= 'f' ? *p - 'a' + 10
			: *p >= 'A' && *p <= 'F' ? *p - 'A' + 10
						 : -1;

		if (d < 0 || va >> 60 != 0) {
			print("walk: %s is no hexadecimal address\n", arg);
			return;
		}
		va = va << 4 | (uintptr_t)d;
	}
	walkprint(va);
}

static void
cmdpicture(const char *arg)
{
	(void)arg;
	memview();
}

static void
cmdlog(const char *arg)
{
	(void)arg;
	if (loglost() != 0)
		print("the first %ju bytes are lost\n", loglost());
	logreplay(serialwrite, SIZE_MAX);
}

static void
cmdfault(const char *arg)
{
	if (provoke(arg))
		return;
	print("fault: one of");
	faultnames();
}

static void
cmdcpus(const char *arg)
{
	(void)arg;
	cpusprint();
}

/* Firmware is called by CPU 0 alone, and so are the others. */
static bool
of0(const char *name)
{
	if (cpunumber() != 0)
		print("%s: by CPU 0 alone\n", name);
	return cpunumber() == 0;
}

static void
cmdreset(const char *arg)
{
	(void)arg;
	if (of0("reset"))
		leave(ENDRESET);
}

static void
cmdpoweroff(const char *arg)
{
	(void)arg;
	if (of0("poweroff"))
		leave(ENDPOWEROFF);
}

static const Command commands[] = {
    {"help", "", "this list", help},
    {"summary", "", "the machine's memory and the checks, for people",
	cmdsummary},
    {"map", "", "the memory map, by address", cmdmap},
    {"conf", "", "banks, and the kernel's share", cmdconf},
    {"xsummary", "", "holes of xalloc, pools of malloc", cmdxsummary},
    {"palloc", "", "pages and the byte map", cmdpalloc},
    {"pages", "", "what is mapped, from the live page tables", cmdpages},
    {"walk", "ADDRESS", "an address through the page tables", cmdwalk},
    {"picture", "", "all memory by owner and state, with a cursor", cmdpicture},
    {"log", "", "all that was said, on the serial line", cmdlog},
    {"fault", "KIND", "provoke a fault, to see the report", cmdfault},
    {"cpus", "", "the CPUs, and what each is at", cmdcpus},
    {"on", "N COMMAND", "run it on that CPU", cmdon},
    {"reset", "", "start the machine anew", cmdreset},
    {"poweroff", "", "switch it off", cmdpoweroff},
};

static void
help(const char *arg)
{
	(void)arg;
	for (size_t i = 0; i < nelem(commands); i++)
		print("%-9s %-8s %s\n", commands[i].name, commands[i].args,
		    commands[i].what);
}

/* Wait for a line; it ends at CR or LF, backspace takes a character back. */
static void
readline(char *line)
{
	size_t n = 0;

	for (;;) {
		int c = serialread();

		if (c < 0)
			relax();
		else if (c == '\r' || c == '\n')
			break;
		else if ((c == '\b' || c == 0x7f) && n > 0) {
			n--;
			print("\b \b");
		} else if (c >= ' ' && c < 0x7f && n < MAXLINE - 1) {
			line[n++] = (char)c;
			print("%c", c);
		}
	}
	print("\n");
	line[n] = '\0';
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
obey(char *line)
{
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
	else if (c->args[0] != '\0' && *arg == '\0')
		print("%s needs %s\n", c->name, c->args);
	else {
		tellasked(true);
		c->run(arg);
		tellasked(false);
	}
}

static void
obeythere(void *line)
{
	obey(line);
}

/* N COMMAND: whatever it is, it runs there, and this CPU waits. */
static void
cmdon(const char *arg)
{
	char line[MAXLINE];
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
	size_t len = 0;
	for (const char *c = arg + digits; (line[len] = *c) != '\0'; c++)
		len += *c != ' ' || len != 0;
	if (!oncpu(n, obeythere, line, MINDLESS))
		print("on: CPU %zu is not up\n", n);
}

void
monitor(void)
{
	char line[MAXLINE];

	tellasked(false); /* a command may have led here */
	for (;;) {
		print("mem9> ");
		readline(line);
		obey(line);
	}
}
