/*
 * dump.c - see dump.h.
 *
 * A page at a time is copied, and that may fault; what is printed is the copy.
 */
#include "dump.h"
#include "bootinfo.h"
#include "find.h"
#include "hooks.h"
#include "keys.h"
#include "memmap.h"
#include "mmu.h"
#include "more.h"
#include "trap.h"

enum { DEFAULT = 256, ROW = 16 };

typedef struct Copy Copy;

/* So many bytes from there. */
struct Copy {
	const volatile uint8_t *from;
	size_t n;
	uint8_t to[BY2PG];
};

static bool
own(paddr_t pa)
{
	const Part *p = &bootinfo->block;

	return pa >= p->pa && pa - p->pa < p->size;
}

/* Is it memory, whoever has it? */
static bool
isram(paddr_t pa)
{
	Memrange r;

	return memmaprange(pa, &r) && r.pa <= pa &&
	       (r.type == MemRAM || r.type == MemACPI);
}

static void
copy(void *arg)
{
	Copy *c = arg;

	for (size_t i = 0; i < c->n; i++)
		c->to[i] = c->from[i];
}

/* False: it faults. */
static bool
copied(Copy *c, uintptr_t at, const volatile void *page)
{
	Caught what;

	c->from = (const volatile uint8_t *)page + at % BY2PG;
	return !faults(copy, c, &what);
}

/* A page of the kernel's addresses. */
static const char *
readvirtual(Copy *c, uintptr_t va, enum dumpwhat what)
{
	paddr_t pa = mmupa(&kspace, va);

	if (pa == NOADDR)
		return "is not mapped";
	if (what == DUMPRAM && !isram(pa) && !own(pa))
		return "is no RAM; -f reads it all the same";
	return copied(c, va, (void *)ROUNDDOWN(va, BY2PG))
		   ? NULL
		   : "cannot be read: it faults";
}

/* A physical one. */
static const char *
readphysical(Copy *c, paddr_t pa, enum dumpwhat what)
{
	bool ram = isram(pa);

	if (own(pa) && !ram)
		return "is mem9's own: find says where it is mapped";
	if (!ram && what == DUMPRAM)
		return "is no RAM; -f reads it all the same";
	paddr_t page = ROUNDDOWN(pa, BY2PG);
	void *p = ram ? kmappa(page) : vmap(page, BY2PG, PTEUC);
	if (p == NULL)
		return "cannot be mapped";
	bool good = copied(c, pa, p);
	if (ram)
		kunmap(p);
	else
		vunmap(p, BY2PG);
	return good ? NULL : "cannot be read: it faults";
}

static void
row(uintptr_t at, const uint8_t *b, size_t n)
{
	print("%.16jx", (uintmax_t)at);
	for (size_t i = 0; i < ROW; i++) {
		const char *gap = i % (ROW / 2) == 0 ? "  " : " ";

		if (i < n)
			print("%s%.2x", gap, b[i]);
		else
			print("%s  ", gap);
	}
	print("  ");
	for (size_t i = 0; i < n; i++)
		print("%c", b[i] >= ' ' && b[i] < 0x7f ? b[i] : '.');
	print("\n");
}

static const char *
wrong(uintptr_t at)
{
	return isvirtual(at) ? badvirtual(at) : badphysical(at);
}

void
dump(const Span *span, enum dumpwhat what)
{
	static Copy c; /* large */
	size_t left = span->size != 0 ? span->size : DEFAULT;

	/* What is left ends where addresses do. */
	left = MIN(left - 1, UINTPTR_MAX - span->at);
	for (uintptr_t at = span->at;;) {
		const char *why = wrong(at);

		c.n = MIN(left, BY2PG - 1 - at % BY2PG) + 1;
		if (why == NULL)
			why = isvirtual(at) ? readvirtual(&c, at, what)
					    : readphysical(&c, at, what);
		if (why != NULL) {
			print("dump: %#jx %s\n", (uintmax_t)at, why);
			return;
		}
		for (size_t i = 0; i < c.n; i += ROW)
			row(at + i, c.to + i, MIN(c.n - i, (size_t)ROW));
		if (left < c.n || keybreak() || morequit())
			return;
		left -= c.n;
		at += c.n;
	}
}
