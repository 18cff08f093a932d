/*
 * srat.h - ACPI's tables of nodes: which CPUs and which RAM are near each
 * other (SRAT), and how far nodes are apart (SLIT).
 *
 * Pure: the bytes of tables in, which have been believed.
 */
#ifndef SRAT_H
#define SRAT_H

#include "cpulist.h"
#include "nodes.h"

typedef struct Nodesaid Nodesaid;

/* What is wrong, and two numbers that go with it. */
struct Nodesaid {
	const char *what; /* NULL: nothing */
	uint64_t a;
	uint64_t b;
	size_t nowhere; /* CPUs of the list in no entry; they are of node 0 */
};

/*
 * The nodes that srat names and how far they are apart by slit, which may be
 * NULL; and of which each of these CPUs is. All is one node, 0, if anything is
 * wrong: *n is {0} then.
 */
Nodesaid sratread(const uint8_t *srat, size_t size, const uint8_t *slit,
    size_t slitsize, Cpulist *c, Nodes *n);

#endif
