/*
 * nodes.c - the table of nodes: which one an address is in, which is nearer.
 *
 *	given      [a      )  [b          ) [a    )    [a   )
 *	kept   [a            )[b           )[a               ...
 *
 * Chunks of pages have one node each, so borders lie between chunks. What lies
 * between ranges, or beyond them, must have a node too: RAM that nobody
 * mentions is rare, and counts to what is below.
 */
#include "nodes.h"
#include "hooks.h"

Nodes nodes;

/* The next range. The one before it goes if it is nothing when rounded. */
static void
addrange(const Noderange *r)
{
	paddr_t pa = ROUNDDOWN(r->pa + NODEALIGN / 2, NODEALIGN);
	Noderange *next = &nodes.range[nodes.nranges];

	if (r->node >= nodes.n || r->pa >= r->end)
		panicat("nodesset", "[%#jx, %#jx) of node %u is no range",
		    r->pa, r->end, (unsigned)r->node);
	if (nodes.nranges == 0)
		pa = 0;
	else if (pa <= next[-1].pa) {
		pa = next[-1].pa;
		next--;
	}
	if (next == nodes.range || next[-1].node != r->node) {
		*next = (Noderange){pa, NOADDR, r->node};
		if (next != nodes.range)
			next[-1].end = pa;
		next++;
	}
	nodes.nranges = (uint32_t)(next - nodes.range);
	next[-1].end = NOADDR;
}

void
nodesset(const Nodes *given)
{
	memset(&nodes, 0, sizeof nodes);
	if (given == NULL || given->n < 2)
		return;
	nodes.n = given->n;
	memcpy(nodes.distance, given->distance, sizeof nodes.distance);
	memcpy(nodes.domain, given->domain, sizeof nodes.domain);
	for (size_t i = 0; i < given->nranges; i++)
		addrange(&given->range[i]);
}

size_t
nodecount(void)
{
	return MAX(nodes.n, 1);
}

Noderange
noderange(paddr_t pa)
{
	size_t lo = 0;
	size_t hi = nodes.nranges;

	if (hi == 0)
		return (Noderange){0, NOADDR, 0};
	while (hi - lo > 1) {
		size_t mid = lo + (hi - lo) / 2;

		if (nodes.range[mid].pa <= pa)
			lo = mid;
		else
			hi = mid;
	}
	return nodes.range[lo];
}

uint32_t
nodeat(paddr_t pa)
{
	return noderange(pa).node;
}

/* How far node n is from node from; itself before all others. */
static unsigned
farness(uint32_t from, uint32_t n)
{
	return n == from ? 0 : nodes.distance[from][n] + 1u;
}

void
nodeorder(uint32_t node, uint8_t order[MOSTNODES])
{
	size_t n = nodecount();

	for (size_t i = 0; i < n; i++) {
		size_t at = i;

		for (; at > 0 && farness(node, order[at - 1]) >
				     farness(node, (uint32_t)i);
		     at--)
			order[at] = order[at - 1];
		order[at] = (uint8_t)i;
	}
}
