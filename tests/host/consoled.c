/*
 * consoled.c - see consoled.h.
 */
#include "consoled.h"
#include "../unit/unit.h"
#include "tell.h"

Consoled consoled;

void
consoledstart(void)
{
	memset(&consoled, 0, sizeof consoled);
}

static void
write(const char *s, size_t n)
{
	assert_in_range(n, 0, sizeof consoled.text - 1 - consoled.n);
	memcpy(consoled.text + consoled.n, s, n);
	consoled.n += n;
	consoled.text[consoled.n] = '\0';
}

const Teller *
consoleteller(void)
{
	static Teller to = {.write = write, .cols = 80, .rows = 25};

	to.pages = consoled.pages;
	return &to;
}
