/*
 * Any sequence of page operations, on a machine of any shape, beside a list of
 * who holds what.
 *
 * The first bytes say what the machine is like: banks, kernel shares, bad
 * pages; the last ones, up to five, nodes. Each other byte or two is an
 * operation. What is handed out must be nobody's; and of the CPU's own node
 * while that has any; nothing may be refused while some of it is free; what was
 * written into a page must still be there when it is given back; and at the end
 * all must be as at the start.
 */
#include <stdlib.h>
#include <string.h>

#include "bytemap.h"
#include "image.h"
#include "pagemachine.h"
#include "percpu.h"
#include "../../mm/page/palloc.h"

enum { SIZE = 24 << 20, NHELD = 8192, NBAD = 4, NHASH = 4, NCPU = 2 };

typedef struct Mine Mine;

struct Mine {
	Page *pg;
	unsigned refs;
	size_t size;
};

static const uint8_t *in;
static size_t left;
static Mine held[NHELD];
static size_t nheld;
static size_t npinned; /* 4 KiB pages held */
static paddr_t bad[NBAD];
static Image image;
static Nodes given;
static Page *hash[NHASH];

#define must(x)                                                                \
	do {                                                                   \
		if (!(x))                                                      \
			abort();                                               \
	} while (0)

static unsigned
next(void)
{
	if (left == 0)
		return 0;
	left--;
	return *in++;
}

static void
trust(paddr_t pa)
{
	(void)pa;
}

static bool
good(paddr_t pa)
{
	for (size_t i = 0; i < NBAD; i++)
		if (pa - bad[i] < (1 + i * 200) * BY2PG)
			return false;
	return true;
}

static unsigned
last(void)
{
	return left == 0 ? 0 : in[--left];
}

/* One, or up to four, in pieces that end anywhere. */
static void
makenodes(void)
{
	unsigned how = last();
	paddr_t pa = 0;

	given = (Nodes){.n = 1 + how % 4};
	for (unsigned i = 0; i < given.n; i++)
		for (unsigned j = 0; j < given.n; j++)
			given.distance[i][j] =
			    i == j ? NODESELF : 11 + (how >> (i + j) & 3);
	for (unsigned i = 0; i < 4 && given.n > 1; i++) {
		unsigned b = last();
		paddr_t end = pa + (1 + b / given.n) * 48 * BY2PG;

		given.range[given.nranges++] =
		    (Noderange){pa, end, b % given.n};
		pa = end;
	}
	nodesset(&given);
}

static bool
machine(void)
{
	paddr_t pa = 0;
	size_t nbanks = 1 + next() % 4;

	pagemachine(0, SIZE, NCPU);
	makenodes();
	hostprobe(trust, good);
	for (size_t i = 0; i < nbanks; i++) {
		pa += next() % 64 * (i + 1) * BY2PG;
		size_t npages = 1 + next() * 8 + next();
		size_t nkernel = next() * npages / 400;

		npages = MIN(npages, pa < SIZE ? (SIZE - pa) / BY2PG : 0);
		if (npages <= nkernel)
			break;
		pagebank(pa, npages, nkernel);
		pa += npages * BY2PG;
	}
	for (size_t i = 0; i < NBAD; i++)
		bad[i] = next() * 256 * (i + 3) * BY2PG;
	if (panics(pagesup()))
		return false;
	for (unsigned i = NCPU; i-- > 0;) {
		hostcpu((int)i);
		pagenode(thiscpu(), i * 3 % nodecount());
	}
	return true;
}

/* What a node has, in no stock. */
static size_t
nodefree(uint32_t node)
{
	return palloc.node[node].nfree;
}

static void
stamp(Mine *h, uint64_t mark)
{
	uint64_t *w = kmap(h->pg);

	w[0] = mark;
	w[h->size / sizeof w[0] - 1] = mark;
	kunmap(w);
}

