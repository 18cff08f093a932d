/*
 * memory.c - memory asked for, written, given back, and asked for again: it is
 * zero each time. A child's is its own.
 */
#include "user.h"

enum { NPAGE = 300 };

static bool
zero(const uint8_t *p)
{
	for (size_t i = 0; i < NPAGE; i++)
		for (size_t j = 0; j < PAGE; j += 512)
			if (p[i * PAGE + j] != 0)
				return false;
	return true;
}

static void
fill(uint8_t *p, uint8_t with)
{
	for (size_t i = 0; i < NPAGE; i++)
		for (size_t j = 0; j < PAGE; j += 512)
			p[i * PAGE + j] = with;
}

static int
twice(void)
{
	for (int i = 0; i < 2; i++) {
		uint8_t *p = more(NPAGE * PAGE);

		if (p == NULL)
			return 1;
		if (!zero(p))
			return 2;
		fill(p, (uint8_t)(i + 1));
		if (ask(SYSBRK, (uintptr_t)p, 0, 0) != 0 || memend() != p)
			return 3;
	}
	return 0;
}

static int
shared(void)
{
	uint8_t *p = more(NPAGE * PAGE);
	int64_t status = 0;

	if (p == NULL)
		return 4;
	fill(p, 7);
	if (fork() == 0) {
		fill(p, 8);
		exit(p[PAGE] == 8 ? 0 : 5);
	}
	if (wait(&status) < 0 || status != 0)
		return 6;
	return p[0] == 7 && p[(NPAGE - 1) * PAGE] == 7 ? 0 : 7;
}

int
main(uint64_t arg)
{
	int e = twice();

	(void)arg;
	if (e == 0)
		e = shared();
	if (e == 0 && more((size_t)1 << 47) != NULL)
		e = 8;
	return e;
}
