/*
 * lowpage.h - the page below 1 MiB that the other CPUs are sent to.
 */
#ifndef LOWPAGE_H
#define LOWPAGE_H

#include "types.h"

/* Taken from firmware and filled; NOADDR if it has none to give. */
paddr_t takelowpage(void);

/* Back to firmware, if there is one. */
void freelowpage(paddr_t pa);

#endif