/* Nobody else has any of it. */
static void
take(Page *pg, size_t size)
{
	paddr_t pa = pagepa(pg);

	must(pagerefs(pg) == 1 && pagenext(pg) == NULL && pagedaddr(pg) == 0);
	must(pa % size == 0 && good(pa));
	for (size_t i = 0; i < nheld; i++)
		must(pa + size <= pagepa(held[i].pg) ||
		     pagepa(held[i].pg) + held[i].size <= pa);
	must(framestate(pa) == FRAMEALLOCATED);
	held[nheld] = (Mine){pg, 1, size};
	stamp(&held[nheld++], pa);
	npinned += size / BY2PG;
}

static void
drop(size_t i)
{
	Mine *h = &held[i];
	uint64_t *w = kmap(h->pg);

	must(w[0] == pagepa(h->pg) && w[h->size / 8 - 1] == w[0]);
	kunmap(w);
	must(pagerefs(h->pg) >= h->refs);
	if (h->size > BY2PG)
		puthugepage(h->pg);
	else
		putpage(h->pg);
	if (--h->refs > 0)
		return;
	npinned -= h->size / BY2PG;
	*h = held[--nheld];
}

static void
have(unsigned how)
{
	uint32_t node = thiscpu()->page.node;
	size_t own = nodefree(node);
	Page *pg = newpage(how & 1 ? CLEAR : NOCLEAR, how * BY2PG);

	if (pg == NULL) {
		must(pagesfree() == 0 && image.npages <= nheld);
		return;
	}
	must(pageva(pg) == how * BY2PG);
	must(own == 0 || nodefree(node) == 0 || nodeat(pagepa(pg)) == node);
	take(pg, BY2PG);
}

/* The cache may hold on to a page that we let go of. */
static void
cache(unsigned arg)
{
	Page *pg = lookpage(&image, arg);

	if (pg != NULL) {
		must(pageimage(pg) == &image && pagedaddr(pg) == arg);
		cachedel(&image, arg);
		putpage(pg);
	} else if ((pg = newpage(NOCLEAR, 0)) != NULL) {
		pagesetdaddr(pg, arg);
		must(cachepage(pg, &image) == 0);
		putpage(pg);
	}
}

static void
freechain(size_t n)
{
	Page *chain = NULL;

	while (n-- > 0 && nheld > 0 && held[nheld - 1].refs == 1 &&
	       held[nheld - 1].size == BY2PG) {
		pagesetnext(held[--nheld].pg, chain);
		chain = held[nheld].pg;
		npinned--;
	}
	freepages(chain);
}

static void
operate(unsigned op, unsigned arg)
{
	size_t i = nheld > 0 ? (arg * 37 + op) % nheld : 0;
	Page *pg;

	switch (op % 12) {
	case 0:
	case 1:
		for (; arg > 0 && nheld < NHELD; arg -= MIN(arg, 3))
			have(arg);
		break;
	case 2:
	case 3:
		for (; arg > 0 && nheld > 0; arg--)
			drop((i + arg * 11) % nheld);
		break;
	case 4:
		if (nheld > 0) {
			pageref(held[i].pg);
			held[i].refs++;
		}
		break;
	case 5:
		if ((pg = newhugepage(2 * MiB, NOCLEAR, 0)) != NULL)
			take(pg, 2 * MiB);
		break;
	case 6:
		hostcpu(arg & 1);
		break;
	case 7:
		cache(arg % 32);
		break;
	case 8:
		pagereclaim(&image, arg % 8);
		break;
	case 9:
		freechain(arg);
		break;
	case 10:
		if (arg % 8 == 0)
			pagepoison(arg & 8);
		break;
	case 11:
		bytemapcheck();
		break;
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	in = data;
	left = size;
	nheld = npinned = 0;
	image = (Image){0};
	if (!machine())
		return 0;
	size_t nfree = pagesfree();
	Pagestats st;
	if (imageopen(&image, hash, NHASH) < 0) {
		must(pagesfree() == 0);
		pagefini();
		return 0;
	}
	while (left > 0) {
		unsigned op = next();

		operate(op, next());
		pagestats(&st);
		must(st.nfree + npinned + image.npages + 1 == st.npages);
	}
	bytemapcheck();
	while (nheld > 0)
		drop(nheld - 1);
	imageclose(&image);
	bytemapcheck();
	pagestats(&st);
	must(st.nfree == st.npages && st.npages <= nfree);
	pagefini();
	must(hostmapped() == 0);
	return 0;
}
