/*
 * procs.h - what tests of processes' memory begin with: a process with text,
 * data, bss and a stack.
 *
 *	TEXT	TEXTPAGES of the file
 *	DATA	DATAPAGES, of which the file has FILEPAGES and a half
 *	BSS	BSSPAGES, below which a Pte of its own begins
 *	STACK	STACKPAGES, up to USTKTOP
 */
#ifndef PROCS_H
#define PROCS_H

#include "unit.h"
#include "process.h"
#include "scarce.h"

enum {
	TEXTPAGES = 4,
	DATAPAGES = 6,
	FILEPAGES = 3,
	BSSPAGES = 3 * PTEPERTAB,
	STACKPAGES = 64,
};

#define TEXT ((uintptr_t)0x200000)
#define DATA ((uintptr_t)0x400000)
#define BSS ((uintptr_t)0x600000)
#define STACK (USTKTOP - STACKPAGES * BY2PG)
#define DATAOFF (TEXTPAGES * BY2PG)

static const Filepart textpart = {&processfile, 0, TEXTPAGES *BY2PG};
static const Filepart datapart = {
    &processfile, DATAOFF, FILEPAGES *BY2PG + BY2PG / 2};

__attribute__((unused)) static void
procsmachine(void)
{
	processmachine((Processes){2048, 2048, 4, 2});
}

__attribute__((unused)) static void
giveseg(Proc *p, int n, Segment *s)
{
	assert_non_null(s);
	assert_null(setseg(p, n, s));
}

__attribute__((unused)) static void
startproc(Proc *p)
{
	assert_int_equal(procmeminit(p), 0);
	giveseg(p, TSEG, attachimage(SG_TEXT, &textpart, TEXT, TEXTPAGES));
	giveseg(p, DSEG, attachimage(SG_DATA, &datapart, DATA, DATAPAGES));
	giveseg(p, BSEG, newseg(SG_BSS, BSS, BSSPAGES));
	giveseg(p, SSEG, newseg(SG_STACK, STACK, STACKPAGES));
	processenter(p);
}

/* The word at va, as a process on the CPU reads it; and writes it. */
__attribute__((unused)) static uint64_t
get(uintptr_t va)
{
	const char *why = NULL;
	const uint64_t *p = processtouch(va, FAULTREAD, &why);

	if (p == NULL)
		fail_msg("%#jx is not read: %s", (uintmax_t)va, why);
	return *p;
}

__attribute__((unused)) static void
put(uintptr_t va, uint64_t v)
{
	const char *why = NULL;
	uint64_t *p = processtouch(va, FAULTWRITE, &why);

	if (p == NULL)
		fail_msg("%#jx is not written: %s", (uintmax_t)va, why);
	*p = v;
}

/* Why that is refused, or NULL. */
__attribute__((unused)) static const char *
refused(uintptr_t va, enum access access)
{
	const char *why = NULL;

	processtouch(va, access, &why);
	return why;
}

/* The entry that is in force for va, or 0. */
__attribute__((unused)) static pte_t
entry(const Proc *p, uintptr_t va)
{
	int level = 0;
	const pte_t *pte = mmufind(&p->space, va, &level);

	return pte == NULL ? 0 : *pte;
}

#endif
