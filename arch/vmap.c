/*
 * vmap.c - the VMAP window: address space by the page, and devices mapped in.
 *
 *	VMAP   hand-over |#| device |#| free ... |#| Page array |#| free ... |
 *
 * What is in use is a list of ranges in ascending order, each with a page
 * behind it that is never mapped (#). What lies between them is free, first
 * fit; so giving back needs no memory, and nothing here is of a fixed size but
 * the address space.
 */
#include "bootinfo.h"
#include "cpu.h"
#include "memmap.h"
#include "mmu.h"
#include "stage.h"

#define VMAPEND (VMAP + VMAPSIZE)

enum use { RESERVED, DEVICE };

typedef struct Taken Taken;

/* Addresses [va, va + size) in use. */
struct Taken {
	uintptr_t va;
	size_t size;
	enum use use;
	Taken *next; /* next higher, or the next spare one */
};

static struct {
	Lock lock;
	Taken *first;
	Taken *spare;
} window;

/*
 * The tables of the kernel's space change only under this lock, once there are
 * other CPUs: several pools, and vmap, may be at it at once. Under it pages for
 * tables are taken; no other CPU is asked for anything.
 */
static Lock tables;

static Taken *
newtaken(void)
{
	Taken *r = window.spare;

	if (r == NULL) {
		r = tablepage(kspace.tables);
		for (size_t i = 0; r != NULL && i < BY2PG / sizeof *r; i++) {
			r[i].next = window.spare;
			window.spare = &r[i];
		}
		r = window.spare;
	}
	if (r != NULL)
		window.spare = r->next;
	return r;
}

/*
 * Where to link the lowest range of that size, its *va as far from a multiple
 * of align as pa is; NULL if there is no such space.
 */
static Taken **
findspace(size_t size, paddr_t pa, size_t align, uintptr_t *va)
{
	uintptr_t at = VMAP;

	for (Taken **link = &window.first;; link = &(*link)->next) {
		uintptr_t end = *link == NULL ? VMAPEND : (*link)->va;

		*va = at + ((pa - at) & (align - 1));
		if (*va < end && end - *va > size)
			return link;
		if (*link == NULL)
			return NULL;
		at = (*link)->va + (*link)->size + BY2PG;
	}
}

/* Space for size bytes, whole pages; NULL if there is none, or no Taken. */
static void *
take(size_t size, paddr_t pa, size_t align, enum use use)
{
	uintptr_t va = 0;
	Taken *r = NULL;

	lock(&window.lock);
	Taken **link = findspace(size, pa, align, &va);

	if (link != NULL)
		r = newtaken();
	if (r != NULL) {
		*r = (Taken){va, size, use, *link};
		*link = r;
	}
	unlock(&window.lock);
	return r == NULL ? NULL : (void *)va;
}

/* The link to the range that is exactly this, or NULL. Locked. */
static Taken **
findtaken(uintptr_t va, size_t size, enum use use)
{
	Taken **link = &window.first;

	while (*link != NULL && (*link)->va < va)
		link = &(*link)->next;
	if (*link == NULL || (*link)->va != va || (*link)->size != size ||
	    (*link)->use != use)
		return NULL;
	return link;
}

/* What take() gave is free again. False, and nothing done, if it did not. */
static bool
give(uintptr_t va, size_t size, enum use use)
{
	lock(&window.lock);
	Taken **link = findtaken(va, size, use);

	if (link != NULL) {
		Taken *r = *link;

		*link = r->next;
		r->next = window.spare;
		window.spare = r;
	}
	unlock(&window.lock);
	return link != NULL;
}

void
vmapinit(size_t taken)
{
	window.first = NULL;
	window.spare = NULL;
	kspace.lock = &tables;
	if (take(PGROUND(taken), 0, BY2PG, RESERVED) == NULL)
		panic("no page to note %#zx bytes of hand-over", taken);
}

void *
reserverange(size_t size)
{
	needstage(SMMU);
	if (size == 0 || size > VMAPSIZE)
		return NULL;
	return take(PGROUND(size), 0, BY2PG, RESERVED);
}

void
unreserverange(void *p, size_t size)
{
	if (!give((uintptr_t)p, PGROUND(size), RESERVED))
		panic("%#zx bytes at %p were not reserved so", size, p);
}

int
maprange(void *p, paddr_t pa, size_t npages)
{
	return pmap(&kspace, (uintptr_t)p, pa | PTEKDATA, npages * BY2PG);
}

