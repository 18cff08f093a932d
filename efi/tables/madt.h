/*
 * madt.h - ACPI's table of CPUs.
 *
 * Pure: the bytes of a table in, which have been believed.
 */
#ifndef MADT_H
#define MADT_H

#include "cpulist.h"

/* Those it says are there, each once. */
void madtread(const uint8_t *madt, size_t size, Cpulist *c);

#endif
