/*
 * panic.c - the ways to stop: see panic.h and panicat() in hooks.h.
 */
#include "panic.h"
#include "backtrace.h"
#include "boot.h"
#include "bootinfo.h"
#include "checks.h"
#include "halt.h"
#include "hooks.h"
#include "log.h"
#include "mmu.h"
#include "monitor.h"
#include "print.h"
#include "runtime.h"
#include "screen.h"
#include "serial.h"
#include "block.h"
#include "stack.h"
#include "trap.h"

enum { UART0 = 0x3f8, UARTBAUD = 115200 };

/* Has something gone wrong already? */
static int panicking;

/*
 * A failure between firmware's console and ours would reach nobody: whatever
 * is there gets all of the log.
 */
static void
needsink(void)
{
	uint16_t port = UART0;
	uint32_t baud = UARTBAUD;

	if (logsinks() != 0)
		return;
	if (bootinfo != NULL) {
		port = bootinfo->options.uart;
		baud = bootinfo->options.baud;
	}
	if (serialinit(port, baud))
		logsink(serialwrite, LOGREPLAY);
	if (bootinfo != NULL && screeninit(&bootinfo->fb, fbpixels()))
		logsink(screenwrite, LOGREPLAY);
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

	if (panicking++ > 1)
		haltforever();
	needsink();
	print("panic: %s: ", func);
	va_start(ap, fmt);
	say(fmt, ap);
	va_end(ap);
	panicking--;
	faultescape((Caught){.vector = NOVECTOR, .pc = callerpc()});
	backtrace((Context){.fp = (uintptr_t)__builtin_frame_address(0)});
	stayup();
}

/*
 * Nobody may be there: an unattended run ends as it was told to, with the
 * failure as its last stable line.
 */
void
stayup(void)
{
	if (bootinfo == NULL || !alone())
		haltforever();
	panicking = 0;
	reportdone();
	if (!checked) {
		checked = true;
		print("mem9: done checks=0 failed=1 skipped=0 us=0\n");
		finish();
	}
	print("mem9 stays up; the log command shows what led here\n");
	restack(stacktop(STACKMAIN), monitor);
}

void
finish(void)
{
	switch (bootinfo->options.end) {
	case ENDPOWEROFF:
		poweroff();
		break;
	case ENDRESET:
		reset();
		break;
	case ENDHALT:
		print("halted\n");
		haltforever();
	case ENDMONITOR:
		break;
	}
}
