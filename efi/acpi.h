/*
 * acpi.h - firmware's ACPI tables, as long as firmware lives.
 */
#ifndef ACPI_H
#define ACPI_H

#include "hooks.h"

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

/* A number of size bytes at that offset, whatever that is a multiple of. */
static inline uint64_t
acpiget(const uint8_t *p, size_t offset, size_t size)
{
	uint64_t v = 0;

	memcpy(&v, p + offset, size);
	return v;
}

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
