/*
 * calls.c - system calls with any arguments in any order, by its number, from
 * two processes at once, and those that they fork: what they return must be a
 * result or an error that there is.
 */
#include "user.h"
#include "../include/splitmix.h"

enum {
	NCALL = 60,
	SLICES = 20,
	ROOM = 8 * PAGE, /* that its memory grows by, at most, each time */
};

#define STACKEND ((uintptr_t)0x00007ffffffff000 - PAGE)

/* It is on the stack, which each has for itself, whoever shares this. */
static uint64_t *state;
static uint8_t buffer[3 * PAGE] = {1};

static uint64_t
any(void)
{
	return splitmix(state);
}

/* Where something is, or ends, or cannot be. */
static uintptr_t
address(void)
{
	const uintptr_t at[] = {(uintptr_t)buffer, (uintptr_t)buffer + PAGE,
	    (uintptr_t)buffer + sizeof buffer, (uintptr_t)memend(),
	    (uintptr_t)address, 0x200000, STACKEND, STACKEND + PAGE, 0,
	    0xffff800000000000, 0xffffffff80000000, 0xffffff8000000000,
	    0x800000000000, UINTPTR_MAX};
	uint64_t r = any();

	if (r % 8 == 0)
		return any();
	return at[(r >> 8) % (sizeof at / sizeof at[0])] + (r >> 16) % 64 - 32;
}

static uint64_t
size(void)
{
	const uint64_t is[] = {0, 1, 8, NAMEMAX, NAMEMAX + 1, 40, PRINTMAX,
	    PRINTMAX + 1, PAGE, UINT64_MAX};
	uint64_t r = any();

	return r % 8 == 0 ? r : is[(r >> 8) % (sizeof is / sizeof is[0])];
}

/* Up or down, and then it is used; or anything. */
static int64_t
grow(void)
{
	uint64_t r = any();
	uintptr_t end = (uintptr_t)memend();
	uintptr_t to = end + r % (2 * ROOM) - ROOM;
	bool own = (r >> 32) % 4 != 0;

	/* the buffer, which is not bss, stays */
	int64_t e = ask(SYSBRK, own ? to : address(), 0, 0);
	if (e == 0 && own && to > end)
		*(volatile uint8_t *)end = 1;
	return e;
}

static int64_t
another(void)
{
	static const char *const names[] = {
	    "tree", "forbid", "stack", "nobody", "", "callsandmore"};
	uint64_t r = any();

	if (r % 2 == 0)
		return ask(SYSEXEC, address(), size(), r);
	return exec(
	    names[(r >> 8) % (sizeof names / sizeof names[0])], (r >> 16) % 3);
}

/* Both go on, each with its own numbers; some with one memory. */
static int64_t
forked(void)
{
	int64_t pid = ask(SYSRFORK, any() % 4 * (RFMEM / 2), 0, 0);

	if (pid == 0)
		*state += 1;
	return pid;
}

/* The screen, or what is none, here or there; and it is gone again. */
static int64_t
device(uint64_t r)
{
	static const char name[] = SCREENSEG;
	uintptr_t at = (r & 7) << 32;

	if (r >> 3 & 1)
		return ask(SYSSEGDETACH, at, 0, 0);
	if (r >> 4 & 1)
		return ask(SYSSEGATTACH, address(), size(), address());
	return ask(SYSSEGATTACH, (uintptr_t)name, sizeof name - 1, at);
}

static int64_t
call(void)
{
	uint64_t r = any();

	switch (r % 32) {
	case 0:
		return forked();
	case 1:
		return r >> 32 & 1 ? another() : 0;
	case 2:
		return ask(SYSEXIT, r >> 32 & 1 ? 0 : CALLSWRONG + 1, 0, 0);
	case 3:
		return ask(SYSLIMIT, r >> 32 & 63, 0, 0);
	case 4:
		return ask(r >> 32 & 1 ? any() | NSYSCALL << 4 : NSYSCALL,
		    address(), size(), any());
	case 5:
		*(volatile uint8_t *)address(); /* mostly its end */
		return 0;
	case 6:
	case 7:
	case 8:
	case 9:
	case 10:
		return ask(SYSPRINT, address(), size(), 0);
	case 11:
	case 12:
	case 13:
	case 14:
	case 15:
		return ask(SYSWAIT, address(), 0, 0);
	case 16:
	case 17:
	case 18:
		ask(SYSYIELD, 0, 0, 0);
		return 0;
	case 30:
	case 31:
		return device(r >> 32);
	case 19:
		return ask(SYSSLEEP, r >> 32 & 7, 0, 0);
	case 20:
	case 21:
		return ask(SYSGETPID, address(), address(), any()) > 0
			   ? 0
			   : SYSELAST - 1;
	default:
		return grow();
	}
}

int
main(uint64_t seed)
{
	uint64_t own = seed;

	state = &own;
	ask(SYSLIMIT, SLICES, 0, 0);
	if (fork() == 0)
		own += 1u << 31;
	for (int i = 0; i < NCALL; i++)
		if (call() < SYSELAST)
			return CALLSWRONG;
	return 0;
}
