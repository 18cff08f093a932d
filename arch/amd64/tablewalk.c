/*
 * tablewalk.c - every page that a tree of page tables maps.
 *
 *	level	4 (LA57)   3       2       1       0
 *	entry	256 TiB    512 GiB 1 GiB   2 MiB   4 KiB
 *
 * Read entry by entry, as a CPU would, by nothing but its manual: Intel SDM
 * volume 3A, 4.5. No instructions here, so the host tests it.
 */
#include "audit.h"
#include "hooks.h"

typedef struct Visit Visit;

struct Visit {
	void (*fn)(void *arg, const Leaf *leaf);
	void *arg;
	size_t *tables; /* of each level */
	int top;
};

#define RIGHTS (PTEWRITE | PTEUSER)

/*
 * Rights are what every level grants; NX is what any level denies. In the
 * upper half of the top table the sign fills the bits above.
 */
static void
descend(const Visit *v, paddr_t table, uintptr_t va, int level, pte_t rights)
{
	const pte_t *entries = kaddr(table);

	v->tables[level]++;
	for (size_t i = 0; i < PTENTRIES; i++) {
		pte_t e = entries[i];
		uintptr_t at = va + (i << PGLSHIFT(level));
		pte_t r = (rights & e & RIGHTS) | ((rights | e) & PTENOEXEC) |
			  (e & (PTEMEMTYPE | PTEGLOBAL));

		if ((e & PTEVALID) == 0)
			continue;
		if (level == v->top && i >= PTENTRIES / 2)
			at |= ~0ull << PGLSHIFT(level + 1);
		if (level > 0 && (level > 2 || (e & PTELARGE) == 0)) {
			descend(v, PTEADDR(e), at, level - 1, r);
			continue;
		}
		Leaf leaf = {
		    at, PTEADDR(e) & ~(PGLSZ(level) - 1), PGLSZ(level), r};
		v->fn(v->arg, &leaf);
	}
}

void
tablewalk(paddr_t top, int level, void (*visit)(void *arg, const Leaf *leaf),
    void *arg, size_t tables[NLEVEL])
{
	Visit v = {visit, arg, tables, level};

	memset(tables, 0, NLEVEL * sizeof *tables);
	descend(&v, top, 0, level, RIGHTS);
}
