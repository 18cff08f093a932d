/*
 * kept.c - any first lines of a report, and any pages in the two runs that they
 * name: no place is taken that is none, nothing outside the runs is read, and
 * what comes home is what a search of our own finds.
 *
 * The input: a byte of what is wrong with each page, then text.
 *
 * needs: efi/saved.c efi/reportfile.c efi/filetext.c efi/volume.c
 * needs: kern/kept.c kern/keptread.c kern/crc.c kern/value.c kern/log.c
 * needs: tests/host/alone.c
 * needs: tests/host/fakefw.c
 */
#include "../../efi/saved.h"
#include "../../kern/crc.h"
#include "fuzz.h"
#include "pushout.h"

enum { MOST = 1 << 20 };

static uint8_t *runs[KEPTRUNS];
static char got[MOST];
static size_t ngot;

void
pushout(const void *p, size_t size)
{
	(void)p;
	(void)size;
}

static void
collect(const char *s, size_t n)
{
	if (n > MOST - ngot)
		panic("%zu bytes of text and more", ngot);
	memcpy(got + ngot, s, n);
	ngot += n;
}

static Keptpage *
page(size_t run, size_t place)
{
	return (Keptpage *)(runs[run] + place * BY2PG);
}

static bool
good(const Keptpage *p, size_t place, uint64_t id)
{
	uint64_t size = p->seal & UINT32_MAX;

	return p->id == id && p->n % KEPTPAGES == place && size <= BY2PG - 24 &&
	       crc32(crc32(0, p, 16), p->text, size) == p->seal >> 32;
}

/* A page as it may be, and one of its fields as the input has it. */
static void
fill(Keptpage *p, size_t place, uint64_t id, Input *in)
{
	uint64_t how = take(in, 1);
	uint64_t size = take(in, 2) % (KEPTTEXT + 2);

	if (how == 0) {
		memset(p, 0, BY2PG);
		return;
	}
	*p = (Keptpage){.id = id, .n = take(in, 1) % 4 * KEPTPAGES + place};
	if (how & 1)
		p->n = take(in, 8);
	if (how & 2)
		size = take(in, 4);
	if (how & 4)
		p->id = take(in, 8);
	memset(p->text, (int)('a' + place % 26), KEPTTEXT);
	uint64_t crc = crc32(crc32(0, p, 16), p->text, MIN(size, KEPTTEXT));
	p->seal = (size & UINT32_MAX) | crc << 32;
	if (how & 8)
		p->seal ^= take(in, 8);
}

/* Bytes of the log that there are, by going through all that there may be. */
static uint64_t
bytes(uint64_t id, bool *any)
{
	const Keptpage *last = NULL;
	uint64_t sum = 0;

	for (size_t i = 0; i < KEPTRUNS * KEPTPAGES; i++) {
		const Keptpage *p = page(i / KEPTPAGES, i % KEPTPAGES);

		if (good(p, i % KEPTPAGES, id) &&
		    (last == NULL || p->n > last->n))
			last = p;
	}
	*any = last != NULL;
	for (size_t i = 0; i < KEPTPAGES && last != NULL; i++) {
		uint64_t most = 0;

		for (size_t run = 0; run < KEPTRUNS; run++) {
			const Keptpage *p = page(run, i);

			if (good(p, i, id) && last->n - p->n < KEPTPAGES)
				most = MAX(most, p->seal & UINT32_MAX);
		}
		sum += most;
	}
	return sum;
}

static void
pages(Input *in)
{
	Keptpage *const run[] = {page(0, 0), page(1, 0)};
	uint64_t id = take(in, 1);
	Keptlog found;
	bool any = false;

	for (size_t i = 0; i < KEPTRUNS * KEPTPAGES; i++)
		fill(page(i / KEPTPAGES, i % KEPTPAGES), i % KEPTPAGES, id, in);
	ngot = 0;
	uint64_t want = bytes(id, &any);
	if (keptread(run, id, collect, &found) != (any && id != 0))
		panic("found, or not, wrongly: %d", any);
	if (found.bytes != (id != 0 ? want : 0) || found.bytes > ngot ||
	    found.pages + found.lost > KEPTPAGES)
		panic("%ju bytes in %zu pages, not %ju", found.bytes,
		    found.pages, want);
	keptforget(run, id);
	if (id != 0 && keptread(run, id, collect, &found))
		panic("it is not forgotten");
}

static void
head(const uint8_t *data, size_t size)
{
	static char text[600];
	size_t n = MIN(size, sizeof text - 1);
	Places p;

	memcpy(text, data, n);
	text[n] = '\0';
	if (!savedparse(text, &p))
		return;
	if (p.id == 0 || (p.run[0] == NOADDR && p.run[1] == NOADDR))
		panic("good, and names nothing");
	for (size_t i = 0; i < KEPTRUNS; i++)
		if (p.run[i] != NOADDR &&
		    (p.run[i] == 0 || p.run[i] % BY2PG != 0 ||
			p.run[i] >= 1ull << 55))
			panic("a run at %#jx", p.run[i]);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input in = {data, size};

	for (size_t i = 0; i < KEPTRUNS && runs[i] == NULL; i++)
		runs[i] = aligned_alloc(BY2PG, KEPTSIZE);
	if (take(&in, 1) % 2 == 0)
		pages(&in);
	else
		head(in.p, in.n);
	return 0;
}
