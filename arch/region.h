/*
 * region.h - the parts of the address space, for reports.
 */
#ifndef REGION_H
#define REGION_H

#include "types.h"

/* What lies at va, in words: "direct map", "guard below a stack", ... */
const char *regionname(uintptr_t va);

#endif
