/*
 * memmap.c - any sequence of operations leaves the map the model has.
 *
 * With memory enough the model is followed exactly. In a table too small that
 * cannot be; there, what was reserved must never be RAM, what is allocated
 * must stay so until it is freed, and the tree must be sound.
 *
 * needs: tests/model/pages.c
 */
#include "fuzz.h"
#include "memmap.h"
#include "pages.h"

static uint64_t table[1 << 14];

static Op
nextop(Input *in)
{
	Op op;
	uint8_t how = (uint8_t)take(in, 1);

	op.op = (enum modelop)(how % NMODELOP);
	op.type = (enum memtype)(how / NMODELOP % NMEMTYPE);
	op.first = take(in, 1) % MODELPAGES;
	how = (uint8_t)take(in, 1);
	op.n = how % 17 % (MODELPAGES - op.first + 1);
	op.align = 1u << how / 17 % 4;
	return op;
}

static void
exactly(Input *in)
{
	Model m = {.npages = MODELPAGES};
	bool looks = take(in, 1) & 1;
	bool changed;

	memmapinit(table, sizeof table);
	if (looks)
		memmapsettle();
	while (in->n > 0) {
		Op op = nextop(in);

		if (op.op == OPADD && op.n > 0 && !looks) {
			modelapply(&m, &op);
			memmapadd(op.first * BY2PG, op.n * BY2PG, op.type);
			continue;
		}
		looks = true;
		if (!modeldo(&m, &op, &changed))
			panic("%s", modelwhy);
		memmapcheck();
	}
	if (!modelsame(&m))
		panic("%s", modelwhy);
}

/* What the memmap says of each page: as in the model. */
static void
look(uint8_t page[MODELPAGES])
{
	Memrange r;

	memset(page, MODELNONE, MODELPAGES);
	for (paddr_t pa = 0; memmaprange(pa, &r); pa = r.end)
		for (size_t i = r.pa / BY2PG; i < r.end / BY2PG; i++)
			page[i] = (uint8_t)((r.type + 1) |
					    (r.allocated ? MODELTAKEN : 0));
}

/* Forget what [first, first + n) was reserved for: the caller gave it up. */
static void
mark(bool *reserved, const Op *op, bool is)
{
	for (size_t i = op->first; i < op->first + op->n; i++)
		reserved[i] = is;
}

static void
one(const Op *op, bool *reserved, uint8_t *before)
{
	paddr_t pa = op->first * BY2PG;
	size_t size = op->n * BY2PG;

	switch (op->op) {
	case OPADD:
		memmapadd(pa, size, op->type);
		for (size_t i = op->first; i < op->first + op->n; i++)
			if (op->type == MemReserved && before[i] < MODELTAKEN)
				reserved[i] = true;
		break;
	case OPALLOC:
		memmapalloc(pa, size, op->align * BY2PG, op->type);
		break;
	case OPALLOCANY:
		memmapalloc(NOADDR, size, op->align * BY2PG, op->type);
		break;
	case OPFREE:
		if (!panics(memmapfree(pa, size, op->type)))
			for (size_t i = op->first; i < op->first + op->n; i++)
				before[i] &= MODELTAKEN - 1;
		break;
	case OPRELEASE:
		if (memmaprelease(pa, size) == 0)
			mark(reserved, op, false);
		break;
	default:
		memmaplimit(pa);
	}
}

static void
safely(Input *in)
{
	bool reserved[MODELPAGES] = {false};
	uint8_t before[MODELPAGES];
	uint8_t now[MODELPAGES];

	memmapinit(table, 300 + take(in, 1) * 8);
	memmapsettle();
	while (in->n > 0) {
		Op op = nextop(in);

		look(before);
		one(&op, reserved, before);
		look(now);
		memmapcheck();
		for (size_t i = 0; i < MODELPAGES; i++) {
			if (reserved[i] && now[i] == MemRAM + 1)
				panic("page %zu was reserved and is RAM", i);
			if (before[i] >= MODELTAKEN && now[i] != before[i])
				panic("page %zu was allocated", i);
		}
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input in = {data, size};

	if (size > 600)
		return 0;
	hostquiet();
	stage = SMEMINIT0;
	if (take(&in, 1) & 1)
		exactly(&in);
	else
		safely(&in);
	return 0;
}
