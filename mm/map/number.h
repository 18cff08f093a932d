/*
 * number.h - numbers in the texts that mm/ reads itself. Private to mm/map.
 */
#ifndef NUMBER_H
#define NUMBER_H

#include "types.h"

/*
 * The len characters at s as a number of this radix, 10 or 16; 0x in front
 * makes it 16. -1 if they are none, or one of more than 64 bits.
 */
int textnumber(const char *s, size_t len, unsigned radix, paddr_t *n);

#endif
