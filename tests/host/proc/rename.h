/*
 * rename.h - what proc/ asks for memory, with a count in between: given to
 * every file of proc/ by tests.mk. See tests/host/scarce.h.
 */
#ifndef PROCRENAME_H
#define PROCRENAME_H

#include <stdlib.h>

#define malloc(n) scarcemalloc(n)
#define free(p) kfree(p)
#define newpage(clear, va) scarcenewpage(clear, va)
#define newpagerun(n, align, below) scarcenewpagerun(n, align, below)
#define imageopen(i, hash, n) scarceimageopen(i, hash, n)

#endif
