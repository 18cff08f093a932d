/*
 * procs.c - see procs.h.
 *
 * needs: tests/host/process.c
 */
#include "procs.h"
#include "scarce.h"

Proc a;
Proc b;

const Filepart textpart = {&processfile, 0, TEXTPAGES *BY2PG};
const Filepart datapart = {&processfile, DATAOFF, FILEPAGES *BY2PG + BY2PG / 2};

void
procsmachine(void)
{
	processmachine((Processes){2048, 2048, 4, 2});
}

int
procssetup(void **state)
{
	(void)state;
	procsmachine();
	startproc(&a);
	return 0;
}

int
procsgone(void **state)
{
	(void)state;
	processesgone();
	return 0;
}

void
giveseg(Proc *p, int n, Segment *s)
{
	assert_non_null(s);
	assert_null(setseg(p, n, s));
}

void
startproc(Proc *p)
{
	assert_int_equal(procmeminit(p), 0);
	giveseg(p, TSEG, attachimage(SG_TEXT, &textpart, TEXT, TEXTPAGES));
	giveseg(p, DSEG, attachimage(SG_DATA, &datapart, DATA, DATAPAGES));
	giveseg(p, BSEG, newseg(SG_BSS, BSS, BSSPAGES));
	giveseg(p, SSEG, newseg(SG_STACK, STACK, STACKPAGES));
	processenter(p);
}

void
dupb(enum dup how)
{
	assert_int_equal(procmeminit(&b), 0);
	assert_null(procmemdup(&b, &a, how));
}

void
forkb(enum dup how)
{
	dupb(how);
	processenter(&b);
}

uint64_t
get(uintptr_t va)
{
	const char *why = NULL;
	const uint64_t *p = processtouch(va, FAULTREAD, &why);

	if (p == NULL)
		fail_msg("%#jx is not read: %s", (uintmax_t)va, why);
	return *p;
}

void
put(uintptr_t va, uint64_t v)
{
	const char *why = NULL;
	uint64_t *p = processtouch(va, FAULTWRITE, &why);

	if (p == NULL)
		fail_msg("%#jx is not written: %s", (uintmax_t)va, why);
	*p = v;
}

const char *
refused(uintptr_t va, enum access access)
{
	const char *why = NULL;

	processtouch(va, access, &why);
	return why;
}

pte_t
entry(const Proc *p, uintptr_t va)
{
	int level = 0;
	const pte_t *pte = mmufind(&p->space, va, &level);

	return pte == NULL ? 0 : *pte;
}
