/*
 * rampage.h - where page-table pages come from: see rampage() in mmu.h.
 */
#ifndef RAMPAGE_H
#define RAMPAGE_H

#include "types.h"

/*
 * Give rampage these pages to hand out, which kaddr reaches, once
 * rampageturn() says so: what was being handed out until then is dropped.
 */
void rampageadd(paddr_t pa, size_t size);
void rampageturn(void);

#endif
