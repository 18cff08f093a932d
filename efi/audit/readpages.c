/*
 * readpages.c - the page tables that firmware runs on, as ranges.
 *
 * Every page in force is looked at, and what is mapped alike side by side is
 * one range. They are only read. Nothing may be allocated while they are: some
 * firmware changes them for each allocation.
 */
#include "audit.h"
#include "cpu.h"
#include "hooks.h"
#include "read.h"

#define CR0WP (1ull << 16)
#define EFERNXE (1ull << 11)

typedef struct Gather Gather;

struct Gather {
	Mapped *range;
	size_t room;
	size_t n;    /* that there are */
	Mapped last; /* the one that still grows */
	bool writeprotect;
	bool noexecute;
};

/* What the entry allows on this CPU, as it is switched now. */
static pte_t
effective(const Gather *g, pte_t flags)
{
	flags &= PTEWRITE | PTEUSER | PTENOEXEC;
	if (!g->writeprotect)
		flags |= PTEWRITE;
	if (!g->noexecute)
		flags &= ~PTENOEXEC;
	return flags | PTEVALID;
}

static void
visit(void *arg, const Leaf *leaf)
{
	Gather *g = arg;
	Mapped *last = &g->last;
	pte_t flags = effective(g, leaf->flags);

	if (g->n > 0 && last->va + last->size == leaf->va &&
	    last->pa + last->size == leaf->pa && last->flags == flags)
		last->size += leaf->size;
	else {
		*last = (Mapped){leaf->va, leaf->pa, leaf->size, flags};
		g->n++;
	}
	if (g->n <= g->room)
		g->range[g->n - 1] = *last;
}

static Gather
gather(Mapped *range, size_t room)
{
	size_t tables[NLEVEL];
	Cpuregs regs = cpuregsnow();
	Gather g = {.range = range,
	    .room = room,
	    .writeprotect = regs.cr0 & CR0WP,
	    .noexecute = regs.efer & EFERNXE};

	auditwalk(visit, &g, tables);
	return g;
}

size_t
pagescount(void)
{
	return gather(NULL, 0).n;
}

void
pagesread(Mappings *m, Mapped *range, size_t room)
{
	Gather g = gather(range, room);

	*m = (Mappings){
	    .why = g.n > room ? "more of them than a moment before" : NULL,
	    .range = range,
	    .n = g.n > room ? 0 : g.n,
	    .writeprotect = g.writeprotect,
	    .noexecute = g.noexecute};
}
