/*
 * desc.c - GDT, TSS and IDT of the one CPU mem9 runs on.
 *
 * The GDT is flat: every code and data segment starts at 0 and, where a limit
 * still means something, ends at 4 GiB (limit 0xfffff in units of 4 KiB). What
 * differs is only the access byte. Descriptors: Intel SDM volume 3A, 3.4.5,
 * 7.2.3 (TSS).
 */
#include "desc.h"
#include "hooks.h"
#include "stack.h"
#include "trap.h"
#include "x86.h"

typedef struct Tss Tss;

struct Tss {
	uint32_t unused0;
	uint64_t sp[3];
	uint64_t unused1;
	uint64_t ist[7];
	uint64_t unused2;
	uint16_t unused3;
	uint16_t iomap;
} __attribute__((packed));

_Static_assert(sizeof(Gate) == 16, "an interrupt gate has 16 bytes");
_Static_assert(sizeof(Tss) == 104, "a 64-bit TSS has 104 bytes");
_Static_assert(sizeof(Tableptr) == 10, "lgdt and lidt read 10 bytes");

enum {
	GATEINT = 0x8e, /* present, ring 0, interrupt gate */
	ISTDF = 1,
	ISTNMI = 2,
	ISTMC = 3,
};

static uint64_t gdt[NSELECTOR] = {
    [KCODE / 8] = CODE64,
    [KDATA / 8] = SEGMENT(0x93, SEG32),
    [UDATA / 8] = SEGMENT(0xf3, SEG32),
    [UCODE / 8] = SEGMENT(0xfb, SEG64),
};

static Gate idt[NVECTOR] __attribute__((aligned(16)));
static Tss tss;

void setsegments(uint16_t code, uint16_t data);
extern const uint8_t trapentries[];

void
gateset(Gate *g, uintptr_t entry, uint16_t selector)
{
	*g = (Gate){
	    .off0 = (uint16_t)entry,
	    .off16 = (uint16_t)(entry >> 16),
	    .off32 = (uint32_t)(entry >> 32),
	    .selector = selector,
	    .type = GATEINT,
	};
}

/*
 * The IDT first, whose gates find their segment in the GDT that is in force;
 * SS last, which until then is null: at any instruction an NMI may come.
 */
void
descinit(void)
{
	Tableptr gp = {sizeof gdt - 1, (uintptr_t)gdt};
	Tableptr ip = {sizeof idt - 1, (uintptr_t)idt};

	for (size_t v = 0; v < NVECTOR; v++)
		gateset(&idt[v], (uintptr_t)trapentries + v * ENTRYSIZE, KCODE);
	__asm__ volatile("lidt %0" : : "m"(ip));
	__asm__ volatile("lgdt %0" : : "m"(gp));
	setsegments(KCODE, KDATA);
	__asm__ volatile("lldt %w0" : : "r"(0));
}

/*
 * Faults that may find no stack to push on get their own: a double fault, as
 * from overflow into a guard page, and the two that come at any time. A page
 * fault has none on purpose: a nested one would overwrite the first's frame. A
 * gate may name such a stack only once the TSS is there to look it up in.
 */
void
tssinit(void)
{
	uintptr_t base = (uintptr_t)&tss;

	tss.sp[0] = stacktop(STACKMAIN);
	tss.ist[ISTDF - 1] = stacktop(STACKDF);
	tss.ist[ISTNMI - 1] = stacktop(STACKNMI);
	tss.ist[ISTMC - 1] = stacktop(STACKMC);
	tss.iomap = sizeof tss;
	gdt[TSSSEL / 8] = (sizeof tss - 1) | (base & 0xffffff) << 16 |
			  0x89ull << 40 | (base >> 24 & 0xff) << 56;
	gdt[TSSSEL / 8 + 1] = base >> 32;
	__asm__ volatile("ltr %w0" : : "r"(TSSSEL) : "memory");
	idt[TRAPDF].ist = ISTDF;
	idt[TRAPNMI].ist = ISTNMI;
	idt[TRAPMC].ist = ISTMC;
}
