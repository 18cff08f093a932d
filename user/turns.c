/*
 * turns.c - one that spins, and its child all the same has its turns.
 */
#include "user.h"

int
main(uint64_t arg)
{
	int64_t status = 0;

	(void)arg;
	if (fork() == 0) {
		for (int i = 0; i < 5; i++)
			yield();
		exit(5);
	}
	if (fork() == 0) {
		ask(SYSLIMIT, 3, 0, 0);
		for (;;)
			__asm__ volatile("");
	}
	int64_t sum = 0;
	for (int i = 0; i < 2; i++) {
		if (wait(&status) < 0)
			return 1;
		sum += status;
	}
	return sum == 5 + ENDEDLATE ? 0 : 2;
}
