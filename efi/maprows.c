/*
 * maprows.c - see maprows.h.
 *
 * A row grows while the next descriptor follows it without a gap and becomes
 * the same; its name is that of its largest part.
 */
#include <efi.h>

#include "maprows.h"
#include "hooks.h"

typedef struct Walk Walk;

struct Walk {
	enum roworder order;
	void (*fn)(void *arg, const Maprow *row);
	void *arg;
	Maprow row;       /* under way, if its ndesc is not 0 */
	uint64_t largest; /* pages of the descriptor that names it */
	paddr_t end;      /* of all that came before */
};

uint64_t
rowattr(uint64_t attr)
{
	uint64_t cacheable = EFI_MEMORY_UC | EFI_MEMORY_WC | EFI_MEMORY_WT |
			     EFI_MEMORY_WB | EFI_MEMORY_UCE;

	return attr & EFI_MEMORY_WB ? attr & ~cacheable : attr;
}

static paddr_t
baseof(const uint8_t *desc)
{
	paddr_t base = 0;

	memcpy(&base, desc + 8, sizeof base);
	return base;
}

static void
swap(uint8_t *a, uint8_t *b, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		uint8_t c = a[i];

		a[i] = b[i];
		b[i] = c;
	}
}

/* Firmware's maps are short, and nearly in order. */
void
maprowssort(void *desc, size_t size, size_t stride)
{
	uint8_t *d = desc;

	for (size_t i = stride; i + stride <= size; i += stride)
		for (size_t j = i;
		     j > 0 && baseof(d + j - stride) > baseof(d + j);
		     j -= stride)
			swap(d + j - stride, d + j, stride);
}

static void
giverow(Walk *w)
{
	if (w->row.ndesc == 0)
		return;
	w->fn(w->arg, &w->row);
	w->row.ndesc = 0;
}

/* Nothing is said of what lies between the row under way and this base. */
static void
givehole(Walk *w, paddr_t base)
{
	Maprow hole = {
	    .base = w->end, .npages = (base - w->end) / BY2PG, .as = NMEMTYPE};

	giverow(w);
	w->fn(w->arg, &hole);
}

static bool
follows(const Walk *w, const Efidesc *d, enum memtype as)
{
	const Maprow *r = &w->row;

	return w->order == ROWSFOLDED && r->ndesc != 0 && as != NMEMTYPE &&
	       r->as == as && r->attr == rowattr(d->attr) &&
	       r->base + r->npages * BY2PG == d->base && w->end == d->base;
}

static void
grow(Walk *w, const Efidesc *d)
{
	Maprow *r = &w->row;

	r->npages += d->npages;
	r->ndesc++;
	if (d->npages > w->largest) {
		w->largest = d->npages;
		r->type = d->type;
	}
}

static void
begin(Walk *w, const Efidesc *d, enum memtype as)
{
	giverow(w);
	w->row = (Maprow){.base = d->base,
	    .npages = d->npages,
	    .attr = rowattr(d->attr),
	    .type = d->type,
	    .as = as,
	    .ndesc = 1,
	    .overlaps = w->order != ROWSRAW && d->base < w->end};
	w->largest = d->npages;
}

void
maprows(const Efimap *map, enum roworder order,
    void (*fn)(void *arg, const Maprow *row), void *arg)
{
	Walk w = {.order = order, .fn = fn, .arg = arg};

	for (size_t i = 0; i < efimapcount(map); i++) {
		Efidesc d = efimapdesc(map, i);
		enum memtype as = efimapverdict(map, &d);

		if (order != ROWSRAW && as != NMEMTYPE && d.base > w.end)
			givehole(&w, d.base);
		if (follows(&w, &d, as))
			grow(&w, &d);
		else
			begin(&w, &d, as);
		if (as != NMEMTYPE)
			w.end = MAX(w.end, d.base + d.npages * BY2PG);
	}
	giverow(&w);
}
