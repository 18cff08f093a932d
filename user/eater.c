/*
 * eater.c - takes all the memory that there is, and is ended for it.
 */
#include "user.h"

int
main(uint64_t arg)
{
	(void)arg;
	for (;;) {
		uint8_t *p = more(64 * PAGE);

		if (p == NULL)
			return 1;
		for (size_t i = 0; i < 64; i++)
			p[i * PAGE] = 1;
	}
}
