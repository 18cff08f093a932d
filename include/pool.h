#ifndef POOL_H
#define POOL_H

#include "types.h"

void *malloc(size_t size);
void *mallocz(size_t size, bool zero);
void *mallocalign(size_t size, size_t align, ptrdiff_t offset, size_t span);
void *smalloc(size_t size);
void *realloc(void *p, size_t size);
size_t msize(void *p);
void free(void *p);
void mallocsummary(void);

#endif
