/*
 * lib.c - see user.h.
 */
#include "user.h"

_Static_assert(SYSEXIT == 0, "as start.S has it");

static size_t
length(const char *s)
{
	size_t n = 0;

	while (s[n] != '\0')
		n++;
	return n;
}

void
exit(int status)
{
	for (;;)
		ask(SYSEXIT, (uint64_t)status, 0, 0);
}

int64_t
fork(void)
{
	return ask(SYSFORK, 0, 0, 0);
}

int64_t
exec(const char *name, uint64_t arg)
{
	return ask(SYSEXEC, (uintptr_t)name, length(name), arg);
}

int64_t
wait(int64_t *status)
{
	return ask(SYSWAIT, (uintptr_t)status, 0, 0);
}

void
yield(void)
{
	ask(SYSYIELD, 0, 0, 0);
}

uint8_t *
memend(void)
{
	return (uint8_t *)ask(SYSBRK, 0, 0, 0);
}

uint8_t *
more(size_t size)
{
	uint8_t *end = memend();

	return ask(SYSBRK, (uintptr_t)end + size, 0, 0) == 0 ? end : NULL;
}

void
say(const char *text)
{
	ask(SYSPRINT, (uintptr_t)text, length(text), 0);
}

void
saynumber(const char *text, int64_t n)
{
	char line[PRINTMAX];
	char digits[20];
	size_t len = 0;
	size_t nd = 0;
	uint64_t left = n < 0 ? -(uint64_t)n : (uint64_t)n;

	while (text[len] != '\0' && len < sizeof line - sizeof digits - 2) {
		line[len] = text[len];
		len++;
	}
	line[len++] = ' ';
	if (n < 0)
		line[len++] = '-';
	do
		digits[nd++] = (char)('0' + left % 10);
	while ((left /= 10) != 0);
	while (nd > 0)
		line[len++] = digits[--nd];
	ask(SYSPRINT, (uintptr_t)line, len, 0);
}
