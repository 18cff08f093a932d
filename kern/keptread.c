/*
 * keptread.c - reading what the last boot kept: see kept.h.
 *
 * Nothing in memory is believed before its CRC says so, and then no more than
 * its place and its size allow; what is read is read where it was checked, as
 * nobody else writes there.
 */
#include "crc.h"
#include "hooks.h"
#include "kept.h"
#include "pushout.h"

static Keptpage *
pagein(Keptpage *run, size_t place)
{
	return (Keptpage *)((uint8_t *)run + place * BY2PG);
}

static size_t
sizeofpage(const Keptpage *p)
{
	return p->seal & UINT32_MAX;
}

static bool
iswhole(const Keptpage *p, size_t place, uint64_t id)
{
	const uint64_t head[] = {p->id, p->n};

	if (p->id != id || p->n % KEPTPAGES != place ||
	    sizeofpage(p) > KEPTTEXT)
		return false;
	uint32_t crc = crc32(0, head, sizeof head);
	return crc32(crc, p->text, sizeofpage(p)) == p->seal >> 32;
}

/* The page at that place, of the run that was written to last; or NULL. */
static const Keptpage *
bestat(Keptpage *const run[KEPTRUNS], size_t place, uint64_t id)
{
	const Keptpage *best = NULL;

	for (size_t i = 0; i < KEPTRUNS; i++) {
		const Keptpage *p =
		    run[i] != NULL ? pagein(run[i], place) : NULL;

		if (p == NULL || !iswhole(p, place, id))
			continue;
		if (best == NULL || p->n > best->n ||
		    (p->n == best->n && sizeofpage(p) > sizeofpage(best)))
			best = p;
	}
	return best;
}

/* The text of all pages up to the last; each gap is said once. */
static void
give(const Keptpage *const page[KEPTPAGES], uint64_t last, Sink *sink,
    Keptlog *found)
{
	static const char over[] = "[what came first is written over]\n";
	static const char gap[] = "\n[here a part is not there any more]\n";
	uint64_t before = MIN(last, (uint64_t)KEPTPAGES - 1);
	bool missing = last > before;

	if (missing)
		sink(over, sizeof over - 1);
	for (uint64_t i = 0; i <= before; i++) {
		uint64_t n = last - before + i;
		const Keptpage *p = page[n % KEPTPAGES];

		if (p == NULL || p->n != n) {
			if (!missing)
				sink(gap, sizeof gap - 1);
			missing = true;
			found->lost++;
			continue;
		}
		missing = false;
		found->pages++;
		found->bytes += sizeofpage(p);
		sink(p->text, sizeofpage(p));
	}
}

bool
keptread(Keptpage *const run[KEPTRUNS], uint64_t id, Sink *sink, Keptlog *found)
{
	const Keptpage *page[KEPTPAGES] = {NULL};
	const Keptpage *last = NULL;

	*found = (Keptlog){.bytes = 0};
	for (size_t i = 0; i < KEPTPAGES && id != 0; i++) {
		page[i] = bestat(run, i, id);
		if (page[i] != NULL && (last == NULL || page[i]->n > last->n))
			last = page[i];
	}
	if (last == NULL)
		return false;
	give(page, last->n, sink, found);
	return true;
}

void
keptforget(Keptpage *const run[KEPTRUNS], uint64_t id)
{
	for (size_t i = 0; i < KEPTRUNS; i++)
		for (size_t k = 0; run[i] != NULL && k < KEPTPAGES; k++) {
			Keptpage *p = pagein(run[i], k);

			if (p->id != id)
				continue;
			*(volatile uint64_t *)&p->id = 0;
			pushout(&p->id, sizeof p->id);
		}
}
