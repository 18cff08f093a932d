/*
 * value.c - words, numbers and sizes as a user writes them: see value.h.
 */
#include "value.h"
#include "hooks.h"
#include "print.h"

char
lowercase(char c)
{
	return c >= 'A' && c <= 'Z' ? (char)(c - 'A' + 'a') : c;
}

const char *
afterword(const char *s, const char *prefix)
{
	for (; *prefix != '\0'; s++, prefix++)
		if (lowercase(*s) != lowercase(*prefix))
			return NULL;
	return s;
}

bool
sameword(const char *a, const char *b)
{
	const char *rest = afterword(a, b);

	return rest != NULL && *rest == '\0';
}

bool
choose(const Choice *c, const char *value, int *result)
{
	for (; c->name != NULL; c++)
		if (sameword(value, c->name)) {
			*result = c->value;
			return true;
		}
	return false;
}

const char *
choiceword(const Choice *c, int v)
{
	while (c->name != NULL && c->value != v)
		c++;
	return c->name;
}

static int
digit(char c, unsigned base)
{
	int d = c >= '0' && c <= '9' ? c - '0'
		: lowercase(c) >= 'a' && lowercase(c) <= 'f'
		    ? lowercase(c) - 'a' + 10
		    : 16;

	return d < (int)base ? d : -1;
}

const char *
readnumber(const char *s, uint64_t *v)
{
	const char *hex = afterword(s, "0x");
	unsigned base = hex != NULL ? 16 : 10;
	const char *p = hex != NULL ? hex : s;
	const char *start = p;

	*v = 0;
	for (int d = 0; (d = digit(*p, base)) >= 0; p++) {
		if (*v > (UINT64_MAX - (unsigned)d) / base)
			return NULL;
		*v = *v * base + (unsigned)d;
	}
	return p == start ? NULL : p;
}

bool
readsize(const char *s, uint64_t *v)
{
	static const char suffix[] = "kmgt";
	const char *p = readnumber(s, v);

	if (p == NULL)
		return false;
	for (int i = 0; suffix[i] != '\0'; i++)
		if (lowercase(*p) == suffix[i]) {
			int shift = 10 * (i + 1);

			if (*v > UINT64_MAX >> shift)
				return false;
			*v <<= shift;
			p++;
			break;
		}
	return *p == '\0';
}

const char *
settext(char *buf, size_t size, const char *value)
{
	size_t n = textlength(value);

	if (n >= size)
		return "too long";
	memcpy(buf, value, n + 1);
	return NULL;
}
