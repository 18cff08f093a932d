/*
 * tree.c - a tree of forks, so many generations deep. Each process changes what
 * it has from its parent; nobody sees what the others write.
 */
#include "user.h"

enum { CHILDREN = 2, NPAGE = 4 };

static volatile uint64_t data[NPAGE * PAGE / 8] = {1};
static volatile uint64_t bss[NPAGE * PAGE / 8];

static void
fill(uint64_t v)
{
	for (size_t i = 0; i < NPAGE; i++)
		data[i * PAGE / 8] = bss[i * PAGE / 8] = v + i;
}

static bool
holds(uint64_t v)
{
	for (size_t i = 0; i < NPAGE; i++)
		if (data[i * PAGE / 8] != v + i || bss[i * PAGE / 8] != v + i)
			return false;
	return true;
}

static int
grow(uint64_t depth)
{
	uint64_t me = (uint64_t)ask(SYSGETPID, 0, 0, 0) << 32 | depth;
	int64_t status = 0;
	int n = 0;

	fill(me);
	while (n < CHILDREN && depth > 0) {
		int64_t pid = fork();

		if (pid < 0)
			return 2;
		if (pid == 0)
			return holds(me) ? grow(depth - 1) : 3;
		n++;
	}
	for (; n > 0; n--)
		if (wait(&status) < 0 || status != 0)
			return 4;
	if (wait(&status) != SYSECHILD)
		return 5;
	return holds(me) ? 0 : 6;
}

int
main(uint64_t depth)
{
	return grow(depth);
}
