/*
 * pages.c - the memory map painted page by page: see pages.h.
 */
#include "pages.h"
#include "hooks.h"
#include "host.h"

#include <stdio.h>
#include <string.h>

char modelwhy[256];

static bool
all(const Model *m, size_t first, size_t n, int page)
{
	if (n == 0 || first + n > m->npages)
		return false;
	for (size_t i = first; i < first + n; i++)
		if (m->page[i] != page)
			return false;
	return true;
}

static size_t
roundup(size_t page, size_t align)
{
	return align == 0 ? page : (page + align - 1) / align * align;
}

/* Where an allocation lands, or NADA. */
enum { NADA = MODELPAGES };

static size_t
place(const Model *m, const Op *op)
{
	if (op->n == 0)
		return NADA;
	if (op->op == OPALLOC) {
		size_t at = roundup(op->first, op->align);

		if (op->first >= m->npages)
			return NADA;
		return all(m, op->first, at - op->first + op->n, op->type + 1)
			   ? at
			   : NADA;
	}
	for (size_t at = 0; at < m->npages; at++)
		if (at == roundup(at, op->align) &&
		    all(m, at, op->n, op->type + 1))
			return at;
	return NADA;
}

static void
set(Model *m, size_t first, size_t n, int page)
{
	memset(m->page + first, page, n);
}

/* Could the operation be done? *at is where an allocation is. */
static bool
apply(Model *m, const Op *op, size_t *at)
{
	int page = op->type + 1;

	*at = NADA;
	switch (op->op) {
	case OPADD:
		if (op->n == 0)
			return false;
		for (size_t i = op->first; i < op->first + op->n; i++)
			if (m->page[i] < page)
				m->page[i] = (uint8_t)page;
		return true;
	case OPALLOC:
	case OPALLOCANY:
		*at = place(m, op);
		if (*at == NADA)
			return false;
		set(m, *at, op->n, page | MODELTAKEN);
		return true;
	case OPFREE:
		if (!all(m, op->first, op->n, page | MODELTAKEN))
			return false;
		set(m, op->first, op->n, page);
		return true;
	case OPRELEASE:
		if (!all(m, op->first, op->n, MemReserved + 1))
			return false;
		set(m, op->first, op->n, MemRAM + 1);
		return true;
	default:
		for (size_t i = op->first; i < m->npages; i++)
			if (m->page[i] == MemRAM + 1)
				m->page[i] = MemReserved + 1;
		return true;
	}
}

bool
modelapply(Model *m, const Op *op)
{
	Model before = *m;
	size_t at;

	apply(m, op, &at);
	return memcmp(&before, m, sizeof before) != 0;
}

/* The same on the memmap: could it be done, and where? */
static bool
call(const Op *op, paddr_t *at)
{
	paddr_t pa = op->first * BY2PG;
	size_t size = op->n * BY2PG;

	*at = NOADDR;
	switch (op->op) {
	case OPADD:
		return memmapadd(pa, size, op->type) == 0;
	case OPALLOC:
	case OPALLOCANY:
		*at = memmapalloc(op->op == OPALLOC ? pa : NOADDR, size,
		    op->align * BY2PG, op->type);
		return *at != NOADDR;
	case OPFREE:
		return !panics(memmapfree(pa, size, op->type));
	case OPRELEASE:
		return memmaprelease(pa, size) == 0;
	default:
		memmaplimit(pa);
		return true;
	}
}

bool
modelsame(const Model *m)
{
	Memrange r;
	paddr_t pa = 0;

	for (size_t i = 0; i < m->npages;) {
		size_t n = 1;

		if (m->page[i] == MODELNONE) {
			i++;
			continue;
		}
		while (i + n < m->npages && m->page[i + n] == m->page[i])
			n++;
		if (!memmaprange(pa, &r) || r.pa != i * BY2PG ||
		    r.end != (i + n) * BY2PG ||
		    (int)r.type != (m->page[i] & (MODELTAKEN - 1)) - 1 ||
		    r.allocated != (m->page[i] >= MODELTAKEN)) {
			snprintf(modelwhy, sizeof modelwhy,
			    "page %zu: [%#jx, %#jx) %s should be %zu of %d", i,
			    r.pa, r.end, memtypename(r.type), n, m->page[i]);
			return false;
		}
		i += n;
		pa = r.end;
	}
	if (memmaprange(pa, &r)) {
		snprintf(modelwhy, sizeof modelwhy, "[%#jx, %#jx) is too much",
		    r.pa, r.end);
		return false;
	}
	return true;
}

bool
modeldo(Model *m, const Op *op, bool *changed)
{
	Model before = *m;
	size_t want;
	paddr_t got;
	bool could = apply(m, op, &want);

	if (call(op, &got) != could ||
	    got != (want == NADA ? NOADDR : want * BY2PG)) {
		snprintf(modelwhy, sizeof modelwhy,
		    "op %d first %zu n %zu align %zu type %d: model %d at %zu, "
		    "memmap at %#jx",
		    op->op, op->first, op->n, op->align, op->type, could, want,
		    got);
		return false;
	}
	*changed = memcmp(&before, m, sizeof before) != 0;
	return modelsame(m);
}
