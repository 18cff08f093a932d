/*
 * scarce.c - see scarce.h.
 */
#include "scarce.h"
#include "image.h"

#include <stdatomic.h>

/* Called by proc/ by these names: tests/host/proc/rename.h. */
void *scarcemalloc(size_t size);
Page *scarcenewpage(enum clear clear, uintptr_t va);
Page *scarcenewpagerun(size_t npages, size_t align, paddr_t below);
int scarceimageopen(Image *i, Page **hash, size_t nhash);

void *kmalloc(size_t size);

static _Atomic size_t left = SIZE_MAX;
static _Atomic size_t refused;

void
scarce(size_t n)
{
	left = n;
	refused = 0;
}

size_t
scarcerefused(void)
{
	return refused;
}

static void (*when)(void);

void
scarcewhen(void (*fn)(void))
{
	when = fn;
}

static bool
granted(void)
{
	void (*fn)(void) = when;

	if (fn != NULL) {
		when = NULL;
		fn();
	}
	if (left == SIZE_MAX)
		return true;
	if (left == 0) {
		refused++;
		return false;
	}
	left--;
	return true;
}

void *
scarcemalloc(size_t size)
{
	return granted() ? kmalloc(size) : NULL;
}

Page *
scarcenewpage(enum clear clear, uintptr_t va)
{
	return granted() ? newpage(clear, va) : NULL;
}

Page *
scarcenewpagerun(size_t npages, size_t align, paddr_t below)
{
	return granted() ? newpagerun(npages, align, below) : NULL;
}

int
scarceimageopen(Image *i, Page **hash, size_t nhash)
{
	return granted() ? imageopen(i, hash, nhash) : -1;
}
