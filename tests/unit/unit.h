/*
 * unit.h - what a file of unit tests begins with.
 */
#ifndef UNIT_H
#define UNIT_H

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <cmocka.h>

#include "hooks.h"
#include "host.h"
#include "stage.h"

/* The statement panics, and the message contains this. */
#define assert_panics_anyhow(statement, words)                                 \
	do {                                                                   \
		if (!panics(statement))                                        \
			fail_msg("no panic: %s", #statement);                  \
		if (strstr(hostpanic(), words) == NULL)                        \
			fail_msg("'%s' lacks '%s'", hostpanic(), words);       \
	} while (0)

/* Whoever reads it, and goes on to look at the machine, finds no lock held. */
#define assert_panics(statement, words)                                        \
	do {                                                                   \
		assert_panics_anyhow(statement, words);                        \
		if (hostpanicheld() != 0)                                      \
			fail_msg("'%s' with a lock held", hostpanic());        \
	} while (0)

/* What print said since hostquiet() is exactly this, or contains this. */
#define assert_said(text) assert_string_equal(hostsaid(), text)
#define assert_mentioned(words)                                                \
	do {                                                                   \
		if (strstr(hostsaid(), words) == NULL)                         \
			fail_msg("'%s' lacks '%s'", hostsaid(), words);        \
	} while (0)

#endif
