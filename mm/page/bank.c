/*
 * bank.c - which frames are pages, and the indexes of their chunks.
 *
 *	conf.mem[]   [kern|user......]    [user........]      [kern|user.....]
 *	chunks       .....[512][512][..]..[...][512][..]...........[512][meta]
 *	index              [ 0 ][ 1 ][2 ]  [ 3 ][ 4 ][5 ]           [ 6 ]
 *
 * The user share is cut into chunks of 2 MiB of address; neighbouring chunks
 * make a stretch, and the stretches give every chunk its index in three tables:
 * Page array, byte map and chunk words (meta.c), which frames from metapa on
 * hold.
 *
 * A page of the Page array describes 512 KiB, a granule. Granules with fewer
 * than two frames would cost what they bring: their frame is left alone.
 */
#include "where.h"
#include "bytemap.h"
#include "conf.h"

enum {
	GRANULE = PAGESPERPG * BY2PG,
	WORTH = 2, /* frames */
};

struct Palloc palloc = {.metapa = NOADDR};

paddr_t
userbase(size_t i)
{
	return conf.mem[i].base + (conf.mem[i].klimit - conf.mem[i].kbase);
}

paddr_t
userend(size_t i)
{
	return conf.mem[i].base + conf.mem[i].npage * BY2PG;
}

/* The first frame for pages that kaddr does not reach, or NOADDR. */
static paddr_t
firstfar(void)
{
	for (size_t i = 0; i < conf.nmem; i++) {
		paddr_t pa = userbase(i);

		if (pa == userend(i))
			continue;
		size_t reached = cankaddr(pa);
		if (reached < userend(i) - pa)
			return pa + ROUNDDOWN(reached, BY2PG);
	}
	return NOADDR;
}

/*
 * If all of them are reached the last chunks in order are as near as any. If
 * none is, nearend is above 0 all the same.
 */
void
nearinit(void)
{
	paddr_t pa = firstfar();

	palloc.nearend = pa == NOADDR ? 0 : MAX(pa >> CHUNKSHIFT, 1);
}

/* The first bank that ends above pa, or nmem. */
static size_t
bankabove(paddr_t pa)
{
	size_t lo = 0;
	size_t hi = conf.nmem;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;

		if (userend(mid) <= pa)
			lo = mid + 1;
		else
			hi = mid;
	}
	return lo;
}

/* As userframes, of the banks, with no frames cut out. */
static size_t
allframes(paddr_t pa, paddr_t end, uint8_t *bytes)
{
	size_t n = 0;

	end = MIN(end, palloc.metapa);
	for (size_t i = bankabove(pa); i < conf.nmem; i++) {
		paddr_t a = MAX(pa, userbase(i));
		paddr_t b = MIN(end, userend(i));

		if (conf.mem[i].base >= end)
			break;
		if (a >= b)
			continue;
		n += (b - a) / BY2PG;
		if (bytes != NULL)
			memset(bytes + (a - pa) / BY2PG, FRAMEFREE,
			    (b - a) / BY2PG);
	}
	return n;
}

/* Of the banks, but for the frames cut out of the node's. */
static size_t
bankframes(paddr_t pa, paddr_t end, uint8_t *bytes)
{
	const Cut *c = &palloc.node[nodeat(pa)].cut;
	paddr_t cut = __atomic_load_n(&c->pa, __ATOMIC_RELAXED);
	paddr_t from = MAX(pa, c->end);

	if (cut >= end || c->end <= pa)
		return allframes(pa, end, bytes);
	size_t n = allframes(pa, cut, bytes);
	if (from < end)
		n += allframes(from, end,
		    bytes == NULL ? NULL : bytes + (from - pa) / BY2PG);
	return n;
}

/* Of what came later: twice each, below its cut and above. */
static size_t
laterframes(paddr_t pa, paddr_t end, uint8_t *bytes)
{
	size_t n = 0;

	for (size_t i = 0; i < 2 * latercount(); i++) {
		const Later *l = &palloc.later[i / 2];
		bool above = i % 2 != 0;
		paddr_t cut = __atomic_load_n(&l->cut.pa, __ATOMIC_RELAXED);
		paddr_t a = MAX(pa, above ? l->cut.end : l->pa);
		paddr_t b = MIN(end, above ? l->end : cut);

		if (a >= b)
			continue;
		n += (b - a) / BY2PG;
		if (bytes != NULL)
			memset(bytes + (a - pa) / BY2PG, FRAMEFREE,
			    (b - a) / BY2PG);
	}
	return n;
}

/*
 * How many frames for pages [pa, end) has, which is all of one node; their
 * bytes, counted from pa, are set to FRAMEFREE unless bytes is NULL.
 */
size_t
userframes(paddr_t pa, paddr_t end, uint8_t *bytes)
{
	return bankframes(pa, end, bytes) + laterframes(pa, end, bytes);
}

