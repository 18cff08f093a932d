/*
 * fakeaudit.h - a firmware (fakefw.h) with all that `mem9 audit' reads: pages,
 * images, an attributes table, a list of hand-off blocks.
 */
#ifndef FAKEAUDIT_H
#define FAKEAUDIT_H

#include "audit.h"
#include "cpu.h"
#include "fakefw.h"

typedef struct Fakeaudit Fakeaudit;

/* An image, of which the headers are there; where they begin. */
enum {
	FAKEIMAGESIZE = 0x6000,
	FAKEPE = 0x80,
	FAKESECTIONS = FAKEPE + 24 + 240
};

struct Fakeaudit {
	Leaf leaves[512];
	size_t nleaves;
	size_t hides; /* so many of them, from whoever looks first */
	size_t walks;
	Cpuregs regs;
	size_t npages; /* taken and not given back */
	bool nopages;  /* none are given, */
	bool nopool;   /* nor that kind of memory that is not LoaderData */
	uint8_t hobs[512];
	size_t hobsize;
	size_t skew; /* bytes that the attributes table lies off its place */
};

extern Fakeaudit fakeaudit;

/* fakestart(), and a map of all that is read. */
void fakeauditstart(void);

/* One more page in force. */
void fakeleaf(uintptr_t va, paddr_t pa, size_t size, pte_t flags);

/* An image with so many sections, mem9's own; one of them. */
uint8_t *fakeimage(size_t nsection);
void fakesection(uint8_t *image, size_t n, uint32_t rva, uint32_t size,
    uint32_t raw, uint32_t flags);

/* One more hand-off block; the stack's; the last one loses its end. */
void fakehob(uint16_t type, uint16_t length, uint64_t base, uint64_t size);
void fakehobstack(uint64_t base, uint64_t size);
void fakehobshort(void);

/* A table that says so, with three entries from 0x3000 downwards. */
void fakeattributes(uint32_t version, uint32_t n, uint32_t stride);

/* LocateHandleBuffer() that finds nothing. */
EFI_STATUS fakenohandles(EFI_LOCATE_SEARCH_TYPE how, EFI_GUID *guid, VOID *key,
    UINTN *n, EFI_HANDLE **list);

#endif
