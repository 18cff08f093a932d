/*
 * panic.c - the ways to stop: see panic.h and panicat() in hooks.h.
 *
 * Anybody may call these, so that nothing above is called from here: what
 * comes after a panic is main()'s business, which says so by panicthen().
 */
#include "panic.h"
#include "backtrace.h"
#include "block.h"
#include "bootinfo.h"
#include "cpulist.h"
#include "cpus.h"
#include "halt.h"
#include "hooks.h"
#include "log.h"
#include "print.h"
#include "screen.h"
#include "serial.h"
#include "space.h"
#include "stack.h"
#include "stop.h"
#include "trap.h"

/* The first serial port, where nobody knows of any other. */
static const Uartregs uart0 = {.port = 0x3f8, .width = 1, .stride = 1};

/* Has something gone wrong already, on that CPU? */
static uint8_t panicking[MOSTCPUS];

static uint32_t nreports;

/* Where it goes on afterwards; NULL: nowhere. */
static void (*then)(void);

/*
 * A failure between firmware's console and ours would reach nobody: whatever
 * is there gets all of the log.
 */
static void
needsink(void)
{
	if (logsinks() != 0)
		return;
	if (bootinfo != NULL ? serialopen(bootinfo) : serialinit(&uart0, 0))
		logsink(serialwrite, LOGREPLAY);
	if (bootinfo != NULL && screeninit(&bootinfo->fb, fbpixels()))
		logsink(screenwrite, LOGREPLAY);
}

void
reportbegins(void)
{
	__atomic_fetch_add(&nreports, 1, __ATOMIC_RELAXED);
}

/* What was said is not the beginning of one, if somebody expects it. */
static void
reportcaught(void)
{
	__atomic_fetch_sub(&nreports, 1, __ATOMIC_RELAXED);
}

uint32_t
reports(void)
{
	return __atomic_load_n(&nreports, __ATOMIC_RELAXED);
}

static void
say(const char *fmt, va_list ap)
{
	char line[512];

	vsnprint(line, sizeof line, fmt, ap);
	print("%s\n", line);
}

void
deadend(const char *fmt, ...)
{
	va_list ap;

	reportbegins();
	needsink();
	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
	haltforever();
}

void
panicat(const char *func, const char *fmt, ...)
{
	va_list ap;
	Context here = {.fp = (uintptr_t)__builtin_frame_address(0)};
	size_t me = cpunumber();

	if (panicking[me]++ > 1)
		haltforever();
	reportbegins();
	needsink();
	if (me != 0)
		print("panic: CPU %zu: %s: ", me, func);
	else
		print("panic: %s: ", func);
	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
	panicking[me]--;
	reportcaught();
	faultescape((Caught){.vector = NOVECTOR, .pc = callerpc()});
	reportbegins();
	if (stopothers(here)) {
		backtrace(here);
		stopshow();
	}
	stayup();
}

void
panicthen(void (*fn)(void))
{
	then = fn;
}

void
stayup(void)
{
	if (cpunumber() != 0) {
		stopended();
		haltforever();
	}
	if (then == NULL)
		haltforever();
	if (!alone()) {
		then();
		haltforever();
	}
	panicking[0] = 0;
	reportdone();
	restack(stacktop(STACKMAIN), then);
}
