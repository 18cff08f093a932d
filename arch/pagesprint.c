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
};

static void
rowprint(const Row *r)
{
	static const char *const memtype[] = {"WB", "WC", "UC-", "UC"};

	if (r->size == 0)
		return;
	print("%.16jx-%.16jx %11jx %c%c%c%c %-3s %c %s %s %s %s\n",
	    (uintmax_t)r->va, (uintmax_t)(r->va + r->size), (uintmax_t)r->size,
	    r->flags & PTEUSER ? 'u' : '-', 'r',
	    r->flags & PTEWRITE ? 'w' : '-', r->flags & PTENOEXEC ? '-' : 'x',
	    memtype[(r->flags & PTEMEMTYPE) >> 3],
	    r->flags & PTEGLOBAL ? 'g' : '-', r->sizes & 1 ? "4K" : "--",
	    r->sizes & 2 ? "2M" : "--", r->sizes & 4 ? "1G" : "--",
	    placename(r->va));
}

/* A range ends where the next page is elsewhere or is another kind of page. */
static void
collect(void *arg, const Leaf *l)
{
	Row *r = arg;

	if (r->size == 0 || l->va != r->va + r->size || l->flags != r->flags) {
		rowprint(r);
		*r = (Row){.va = l->va, .flags = l->flags};
	}
	r->size += l->size;
	for (int level = 0; level < 3; level++)
		if (l->size == PGLSZ(level))
			r->sizes |= 1u << level;
}

void
pagesprint(void)
{
	Row r = {.size = 0};
	size_t tables[NLEVEL];

	auditwalk(collect, &r, tables);
	rowprint(&r);
	for (int level = NLEVEL - 1; level >= 0; level--)
		if (tables[level] != 0)
			print(
			    "tables of level %d: %zu\n", level, tables[level]);
}
