/*
 * nodes.h - which RAM is near to which CPUs.
 *
 * A machine with one memory for all has one node, 0; so has one that does not
 * say. mm/ is told before preallocpages, by nodesset; which node a CPU is in,
 * by pagenode (page.h).
 */
#ifndef NODES_H
#define NODES_H

#include "types.h"

typedef struct Noderange Noderange;
typedef struct Nodes Nodes;

enum {
	MOSTNODES = 64,
	MOSTNODERANGES = 256,
	NODESELF = 10, /* the distance of a node to itself */
	NODEOTHER = 20 /* and to another, if nobody says */
};

/* Ranges may begin anywhere; mm/ takes it that they do at multiples of this. */
#define NODEALIGN (2 * MiB)

struct Noderange {
	paddr_t pa;
	paddr_t end;
	uint32_t node;
};

struct Nodes {
	uint32_t n; /* 0 is as 1 */
	uint32_t nranges;
	Noderange range[MOSTNODERANGES]; /* ascending, disjoint */
	uint8_t distance[MOSTNODES][MOSTNODES];
	uint32_t domain[MOSTNODES]; /* what firmware calls it; for people */
};

extern Nodes nodes;

/*
 * These are the nodes from now on; NULL: one. Where a range begins is rounded
 * to the nearest NODEALIGN, and it goes on until the next does: so each address
 * has a node, that of the range below it or else of the first.
 */
void nodesset(const Nodes *given);

/* How many there are, at least 1. */
size_t nodecount(void);

/* The node of an address; and the range around it with that node, of which end
 * may be NOADDR. O(log ranges). */
uint32_t nodeat(paddr_t pa);
Noderange noderange(paddr_t pa);

/*
 * All nodes as seen from one: itself, then the nearest first; of those that are
 * equally far the lower.
 */
void nodeorder(uint32_t node, uint8_t order[MOSTNODES]);

#endif
