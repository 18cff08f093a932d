/*
 * image.c - the page cache of each image; what it gives up: reclaim.c.
 *
 *	Image --hash[daddr]--> Page --next--> Page ...   one reference each
 *	Page  --image number-> openimages.byid[] --> Image
 *
 * A Page has 24 bits for its image, so open images are numbered. byid has
 * reserved addresses and takes a page, of the page allocator itself, for each
 * 512 numbers in use.
 *
 * Only lookpage hands out references to a page whose last one is the cache's,
 * and only under the image's lock: who holds that lock and sees one reference
 * may free the page. Locks are taken in the order images, image, palloc.
 */
#include "openimages.h"
#include "where.h"
#include "stage.h"

enum { NIMAGE = 1 << 16, IDSPERPG = BY2PG / sizeof(Image *) };
_Static_assert(NIMAGE <= HUGEIMAGE, "no image is a huge page");

struct Openimages openimages;

/* Nothing is open: the start, before there are pages. */
void
imageinit(void)
{
	memset(&openimages, 0, sizeof openimages);
}

/* The end: byid is given back, whatever is still open. */
void
imagefini(void)
{
	if (openimages.byid != NULL) {
		if (openimages.nmapped > 0)
			unmaprange(
			    openimages.byid, openimages.nmapped / IDSPERPG);
		cpubarrier();
		unreserverange(
		    openimages.byid, NIMAGE * sizeof openimages.byid[0]);
	}
	imageinit();
}

/* Room for 512 more numbers, in a page that becomes theirs. */
static int
growids(Page *pg)
{
	if (openimages.nmapped == NIMAGE)
		return -1;
	if (openimages.byid == NULL)
		openimages.byid =
		    reserverange(NIMAGE * sizeof openimages.byid[0]);
	if (openimages.byid == NULL ||
	    maprange(openimages.byid + openimages.nmapped, pagepa(pg), 1) < 0)
		return -1;
	openimages.nmapped += IDSPERPG;
	pagesetnext(pg, openimages.backing);
	openimages.backing = pg;
	return 0;
}

/* Does the last page of numbers have none in use? */
static bool
lastempty(void)
{
	for (size_t i = openimages.nmapped - IDSPERPG; i < openimages.nmapped;
	     i++)
		if (openimages.byid[i] != NULL)
			return false;
	return true;
}

/*
 * The pages of numbers at the end that no image has: out of use, unmapped and
 * freed. Whoever wants more numbers waits for that; nobody holds a lock.
 */
static void
shrinkids(void)
{
	Page *chain = NULL;

	lock(&openimages.lock);
	size_t n = openimages.nmapped;
	while (openimages.unmapping == 0 && openimages.nmapped > 0 &&
	       lastempty()) {
		Page *pg = openimages.backing;

		openimages.backing = pagenext(pg);
		openimages.nmapped -= IDSPERPG;
		pagesetnext(pg, chain);
		chain = pg;
	}
	if (chain != NULL)
		__atomic_store_n(&openimages.unmapping, 1, __ATOMIC_RELAXED);
	n -= openimages.nmapped;
	Image **unused = openimages.byid + openimages.nmapped;
	unlock(&openimages.lock);
	if (chain == NULL)
		return;
	unmaprange(unused, n / IDSPERPG);
	cpubarrier();
	lock(&openimages.lock);
	__atomic_store_n(&openimages.unmapping, 0, __ATOMIC_RELEASE);
	unlock(&openimages.lock);
	freepages(chain);
}

/*
 * Take the lock when no addresses are being unmapped that may be needed. Who
 * unmaps them may be asking this CPU for a barrier.
 */
static void
lockids(void)
{
	lock(&openimages.lock);
	while (openimages.unmapping != 0 &&
	       openimages.nopen == openimages.nmapped) {
		unlock(&openimages.lock);
		awaitzero(&openimages.unmapping);
		lock(&openimages.lock);
	}
}

int
imageopen(Image *i, Page **hash, size_t nhash)
{
	needstage(SPAGES);
	if (nhash == 0 || (nhash & (nhash - 1)) != 0)
		panic("%zu hash words are no power of two", nhash);
	*i = (Image){.hash = hash, .nhash = nhash};
	memset(hash, 0, nhash * sizeof hash[0]);
	/* Before the lock: newpage may have to reclaim, and takes it. */
	Page *pg = newpage(CLEAR, 0);
	Page *spare = pg;

	lockids();
	if (pg != NULL && openimages.nopen == openimages.nmapped &&
	    growids(pg) == 0)
		spare = NULL;
	bool room = openimages.nopen < openimages.nmapped;
	if (room) {
		size_t id = openimages.lowest;

		while (openimages.byid[id] != NULL)
			id++;
		openimages.lowest = id + 1;
		openimages.byid[id] = i;
		openimages.nopen++;
		i->id = (uint32_t)id + 1;
		i->next = openimages.first;
		if (i->next != NULL)
			i->next->prev = i;
		openimages.first = i;
		openimages.nlisted++;
	}
	unlock(&openimages.lock);
	if (spare != NULL)
		putpage(spare);
	return room ? 0 : -1;
}

