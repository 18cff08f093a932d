/*
 * kept.c - writing the log where it outlasts a reset: see kept.h.
 *
 * A page has more text by one store of its seal, after the text itself: a reset
 * between two stores finds it as it was. One that is begun anew is none until
 * it has a seal that fits its number.
 */
#include "kept.h"
#include "crc.h"
#include "hooks.h"
#include "pushout.h"

/* Set at run time only: after the takeover. */
static struct {
	Keptpage *run[KEPTRUNS];
	uint64_t id; /* 0: nothing is kept */
	uint64_t n;  /* of the page under way, */
	uint32_t size;
	uint32_t crc;
} kept;

static Keptpage *
pagein(size_t run, uint64_t n)
{
	uint8_t *base = (uint8_t *)kept.run[run];

	return base == NULL ? NULL : (Keptpage *)(base + n % KEPTPAGES * BY2PG);
}

/* One word of a page's head, at once. */
static void
store(uint64_t *word, uint64_t v)
{
	*(volatile uint64_t *)word = v;
	pushout(word, sizeof *word);
}

/* So much text is in that page now. */
static void
seal(Keptpage *p)
{
	store(&p->seal, kept.size | (uint64_t)kept.crc << 32);
}

/* Page n is under way, and empty. */
static void
begin(uint64_t n)
{
	const uint64_t head[] = {kept.id, n};

	kept.n = n;
	kept.size = 0;
	kept.crc = crc32(0, head, sizeof head);
	for (size_t i = 0; i < KEPTRUNS; i++) {
		Keptpage *p = pagein(i, n);

		if (p == NULL)
			continue;
		store(&p->id, kept.id);
		store(&p->n, n);
		seal(p);
	}
}

void
keptopen(Keptpage *const run[KEPTRUNS], uint64_t id)
{
	kept.id = 0;
	for (size_t i = 0; i < KEPTRUNS; i++) {
		kept.run[i] = run[i];
		if (run[i] != NULL)
			kept.id = id;
	}
	if (kept.id != 0)
		begin(0);
}

bool
keptopened(void)
{
	return kept.id != 0;
}

/*
 * So much fits into the page under way. Who interrupts this, to report, writes
 * over what is not counted yet.
 */
static void
put(const char *s, size_t n)
{
	size_t at = kept.size;
	uint32_t crc = crc32(kept.crc, s, n);

	for (size_t i = 0; i < KEPTRUNS; i++) {
		Keptpage *p = pagein(i, kept.n);

		if (p == NULL)
			continue;
		memcpy(p->text + at, s, n);
		pushout(p->text + at, n);
	}
	kept.crc = crc;
	kept.size = (uint32_t)(at + n);
	for (size_t i = 0; i < KEPTRUNS; i++) {
		Keptpage *p = pagein(i, kept.n);

		if (p != NULL)
			seal(p);
	}
}

void
keptwrite(const char *s, size_t n)
{
	while (kept.id != 0 && n > 0) {
		if (kept.size == KEPTTEXT)
			begin(kept.n + 1);
		size_t k = MIN(n, KEPTTEXT - kept.size);

		put(s, k);
		s += k;
		n -= k;
	}
}
