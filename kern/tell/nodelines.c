/*
 * nodelines.c - see nodelines.h.
 *
 * Ranges are those of nodes.h: they go on until the next begins, so that all
 * RAM of the memmap is in one.
 */
#include "nodelines.h"
#include "cpus.h"
#include "hooks.h"
#include "memmap.h"
#include "nodes.h"
#include "page.h"
#include "sizetext.h"

typedef struct Ram Ram;

/* All RAM of a range lies in [pa, end). */
struct Ram {
	paddr_t pa;
	paddr_t end;
	size_t size;
};

static Ram
ramof(const Noderange *r)
{
	Ram ram = {NOADDR, 0, 0};
	Memrange m;

	for (paddr_t pa = r->pa; memmaprange(pa, &m) && m.pa < r->end;
	     pa = m.end) {
		if (m.type != MemRAM)
			continue;
		paddr_t from = MAX(m.pa, r->pa);

		ram.pa = MIN(ram.pa, from);
		ram.end = MIN(m.end, r->end);
		ram.size += ram.end - from;
	}
	return ram;
}

/* The range that begins at *pa, and its RAM; false behind the last. */
static bool
next(paddr_t *pa, Noderange *r, Ram *ram)
{
	if (*pa == NOADDR)
		return false;
	*r = noderange(*pa);
	*ram = ramof(r);
	*pa = r->end;
	return true;
}

static size_t
nodesize(uint32_t node)
{
	size_t size = 0;
	Noderange r;
	Ram ram;

	for (paddr_t pa = 0; next(&pa, &r, &ram);)
		size += r.node == node ? ram.size : 0;
	return size;
}

static void
line(uint32_t node, paddr_t base, size_t size, size_t ram)
{
	print("mem9: node n=%u base=0x%jx size=0x%zx ram=%zu domain=%u\n",
	    (unsigned)node, base, size, ram, (unsigned)nodes.domain[node]);
}

void
nodesprint(void)
{
	Noderange r;
	Ram ram;

	for (paddr_t pa = 0; next(&pa, &r, &ram);)
		if (ram.size > 0)
			line(r.node, ram.pa, ram.end - ram.pa, ram.size);
	for (uint32_t n = 0; n < nodecount(); n++)
		if (nodesize(n) == 0)
			line(n, 0, 0, 0);
}

static size_t
cpusof(uint32_t node)
{
	size_t n = 0;

	for (size_t i = 0; i < ncpus(); i++)
		n += cpunode(i) == node && !cpugone(i);
	return n;
}

/* To all nodes, in their order, with sep before each but the first. */
static void
distances(uint32_t node, const char *sep)
{
	for (size_t i = 0; i < nodecount(); i++)
		print("%s%u", i > 0 ? sep : "",
		    nodes.n > 1 ? nodes.distance[node][i] : NODESELF);
}

void
nodepagesprint(void)
{
	for (uint32_t n = 0; n < nodecount(); n++) {
		Nodestats st;

		nodestats(n, &st);
		print("mem9: nodepages n=%u pages=%zu free=%zu cpus=%zu "
		      "distance=\"",
		    (unsigned)n, st.npages, st.nfree, cpusof(n));
		distances(n, " ");
		print("\"\n");
	}
}

void
tablenodes(void)
{
	char ram[SIZETEXT], pages[SIZETEXT], nfree[SIZETEXT];

	print("node     RAM  as pages  free now  CPUs  distances\n");
	for (uint32_t n = 0; n < nodecount(); n++) {
		Nodestats st;

		nodestats(n, &st);
		print("%4u %s   %s   %s  %4zu  ", (unsigned)n,
		    sizetext(ram, nodesize(n)),
		    sizetext(pages, st.npages * BY2PG),
		    sizetext(nfree, st.nfree * BY2PG), cpusof(n));
		distances(n, " ");
		print("\n");
	}
}
