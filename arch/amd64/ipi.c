/*
 * ipi.c - the interrupt command register's two forms, without an instruction.
 *
 * SDM volume 3A, 11.6.1 (xAPIC: the destination is the highest byte), 11.12.9
 * (x2APIC: the higher half). The id of all ones means everybody.
 */
#include "apic.h"

enum {
	ICRASSERT = 1 << 14,
	XIDSHIFT = 56,
	X2IDSHIFT = 32,
	XEVERYBODY = 0xff,
};
#define X2EVERYBODY 0xffffffff

uint64_t
ipicommand(enum apic mode, uint32_t id, uint32_t what)
{
	uint64_t command = what | ICRASSERT;

	if (mode == APICX && id < XEVERYBODY)
		return (uint64_t)id << XIDSHIFT | command;
	if (mode == APICX2 && id < X2EVERYBODY)
		return (uint64_t)id << X2IDSHIFT | command;
	return 0;
}
