/*
 * parkpage.h - the page below 1 MiB that CPUs start in, as parking.S has it.
 */
#ifndef PARKPAGE_H
#define PARKPAGE_H

#include "types.h"

typedef struct Farptr Farptr;
typedef struct Parking Parking;
typedef struct Rmptr Rmptr;

enum {
	CODESIZE = 512,
	NVECTORS = 32,
	NPARKGDT = 4,
	NIDS = 812,
	NOID = -1,
};

struct Rmptr {
	uint16_t limit;
	uint32_t base;
} __attribute__((packed));

struct Farptr {
	uint32_t ip;
	uint16_t cs;
} __attribute__((packed));

struct Parking {
	uint8_t code[CODESIZE];
	struct {
		uint16_t ip;
		uint16_t cs;
	} vectors[NVECTORS];
	Rmptr idtr;
	uint8_t unused[2];
	Rmptr gdtr;
	uint8_t unused1;
	bool mce;
	uint8_t spilt[16]; /* by what comes while sp is at the frame */
	struct {
		uint16_t ip;
		uint16_t cs;
		uint16_t flags;
	} frame;
	uint8_t stack[90];
	uint32_t count;
	uint32_t ticket; /* of the CPU that is called: see callcpus.c */
	uint32_t cr0;    /* and what it loads; the highest are bits 0 to 31 */
	uint32_t cr3;
	uint32_t cr4;
	uint32_t efer;
	Farptr far32; /* into this page again, in each mode */
	uint8_t unused2[2];
	uint64_t entry; /* and where it goes then */
	Farptr far64;
	uint8_t unused3[2];
	uint64_t gdt[NPARKGDT];
	uint32_t id[NIDS]; /* of those that had no ticket, or NOID */
};

_Static_assert(sizeof(Parking) == BY2PG, "one page");
_Static_assert(offsetof(Parking, idtr) == 640, "IDTR of parking.S");
_Static_assert(offsetof(Parking, gdtr) == 648, "GDTR of parking.S");
_Static_assert(offsetof(Parking, mce) == 655, "MCE of parking.S");
_Static_assert(offsetof(Parking, frame) == 672, "FRAME of parking.S");
_Static_assert(offsetof(Parking, count) == 768, "STACK, COUNT of parking.S");
_Static_assert(offsetof(Parking, ticket) == 772, "TICKET of parking.S");
_Static_assert(offsetof(Parking, cr0) == 776, "CR0V of parking.S");
_Static_assert(offsetof(Parking, cr3) == 780, "CR3V of parking.S");
_Static_assert(offsetof(Parking, cr4) == 784, "CR4V of parking.S");
_Static_assert(offsetof(Parking, efer) == 788, "EFERV of parking.S");
_Static_assert(offsetof(Parking, far32) == 792, "FAR32 of parking.S");
_Static_assert(offsetof(Parking, entry) == 800, "ENTRY of parking.S");
_Static_assert(offsetof(Parking, far64) == 808, "FAR64 of parking.S");
_Static_assert(offsetof(Parking, gdt) == 816, "of no concern to parking.S");
_Static_assert(offsetof(Parking, id) == 848, "IDS of parking.S");

#endif
