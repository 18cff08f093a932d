/*
 * mapped.c - pages under the arenas that the kernel's share has no room for.
 *
 * Whole 2 MiB pages where addresses and memory allow, else frames, which are
 * fetched some at a time, so that those that follow each other are mapped by
 * one call; and what goes back is unmapped by one, as each may have to tell
 * all CPUs.
 */
#include "bytemap.h"
#include "hooks.h"
#include "page.h"
#include "poolparts.h"

enum { BATCH = 64 }; /* frames mapped at a time */

/* The page that is mapped at p, of whatever size. */
static Page *
mappedpage(uintptr_t p)
{
	paddr_t pa = paddr((void *)p);
	Page *pg = papage(ROUNDDOWN(pa, 2 * MiB));

	return pg != NULL && pagesize(pg) != BY2PG ? pg : papage(pa);
}

size_t
mappedsize(uintptr_t p)
{
	return pagesize(mappedpage(p));
}

void
unmappages(uintptr_t p, uintptr_t end)
{
	Page *chain = NULL;
	Page *next = NULL;

	for (uintptr_t at = p; at < end; at += pagesize(chain)) {
		Page *pg = mappedpage(at);
		pagesetnext(pg, chain);
		chain = pg;
	}
	if (p < end)
		unmaprange((void *)p, (end - p) / BY2PG);
	for (Page *pg = chain; pg != NULL; pg = next) {
		next = pagenext(pg);
		if (pagesize(pg) == BY2PG)
			putpage(pg);
		else
			puthugepage(pg);
	}
}

/* Map n frames from p on, ascending runs in one call each; or none and -1. */
static int
mapruns(uintptr_t p, const paddr_t *pa, size_t n)
{
	for (size_t i = 0; i < n;) {
		size_t run = 1;
		while (i + run < n && pa[i + run] == pa[i] + run * BY2PG)
			run++;
		if (maprange((void *)(p + i * BY2PG), pa[i], run) < 0) {
			unmappages(p, p + i * BY2PG);
			while (i < n)
				kfree_frame(pa[i++]);
			return -1;
		}
		i += run;
	}
	return 0;
}

/* Frames for [p, p + n pages), n at most BATCH; or none and -1. */
static int
mapframes(uintptr_t p, size_t n)
{
	paddr_t pa[BATCH];
	size_t left = n;

	/* They come with falling addresses where they can. */
	while (left > 0 && (pa[left - 1] = kalloc_frame()) != NOADDR)
		left--;
	if (left == 0)
		return mapruns(p, pa, n);
	while (left < n)
		kfree_frame(pa[left++]);
	return -1;
}

/* A 2 MiB page at p, if there is one. */
static int
maphuge(uintptr_t p)
{
	Page *pg = newhugepage(2 * MiB, NOCLEAR, 0);

	if (pg == NULL)
		return -1;
	if (maprange((void *)p, pagepa(pg), 2 * MiB / BY2PG) == 0)
		return 0;
	puthugepage(pg);
	return -1;
}

uintptr_t
mappages(uintptr_t p, uintptr_t end, uintptr_t limit)
{
	uintptr_t at = p;

	while (at < end) {
		if (at % (2 * MiB) == 0 && limit - at >= 2 * MiB &&
		    maphuge(at) == 0) {
			at += 2 * MiB;
			continue;
		}
		uintptr_t next = MIN(end, ROUNDDOWN(at, 2 * MiB) + 2 * MiB);
		size_t n = MIN((next - at) / BY2PG, (size_t)BATCH);
		if (mapframes(at, n) < 0) {
			unmappages(p, at);
			return 0;
		}
		at += n * BY2PG;
	}
	return at;
}
