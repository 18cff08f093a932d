/*
 * share.c - processes that share their memory, on CPUs of their own, while one
 * of them forks over and over: each child has a copy that nobody writes any
 * more, as every CPU forgets that it could.
 *
 * One that did not would go on in the child's page until its slice is over, and
 * then find in its own what was there at the fork: so who writes knows what it
 * has written, and who forks looks at once, so that there is a page of its own.
 */
#include "user.h"

enum { NWRITER = 2, NCOPY = 3, BURST = 100 };

static volatile uint64_t count[NWRITER][PAGE / 8];
static volatile bool over;

/*
 * The argument says whether others have a CPU meanwhile. What it has written
 * last is there the next time, or it is false.
 */
static bool
write(int n, uint64_t arg)
{
	for (uint64_t i = 1; !over; i++) {
		if (count[n][0] != i - 1)
			return false;
		count[n][0] = i;
		if ((arg & MANYCPUS) == 0 && i % BURST == 0)
			yield();
	}
	return true;
}

static uint64_t
sum(void)
{
	uint64_t n = 0;

	for (int i = 0; i < NWRITER; i++)
		n += count[i][0];
	return n;
}

static int
copy(void)
{
	uint64_t was = sum();

	ask(SYSSLEEP, 2, 0, 0);
	return sum() == was ? 7 : 8;
}

/* It is the parent's that goes on: soon, or in two seconds. */
static bool
goeson(int n)
{
	uint64_t was = count[n][0];

	for (uint64_t ms = 1; ms <= 60 && count[n][0] == was; ms++)
		ask(SYSSLEEP, ms, 0, 0);
	return count[n][0] != was;
}

static int
forks(void)
{
	int64_t status = 0;

	for (int i = 0; i < NCOPY; i++) {
		int64_t pid = fork();

		if (pid == 0)
			exit(copy());
		sum();
		if (pid < 0 || wait(&status) != pid)
			return 3;
		if (status != 7)
			return 4;
		for (int n = 0; n < NWRITER; n++)
			if (!goeson(n))
				return 5;
	}
	return 0;
}

int
main(uint64_t arg)
{
	int64_t status = 0;

	for (int n = 0; n < NWRITER; n++) {
		int64_t pid = ask(SYSRFORK, RFMEM, 0, 0);

		if (pid < 0)
			return 1;
		if (pid == 0)
			return write(n, arg) ? 0 : 6;
	}
	int e = forks();
	over = true;
	for (int n = 0; n < NWRITER; n++)
		if (wait(&status) < 0 || status != 0)
			return e != 0 ? e : 2;
	return e;
}
