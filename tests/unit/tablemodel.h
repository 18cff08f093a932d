/*
 * tablemodel.h - kspace beside a model of it, and under a TLB.
 */
#ifndef TABLEMODEL_H
#define TABLEMODEL_H

#include "unit.h"
#include "fakepage.h"
#include "metal.h"
#include "mmu.h"
#include "ptes.h"
#include "tlb.h"

/* What should be mapped; a test's set-up begins it with ptesinit(). */
static Ptes model;

static inline int
teardown(void **state)
{
	(void)state;
	ptesfree(&model);
	return 0;
}

/* Tablepages and model agree, and nothing stale is remembered. */
static inline void
agree(void)
{
	const char *why = ptesdiffer(&model, 1, kspace.upper);

	if (why == NULL)
		why = tlbstale(kspace.upper);
	if (why != NULL)
		fail_msg("%s", why);
}

#endif
