/*
 * nap.c - sleeps while others run: all wake, but for who has less time than he
 * sleeps. Who wakes first hangs on who began first, and so on what else the
 * machine has to do.
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
	int64_t status = 0;
	int64_t sum = 0;

	(void)arg;
	if (sleeper(20) < 0 || sleeper(1) < 0)
		return 1;
	begun = true;
	for (int i = 0; i < 2; i++) {
		if (wait(&status) < 0 || (status != 20 && status != 1))
			return 2;
		sum += status;
	}
	if (sum != 21)
		return 3;
	ask(SYSLIMIT, 10, 0, 0);
	if (sleeper(1000) < 0) /* which is 100 of them */
		return 4;
	if (wait(&status) < 0 || status != ENDEDLATE)
		return 5;
	return wait(&status) == SYSECHILD ? 0 : 6;
}
