/*
 * pagesprint.c - the tables in force as ranges, for people and for tests.
 *
 *	pages	[4K][4K][   2M   ][4K]	same rights, same memory type
 *	range	[                    )	4K 2M
 *
 * A range says nothing of physical addresses: pages that follow each other are
 * one range wherever they lead.
 */
#include "audit.h"
#include "hooks.h"
#include "place.h"

typedef struct Row Row;

struct Row {
	uintptr_t va;
	size_t size;
	pte_t flags;
	unsigned sizes; /* bit l: there are pages of level l */
	void (*show)(const Row *r);
};

static const char *
caching(const Row *r)
{
	static const char *const memtype[] = {"WB", "WC", "UC-", "UC"};

	return memtype[(r->flags & PTEMEMTYPE) >> 3];
}

static void
rowprint(const Row *r)
{
	print("%.16jx-%.16jx %11jx %c%c%c%c %-3s %c %s %s %s %s\n",
	    (uintmax_t)r->va, (uintmax_t)(r->va + r->size), (uintmax_t)r->size,
	    r->flags & PTEUSER ? 'u' : '-', 'r',
	    r->flags & PTEWRITE ? 'w' : '-', r->flags & PTENOEXEC ? '-' : 'x',
	    caching(r), r->flags & PTEGLOBAL ? 'g' : '-',
	    r->sizes & 1 ? "4K" : "--", r->sizes & 2 ? "2M" : "--",
	    r->sizes & 4 ? "1G" : "--", placename(r->va));
}

static void
rowline(const Row *r)
{
	static const char *const names[] = {"4K", "2M", "1G"};
	const char *before = "";

	print("mem9: mapped va=0x%jx size=0x%zx user=%d write=%d execute=%d "
	      "caching=%s global=%d pages=",
	    (uintmax_t)r->va, r->size, (r->flags & PTEUSER) != 0,
	    (r->flags & PTEWRITE) != 0, (r->flags & PTENOEXEC) == 0, caching(r),
	    (r->flags & PTEGLOBAL) != 0);
	for (size_t l = 0; l < nelem(names); l++)
		if (r->sizes >> l & 1) {
			print("%s%s", before, names[l]);
			before = ",";
		}
	print(" in=\"%s\"\n", placename(r->va));
}

/* A range ends where the next page is elsewhere or is another kind of page. */
static void
collect(void *arg, const Leaf *l)
{
	Row *r = arg;

	if (l->va != r->va + r->size || l->flags != r->flags) {
		if (r->size > 0)
			r->show(r);
		*r = (Row){.va = l->va, .flags = l->flags, .show = r->show};
	}
	r->size += l->size;
	for (int level = 0; level < 3; level++)
		if (l->size == PGLSZ(level))
			r->sizes |= 1u << level;
}

/* All of it, and a line in that form for each level that has tables. */
static void
show(void (*row)(const Row *r), const char *level)
{
	Row r = {.size = 0, .show = row};
	size_t tables[NLEVEL];

	auditwalk(collect, &r, tables);
	if (r.size > 0)
		row(&r);
	for (int l = NLEVEL - 1; l >= 0; l--)
		if (tables[l] != 0)
			print(level, l, tables[l]);
}

void
pagesprint(void)
{
	show(rowprint, "tables of level %d: %zu\n");
}

void
pageslines(void)
{
	show(rowline, "mem9: pagetables level=%d n=%zu\n");
}
