/*
 * eater.c - a child takes all memory that there is, and is ended for it, when
 * nobody else could give any. Another one goes on all the while with what it
 * has; and then there is memory again. Programs that have run before leave
 * their text cached: that is given up first, and the kernel says how much of it
 * (mem9: nomemory).
 */
#include "user.h"

enum { STEP = 64, NPAGE = 16, TURNS = 200 };

static volatile uint8_t own[NPAGE * PAGE];

/* Page after page, until there is no other. */
static int
eat(void)
{
	for (;;) {
		uint8_t *p = more(STEP * PAGE);

		if (p == NULL)
			return 1;
		for (size_t i = 0; i < STEP; i++)
			p[i * PAGE] = 1;
	}
}

static void
fill(uint8_t with)
{
	for (size_t i = 0; i < NPAGE; i++)
		own[i * PAGE] = with;
}

/* With what it has: it may be long over before all is eaten. */
static int
live(void)
{
	for (int n = 0; n < TURNS; n++) {
		fill((uint8_t)n);
		yield();
		for (size_t i = 0; i < NPAGE; i++)
			if (own[i * PAGE] != (uint8_t)n)
				return 2;
		if (n % 10 == 0)
			ask(SYSSLEEP, 10, 0, 0);
	}
	return 3;
}

/* Programs that come and go: what is cached of them is nobody's. */
static int
cached(void)
{
	static const char *const names[] = {"tree", "stack", "memory"};
	int64_t status = 0;

	for (size_t i = 0; i < sizeof names / sizeof names[0]; i++) {
		if (fork() == 0) {
			exec(names[i], 0);
			exit(99);
		}
		if (wait(&status) < 0 || status != 0)
			return 4;
	}
	return 0;
}

/* One eats, and the other lives. */
static int
both(void)
{
	int64_t status = 0;
	int64_t other = fork();

	if (other == 0)
		exit(live());
	int64_t eater = other > 0 ? fork() : other;
	if (eater == 0)
		exit(eat());
	if (eater < 0)
		return 1;
	for (int i = 0; i < 2; i++) {
		int64_t pid = wait(&status);

		if (status != (pid == eater ? (int64_t)ENDEDMEM : 3))
			return 2;
	}
	return 0;
}

int
main(uint64_t arg)
{
	int e = cached();

	(void)arg;
	if (e == 0)
		e = both();
	if (e != 0)
		return e;
	fill(7);
	uint8_t *p = more(STEP * PAGE);
	if (p == NULL)
		return 3;
	p[0] = 1;
	say("there is memory again");
	return 0;
}
