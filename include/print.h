/*
 * print.h - formatted text into a buffer; print() itself is in hooks.h.
 */
#ifndef PRINT_H
#define PRINT_H

#include "types.h"

/* Gets the text piece by piece. */
typedef void Emit(void *arg, const char *s, size_t n);

/* How many characters a text has, without its final 0. */
static inline size_t
textlength(const char *s)
{
	size_t n = 0;

	while (s[n] != '\0')
		n++;
	return n;
}

/* The conversions hooks.h lists. An unknown one is shown as it stands. */
void format(Emit *emit, void *arg, const char *fmt, va_list ap);

/* At most size bytes with the final 0; returns the length without it. */
size_t snprint(char *buf, size_t size, const char *fmt, ...)
    __attribute__((format(printf, 3, 4)));
size_t vsnprint(char *buf, size_t size, const char *fmt, va_list ap);

#endif
