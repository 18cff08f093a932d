#ifndef BYTEMAP_H
#define BYTEMAP_H

#include "types.h"

paddr_t kalloc_frame(void);
void kfree_frame(paddr_t pa);

#endif
