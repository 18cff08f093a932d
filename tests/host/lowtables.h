/*
 * lowtables.h - ACPI's tables in memory laid out as firmware does: below 4 GiB,
 * and where a PC's BIOS is.
 */
#ifndef LOWTABLES_H
#define LOWTABLES_H

#include "types.h"

enum { BIOS = 0xe0000, BIOSSIZE = 0x20000, LOWROOM = 1 << 20 };

/* What every table of ACPI begins with. */
enum { TABLEHEAD = 36 };

/* LOWROOM bytes that 32 bits can address, and how many tables have taken. */
extern uint8_t *low;
extern size_t used;

/* Once; and all anew, for firmware that has been started (fakefw.h). */
void lowtablesopen(void);
void lowtablesstart(void);

/* Memory of its own, which munmap() frees; flags beside the usual ones. */
void *memory(void *at, size_t size, int flags);

/* The map has these pages, as ACPI's. */
void known(const void *p, size_t npages);

/* A table of zeros; a root table of those, which end at NULL. */
uint8_t *table(const char *signature, uint32_t size);
uint8_t *roottable(const char *signature, size_t width, uint8_t *const *list);

/* A root pointer there, which leads to these. */
uint8_t *root(uint8_t *at, uint8_t revision, uint64_t rsdt, uint64_t xsdt);

/* The byte at that place makes all of them add up to 0. */
void sum(uint8_t *p, size_t size, size_t at);

#endif
