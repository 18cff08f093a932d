/*
 * crc.h - the CRC-32 of IEEE 802.3, as zip and GPT have it.
 */
#ifndef CRC_H
#define CRC_H

#include "types.h"

/* Of size bytes behind those that crc is of; 0 is that of none. */
uint32_t crc32(uint32_t crc, const void *p, size_t size);

#endif
