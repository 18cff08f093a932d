/*
 * mmu.c - page tables over two pages of 1 GiB, every way to cut them.
 *
 * mmu        all sequences of two operations
 * mmu full   all sequences of three
 *
 * An operation maps or unmaps a range between two of the cuts: what is free is
 * mapped, anything else unmapped. Each is also tried with too few pages for
 * tables, from none on, and must then have changed nothing. What lies between
 * two neighbouring cuts is all of one kind, so its first, middle and last page
 * speak for it; the CPU looks at all of them after every operation, with all
 * it remembers from before.
 *
 * needs: tests/host/metal.c tests/host/fakepage.c
 */
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "fakepage.h"
#include "host.h"
#include "metal.h"
#include "mmu.h"
#include "tlb.h"

#define BASE (DMAP + 5 * GiB)

static const size_t cut[] = {0, BY2PG, 2 * MiB - BY2PG, 2 * MiB, 4 * MiB,
    GiB - BY2PG, GiB, GiB + BY2PG, GiB + 2 * MiB, 2 * GiB};

enum { NCUT = nelem(cut), NCELL = NCUT - 1, NRANGE = NCUT * NCELL / 2 };

typedef struct Op Op;

/* Cells [first, end), at an address that suits large pages or that does not. */
struct Op {
	size_t first;
	size_t end;
	paddr_t pa;
};

static Op op[2 * NRANGE];
static size_t nop;
static pte_t cell[NCELL]; /* of its first page; 0 if it is not mapped */
static uint64_t done;

static void
alloperations(void)
{
	for (size_t i = 0; i < NCELL; i++)
		for (size_t j = i + 1; j <= NCELL; j++) {
			op[nop++] = (Op){i, j, 3 * GiB + cut[i]};
			if (cut[j] - cut[i] <= 4 * MiB)
				op[nop++] = (Op){i, j, 3 * GiB + BY2PG};
		}
}

static void
fail(const char *what, uintptr_t va)
{
	printf("small/mmu: %s at %#zx\n", what, va);
	exit(1);
}

static void
checkpage(size_t i, size_t off)
{
	Xlat x;
	uintptr_t va = BASE + off;
	bool mapped = tlblook(kspace.upper, va, &x);

	if (mapped != (cell[i] != 0))
		fail(mapped ? "a page is left" : "a page is missing", va);
	if (mapped &&
	    ((x.pa + (va - x.va)) | x.flags) != cell[i] + (off - cut[i]))
		fail("a page is wrong", va);
}

static void
checkall(void)
{
	const char *stale = tlbstale(kspace.upper);

	if (stale != NULL)
		fail(stale, 0);
	for (size_t i = 0; i < NCELL; i++) {
		checkpage(i, cut[i]);
		checkpage(
		    i, cut[i] + ROUNDDOWN((cut[i + 1] - cut[i]) / 2, BY2PG));
		checkpage(i, cut[i + 1] - BY2PG);
	}
	done++;
}

static int
run(const Op *o, bool map)
{
	uintptr_t va = BASE + cut[o->first];
	size_t size = cut[o->end] - cut[o->first];

	if (map)
		return pmap(&kspace, va, o->pa | PTEKDATA, size);
	return punmap(&kspace, va, size);
}

/* The operation, with 0, 1, 2 ... pages for tables until it succeeds. */
static void
perform(const Op *o)
{
	bool map = true;
	size_t start = cut[o->first];

	for (size_t i = o->first; i < o->end; i++)
		map = map && cell[i] == 0;
	for (size_t n = 0;; n++) {
		fakelimit(n);
		if (run(o, map) == 0)
			break;
		checkall();
	}
	for (size_t i = o->first; i < o->end; i++)
		cell[i] = map ? (o->pa + cut[i] - start) | PTEKDATA : 0;
	checkall();
	if (tlbwalk(kspace.upper, TLBALL, NULL, NULL) + 1 !=
	    kspace.tables->used)
		fail("a table is lost", 0);
}

static void
sequence(size_t n, const size_t *which)
{
	metalcpu((Kind){52, true, true});
	fakeinit(16 * MiB, 16 * MiB);
	metalspace();
	memset(cell, 0, sizeof cell);
	for (size_t i = 0; i < n; i++)
		perform(&op[which[i]]);
}

int
main(int argc, char **argv)
{
	bool full = argc > 1 && strcmp(argv[1], "full") == 0;
	size_t which[3] = {0, 0, 0};

	hostmachine(0, 64 * MiB, 64 * MiB, 1);
	alloperations();
	for (which[0] = 0; which[0] < nop; which[0]++)
		for (which[1] = 0; which[1] < nop; which[1]++) {
			if (!full)
				sequence(2, which);
			for (which[2] = 0; full && which[2] < nop; which[2]++)
				sequence(3, which);
		}
	printf("small: name=mmu operations=%zu depth=%d compared=%ju "
	       "result=ok\n",
	    nop, full ? 3 : 2, (uintmax_t)done);
	return 0;
}
