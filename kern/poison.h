/*
 * poison.h - fill what firmware left with junk, before anything is allocated.
 */
#ifndef POISON_H
#define POISON_H

#include "efimap.h"

void poison(const Efimap *map);

#endif
