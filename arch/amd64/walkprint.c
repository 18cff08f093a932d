/*
 * walkprint.c - what the live page tables say about an address, level by level:
 * for a page fault's report, and for who asks at the monitor.
 *
 * The tables may be anything: a walk ends where the direct map does.
 */
#include "hooks.h"
#include "mem.h"
#include "place.h"
#include "space.h"
#include "trap.h"

static void
pteprint(int level, pte_t pte)
{
	static const char *const memtype[] = {"WB", "WC", "UC-", "UC"};

	print("  level %d: %#.16jx %s%s%s%s%s", level, (uintmax_t)pte,
	    pte & PTEVALID ? "present" : "not present",
	    pte & PTEWRITE ? " write" : " read-only",
	    pte & PTEUSER ? " user" : "", pte & PTENOEXEC ? " no-execute" : "",
	    pte & PTEGLOBAL ? " global" : "");
	if (level == 0 || pte & PTELARGE)
		print(" %s %s", memtype[(pte & PTEMEMTYPE) >> 3],
		    level == 0   ? "4K page"
		    : level == 1 ? "2M page"
				 : "1G page");
	print("\n");
}

void
walkprint(uintptr_t va)
{
	print("walk of %#.16jx, %s:\n", (uintmax_t)va, placename(va));
	if (va >= UTOP && va < DMAP)
		return;
	Space live = spacelive();
	pte_t *table = va < UTOP ? live.lower : live.upper;
	for (int l = 3; table != NULL; l--) {
		pte_t pte = table[PTLX(va, l)];

		pteprint(l, pte);
		if ((pte & PTEVALID) == 0 || l == 0 || pte & PTELARGE)
			return;
		if (cankaddr(PTEADDR(pte)) == 0) {
			print("  a table that is not in the direct map\n");
			return;
		}
		table = kaddr(PTEADDR(pte));
	}
}
