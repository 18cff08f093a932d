/*
 * acpi.h - firmware's ACPI tables, as long as firmware lives.
 */
#ifndef ACPI_H
#define ACPI_H

#include "numberat.h"

/* Where what is in a root pointer, and in the head of a table. */
enum {
	RSDPREVISION = 15,
	RSDPRSDT = 16,
	RSDPXSDT = 24,
	RSDPSIZE = 20,
	RSDPXSIZE = 36,
	TABLELENGTH = 4,
	TABLEHEADER = 36,
};

/* And in the FADT: where the DSDT is, and flags. */
enum { FADTDSDT = 40, FADTFLAGS = 112, FADTXDSDT = 140 };

/* From here to 1 MiB rsdpscan() may look for one. */
enum { BIOSAREA = 0xe0000 };

/* Find them; false if there are none. Whatever that says, acpiclose(). */
bool acpiopen(void);
void acpiclose(void);

/* The table with that signature and its size, or NULL. Nothing else is read. */
const uint8_t *acpitable(const char *signature, size_t *size);

/* The same, of a table that stands in another one by its address. */
const uint8_t *acpiat(uint64_t addr, const char *signature, size_t *size);

/*
 * The root pointer in memory that a PC's firmware keeps it in without telling,
 * size bytes, or NULL.
 */
const uint8_t *rsdpscan(const uint8_t *p, size_t size);

/* Do these bytes add up to 0? */
bool addsup(const uint8_t *p, size_t size);

/*
 * The length of the entry at that offset of a table, whose entries follow each
 * other by it: they begin with a type, then that, in a byte each. False if it
 * leads nowhere.
 */
static inline bool
acpientry(const uint8_t *table, size_t size, size_t offset, size_t *n)
{
	enum { ENTRYHEAD = 2 };

	*n = size - offset >= ENTRYHEAD ? table[offset + 1] : 0;
	return *n >= ENTRYHEAD && *n <= size - offset;
}

#endif