void
unmaprange(void *p, size_t npages)
{
	if (punmap(&kspace, (uintptr_t)p, npages * BY2PG) < 0)
		panic("no page to split the mapping at %p", p);
}

/* Registers are no RAM: there reading is doing. */
bool
canread(const void *p)
{
	uintptr_t va = (uintptr_t)p;
	int level = 0;

	needstage(SMMU);
	if (va < DMAP)
		return false;
	const pte_t *pte = mmufind(&kspace, va, &level);
	return pte != NULL && (*pte & PTEMEMTYPE) == PTEWB;
}

/* Is some of [pa, end) what the direct map is made of? */
static bool
anyram(paddr_t pa, paddr_t end)
{
	Memrange r = {.end = pa};

	while (memmaprange(r.end, &r) && r.pa < end)
		if (r.type == MemRAM || r.type == MemACPI)
			return true;
	return false;
}

/* Is some of it the block? While firmware lives there is none. */
static bool
isours(paddr_t pa, paddr_t last)
{
	const Bootinfo *b = bootinfo;

	return b != NULL && last >= b->block.pa &&
	       pa < b->block.pa + b->block.size;
}

/* Why this cannot be mapped, or NULL. */
static const char *
refuse(paddr_t pa, size_t size)
{
	paddr_t last = pa + size - 1;

	if (size == 0)
		return "nothing to map";
	if (last < pa)
		return "the range wraps";
	if (last >> cpu.physbits != 0)
		return "beyond the CPU's physical addresses";
	if (pa < BY2PG)
		return "page 0 is never mapped";
	if (anyram(ROUNDDOWN(pa, BY2PG), ROUNDDOWN(last, BY2PG) + BY2PG))
		return "RAM is write-back in the direct map";
	if (isours(pa, last))
		return "mem9 itself is there";
	return NULL;
}

/* Does [pa, end) hold a whole page of that level? */
static bool
holdspage(paddr_t pa, paddr_t end, int level)
{
	paddr_t first = ROUNDUP(pa, PGLSZ(level));

	return first < end && end - first >= PGLSZ(level);
}

/*
 * Space for whole pages at pa, so that its large ones can be large here too;
 * if there is none, so that they can be smaller.
 */
static void *
takefor(paddr_t pa, size_t size)
{
	void *p = NULL;

	for (int l = kspace.limits.maxlevel; l >= 0 && p == NULL; l--)
		if (holdspage(pa, pa + size, l))
			p = take(size, pa, PGLSZ(l), DEVICE);
	return p;
}

/* The same for what refuse() lets through; *why is set if it fails. */
static void *
mapdevice(paddr_t pa, size_t size, pte_t flags, const char **why)
{
	void *p = takefor(pa, size);

	if (p == NULL) {
		*why = "the window is full";
		return NULL;
	}
	if (pmap(&kspace, (uintptr_t)p, pa | flags, size) < 0) {
		give((uintptr_t)p, size, DEVICE);
		*why = "no memory for page tables";
		return NULL;
	}
	return p;
}

void *
vmap(paddr_t pa, size_t size, pte_t memtype)
{
	pte_t flags = PTEVALID | PTEWRITE | PTEGLOBAL | PTENOEXEC | memtype;
	paddr_t base = ROUNDDOWN(pa, BY2PG);
	uint8_t *p = NULL;

	needstage(SMMU);
	if (memtype != PTEUC && memtype != PTEWC)
		panic("memory type %#jx is no device's", (uintmax_t)memtype);
	const char *why = refuse(pa, size);
	if (why == NULL)
		p = mapdevice(base, PGROUND(pa + size) - base, flags, &why);
	if (p == NULL) {
		print("vmap: %#zx bytes at %#jx: %s\n", size, pa, why);
		return NULL;
	}
	return p + (pa - base);
}

void
vunmap(void *p, size_t size)
{
	uintptr_t va = ROUNDDOWN((uintptr_t)p, BY2PG);
	size_t whole = PGROUND((uintptr_t)p + size) - va;

	lock(&window.lock);
	bool ours = findtaken(va, whole, DEVICE) != NULL;
	unlock(&window.lock);
	if (!ours)
		panic("%#zx bytes at %p were not mapped by vmap so", size, p);
	unmaprange((void *)va, whole / BY2PG); /* shoot: unmap */
	cpubarrier();                          /* shoot: barrier */
	give(va, whole, DEVICE);               /* shoot: free */
}
