/*
 * place.h - the parts of the address space, for reports.
 */
#ifndef PLACE_H
#define PLACE_H

#include "types.h"

/* What lies at va, in words: "direct map", "guard below a stack", ... */
const char *placename(uintptr_t va);

#endif
