/*
 * reclaim.c - pages that only images keep are given up when there are none
 * left.
 *
 *	newpage finds none -> imagereclaim -> each image gives some -> free
 *
 * Two CPUs may need some at once: openimages.lock is held for all of a walk,
 * and who waited for it looks first at what the other one found.
 */
#include "openimages.h"
#include "palloc.h"

size_t
pagereclaim(Image *i, size_t npages)
{
	Page *chain = NULL;
	size_t n = 0;

	lock(&i->lock);
	for (size_t k = 0; k < i->nhash && n < npages && i->npages > 0; k++) {
		Page *next;

		for (Page *pg = i->hash[i->hand]; pg != NULL && n < npages;
		     pg = next) {
			next = pg->next;
			if (pagerefs(pg) != 1)
				continue;
			uncache(i, pg);
			pagesetnext(pg, chain);
			chain = pg;
			n++;
		}
		i->hand = (i->hand + 1) & (i->nhash - 1);
	}
	unlock(&i->lock);
	freepages(chain);
	return n;
}

/* What all images keep. */
static size_t
imagepages(void)
{
	size_t n = 0;

	lock(&openimages.lock);
	for (Image *i = openimages.first; i != NULL; i = i->next)
		n += __atomic_load_n(&i->npages, __ATOMIC_RELAXED);
	unlock(&openimages.lock);
	return n;
}

/* What becomes free meanwhile is counted, if need be twice. */
size_t
pagesmost(void)
{
	size_t before = imagepages();
	size_t nfree = pagesfree();
	size_t after = imagepages();

	return nfree + MAX(before, after);
}

/* Once around all images from the hand on, up to share pages of each. */
static size_t
oneround(size_t npages, size_t share)
{
	size_t n = 0;

	for (size_t k = openimages.nlisted; k > 0 && n < npages; k--) {
		Image *i = openimages.hand != NULL ? openimages.hand
						   : openimages.first;

		n += pagereclaim(i, MIN(share, npages - n));
		openimages.hand = i->next;
	}
	return n;
}

/* Each image gives about as much; those that can give no more, nothing. */
static size_t
allrounds(size_t npages)
{
	size_t nimages = MAX(openimages.nlisted, 1);
	size_t share = npages / nimages + (npages % nimages != 0);
	size_t n = 0;
	size_t got;

	do {
		got = oneround(npages - n, share);
		n += got;
	} while (got > 0 && n < npages);
	return n;
}

/*
 * If the last walk found less than was asked for, there is no need for another
 * one until some cached page has lost its last user. Who asks that in this
 * order waits for one who walks; and who sees that a walk is over sees what it
 * has reclaimed.
 */
static bool
barren(void)
{
	return !__atomic_load_n(&palloc.cachedidle, __ATOMIC_ACQUIRE) &&
	       __atomic_load_n(&openimages.barren, __ATOMIC_ACQUIRE);
}

size_t
imagereclaim(size_t npages)
{
	size_t n = 0;

	if (barren())
		return 0;
	lock(&openimages.lock);
	if (!barren()) {
		__atomic_store_n(&openimages.barren, false, __ATOMIC_RELAXED);
		__atomic_exchange_n(
		    &palloc.cachedidle, false, __ATOMIC_ACQ_REL);
		n = allrounds(npages);
		__atomic_fetch_add(&palloc.ngiven, n, __ATOMIC_RELEASE);
		__atomic_store_n(
		    &openimages.barren, n < npages, __ATOMIC_RELEASE);
	}
	unlock(&openimages.lock);
	return n;
}
