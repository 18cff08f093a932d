/*
 * fwcall.c - the spaces that firmware's services run in, and calls into them.
 *
 *	lower half: identity, what the services need and nothing else
 *	upper half: ours, so that our stack and data are there
 *
 * Never in force but for the length of one call, CPU 0's: the stack for that is
 * one, and no service is called while another is.
 */
#include "fwcall.h"
#include "callfirmware.h"
#include "cpus.h"
#include "hooks.h"
#include "mmu.h"
#include "stack.h"
#include "trap.h"

typedef struct Call Call;

/* More tables for one range would leave too little for anybody else. */
enum { MOSTTABLES = 4096 };

/* One call and what came back. */
struct Call {
	const Space *space;
	void *fn;
	uint64_t args[4];
	uint64_t result;
};

static Space spaces[NFWSPACE];
static enum fwspace inuse = FWFINE;

static Space *
madespace(enum fwspace which)
{
	Space *s = &spaces[which];

	if (s->top != NULL)
		return s;
	*s = (Space){.direct = kspace.direct,
	    .limits = kspace.limits,
	    .tables = kspace.tables};
	return spaceinit(s, &kspace, NULL) < 0 ? NULL : s;
}

int
fwmap(enum fwspace which, paddr_t pa, size_t size, pte_t flags)
{
	Space *s = madespace(which);

	if (s == NULL ||
	    size / PGLSZ(s->limits.maxlevel + 1) > (size_t)MOSTTABLES)
		return -1;
	return pmap(s, pa, pa | flags, size);
}

static void
docall(void *arg)
{
	Call *c = arg;

	spaceenter(c->space);
	c->result = callfirmware(c->fn, c->args, stacktop(STACKRT));
}

/* Call it in that space; false if it faulted, with how in *what. */
static bool
returns(Call *c, enum fwspace which, Caught *what)
{
	if (cpunumber() != 0)
		panic("CPU %zu calls firmware", cpunumber());
	c->space = &spaces[which];
	bool faulted = faults(docall, c, what);
	spaceenter(&kspace);
	return !faulted;
}

/* Firmware whose attributes table is wrong is not asked about it again. */
static bool
again(Call *c, Caught *what)
{
	static size_t n;

	if (inuse == FWPLAIN || spaces[FWPLAIN].top == NULL)
		return false;
	inuse = FWPLAIN;
	print("mem9: service faults=%zu vector=%u pc=%#jx address=%#jx "
	      "attributes=ignored\n",
	    ++n, (unsigned)what->vector, (uintmax_t)what->pc,
	    (uintmax_t)what->addr);
	return returns(c, inuse, what);
}

int
fwcall(paddr_t fn, const uint64_t args[4], uint64_t *result)
{
	Call c = {.fn = (void *)fn};
	Caught what;

	if (spaces[inuse].top == NULL || fn == 0)
		return -1;
	memcpy(c.args, args, sizeof c.args);
	if (!returns(&c, inuse, &what) && !again(&c, &what)) {
		print("firmware: vector %u at %#jx, address %#jx\n",
		    (unsigned)what.vector, (uintmax_t)what.pc,
		    (uintmax_t)what.addr);
		return -1;
	}
	*result = c.result;
	return 0;
}
