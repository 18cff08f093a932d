/*
 * trap.h - exceptions: what the CPU saved, who reports, who recovers.
 */
#ifndef TRAP_H
#define TRAP_H

#include "types.h"

typedef struct Ureg Ureg;
typedef struct Caught Caught;

/* As arch/amd64/trapasm.S pushes it; the last five are pushed by the CPU. */
struct Ureg {
	uint64_t r15, r14, r13, r12, r11, r10, r9, r8;
	uint64_t rbp, rdi, rsi, rdx, rcx, rbx, rax;
	uint64_t vector;
	uint64_t error;
	uint64_t pc;
	uint64_t cs;
	uint64_t flags;
	uint64_t sp;
	uint64_t ss;
};

enum trapvector {
	TRAPDE = 0,
	TRAPDB = 1,
	TRAPNMI = 2,
	TRAPBP = 3,
	TRAPUD = 6,
	TRAPNM = 7,
	TRAPDF = 8,
	TRAPSS = 12,
	TRAPGP = 13,
	TRAPPF = 14,
	TRAPMC = 18,
	NEXCEPTION = 32, /* from there on, interrupts */
	NVECTOR = 256,
	NOVECTOR = NVECTOR /* a panic, where a fault could have been */
};

/* Bits of a page fault's error code: SDM volume 3A, 4.7. */
enum {
	PFPRESENT = 1 << 0,
	PFWRITE = 1 << 1,
	PFUSER = 1 << 2,
	PFRESERVED = 1 << 3,
	PFFETCH = 1 << 4
};

struct Caught {
	uint64_t vector;
	uint64_t error;
	uintptr_t pc;
	uintptr_t addr; /* CR2, for a page fault */
};

/* Nobody expects a fault, whatever was expected in firmware's world. */
void trapinit(void);

/*
 * Run fn(arg) and come back even if it faults or panics: true, with what
 * happened in *what. What fn had begun is left as it was, locks too.
 */
bool faults(void (*fn)(void *), void *arg, Caught *what);

/* Out of the innermost faults(), with that; returns if there is none. */
void faultescape(Caught what);

/* Registers, page walk, region: what a person needs of a fault. */
void faultreport(const Ureg *ur, uintptr_t cr2);

/*
 * Print the walk of va through the live tables, level by level, for people; or
 * for programs: "mem9: walk", "mem9: pte" each, "mem9: walked".
 */
void walkprint(uintptr_t va);
void walklines(uintptr_t va);

/* Whatever was being reported is: the next fault is a first one again. */
void reportdone(void);

#endif