static Page **
hashat(Image *i, uint64_t daddr)
{
	uint64_t h = daddr * 0x9e3779b97f4a7c15;

	return &i->hash[(h ^ h >> 32) & (i->nhash - 1)];
}

/* The cached page at daddr, or NULL; with i's lock held. */
static Page *
cached(Image *i, uint64_t daddr)
{
	Page *pg = *hashat(i, daddr);

	while (pg != NULL && pg->daddr != daddr)
		pg = pg->next;
	return pg;
}

void
uncache(Image *i, Page *pg)
{
	Page **p = hashat(i, pg->daddr);

	while (*p != pg)
		p = &(*p)->next;
	*p = pg->next;
	pg->next = NULL;
	setimageid(pg, 0);
	__atomic_fetch_and(&pg->held, ~SPECIAL, __ATOMIC_RELEASE);
	__atomic_store_n(&i->npages, i->npages - 1, __ATOMIC_RELAXED);
}

int
cachepage(Page *pg, Image *i)
{
	if (!ispage(pg) || pagerefs(pg) == 0 || pageimageid(pg) != 0)
		pagemisuse(__func__, pg);
	pageref(pg);
	lock(&i->lock);
	bool room = cached(i, pg->daddr) == NULL;
	if (room) {
		Page **head = hashat(i, pg->daddr);

		__atomic_fetch_or(&pg->held, SPECIAL, __ATOMIC_RELAXED);
		setimageid(pg, i->id);
		pg->next = *head;
		*head = pg;
		__atomic_store_n(&i->npages, i->npages + 1, __ATOMIC_RELAXED);
	}
	unlock(&i->lock);
	if (!room)
		putpage(pg);
	return room ? 0 : -1;
}

/* May pg, in a cache, have one more reference? */
static bool
canref(const Page *pg)
{
	return pagerefs(pg) != 0 && pagerefs(pg) != PAGEREFMAX;
}

Page *
lookpage(Image *i, uint64_t daddr)
{
	lock(&i->lock);
	Page *pg = cached(i, daddr);
	bool good = pg != NULL && canref(pg);
	if (good)
		pageref(pg);
	unlock(&i->lock);
	if (pg != NULL && !good)
		pageref(pg); /* says what is wrong, with no lock held */
	return pg;
}

Image *
pageimage(const Page *pg)
{
	unsigned id = pageimageid(pg);

	return id == 0 || ishuge(pg) ? NULL : openimages.byid[id - 1];
}

void
uncachepage(Page *pg)
{
	if (!ispage(pg) || pagerefs(pg) == 0 || ishuge(pg))
		pagemisuse(__func__, pg);
	Image *i = pageimage(pg);

	if (i == NULL)
		return;
	lock(&i->lock);
	bool incache = pageimageid(pg) == i->id;
	if (incache)
		uncache(i, pg);
	unlock(&i->lock);
	if (incache)
		putpage(pg);
}

void
cachedel(Image *i, uint64_t daddr)
{
	lock(&i->lock);
	Page *pg = cached(i, daddr);
	if (pg != NULL)
		uncache(i, pg);
	unlock(&i->lock);
	if (pg != NULL)
		putpage(pg);
}

/* Drop one page of hash word k; false if there is none. */
static bool
dropone(Image *i, size_t k)
{
	lock(&i->lock);
	Page *pg = i->hash[k];
	if (pg != NULL)
		uncache(i, pg);
	unlock(&i->lock);
	if (pg != NULL)
		putpage(pg);
	return pg != NULL;
}

/* Out of the list of open images; false if it is not in there. */
static bool
dropimage(Image *i)
{
	lock(&openimages.lock);
	bool open = i->id != 0 && i->id <= openimages.nmapped &&
		    openimages.byid[i->id - 1] == i;
	if (open) {
		if (i->prev != NULL)
			i->prev->next = i->next;
		else
			openimages.first = i->next;
		if (i->next != NULL)
			i->next->prev = i->prev;
		if (openimages.hand == i)
			openimages.hand = i->next;
		openimages.nlisted--;
	}
	unlock(&openimages.lock);
	return open;
}

void
imageclose(Image *i)
{
	if (!dropimage(i))
		panic("image %p is not open", (void *)i);
	for (size_t k = 0; k < i->nhash; k++)
		while (dropone(i, k))
			;
	lock(&openimages.lock);
	openimages.byid[i->id - 1] = NULL;
	openimages.lowest = MIN(openimages.lowest, i->id - 1);
	openimages.nopen--;
	i->id = 0;
	unlock(&openimages.lock);
	shrinkids();
}