/* Is the frame at pa one for pages, as far as the banks tell? O(log banks). */
bool
isuserframe(paddr_t pa)
{
	paddr_t granule = ROUNDDOWN(pa, (paddr_t)GRANULE);

	pa = ROUNDDOWN(pa, BY2PG);
	return userframes(pa, pa + BY2PG, NULL) == 1 &&
	       userframes(granule, granule + GRANULE, NULL) >= WORTH;
}

/*
 * How many frames are counted as pages no more if that at pa is not, the last
 * of its granule: two, if the other is not worth it then; none, if it is so
 * already.
 */
size_t
framesgone(paddr_t pa)
{
	paddr_t granule = ROUNDDOWN(pa, (paddr_t)GRANULE);
	size_t n = userframes(granule, granule + GRANULE, NULL);

	return n > WORTH ? 1 : n == WORTH ? n : 0;
}

/* The same in what came later. */
static size_t
laterat(uint64_t number)
{
	for (size_t i = 0; i < latercount(); i++) {
		const Stretch *s = &palloc.later[i].stretch;

		if (number - s->number < s->nchunks)
			return s->ci + (number - s->number);
	}
	return NOCHUNK;
}

/* The index of the chunk at pa, or NOCHUNK. O(log stretches + ranges later). */
size_t
chunkat(paddr_t pa)
{
	uint64_t number = pa >> CHUNKSHIFT;
	size_t lo = 0;
	size_t hi = palloc.nstretches;

	while (lo < hi) {
		size_t mid = lo + (hi - lo) / 2;
		Stretch *s = &palloc.stretches[mid];

		if (number - s->number < s->nchunks)
			return s->ci + (number - s->number);
		if (s->number < number)
			lo = mid + 1;
		else
			hi = mid;
	}
	return laterat(number);
}

/* Does a stretch end where chunk number begins? One is near, or not at all; and
 * in one node. */
static bool
isborder(uint64_t number)
{
	paddr_t pa = number << CHUNKSHIFT;

	return number == palloc.nearend || noderange(pa).pa == pa;
}

/* Granules [g, gend), with so many frames in all, come next in the survey. */
static void
addgranules(Survey *s, uint64_t g, uint64_t gend, size_t frames)
{
	uint64_t number = g / GRANULES;
	uint64_t end = (gend + GRANULES - 1) / GRANULES;

	s->frames += frames;
	s->framesof[nodeat(number << CHUNKSHIFT)] += frames;
	s->granules += gend - g;
	bool border = number == s->end && isborder(number);
	if (s->nstretches == 0 || number > s->end || border) {
		if (palloc.stretches != NULL) {
			Stretch *last = &palloc.stretches[s->nstretches];

			last->number = number;
			last->ci = s->nchunks;
			last->nchunks = 0;
		}
		s->nstretches++;
		s->end = number;
	}
	s->nchunks += end - s->end;
	if (palloc.stretches != NULL)
		palloc.stretches[s->nstretches - 1].nchunks += end - s->end;
	s->end = end;
}

/* Granules [g, gend), all full. */
static void
addfull(Survey *s, uint64_t g, uint64_t gend)
{
	uint64_t near = palloc.nearend * GRANULES;

	while (g < gend) {
		uint64_t end = noderange(g * GRANULE).end / GRANULE;

		end = MIN(end, gend);
		if (g < near && near < end)
			end = near;
		addgranules(s, g, end, (end - g) * PAGESPERPG);
		g = end;
	}
}

/* One granule, perhaps shared by banks: counted if it is worth its page. */
static void
addedge(Survey *s, uint64_t g)
{
	size_t n = userframes(g * GRANULE, (g + 1) * GRANULE, NULL);

	if (n >= WORTH)
		addgranules(s, g, g + 1, n);
}

/* O(banks). */
Survey
survey(void)
{
	Survey s = {0};
	uint64_t done = 0; /* granules below are counted */

	for (size_t i = 0; i < conf.nmem; i++) {
		paddr_t pa = userbase(i);
		paddr_t end = MIN(userend(i), palloc.metapa);

		if (pa >= end)
			continue;
		uint64_t first = pa / GRANULE;
		uint64_t last = (end - 1) / GRANULE;

		if (first >= done)
			addedge(&s, first);
		if (last > first + 1)
			addfull(&s, first + 1, last);
		if (last > first)
			addedge(&s, last);
		done = last + 1;
	}
	return s;
}

/*
 * What the frames of the chunk at pa are, a byte each in bytes: free or
 * reserved. Returns how many are free.
 */
size_t
describe(paddr_t pa, uint8_t *bytes)
{
	size_t n = 0;

	memset(bytes, FRAMERESERVED, CHUNKPAGES);
	for (size_t i = 0; i < CHUNKPAGES; i += PAGESPERPG) {
		paddr_t granule = pa + i * BY2PG;
		size_t k = userframes(granule, granule + GRANULE, bytes + i);

		if (k < WORTH)
			memset(bytes + i, FRAMERESERVED, PAGESPERPG);
		else
			n += k;
	}
	return n;
}
