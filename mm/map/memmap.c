/*
 * memmap.c - typed physical ranges, and which of them are taken.
 *
 *	memmapadd --> [keys] --first question: sweep()--> [runs] <--> alloc
 *	        '--------------- afterwards, one by one --^       <--> free
 *
 * Until the first question ranges are only noted, two keys each; then all are
 * sorted at once. From then on every call works on the tree of runs.
 *
 *	table:  [ keys | runs in use | runs never used ... | stores ]
 *
 * Invariant: a call that changes the tree finds memory for that or changes
 * nothing but this: free runs that were to become something higher become
 * MemReserved as a whole, which needs no memory.
 */
#include "memmap.h"
#include "badram.h"
#include "conf.h"
#include "hooks.h"
#include "runs.h"
#include "stage.h"
#include "sweep.h"

enum {
	SPARERANGES = 256, /* default layers, kernel's own, first allocations */
	GROWAT = 8,        /* when there is memory for fewer runs, get more */
	GROWPAGES = 4,     /* at a time, if there are */
	RANGEKEYS = 2 * sizeof(uint64_t),
	RANGERUNS = 2 * sizeof(Run), /* so that a sweep always has enough */
	RANGEBANKS = 2 * sizeof(Confmem), /* stored here by meminit */
};

static struct {
	Lock lock;
	Runs runs;
	uint64_t *key; /* ranges not yet painted, until swept */
	size_t nkey;
	size_t maxkey;
	bool swept;
	bool full; /* something was dropped: RAM is not believed any more */
	size_t lost;
} mapalloc;

size_t
memmapneed(size_t ndescriptors)
{
	return (ndescriptors + SPARERANGES) *
	       (RANGEKEYS + RANGERUNS + RANGEBANKS);
}

void
memmapinit(void *table, size_t size)
{
	size_t nrange = size / (RANGEKEYS + RANGERUNS);

	if ((uintptr_t)table % 8 != 0)
		panic("table at %p is not aligned", table);
	memset(&mapalloc, 0, sizeof mapalloc);
	badraminit();
	mapalloc.key = table;
	mapalloc.maxkey = nrange * 2;
	runsgrow(&mapalloc.runs, mapalloc.key + mapalloc.maxkey,
	    size - nrange * RANGEKEYS);
}

/* Count [pa, end) as not kept the way it was asked for. */
static void
lose(paddr_t pa, paddr_t end)
{
	memmapodd("lost", pa, PAGES(end - pa));
	mapalloc.lost += end - pa;
}

static paddr_t
take(paddr_t pa, size_t size, size_t align, enum memtype type)
{
	const Run *r = pa == NOADDR ? runfit(&mapalloc.runs, size, align, type)
				    : runat(&mapalloc.runs, pa);

	if (r == NULL || r->rank != type)
		return NOADDR;
	if (pa == NOADDR)
		pa = r->pa;
	size_t skip = -pa & (align - 1);

	if (r->end - pa < skip || r->end - pa - skip < size)
		return NOADDR;
	pa += skip;
	return runspaint(&mapalloc.runs, pa, pa + size, type | ALLOCATED) < 0
		   ? NOADDR
		   : pa;
}

/* Pages of RAM that kaddr reaches, lowest first, or NULL. */
static void *
takepages(size_t npages)
{
	size_t size = npages * BY2PG;

	if (stage < SMMU)
		return NULL;
	paddr_t pa = take(NOADDR, size, BY2PG, MemRAM);

	if (pa == NOADDR)
		return NULL;
	if (cankaddr(pa) >= size)
		return kaddr(pa);
	runspaint(&mapalloc.runs, pa, pa + size, MemRAM);
	return NULL;
}

/*
 * Before anything is looked up: get memory for more runs in time, if there is
 * any. It comes out of the tree, so nothing known about that holds after it.
 */
static void
makeroom(void)
{
	size_t npages = GROWPAGES;

	if (mapalloc.runs.nroom >= GROWAT)
		return;
	void *p = takepages(npages);

	if (p == NULL)
		p = takepages(npages = 1);
	if (p != NULL)
		runsgrow(&mapalloc.runs, p, npages * BY2PG);
}

