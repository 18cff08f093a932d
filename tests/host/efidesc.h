/*
 * efidesc.h - a descriptor of EFI's memory map, as firmware lays it out.
 */
#ifndef EFIDESC_H
#define EFIDESC_H

#include <stdint.h>
#include <string.h>

/* 40 bytes; those at 4 and at 16, padding and a virtual address, stay. */
static inline void
efidesc(
    uint8_t *p, uint32_t type, uint64_t base, uint64_t npages, uint64_t attr)
{
	memcpy(p, &type, 4);
	memcpy(p + 8, &base, 8);
	memcpy(p + 24, &npages, 8);
	memcpy(p + 32, &attr, 8);
}

#endif
