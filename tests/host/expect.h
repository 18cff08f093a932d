/*
 * expect.h - what tests of misuse have in common; after cmocka.h and host.h.
 */
#ifndef EXPECT_H
#define EXPECT_H

#include <string.h>

/* The statement must panic, with this text in the message. */
#define expectpanic(statement, text)                                           \
	do {                                                                   \
		hostquiet();                                                   \
		if (!panics(statement))                                        \
			fail_msg("no panic: %s", #statement);                  \
		if (strstr(hostpanic(), text) == NULL)                         \
			fail_msg("'%s', not '%s'", hostpanic(), text);         \
	} while (0)

/* What print said since must have this text in it. */
#define expectsaid(text)                                                       \
	do {                                                                   \
		if (strstr(hostsaid(), text) == NULL)                          \
			fail_msg("'%s' not in '%s'", text, hostsaid());        \
	} while (0)

/* Write to a byte that may be hidden from the sanitizer; returns what was. */
__attribute__((no_sanitize("address"), noinline, unused)) static uint8_t
poke(void *p, uint8_t byte)
{
	uint8_t was = *(volatile uint8_t *)p;

	*(volatile uint8_t *)p = byte;
	return was;
}

/* Change a byte to anything else. */
__attribute__((unused)) static void
damage(void *p)
{
	poke(p, (uint8_t)~poke(p, 0));
}

#endif
