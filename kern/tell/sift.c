/*
 * sift.c - see sift.h.
 *
 *	mem9: TOPIC KEY=...\n		dropped
 *	^start ^topic ^key		held back so far, then kept or dropped
 */
#include "sift.h"
#include "hooks.h"

static const char name[] = "mem9: ";
static const char panics[] = "panic: ";

static bool
inword(char c)
{
	return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
}

/* What the line is, as far as this character of it tells. */
static enum siftstate
next(const Sift *f, char c)
{
	size_t prefix = sizeof name - 1;

	switch (f->at) {
	case SIFTSTART:
		if (c != name[f->n])
			return SIFTKEEP;
		return f->n + 1 == prefix ? SIFTTOPIC : SIFTSTART;
	case SIFTTOPIC:
		if (c == ' ' && f->n > prefix)
			return SIFTKEY;
		return inword(c) ? SIFTTOPIC : SIFTKEEP;
	default: /* SIFTKEY: of a line that is known nobody asks */
		if (c == '=' && f->held[f->n - 1] != ' ')
			return SIFTDROP;
		return inword(c) ? SIFTKEY : SIFTKEEP;
	}
}

/* What was held back is shown after all. */
static void
letgo(Sift *f, Sink *sink)
{
	if (f->n > 0)
		sink(f->held, f->n);
	f->n = 0;
}

/* One more character of what is not known yet. */
static void
hold(Sift *f, Sink *sink, char c)
{
	f->at = f->n == sizeof f->held ? SIFTKEEP : next(f, c);
	if (f->at == SIFTKEEP)
		letgo(f, sink);
	else
		f->held[f->n++] = c;
	if (f->at == SIFTDROP)
		f->n = 0;
}

/* The length of the rest of the line. */
static size_t
toend(const char *s, size_t n)
{
	size_t k = 0;

	while (k < n && s[k] != '\n')
		k++;
	return k < n ? k + 1 : n;
}

static bool
ispanic(const char *s, size_t n)
{
	return n >= sizeof panics - 1 &&
	       memcmp(s, panics, sizeof panics - 1) == 0;
}

void
siftwrite(Sift *f, Sink *sink, const char *s, size_t n)
{
	if (ispanic(s, n) && f->at != SIFTKEEP)
		*f = (Sift){.at = SIFTKEEP};
	for (size_t i = 0; i < n;) {
		if (f->at != SIFTKEEP && f->at != SIFTDROP) {
			hold(f, sink, s[i]);
			i += f->at != SIFTKEEP;
			continue;
		}
		size_t k = toend(s + i, n - i);
		if (f->at == SIFTKEEP)
			sink(s + i, k);
		i += k;
		if (s[i - 1] == '\n')
			f->at = SIFTSTART;
	}
}
