/*
 * openimages.h - which images are open; for image.c, and reclaim.c.
 */
#ifndef OPENIMAGES_H
#define OPENIMAGES_H

#include "image.h"

struct Openimages {
	Lock lock;
	Image **byid; /* of NIMAGE; those below nmapped are there */
	size_t nmapped;
	uint32_t unmapping; /* what lies behind those, without the lock */
	size_t nopen;
	size_t lowest; /* all below are in use */
	Page *backing; /* what byid is mapped to, last first */
	Image *first;
	size_t nlisted; /* from first on */
	Image *hand;    /* that gives up pages next; NULL is the first */
	bool barren;    /* the last walk found fewer than asked for */
};

extern struct Openimages openimages;

/* Out of the cache, with i's lock held; the cache's reference is left. */
void uncache(Image *i, Page *pg);

#endif
