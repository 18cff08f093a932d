/*
 * address.h - addresses and ranges of them, as a person types them.
 */
#ifndef ADDRESS_H
#define ADDRESS_H

#include "types.h"

typedef struct Span Span;

/* [at, at + size); a size of 0: none was given. */
struct Span {
	uintptr_t at;
	size_t size;
};

/*
 * The text is one address: hexadecimal digits, with 0x or not; the name of a
 * function of mem9's; or such a name, a + and hexadecimal digits. What is both
 * is a number. NULL, or what is wrong with it, to be put behind the text.
 */
const char *readaddress(const char *text, uintptr_t *va);

/*
 * An address; or two with a - between them, the second one the last that
 * counts; or one, a blank, and a size (decimal or 0x, with K, M, G or T).
 */
const char *readspan(const char *text, Span *span);

#endif
