/*
 * fwcall.c - the space that firmware's services run in, and calls into it.
 *
 *	lower half: identity, what firmware marked RUNTIME and nothing else
 *	upper half: ours, so that our stack and data are there
 *
 * Never in force but for the length of one call.
 */
#include "fwcall.h"
#include "callfirmware.h"
#include "hooks.h"
#include "mmu.h"
#include "stack.h"
#include "trap.h"

typedef struct Call Call;

/* One call and what came back. */
struct Call {
	void *fn;
	uint64_t args[4];
	uint64_t result;
};

static Space services;

/* Page by page, as firmware's ranges may overlap: the first to name one wins.
 */
int
fwmap(paddr_t pa, size_t npages, pte_t flags)
{
	if (services.top == NULL) {
		services = (Space){.direct = kspace.direct,
		    .limits = kspace.limits,
		    .tables = kspace.tables};
		if (spaceinit(&services, &kspace, NULL) < 0)
			return -1;
	}
	for (size_t i = 0; i < npages; i++, pa += BY2PG) {
		pte_t *pte = mmuwalk(&services, pa, 0, CREATE);

		if (pte == NULL)
			return -1;
		if (*pte == 0)
			*pte = mmuallowed(&services, pa | flags);
	}
	return 0;
}

static void
docall(void *arg)
{
	Call *c = arg;

	spaceenter(&services);
	c->result = callfirmware(c->fn, c->args, stacktop(STACKRT));
}

int
fwcall(paddr_t fn, const uint64_t args[4], uint64_t *result)
{
	Call c = {.fn = (void *)fn};
	Caught what;

	if (services.top == NULL || fn == 0)
		return -1;
	memcpy(c.args, args, sizeof c.args);
	bool faulted = faults(docall, &c, &what);
	spaceenter(&kspace);
	if (faulted) {
		print("firmware: vector %u at %#jx, address %#jx\n",
		    (unsigned)what.vector, (uintmax_t)what.pc,
		    (uintmax_t)what.addr);
		return -1;
	}
	*result = c.result;
	return 0;
}
