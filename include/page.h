#ifndef PAGE_H
#define PAGE_H

#include "types.h"
#include "hooks.h"

enum clear { NOCLEAR, CLEAR };

void preallocpages(void);
void pageinit(void);
Page *newpage(enum clear clear, uintptr_t va);
void putpage(Page *pg);
paddr_t pagepa(const Page *pg);

#endif
