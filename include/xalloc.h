#ifndef XALLOC_H
#define XALLOC_H

#include "types.h"

void xinit(void);
void xhole(paddr_t pa, size_t size);
void *xalloc(size_t size);
void *xallocz(size_t size, bool zero);
void *xspanalloc(size_t size, size_t align, size_t span);
void xfree(void *p);
int xmerge(void *p, void *q);
void xsummary(void);
void xcheck(void);
size_t xholes(void);
size_t xfreebytes(void);

#endif
