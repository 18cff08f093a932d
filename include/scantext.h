/*
 * scantext.h - words and numbers in a text that ends in a 0.
 */
#ifndef SCANTEXT_H
#define SCANTEXT_H

#include "types.h"

/*
 * Scanning. Each steps *s over what it found, or leaves *s alone and returns
 * false. scanhex takes an optional 0x; scanspan is HEX-HEX.
 */
bool scanword(const char **s, const char *word);
bool scanhex(const char **s, uint64_t *n);
bool scandec(const char **s, uint64_t *n);
bool scanspan(const char **s, uint64_t *from, uint64_t *to);
void scanblanks(const char **s);

/* Nothing but blanks is left. */
bool scanend(const char *s);

/* How many hexadecimal digits are at s. */
size_t hexdigits(const char *s);

/* Are they the same; does one begin with the other; are n characters? */
bool textsame(const char *s, const char *as);
bool textstarts(const char *s, const char *with);
bool textalike(const char *s, const char *as, size_t n);

/* Is it one of those? No 0 is. */
bool textisof(char c, const char *set);

/* How many characters at s are of the set; how many come before one that is. */
size_t textspan(const char *s, const char *set);
size_t textuntil(const char *s, const char *set);

/* Where this is in it, first; NULL: nowhere. */
const char *textfind(const char *s, const char *what);

#endif
