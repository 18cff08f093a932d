/*
 * fwcall.c - page tables for calls back into firmware, and the calls.
 *
 *	lower half: identity, what firmware marked RUNTIME and nothing else
 *	upper half: ours, so that our stack and data are there
 *
 * Never in force but for the length of one call.
 */
#include "fwcall.h"
#include "cpu.h"
#include "hooks.h"
#include "mmu.h"
#include "takeover.h"
#include "trap.h"
#include "../../arch/amd64/x86.h"

typedef struct Call Call;

/* One call, as callunder() wants it, and what came back. */
struct Call {
	uint64_t cr3;
	void *fn;
	uint64_t args[4];
	uint64_t result;
};

uint64_t callunder(
    uint64_t cr3, void *fn, const uint64_t args[4], uintptr_t stack);

static pte_t *lower;
static paddr_t fifth; /* with LA57, made at the first call */

/* Page by page, as firmware's ranges may overlap: the first to name one wins.
 */
int
fwmap(paddr_t pa, size_t npages, pte_t flags)
{
	if (lower == NULL)
		lower = rampage();
	for (size_t i = 0; i < npages && lower != NULL; i++, pa += BY2PG) {
		pte_t *pte = mmuwalk(lower, pa, 0, CREATE);

		if (pte == NULL)
			return -1;
		if (*pte == 0)
			*pte = mmuallowed(pa | flags);
	}
	return lower != NULL ? 0 : -1;
}

static void
docall(void *arg)
{
	Call *c = arg;

	c->result = callunder(c->cr3, c->fn, c->args, stacktop(STACKRT));
}

/* Without LA57 both halves hang from one table: ours is copied each time. */
static paddr_t
bothhalves(void)
{
	if (cpu.la57on) {
		if (fifth == 0)
			fifth = toplevel(kpml4, lower);
		return fifth;
	}
	for (size_t i = PTENTRIES / 2; i < PTENTRIES; i++)
		lower[i] = kpml4[i];
	return paddr(lower);
}

int
fwcall(paddr_t fn, const uint64_t args[4], uint64_t *result)
{
	Call c = {.fn = (void *)fn};
	Caught what;
	uint64_t cr3 = getcr3();

	if (lower == NULL || fn == 0)
		return -1;
	c.cr3 = bothhalves();
	memcpy(c.args, args, sizeof c.args);
	if (faults(docall, &c, &what)) {
		putcr3(cr3);
		print("firmware: vector %u at %#jx, address %#jx\n",
		    (unsigned)what.vector, (uintmax_t)what.pc,
		    (uintmax_t)what.addr);
		return -1;
	}
	*result = c.result;
	return 0;
}
