/*
 * walkprint.c - what the live page tables say about an address, level by level:
 * for a page fault's report, and for who asks at the monitor, in words or
 * lines.
 *
 * The tables may be anything: a walk ends where the direct map does.
 */
#include "hooks.h"
#include "mem.h"
#include "place.h"
#include "space.h"
#include "trap.h"

/* How a walk ends. */
enum walked { WALKNOTHING, WALKPAGE, WALKLOST };

typedef void Show(uintptr_t va, int level, pte_t pte);

static bool
isleaf(int level, pte_t pte)
{
	return level == 0 || pte & PTELARGE;
}

static const char *
caching(pte_t pte)
{
	static const char *const memtype[] = {"WB", "WC", "UC-", "UC"};

	return memtype[(pte & PTEMEMTYPE) >> 3];
}

static void
pteprint(uintptr_t va, int level, pte_t pte)
{
	(void)va;
	print("  level %d: %#.16jx %s%s%s%s%s", level, (uintmax_t)pte,
	    pte & PTEVALID ? "present" : "not present",
	    pte & PTEWRITE ? " write" : " read-only",
	    pte & PTEUSER ? " user" : "", pte & PTENOEXEC ? " no-execute" : "",
	    pte & PTEGLOBAL ? " global" : "");
	if (isleaf(level, pte))
		print(" %s %s", caching(pte),
		    level == 0   ? "4K page"
		    : level == 1 ? "2M page"
				 : "1G page");
	print("\n");
}

static void
pteline(uintptr_t va, int level, pte_t pte)
{
	print("mem9: pte va=0x%jx level=%d entry=0x%jx present=%d write=%d "
	      "user=%d execute=%d global=%d",
	    (uintmax_t)va, level, (uintmax_t)pte, (pte & PTEVALID) != 0,
	    (pte & PTEWRITE) != 0, (pte & PTEUSER) != 0, (pte & PTENOEXEC) == 0,
	    (pte & PTEGLOBAL) != 0);
	if (isleaf(level, pte))
		print(" caching=%s size=%ju", caching(pte),
		    (uintmax_t)PGLSZ(level));
	print("\n");
}

static enum walked
walk(uintptr_t va, Show *show)
{
	if (va >= UTOP && va < DMAP)
		return WALKNOTHING;
	Space live = spacelive();
	pte_t *table = va < UTOP ? live.lower : live.upper;
	for (int l = 3; table != NULL; l--) {
		pte_t pte = table[PTLX(va, l)];

		show(va, l, pte);
		if ((pte & PTEVALID) == 0)
			return WALKNOTHING;
		if (isleaf(l, pte))
			return WALKPAGE;
		if (cankaddr(PTEADDR(pte)) == 0)
			return WALKLOST;
		table = kaddr(PTEADDR(pte));
	}
	return WALKNOTHING;
}

void
walkprint(uintptr_t va)
{
	print("walk of %#.16jx, %s:\n", (uintmax_t)va, placename(va));
	if (walk(va, pteprint) == WALKLOST)
		print("  a table that is not in the direct map\n");
}

void
walklines(uintptr_t va)
{
	static const char *const ends[] = {[WALKNOTHING] = "nothing",
	    [WALKPAGE] = "page",
	    [WALKLOST] = "lost"};

	print("mem9: walk va=0x%jx in=\"%s\"\n", (uintmax_t)va, placename(va));
	enum walked how = walk(va, pteline);
	print("mem9: walked va=0x%jx result=%s\n", (uintmax_t)va, ends[how]);
}
