/*
 * handed.h - firmware's memory map, as it was handed over.
 */
#ifndef HANDED_H
#define HANDED_H

#include "efimap.h"

Efimap handedmap(void);

#endif
