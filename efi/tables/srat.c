/*
 * srat.c - see srat.h.
 *
 * ACPI Specification 6.4, 5.2.16 and 5.2.17. SRAT is entries that follow each
 * other by their length: each puts a CPU (type 0; type 2 for ids that do not
 * fit in a byte) or a range of memory (type 1) into a proximity domain, which
 * is a number as firmware likes. Domains with an enabled entry become nodes 0,
 * 1, 2 ... in ascending order. Before revision 2 a domain had 8 bits, and what
 * is beside them means nothing.
 *
 * A range need not hold any RAM: where memory could be put in later there is
 * one too. SLIT is a square of bytes, by domains.
 *
 * Who contradicts himself is not believed in part: nodes only make things
 * faster, and those of a table that is wrong somewhere may not.
 */
#include "srat.h"
#include "acpi.h"

enum {
	REVISION = 8,
	HEAD = 48,

	CPU = 0,
	CPUSIZE = 16,
	MEMORY = 1,
	MEMORYSIZE = 40,
	X2CPU = 2,
	X2CPUSIZE = 24,

	ENABLED = 1 << 0,

	SLITHEAD = 44,
	MOSTLOCALITIES = 4096, /* in a table of 16 MiB */
};
#define NODOMAIN 0xffffffff

typedef struct Reading Reading;
typedef struct Entry Entry;

/* One entry, as far as it matters. */
struct Entry {
	int type;
	bool enabled;
	uint32_t domain;
	uint32_t id; /* of a CPU */
	uint64_t base;
	uint64_t size;
};

struct Reading {
	Nodes *n;
	Cpulist *cpus;
	Nodesaid said;
	bool wide;                             /* domains have 32 bits */
	uint8_t mentioned[MOSTLOCALITIES / 8]; /* domains, enabled or not */
	uint8_t known[MOSTCPUS / 8];           /* CPUs of the list */
};

static void
wrong(Reading *r, const char *what, uint64_t a, uint64_t b)
{
	if (r->said.what == NULL)
		r->said = (Nodesaid){.what = what, .a = a, .b = b};
}

/* What is too short for its type, or of another one, is none: false. */
static bool
understood(const Reading *r, const uint8_t *e, size_t n, Entry *x)
{
	*x = (Entry){.type = e[0]};
	if (x->type == CPU && n >= CPUSIZE) {
		x->domain =
		    (uint32_t)(numberat(e, 2, 1) | numberat(e, 9, 2) << 8 |
			       numberat(e, 11, 1) << 24);
		x->id = (uint32_t)numberat(e, 3, 1);
		x->enabled = numberat(e, 4, 4) & ENABLED;
	} else if (x->type == MEMORY && n >= MEMORYSIZE) {
		x->domain = (uint32_t)numberat(e, 2, 4);
		x->base = numberat(e, 8, 8);
		x->size = numberat(e, 16, 8);
		x->enabled = numberat(e, 28, 4) & ENABLED;
	} else if (x->type == X2CPU && n >= X2CPUSIZE) {
		x->domain = (uint32_t)numberat(e, 4, 4);
		x->id = (uint32_t)numberat(e, 8, 4);
		x->enabled = numberat(e, 12, 4) & ENABLED;
	} else
		return false;
	if (!r->wide)
		x->domain &= 0xff;
	return true;
}

/* Call fn with each entry; what leads nowhere is wrong. */
static void
each(Reading *r, const uint8_t *t, size_t size,
    void (*fn)(Reading *r, const Entry *x))
{
	size_t n = 0;
	Entry x;

	r->wide = size > REVISION && t[REVISION] >= 2;
	for (size_t i = HEAD; i < size && r->said.what == NULL; i += n) {
		if (!acpientry(t, size, i, &n)) {
			wrong(r, "an entry of SRAT leads nowhere", i, n);
			return;
		}
		if (understood(r, t + i, n, &x))
			fn(r, &x);
	}
}

/* The node of a domain, or how many there are. */
static uint32_t
nodeof(const Nodes *n, uint32_t domain)
{
	uint32_t i = 0;

	while (i < n->n && n->domain[i] != domain)
		i++;
	return i;
}

/* Domains ascend. */
static void
adddomain(Reading *r, uint32_t domain)
{
	Nodes *n = r->n;

	if (nodeof(n, domain) < n->n)
		return;
	if (n->n == MOSTNODES) {
		wrong(r, "more proximity domains than there is room for",
		    domain, MOSTNODES);
		return;
	}
	uint32_t i = n->n++;
	for (; i > 0 && n->domain[i - 1] > domain; i--)
		n->domain[i] = n->domain[i - 1];
	n->domain[i] = domain;
}

