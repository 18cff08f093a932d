/*
 * vmap.c - the VMAP window: address space by the page, and devices mapped in.
 *
 *	VMAP     hand-over | free | device | Page array | free ...  | table |
 *
 * Free space is a sorted array of ranges that never touch, first fit. The
 * array lies at the window's own end and grows page by page, so nothing here
 * is of a fixed size but the address space.
 */
#include "cpu.h"
#include "hooks.h"
#include "mmu.h"
#include "stage.h"

typedef struct Range Range;

/* Free addresses [va, end). */
struct Range {
	uintptr_t va;
	uintptr_t end;
};

enum { TABLESIZE = 16 * 1024 * 1024 };
#define TABLE (VMAP + VMAPSIZE - TABLESIZE)

static struct {
	Lock lock;
	size_t n;
	size_t room; /* ranges the mapped part of the table can hold */
} window;

static Range *const ranges = (Range *)TABLE;

/* Map another page of the table when it is full. */
static int
grow(void)
{
	size_t used = window.room * sizeof(Range);
	void *page = NULL;

	if (window.n < window.room)
		return 0;
	if (used < TABLESIZE)
		page = rampage();
	if (page == NULL ||
	    pmap(kpml4, TABLE + used, paddr(page) | PTEKDATA, BY2PG) < 0)
		return -1;
	window.room += BY2PG / sizeof(Range);
	return 0;
}

static void
insert(size_t i, uintptr_t va, uintptr_t end)
{
	memmove(&ranges[i + 1], &ranges[i], (window.n - i) * sizeof(Range));
	ranges[i] = (Range){va, end};
	window.n++;
}

static void delete (size_t i)
{
	window.n--;
	memmove(&ranges[i], &ranges[i + 1], (window.n - i) * sizeof(Range));
}

void
vmapinit(size_t taken)
{
	if (grow() < 0)
		panic("no page for the table of the VMAP window");
	insert(0, VMAP + PGROUND(taken), TABLE);
}

void *
reserverange(size_t size)
{
	uintptr_t va = 0;

	needstage(SMMU);
	size = PGROUND(size);
	lock(&window.lock);
	for (size_t i = 0; i < window.n && va == 0; i++) {
		/* a page stays unmapped behind every range: a guard */
		if (size == 0 || ranges[i].end - ranges[i].va < size + BY2PG)
			continue;
		va = ranges[i].va;
		ranges[i].va += size + BY2PG;
		if (ranges[i].va == ranges[i].end)
			delete (i);
	}
	unlock(&window.lock);
	return (void *)va;
}

/* A range that finds no room in the table is lost, and said so. */
void
unreserverange(void *p, size_t size)
{
	uintptr_t va = (uintptr_t)p;
	uintptr_t end = va + PGROUND(size) + BY2PG;
	size_t i = 0;

	lock(&window.lock);
	while (i < window.n && ranges[i].va < va)
		i++;
	if ((i > 0 && ranges[i - 1].end > va) ||
	    (i < window.n && ranges[i].va < end))
		panic("[%#jx, %#jx) is free already", (uintmax_t)va,
		    (uintmax_t)end);
	if (i > 0 && ranges[i - 1].end == va) {
		ranges[--i].end = end;
		if (i + 1 < window.n && ranges[i + 1].va == end) {
			ranges[i].end = ranges[i + 1].end;
			delete (i + 1);
		}
	} else if (i < window.n && ranges[i].va == end)
		ranges[i].va = va;
	else if (grow() == 0)
		insert(i, va, end);
	else
		print("vmap: no room to note [%#jx, %#jx) free\n",
		    (uintmax_t)va, (uintmax_t)end);
	unlock(&window.lock);
}

int
maprange(void *p, paddr_t pa, size_t npages)
{
	return pmap(kpml4, (uintptr_t)p, pa | PTEKDATA, npages * BY2PG);
}

void
unmaprange(void *p, size_t npages)
{
	if (punmap(kpml4, (uintptr_t)p, npages * BY2PG) < 0)
		panic("no page to split the mapping at %p", p);
}

/* Why this cannot be mapped, or NULL. */
static const char *
refuse(paddr_t pa, size_t size)
{
	if (size == 0)
		return "nothing to map";
	if (pa + size - 1 < pa)
		return "the range wraps";
	if ((pa + size - 1) >> cpu.physbits != 0)
		return "beyond the CPU's physical addresses";
	if (pa < BY2PG)
		return "page 0 is never mapped";
	return NULL;
}

void *
vmap(paddr_t pa, size_t size, pte_t memtype)
{
	pte_t flags = PTEVALID | PTEWRITE | PTEGLOBAL | PTENOEXEC | memtype;
	paddr_t base = ROUNDDOWN(pa, BY2PG);
	const char *why = refuse(pa, size);
	uint8_t *p = NULL;

	if (why == NULL) {
		size = PGROUND(pa + size - base);
		p = reserverange(size);
		if (p == NULL)
			why = "the window is full";
		else if (pmap(kpml4, (uintptr_t)p, base | flags, size) < 0) {
			unreserverange(p, size);
			why = "no memory for page tables";
		}
	}
	if (why != NULL) {
		print("vmap: %#zx bytes at %#jx: %s\n", size, pa, why);
		return NULL;
	}
	return p + (pa - base);
}

void
vunmap(void *p, size_t size)
{
	uintptr_t va = ROUNDDOWN((uintptr_t)p, BY2PG);

	size = PGROUND((uintptr_t)p + size - va);
	unmaprange((void *)va, size / BY2PG);
	unreserverange((void *)va, size);
}
