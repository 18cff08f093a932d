/*
 * screen.c - the screen's pixels as a program's memory: a device's, the same
 * for all who attach it, wherever. The first one is another for a moment.
 */
#include "user.h"

#define HERE ((uintptr_t)1 << 32)
#define THERE ((uintptr_t)2 << 32)
#define TEXT ((uintptr_t)0x200000)
#define KERNEL ((uintptr_t)0xffff800000000000)
#define STACKEND ((uintptr_t)0x00007ffffffff000)

/* Of its argument: nothing is tried, and the first pixel stays another. */
enum { LEAVES = 16 };

static const char name[] = SCREENSEG;

static int64_t
attach(uintptr_t va)
{
	return ask(SYSSEGATTACH, (uintptr_t)name, sizeof name - 1, va);
}

static int64_t
detach(uintptr_t va)
{
	return ask(SYSSEGDETACH, va, 0, 0);
}

static volatile uint32_t *
pixel(uintptr_t va)
{
	return (volatile uint32_t *)va;
}

/* Where it cannot be, whatever there is. */
static bool
refused(void)
{
	static const uintptr_t bad[] = {0, 1, TEXT, HERE + 8, STACKEND,
	    STACKEND - PAGE, STACKEND + PAGE, KERNEL, UINTPTR_MAX};

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
		if (attach(bad[i]) != SYSEBADARG)
			return false;
	return ask(SYSSEGATTACH, KERNEL, 6, HERE) == SYSEBADARG &&
	       ask(SYSSEGATTACH, (uintptr_t)name, NAMEMAX + 1, HERE) ==
		   SYSEBADARG &&
	       ask(SYSSEGATTACH, (uintptr_t)name, 3, HERE) == SYSENOENT;
}

/* One memory at two places, and a child's too, which puts it back. */
static bool
same(void)
{
	uint32_t was = *pixel(HERE);
	int64_t status = 0;

	*pixel(HERE) = ~was;
	if (*pixel(THERE) != ~was)
		return false;
	if (fork() == 0) {
		*pixel(THERE) = was;
		exit(0);
	}
	return wait(&status) > 0 && status == 0 && *pixel(HERE) == was;
}

/* The kernel takes no text from there, and puts no status there. */
static bool
nobuffer(void)
{
	return ask(SYSPRINT, HERE, 8, 0) == SYSEBADARG &&
	       ask(SYSWAIT, HERE, 0, 0) == SYSEBADARG;
}

/* It is nobody's, and what was not attached stays. */
static bool
gone(void)
{
	int64_t status = 0;

	if (detach(THERE + PAGE - 1) != 0 || detach(THERE) != SYSEBADARG ||
	    detach(TEXT) != SYSEBADARG || detach(STACKEND - 8) != SYSEBADARG)
		return false;
	if (fork() == 0)
		exit((int)*pixel(THERE) & 1);
	return wait(&status) > 0 && status == ENDEDADDR;
}

/* There is room for four. */
static bool
full(void)
{
	for (uintptr_t i = 3; i <= 4; i++)
		if (attach(i << 32) <= 0)
			return false;
	return attach((uintptr_t)5 << 32) == SYSEBADARG &&
	       detach((uintptr_t)4 << 32) == 0;
}

int
main(uint64_t arg)
{
	int64_t size = attach(HERE);

	if ((arg & HASSCREEN) == 0)
		return size == SYSENOENT ? 0 : 1;
	if (arg & LEAVES) {
		*pixel(HERE) = ~*pixel(HERE);
		return 0;
	}
	if (size < PAGE || size % PAGE != 0 || attach(THERE) != size)
		return 2;
	if (attach(HERE + (uintptr_t)size - PAGE) != SYSEBADARG || !refused())
		return 3;
	if (!same() || !nobuffer())
		return 4;
	return full() && gone() ? 0 : 5;
}
