/*
 * bytemap.c - frames by physical address, and the check of all accounts.
 */
#include "where.h"
#include "stock.h"
#include "bytemap.h"
#include "conf.h"
#include "stage.h"

paddr_t
kalloc_frame(void)
{
	Page *pg = newpage(NOCLEAR, 0);

	return pg == NULL ? NOADDR : pagepa(pg);
}

void
kfree_frame(paddr_t pa)
{
	Page *pg = papage(pa);

	needstage(SPAGES);
	if (pg == NULL || pa % BY2PG != 0)
		panic("no frame of ours is at %#jx", pa);
	if (pagerefs(pg) > 1)
		pagemisuse(__func__, pg);
	putpage(pg);
}

/* The index of the chunk at pa if it is open, or NOCHUNK. */
static size_t
openchunkat(paddr_t pa)
{
	size_t ci = chunkat(pa);

	return isopen(ci) ? ci : NOCHUNK;
}

Page *
papage(paddr_t pa)
{
	size_t ci = openchunkat(pa);
	size_t i = (size_t)(pa >> PGSHIFT) % CHUNKPAGES;

	if (ci == NOCHUNK || chunkbytes(ci)[i] == FRAMERESERVED)
		return NULL;
	return &palloc.pages[ci * CHUNKPAGES + i];
}

enum framestate
framestate(paddr_t pa)
{
	enum framestate state = FRAMERESERVED;

	pageslock();
	size_t ci = chunkat(pa);
	if (!ischunk(ci))
		state = FRAMERESERVED;
	else if (!isopen(ci))
		state = isuserframe(pa) ? FRAMEFREE : FRAMERESERVED;
	else if (palloc.chunks[ci].state == CHUNKTAKEN)
		state = FRAMEALLOCATED;
	else
		state = chunkbytes(ci)[(pa >> PGSHIFT) % CHUNKPAGES];
	pagesunlock();
	return state;
}

void
bytemapprint(void)
{
	pageslock();
	Counts c = palloc.count;
	pagesunlock();
	print("mem9: bytemap free=%zu allocated=%zu reserved=%zu\n", c.nfree,
	    c.npages - c.nfree, conf.npage + c.nlater - c.npages);
}

typedef struct Tally Tally;

/* What the open chunks add up to. */
struct Tally {
	size_t frames;  /* pages, by what the banks say */
	size_t ours;    /* of them, neither bad nor used for tables */
	size_t free;    /* of those, by byte map and chunk words */
	size_t idle;    /* allocated, with no references */
	size_t nlisted; /* chunks that must be in a bucket */
};

/* One frame of a chunk that is not taken: byte and references agree. */
static void
checkframe(const Page *pg, uint8_t byte, Tally *t)
{
	if (byte == FRAMERESERVED) {
		if (pagerefs(pg) != 0)
			panic("page %#jx is reserved, but has %u references",
			    pagepa(pg), pagerefs(pg));
		return;
	}
	if (byte == FRAMEFREE && pagerefs(pg) != 0)
		panic("page %#jx is free, but has %u references", pagepa(pg),
		    pagerefs(pg));
	t->ours++;
	if (byte == FRAMEALLOCATED && pagerefs(pg) == 0)
		t->idle++;
}

static void
checkchunk(size_t ci, Tally *t)
{
	Chunk *c = &palloc.chunks[ci];
	const uint8_t *bytes = chunkbytes(ci);
	uint8_t banks[CHUNKPAGES];
	uint64_t groups = 0;
	size_t nfree = 0;

	if (&palloc.node[c->node] != nodeof(ci) ||
	    c->node != nodeat((paddr_t)c->number << CHUNKSHIFT))
		panic("chunk %zu: of node %u", ci, c->node);
	t->frames += describe((paddr_t)c->number << CHUNKSHIFT, banks);
	for (size_t i = 0; i < CHUNKPAGES; i++) {
		if (bytes[i] == FRAMEFREE) {
			nfree++;
			groups |= 1ull << i / GROUPPAGES;
		}
		if (c->state != CHUNKTAKEN)
			checkframe(
			    &palloc.pages[ci * CHUNKPAGES + i], bytes[i], t);
	}
	if (nfree != c->nfree || groups != c->groups)
		panic("chunk %zu: %u free, groups %#jx; bytes say %zu, %#jx",
		    ci, c->nfree, (uintmax_t)c->groups, nfree,
		    (uintmax_t)groups);
	if ((c->state != CHUNKCUT) != (nfree == CHUNKPAGES))
		panic("chunk %zu: state %u with %zu free", ci, c->state, nfree);
	if (c->state == CHUNKTAKEN) {
		t->ours += CHUNKPAGES;
		return;
	}
	t->free += nfree;
	t->nlisted += nfree > 0;
}

