/*
 * image.h - pages of files kept in memory for as long as there is room.
 *
 * An Image is what pages are cached of: a file, a program. Its cache finds a
 * page by its daddr and holds one reference to it. When newpage runs out, it
 * takes pages that only a cache holds. Any CPU may call anything here at any
 * time, as long as the image is open.
 */
#ifndef IMAGE_H
#define IMAGE_H

#include "page.h"

/* Its memory is the caller's, and must stay until imageclose. */
struct Image {
	Lock lock;
	uint32_t id;   /* in its pages */
	size_t npages; /* cached */
	Page **hash;   /* by daddr */
	size_t nhash;
	size_t hand; /* the hash word where pagereclaim goes on */
	Image *next; /* open images */
	Image *prev;
};

/*
 * Open i with an empty cache, given nhash pointers (a power of two, about
 * one a page to be cached; the caller's) to find pages by. -1 if there is no
 * page to write its number in, or too many are open. Undo with imageclose,
 * which empties the cache first; pages in use stay with those who use them.
 */
int imageopen(Image *i, Page **hash, size_t nhash);
void imageclose(Image *i);

/*
 * Put pg, which the caller holds, into i's cache as the page at its daddr. -1
 * if the cache has one for that daddr already. Panics if pg is in a cache.
 */
int cachepage(Page *pg, Image *i);

/* The cached page of i at daddr with a reference for the caller, or NULL. */
Page *lookpage(Image *i, uint64_t daddr);

/* Take pg, which the caller holds, out of the cache it may be in. */
void uncachepage(Page *pg);

/* Take the page at daddr out of i's cache, if there is one. */
void cachedel(Image *i, uint64_t daddr);

/*
 * Give up as many as npages pages that only i's cache, or any cache, holds.
 * Returns how many that were.
 */
size_t pagereclaim(Image *i, size_t npages);
size_t imagereclaim(size_t npages);

/* The pages that are free, and those that all images could give up. */
size_t pagesmost(void);

/* The image in whose cache pg is, or NULL. */
Image *pageimage(const Page *pg);

#endif