/* Every run that [pa, end) touches is in doubt. */
static void
doubt(paddr_t pa, paddr_t end)
{
	const Run *r = runfrom(&mapalloc.runs, pa);

	for (; r != NULL && r->pa < end; r = runafter(&mapalloc.runs, pa)) {
		pa = r->pa;
		runspaint(&mapalloc.runs, r->pa, r->end, MemReserved);
	}
}

/* [pa, end), where only free runs of lower ranks are. */
static int
paint(paddr_t pa, paddr_t end, uint32_t rank)
{
	bool kept = !mapalloc.full || rank != MemRAM;

	if (!kept)
		rank = MemReserved;
	if (runspaint(&mapalloc.runs, pa, end, rank) < 0) {
		doubt(pa, end);
		mapalloc.full = true;
		kept = false;
	}
	if (!kept)
		lose(pa, end);
	return kept ? 0 : -1;
}

/* Where the run at pa ends if it stays when rank comes, otherwise pa. */
static paddr_t
stays(paddr_t pa, paddr_t end, uint32_t rank)
{
	const Run *r = runat(&mapalloc.runs, pa);

	if (r == NULL || r->rank < rank)
		return pa;
	end = MIN(r->end, end);
	if (r->rank >= ALLOCATED)
		memmapodd("allocated", pa, PAGES(end - pa));
	return end;
}

/* Where the first run after pa starts that stays, at most end. */
static paddr_t
yields(paddr_t pa, paddr_t end, uint32_t rank)
{
	const Run *r = runafter(&mapalloc.runs, pa);

	while (r != NULL && r->pa < end && r->rank < rank)
		r = runafter(&mapalloc.runs, r->pa);
	return r == NULL ? end : MIN(r->pa, end);
}

/* Paint what lies between the runs that stay as they are. */
static int
addrange(paddr_t pa, paddr_t end, uint32_t rank)
{
	int result = 0;

	while (pa < end) {
		makeroom();
		paddr_t next = stays(pa, end, rank);

		if (next == pa) {
			next = yields(pa, end, rank);
			if (paint(pa, next, rank) < 0)
				result = -1;
		}
		pa = next;
	}
	return result;
}

static void
settle(void)
{
	if (mapalloc.swept)
		return;
	mapalloc.swept = true;
	sweep(mapalloc.key, mapalloc.nkey, &mapalloc.runs);
}

void
memmapsettle(void)
{
	lock(&mapalloc.lock);
	settle();
	unlock(&mapalloc.lock);
}

static int
add(paddr_t pa, size_t size, uint32_t flags)
{
	int result = 0;

	if (size == 0 || size - 1 > NOADDR - pa)
		return -1;
	if (pa >= PAMAX)
		return 0;
	size = MIN(size, PAMAX - pa);
	lock(&mapalloc.lock);
	if (!mapalloc.swept && mapalloc.nkey == mapalloc.maxkey)
		settle();
	if (!mapalloc.swept) {
		mapalloc.key[mapalloc.nkey++] = STARTKEY(pa, flags);
		mapalloc.key[mapalloc.nkey++] = CLOSEKEY(pa + size, flags);
	} else if ((flags & KEYRANK) != NORANK)
		result = addrange(pa, pa + size, flags & KEYRANK);
	unlock(&mapalloc.lock);
	return result;
}

int
memmapadd(paddr_t pa, size_t size, enum memtype type)
{
	return add(pa, size, type);
}

int
memmapclaim(paddr_t pa, size_t size, enum memtype type)
{
	return add(pa, size, type | KEYCLAIM);
}

int
memmapclaimonly(paddr_t pa, size_t size)
{
	return add(pa, size, NORANK | KEYCLAIM);
}

static size_t
checkalign(size_t align)
{
	if ((align & (align - 1)) != 0)
		panic("alignment %#zx is not a power of two", align);
	return align == 0 ? 1 : align;
}