/* Each bucket holds chunks with as many free frames as it is for. */
static size_t
checkbuckets(const Node *node)
{
	size_t n = 0;

	for (unsigned b = 0; b < NBUCKET; b++) {
		uint32_t prev = NOCHUNK;

		if ((node->bucket[b] == NOCHUNK) != !(node->buckets >> b & 1))
			panic("bucket %u: first %u, but bits %#x", b,
			    node->bucket[b], node->buckets);
		for (uint32_t i = node->bucket[b]; i != NOCHUNK;
		     i = palloc.chunks[i].next) {
			Chunk *c = &palloc.chunks[i];

			if (c->prev != prev || c->nfree >> b % NFILL != 1 ||
			    (c->number < palloc.nearend) != (b >= NFILL) ||
			    c->state == CHUNKTAKEN ||
			    &palloc.node[c->node] != node)
				panic("chunk %u in bucket %u after %u: %u "
				      "free, state %u, after %u",
				    i, b, prev, c->nfree, c->state, c->prev);
			prev = i;
			n++;
		}
	}
	return n;
}

/* Pages that wait at a CPU are allocated in the byte map; at home or away. */
static void
checkwaiting(const Page *pg, bool allocated, bool rightnode)
{
	if (!allocated || pagerefs(pg) != 0)
		panic("page %#jx waits at a CPU with %u references", pagepa(pg),
		    pagerefs(pg));
	if (!rightnode)
		panic("page %#jx of node %u waits in the wrong place",
		    pagepa(pg), palloc.chunks[chunkof(pg)].node);
}

/* How many of them there are, 2 MiB pages aside. */
static size_t
checkstocks(void)
{
	size_t n = 0;

	for (Pagecpu *cpu = palloc.cpus; cpu != NULL; cpu = cpu->next) {
		for (uint32_t i = 0; i < cpu->n; i++)
			checkwaiting(cpu->small[i],
			    *pagebyte(cpu->small[i]) == FRAMEALLOCATED,
			    pagenodeof(cpu->small[i]) == cpu->home);
		for (uint32_t i = 0; i < cpu->naway; i++)
			checkwaiting(cpu->away[i],
			    *pagebyte(cpu->away[i]) == FRAMEALLOCATED,
			    pagenodeof(cpu->away[i]) != cpu->home);
		for (uint32_t i = 0; i < cpu->nhuge; i++)
			checkwaiting(cpu->huge[i],
			    palloc.chunks[chunkof(cpu->huge[i])].state ==
				CHUNKTAKEN,
			    pagenodeof(cpu->huge[i]) == cpu->home);
		n += cpu->n + cpu->naway;
	}
	return n;
}

/* One node: into t. Returns how many of its chunks are listed. */
static size_t
checknode(const Node *n, Tally *t)
{
	Tally before = *t;

	for (size_t i = 0; i < n->nopen; i++)
		checkchunk(n->first + i, t);
	size_t listed = checkbuckets(n);
	size_t nfree = t->free - before.free + n->unopened;
	size_t ours = t->ours - before.ours + n->unopened;
	if (n->nfree != nfree || n->npages != ours)
		panic("node %zu: %zu frames of %zu are free, counted as %zu of "
		      "%zu",
		    (size_t)(n - palloc.node), nfree, ours, n->nfree,
		    n->npages);
	return listed;
}

/* No stock holds more than it may; if all were emptied, nothing waits. */
static void
checkroom(size_t waiting)
{
	uint32_t room = palloc.room;

	for (Pagecpu *cpu = palloc.cpus; cpu != NULL; cpu = cpu->next)
		if (cpu->limit != room || cpu->n > room ||
		    cpu->naway > MIN(room, (uint32_t)PAGECPUAWAY) ||
		    (cpu->nhuge > 0 && !hashugeroom(room)))
			panic("a CPU has %u pages, %u away, %u large, limit "
			      "%u, room for %u",
			    (unsigned)cpu->n, (unsigned)cpu->naway,
			    (unsigned)cpu->nhuge, (unsigned)cpu->limit,
			    (unsigned)room);
	if (palloc.emptied && (room != 0 || waiting != 0))
		panic("stocks are empty, with room for %u, and %zu pages",
		    (unsigned)room, waiting);
	if (palloc.dry && palloc.count.nfree + waiting != 0)
		panic("nothing is left, but %zu pages are free, %zu wait",
		    palloc.count.nfree, waiting);
}

/* Nobody else is at it: no lock is held that a panic would leave behind. */
void
bytemapcheck(void)
{
	Counts *c = &palloc.count;
	Tally t = {0};
	size_t listed = 0;

	needstage(SPAGES);
	for (size_t i = 0; i < palloc.nnodes; i++)
		listed += checknode(&palloc.node[i], &t);
	size_t waiting = checkstocks();
	size_t unopened = palloc.surveyed - t.frames;

	checkroom(waiting);
	if (listed != t.nlisted)
		panic("%zu chunks are listed, %zu have free frames", listed,
		    t.nlisted);
	if (waiting != t.idle)
		panic("%zu pages wait at CPUs, %zu are allocated to nobody",
		    waiting, t.idle);
	if (c->nfree != t.free + unopened)
		panic("%zu frames are free, counted as %zu", t.free + unopened,
		    c->nfree);
	if (c->npages != t.ours + unopened)
		panic("%zu frames are ours, counted as %zu", t.ours + unopened,
		    c->npages);
}
