/*
 * attributes.c - any memory map and any attributes table: what the services see
 * of each page is what the model says, which asks about one page at a time.
 *
 * needs: efi/after/servicemap.c
 */
#include "fuzz.h"
#include "efidesc.h"
#include "../../efi/after/servicemap.h"

enum { PAGES = 32, MOST = 12, STRIDE = 48, BITS = 17 };

#define UC (1ull << 0)
#define WC (1ull << 1)
#define WB (1ull << 3)
#define XP (1ull << 14)
#define RO (1ull << 17)
#define RT (1ull << 63)

typedef struct Desc Desc;

struct Desc {
	uint32_t type;
	uint64_t base, npages, attr;
};

static Desc descs[2][MOST];
static size_t n[2];

/* The first descriptor of a table that is for the services and has the page. */
static const Desc *
covers(int which, uint64_t page)
{
	for (size_t i = 0; i < n[which]; i++) {
		const Desc *d = &descs[which][i];
		uint64_t first = d->base / BY2PG;

		if (d->type != 5 && d->type != 6 && (d->attr & RT) == 0)
			continue;
		if (d->base % BY2PG != 0 || first == 0 || d->npages == 0 ||
		    first >= PAGES || d->npages > PAGES - first)
			continue;
		if (page >= first && page - first < d->npages)
			return d;
	}
	return NULL;
}

static pte_t
cachedas(const Desc *d)
{
	bool service = d->type == 5 || d->type == 6;

	if ((d->type == 11 || d->type == 12) && (d->attr & UC))
		return PTEUC;
	if (d->attr & WB)
		return PTEWB;
	if (d->attr & WC)
		return PTEWC;
	return (d->attr & UC) || !service ? PTEUC : PTEWB;
}

static pte_t
model(uint64_t page)
{
	const Desc *plain = covers(0, page);
	const Desc *fine = n[1] > 0 ? covers(1, page) : NULL;

	if (fine != NULL) {
		pte_t f = PTEVALID | cachedas(plain != NULL ? plain : fine);

		return f | (fine->attr & RO ? 0 : PTEWRITE) |
		       (fine->attr & XP ? PTENOEXEC : 0);
	}
	if (plain == NULL)
		return 0;
	pte_t f = PTEVALID | cachedas(plain);
	if (plain->type == 5)
		return f | (n[1] > 0 ? 0 : PTEWRITE);
	if (plain->type == 6 && n[1] == 0)
		return f | PTEWRITE;
	return f | PTEWRITE | PTENOEXEC;
}

static void
descriptor(Input *in, int which, uint8_t *raw)
{
	static const uint32_t types[] = {5, 6, 11, 12, 7, 0, 5, 6};
	static const uint64_t bits[] = {UC, WC, WB, XP, RO, RT, RT, WB};
	unsigned kind = (unsigned)take(in, 1);
	uint8_t attr = (uint8_t)take(in, 1);
	Desc *d = &descs[which][n[which]];

	*d = (Desc){.type = types[kind % 8],
	    .base = (take(in, 1) % (PAGES + 2)) * BY2PG + (kind & 64 ? 8 : 0),
	    .npages = kind & 128 ? take(in, 8) : take(in, 1) % 12};
	for (size_t i = 0; i < 8; i++)
		d->attr |= attr >> i & 1 ? bits[i] : 0;
	efidesc(
	    raw + n[which]++ * STRIDE, d->type, d->base, d->npages, d->attr);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint8_t raw[2][MOST * STRIDE];
	Input in = {data, size};
	Servicemap m;
	Servicerange r = {.end = 0};
	pte_t seen[PAGES] = {0};

	n[0] = n[1] = 0;
	while (in.n > 0 && n[0] < MOST && n[1] < MOST) {
		int which = take(&in, 1) & 1;

		descriptor(&in, which, raw[which]);
	}
	m.map = (Efimap){.desc = raw[0],
	    .size = n[0] * STRIDE,
	    .stride = STRIDE,
	    .physbits = BITS};
	m.fine =
	    (Efimap){.desc = raw[1], .size = n[1] * STRIDE, .stride = STRIDE};
	paddr_t last = 0;
	pte_t lastflags = 0;
	while (servicerange(&m, r.end, &r)) {
		if (r.pa < last || r.end <= r.pa || r.end > PAGES * BY2PG ||
		    (r.pa == last && r.flags == lastflags))
			panic("[%#jx, %#jx) after %#jx", r.pa, r.end, last);
		for (paddr_t pa = r.pa; pa < r.end; pa += BY2PG)
			seen[pa / BY2PG] = r.flags;
		last = r.end;
		lastflags = r.flags;
	}
	for (uint64_t i = 0; i < PAGES; i++)
		if (seen[i] != model(i))
			panic("page %ju: %#jx, not %#jx", (uintmax_t)i,
			    (uintmax_t)seen[i], (uintmax_t)model(i));
	return 0;
}