paddr_t
memmapalloc(paddr_t pa, size_t size, size_t align, enum memtype type)
{
	paddr_t got = NOADDR;

	align = checkalign(align);
	lock(&mapalloc.lock);
	settle();
	makeroom();
	if (size > 0)
		got = take(pa, size, align, type);
	unlock(&mapalloc.lock);
	return got;
}

void
memmapfree(paddr_t pa, size_t size, enum memtype type)
{
	lock(&mapalloc.lock);
	settle();
	makeroom();
	const Run *r = runat(&mapalloc.runs, pa);
	bool ours = r != NULL && r->rank == (type | ALLOCATED) && size > 0 &&
		    r->end - pa >= size;

	if (ours && runspaint(&mapalloc.runs, pa, pa + size, type) < 0)
		lose(pa, pa + size);
	unlock(&mapalloc.lock);
	if (!ours)
		panic("%#zx bytes at %#jx are not allocated %s", size, pa,
		    memtypename(type));
}

int
memmaprelease(paddr_t pa, size_t size)
{
	lock(&mapalloc.lock);
	settle();
	makeroom();
	const Run *r = runat(&mapalloc.runs, pa);

	bool ok = r != NULL && r->rank == MemReserved && size > 0 &&
		  r->end - pa >= size &&
		  runspaint(&mapalloc.runs, pa, pa + size, MemRAM) == 0;

	unlock(&mapalloc.lock);
	return ok ? 0 : -1;
}

void
memmaplimit(paddr_t end)
{
	lock(&mapalloc.lock);
	settle();
	for (;;) {
		makeroom();
		const Run *r = runfrom(&mapalloc.runs, end);

		while (r != NULL && r->rank != MemRAM)
			r = runafter(&mapalloc.runs, r->pa);
		if (r == NULL)
			break;
		end = MAX(r->pa, end);
		paint(end, r->end, MemReserved);
	}
	unlock(&mapalloc.lock);
}

paddr_t
memmapnext(paddr_t pa, enum memtype type)
{
	lock(&mapalloc.lock);
	settle();
	const Run *r = pa == NOADDR ? runfrom(&mapalloc.runs, 0)
				    : runafter(&mapalloc.runs, pa);

	while (r != NULL && (r->rank & TYPEMASK) != type)
		r = runafter(&mapalloc.runs, r->pa);
	pa = r == NULL ? NOADDR : r->pa;
	unlock(&mapalloc.lock);
	return pa;
}

size_t
memmapsize(paddr_t pa, size_t align)
{
	size_t size = 0;
	size_t skip = -pa & (checkalign(align) - 1);

	lock(&mapalloc.lock);
	settle();
	const Run *r = runat(&mapalloc.runs, pa);

	if (r != NULL && r->end - pa > skip)
		size = r->end - pa - skip;
	unlock(&mapalloc.lock);
	return size;
}

bool
memmaprange(paddr_t pa, Memrange *range)
{
	lock(&mapalloc.lock);
	settle();
	const Run *r = runfrom(&mapalloc.runs, pa);

	if (r != NULL)
		*range = (Memrange){
		    r->pa, r->end, r->rank & TYPEMASK, r->rank >= ALLOCATED};
	unlock(&mapalloc.lock);
	return r != NULL;
}

void *
memmapstore(size_t size)
{
	lock(&mapalloc.lock);
	settle();
	void *p = runsspare(&mapalloc.runs, size);

	if (p == NULL) {
		makeroom();
		p = takepages(PGROUND(size) / BY2PG);
	}
	makeroom(); /* and not when its caller counts on what there is */
	unlock(&mapalloc.lock);
	if (p != NULL)
		memset(p, 0, size);
	return p;
}

size_t
memmaplost(void)
{
	return mapalloc.lost;
}

void
memmapcheck(void)
{
	lock(&mapalloc.lock);
	settle();
	runscheck(&mapalloc.runs);
	unlock(&mapalloc.lock);
}