static void
entrydomain(Reading *r, const Entry *x)
{
	if (x->domain < MOSTLOCALITIES)
		r->mentioned[x->domain / 8] |= (uint8_t)(1 << x->domain % 8);
	if (!x->enabled)
		return;
	if (x->domain == NODOMAIN)
		wrong(r, "a proximity domain is 0xffffffff", x->domain, 0);
	else
		adddomain(r, x->domain);
}

/* In their order, and apart from each other. */
static void
addrange(Reading *r, const Noderange *x)
{
	Nodes *n = r->n;

	if (n->nranges == MOSTNODERANGES) {
		wrong(r, "more ranges than there is room for", x->pa,
		    MOSTNODERANGES);
		return;
	}
	uint32_t i = n->nranges++;
	for (; i > 0 && n->range[i - 1].pa > x->pa; i--)
		n->range[i] = n->range[i - 1];
	n->range[i] = *x;
	if ((i > 0 && n->range[i - 1].end > x->pa) ||
	    (i + 1 < n->nranges && n->range[i + 1].pa < x->end))
		wrong(r, "SRAT's ranges overlap", x->pa, x->end);
}

static uint32_t
cpuindex(const Cpulist *c, uint32_t id)
{
	uint32_t i = 0;

	while (i < c->n && c->id[i] != id)
		i++;
	return i;
}

/* Of two that name one CPU the first is believed. */
static void
entryplace(Reading *r, const Entry *x)
{
	uint32_t node = nodeof(r->n, x->domain);

	if (!x->enabled)
		return;
	if (x->type == MEMORY) {
		Noderange range = {x->base, x->base + x->size, node};

		if (range.end < range.pa)
			wrong(r, "a range of SRAT wraps", x->base, x->size);
		else if (x->size > 0)
			addrange(r, &range);
		return;
	}
	uint32_t i = cpuindex(r->cpus, x->id);
	if (i == r->cpus->n || r->known[i / 8] & 1 << i % 8)
		return;
	r->known[i / 8] |= (uint8_t)(1 << i % 8);
	r->cpus->node[i] = (uint8_t)node;
}

/* As if there were no table that says. */
static void
anyfar(Nodes *n)
{
	for (size_t i = 0; i < n->n; i++)
		for (size_t j = 0; j < n->n; j++)
			n->distance[i][j] = i == j ? NODESELF : NODEOTHER;
}

/* Of nlocal localities each is a domain that SRAT mentions, and all are. */
static void
checklocalities(Reading *r, uint64_t nlocal)
{
	const Nodes *n = r->n;

	for (uint64_t i = 0; i < nlocal; i++)
		if ((r->mentioned[i / 8] & 1 << i % 8) == 0)
			wrong(r, "SLIT has a proximity domain without entries",
			    i, nlocal);
	if (n->n > 0 && n->domain[n->n - 1] >= nlocal)
		wrong(r, "SLIT is too small for a proximity domain",
		    n->domain[n->n - 1], nlocal);
}

static void
distances(Reading *r, const uint8_t *slit, size_t size)
{
	Nodes *n = r->n;
	uint64_t nlocal = size >= SLITHEAD ? numberat(slit, 36, 8) : 0;

	if (nlocal == 0 || nlocal > MOSTLOCALITIES ||
	    size != SLITHEAD + nlocal * nlocal) {
		wrong(r, "SLIT has the wrong size", size, nlocal);
		return;
	}
	checklocalities(r, nlocal);
	for (size_t i = 0; i < n->n && r->said.what == NULL; i++)
		for (size_t j = 0; j < n->n; j++) {
			uint8_t d = slit[SLITHEAD + n->domain[i] * nlocal +
					 n->domain[j]];

			n->distance[i][j] = d;
			if (i == j ? d != NODESELF : d <= NODESELF)
				wrong(r, "SLIT has a distance that is none",
				    i << 8 | j, d);
		}
}

static size_t
countnowhere(const Reading *r)
{
	size_t n = 0;

	for (size_t i = 0; i < r->cpus->n; i++)
		n += (r->known[i / 8] & 1 << i % 8) == 0;
	return n;
}

Nodesaid
sratread(const uint8_t *t, size_t size, const uint8_t *slit, size_t slitsize,
    Cpulist *c, Nodes *n)
{
	static Reading r; /* large */

	memset(&r, 0, sizeof r);
	memset(n, 0, sizeof *n);
	memset(c->node, 0, sizeof c->node);
	r.n = n;
	r.cpus = c;
	each(&r, t, size, entrydomain);
	each(&r, t, size, entryplace);
	anyfar(n);
	if (slit != NULL && r.said.what == NULL)
		distances(&r, slit, slitsize);
	if (n->n > 1 && n->nranges == 0)
		wrong(&r, "SRAT has no memory", size, n->n);
	if (r.said.what != NULL || n->n < 2) {
		memset(n, 0, sizeof *n);
		memset(c->node, 0, sizeof c->node);
	} else
		r.said.nowhere = countnowhere(&r);
	return r.said;
}
