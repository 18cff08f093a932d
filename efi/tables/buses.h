/*
 * buses.h - what ACPI says of devices that reach memory by themselves.
 *
 * Pure: the bytes of a table in, which have been believed.
 */
#ifndef BUSES_H
#define BUSES_H

#include "bootinfo.h"

/* Buses whose configuration space is in memory, at most MOSTPCI; how many. */
size_t mcfgread(const uint8_t *mcfg, size_t size, Pcibuses *buses);

/* The units of a DMAR or IVRS table, each once. */
void dmarread(const uint8_t *dmar, size_t size, Iommus *u);
void ivrsread(const uint8_t *ivrs, size_t size, Iommus *u);

#endif
