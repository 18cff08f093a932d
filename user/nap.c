/*
 * nap.c - sleeps while others run: of two who begin together, who sleeps for
 * longer wakes later; and not at all, if that is more than its time.
 */
#include "user.h"

static volatile bool begun;

/* A child that sleeps so long once it has begun, and ends with that. */
static int64_t
sleeper(int ms)
{
	int64_t pid = ask(SYSRFORK, RFMEM, 0, 0);

	if (pid == 0) {
		while (!begun)
			yield();
		if (ask(SYSSLEEP, (uint64_t)ms, 0, 0) != 0)
			exit(9);
		exit(ms);
	}
	return pid;
}

int
main(uint64_t arg)
{
	static const int64_t want[] = {1, 40, ENDEDLATE};
	int64_t status = 0;

	(void)arg;
	if (sleeper(40) < 0 || sleeper(1) < 0)
		return 1;
	begun = true;
	for (size_t i = 0; i < 3; i++) {
		if (i == 2) {
			ask(SYSLIMIT, 10, 0, 0);
			if (sleeper(1000) < 0) /* it has 100 of them */
				return 2;
		}
		if (wait(&status) < 0 || status != want[i])
			return 3 + (int)i;
	}
	return wait(&status) == SYSECHILD ? 0 : 6;
}
