/*
 * desc.h - the segments and gates of desc.c, private to arch/amd64/.
 */
#ifndef DESC_H
#define DESC_H

#include "types.h"

typedef struct Gate Gate;
typedef struct Tableptr Tableptr;
typedef struct Tss Tss;
typedef struct Desc Desc;

/* Of an IDT: SDM volume 3A, 6.14.1. */
struct Gate {
	uint16_t off0;
	uint16_t selector;
	uint8_t ist;
	uint8_t type;
	uint16_t off16;
	uint32_t off32;
	uint32_t zero;
};

/* SDM volume 3A, 7.7. */
struct Tss {
	uint32_t unused0;
	uint64_t sp[3];
	uint64_t unused1;
	uint64_t ist[7];
	uint64_t unused2;
	uint16_t unused3;
	uint16_t iomap;
} __attribute__((packed));

/* What lgdt and lidt read. */
struct Tableptr {
	uint16_t limit;
	uint64_t base;
} __attribute__((packed));

enum { ENTRYSIZE = 16 }; /* bytes of code per vector, in the .S files */

/* Base 0, limit 0xfffff, page granularity; the access byte, and L or D. */
#define SEGMENT(access, flags)                                                 \
	(0x0000000000ffffull | (uint64_t)(access) << 40 |                      \
	    (uint64_t)(0xf | (flags) << 4) << 48)
#define SEG32 0xc
#define SEG64 0xa
#define CODE64 SEGMENT(0x9b, SEG64)

/* An interrupt gate to code at entry, on the stack that is in use. */
void gateset(Gate *g, uintptr_t entry, uint16_t selector);

/* Selectors; UDATA before UCODE as SYSRET wants it (SDM volume 2B). */
enum {
	KCODE = 0x08,
	KDATA = 0x10,
	UDATA = 0x20,
	UCODE = 0x28,
	TSSSEL = 0x30,
	NSELECTOR = 8
};

/* What each CPU has of its own; CPU 0's are desc.c's. */
struct Desc {
	uint64_t gdt[NSELECTOR];
	Tss tss;
};

/*
 * Load IDT and GDT: from here on a fault is reported. KCODE is loaded, from a
 * GDT that has it where ours does, and SS is null.
 */
void descinit(void);

/*
 * Load the TSS: from here on #DF, NMI, #MC and #DB have stacks of their own,
 * the last the first's.
 */
void tssinit(void);

/* CPU 0's. */
Tss *desctss0(void);

/*
 * Fill and load GDT and TSS of CPU n, another one, and the IDT, after tssinit
 * on CPU 0: from here on a fault of that CPU is reported. KCODE is loaded.
 */
void descload(Desc *d, size_t n);

#endif
