/*
 * ptes.c - see ptes.h.
 *
 * needs: tests/host/tlb.c
 */
#include "ptes.h"
#include "tlb.h"

#include <stdio.h>
#include <stdlib.h>

typedef struct Compare Compare;

struct Compare {
	const Ptes *m;
	size_t n;
	size_t pages;
	char why[200];
};

void
ptesinit(Ptes *m, uintptr_t va, size_t size)
{
	*m = (Ptes){va, size / BY2PG, 0, calloc(size / BY2PG, sizeof(pte_t))};
	if (m->pte == NULL)
		abort();
}

void
ptesfree(Ptes *m)
{
	free(m->pte);
	m->pte = NULL;
}

static pte_t *
at(const Ptes *m, uintptr_t va)
{
	if ((va - m->va) / BY2PG >= m->npages) {
		fprintf(stderr, "%#zx is not in the model\n", va);
		abort();
	}
	return &m->pte[(va - m->va) / BY2PG];
}

bool
ptesany(const Ptes *m, uintptr_t va, size_t size)
{
	for (size_t i = 0; i < size; i += BY2PG)
		if (*at(m, va + i) != 0)
			return true;
	return false;
}

bool
ptesall(const Ptes *m, uintptr_t va, size_t size)
{
	for (size_t i = 0; i < size; i += BY2PG)
		if (*at(m, va + i) == 0)
			return false;
	return true;
}

void
ptesmap(Ptes *m, uintptr_t va, pte_t pte, size_t size)
{
	for (size_t i = 0; i < size; i += BY2PG)
		*at(m, va + i) = pte + i;
	m->nmapped += size / BY2PG;
}

void
ptesunmap(Ptes *m, uintptr_t va, size_t size)
{
	for (size_t i = 0; i < size; i += BY2PG) {
		pte_t *p = at(m, va + i);

		m->nmapped -= *p != 0;
		*p = 0;
	}
}

void
ptestype(Ptes *m, uintptr_t va, size_t size, pte_t memtype)
{
	for (size_t i = 0; i < size; i += BY2PG) {
		pte_t *p = at(m, va + i);

		*p = (*p & ~PTEMEMTYPE) | memtype;
	}
}

static void
compare(void *arg, const Xlat *x)
{
	Compare *c = arg;
	size_t k = 0;

	while (k < c->n && (x->va - c->m[k].va) / BY2PG >= c->m[k].npages)
		k++;
	for (size_t i = 0; i < x->size && c->why[0] == '\0'; i += BY2PG) {
		pte_t is = (x->pa + i) | x->flags;
		pte_t want = k < c->n ? *at(&c->m[k], x->va + i) : 0;

		if (is != want)
			snprintf(c->why, sizeof c->why,
			    "%#zx is %#jx, page of %#zx, should be %#jx",
			    x->va + i, (uintmax_t)is, x->size, (uintmax_t)want);
	}
	c->pages += x->size / BY2PG;
}

const char *
ptesdiffer(const Ptes *m, size_t n, pte_t *pml4)
{
	static Compare c;
	size_t want = 0;

	c = (Compare){.m = m, .n = n};
	tlbwalk(pml4, TLBALL, compare, &c);
	for (size_t i = 0; i < n; i++)
		want += m[i].nmapped;
	if (c.why[0] == '\0' && c.pages != want)
		snprintf(c.why, sizeof c.why,
		    "%zu pages are mapped, should be %zu", c.pages, want);
	return c.why[0] == '\0' ? NULL : c.why;
}
