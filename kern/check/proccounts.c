/*
 * proccounts.c - see proccounts.h.
 */
#include "proccounts.h"
#include "page.h"
#include "pool.h"
#include "programs.h"
#include "xalloc.h"

Proccounts
proccounts(void)
{
	Pool *const pools[] = {mainmem, imagmem, secrmem};
	Proccounts c = {0};
	Pagestats st;

	processtidy();
	for (size_t i = 0; i < nelem(pools); i++) {
		Poolstats of;

		poolcompact(pools[i]);
		poolstats(pools[i], &of);
		c.used += of.used;
		c.size += of.size;
		c.most += of.max;
	}
	pagestats(&st);
	c.nfree = st.nfree;
	c.npages = st.npages;
	c.nchunks = st.nchunks;
	c.xfree = xfreebytes();
	return c;
}

Procloss
proclosses(const Proccounts *was, const Proccounts *is)
{
	bool grown = is->nchunks != was->nchunks || is->most != was->most;

	return (Procloss){
	    .pages = (intmax_t)was->nfree - (intmax_t)is->nfree -
		     (intmax_t)(was->npages - is->npages),
	    .bytes = (intmax_t)is->used - (intmax_t)was->used,
	    .arenas = (intmax_t)is->size - (intmax_t)was->size,
	    .xalloc = grown ? 0 : (intmax_t)was->xfree - (intmax_t)is->xfree,
	};
}

bool
anyloss(const Procloss *l)
{
	return l->pages != 0 || l->bytes != 0 || l->arenas != 0 ||
	       l->xalloc != 0;
}
