/*
 * number.c - numbers in texts: see number.h.
 */
#include "number.h"

static unsigned
digit(char c)
{
	if (c >= '0' && c <= '9')
		return (unsigned)(c - '0');
	c |= 'a' - 'A';
	return c >= 'a' && c <= 'f' ? (unsigned)(c - 'a') + 10 : 16;
}

int
textnumber(const char *s, size_t len, unsigned radix, paddr_t *n)
{
	if (len > 2 && s[0] == '0' && (s[1] == 'x' || s[1] == 'X')) {
		radix = 16;
		s += 2;
		len -= 2;
	}
	*n = 0;
	for (size_t i = 0; i < len; i++) {
		unsigned d = digit(s[i]);

		if (d >= radix || *n > (NOADDR - d) / radix)
			return -1;
		*n = *n * radix + d;
	}
	return len == 0 ? -1 : 0;
}
