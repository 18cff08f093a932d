/*
 * value.h - what may stand behind the '=' of an option; letters in either case.
 */
#ifndef VALUE_H
#define VALUE_H

#include "types.h"

typedef struct Choice Choice;

/* One of a list of words, which a NULL ends, and what it stands for. */
struct Choice {
	const char *name;
	int value;
};

char lowercase(char c);

/* Does s start with prefix? Returns what follows, or NULL. */
const char *afterword(const char *s, const char *prefix);

bool sameword(const char *a, const char *b);

/* What value stands for, into *result; false if it is in no choice. */
bool choose(const Choice *c, const char *value, int *result);

/* The word for it, or NULL. */
const char *choiceword(const Choice *c, int value);

/* A decimal or 0x number; returns what follows it, NULL if it is none. */
const char *readnumber(const char *s, uint64_t *v);

/* All of s is a number, or one with K, M, G or T behind it. */
bool readsize(const char *s, uint64_t *v);

/* All of it into buf; NULL, or what is wrong. */
const char *settext(char *buf, size_t size, const char *value);

#endif
