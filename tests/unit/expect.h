/*
 * expect.h - what tests of misuse have in common.
 */
#ifndef EXPECT_H
#define EXPECT_H

#include "unit.h"

/* The statement must panic, with this text in the message. */
#define expectpanic(statement, text)                                           \
	do {                                                                   \
		hostquiet();                                                   \
		assert_panics_anyhow(statement, text);                         \
	} while (0)

/* What print said since must have this text in it. */
#define expectsaid(text) assert_mentioned(text)

/* Write to a byte that may be hidden from the sanitizer; returns what was. */
__attribute__((no_sanitize("address"), noinline, unused)) static uint8_t
poke(void *p, uint8_t byte)
{
	uint8_t was = *(volatile uint8_t *)p;

	*(volatile uint8_t *)p = byte;
	return was;
}

/* Read one. */
__attribute__((no_sanitize("address"), noinline, unused)) static uint8_t
peek(const void *p)
{
	return *(const volatile uint8_t *)p;
}

/* Change a byte to anything else. */
__attribute__((unused)) static void
damage(void *p)
{
	poke(p, (uint8_t)~poke(p, 0));
}

#endif
