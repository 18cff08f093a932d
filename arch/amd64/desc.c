/*
 * desc.c - GDT and TSS of each CPU, and the IDT of all.
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

_Static_assert(sizeof(Gate) == 16, "an interrupt gate has 16 bytes");
_Static_assert(sizeof(Tss) == 104, "a 64-bit TSS has 104 bytes");
_Static_assert(sizeof(Tableptr) == 10, "lgdt and lidt read 10 bytes");

enum {
	GATEINT = 0x8e, /* present, ring 0, interrupt gate */
	ISTDF = 1,
	ISTNMI = 2,
	ISTMC = 3,
};

/* What every GDT begins with. */
static const uint64_t flat[NSELECTOR] = {
    [KCODE / 8] = CODE64,
    [KDATA / 8] = SEGMENT(0x93, SEG32),
    [UDATA / 8] = SEGMENT(0xf3, SEG32),
    [UCODE / 8] = SEGMENT(0xfb, SEG64),
};

static uint64_t gdt[NSELECTOR];
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

static void
loadgdt(uint64_t *g)
{
	Tableptr gp = {sizeof flat - 1, (uintptr_t)g};

	memcpy(g, flat, sizeof flat);
	__asm__ volatile("lgdt %0" : : "m"(gp));
	setsegments(KCODE, KDATA);
	__asm__ volatile("lldt %w0" : : "r"(0));
}

static void
loadidt(void)
{
	Tableptr ip = {sizeof idt - 1, (uintptr_t)idt};

	__asm__ volatile("lidt %0" : : "m"(ip));
}

/*
 * The IDT first, whose gates find their segment in the GDT that is in force;
 * SS last, which until then is null: at any instruction an NMI may come.
 */
void
descinit(void)
{
	for (size_t v = 0; v < NVECTOR; v++)
		gateset(&idt[v], (uintptr_t)trapentries + v * ENTRYSIZE, KCODE);
	loadidt();
	loadgdt(gdt);
}

/* The TSS of CPU n, in that GDT. */
static void
loadtss(uint64_t *g, Tss *t, size_t n)
{
	uintptr_t base = (uintptr_t)t;

	t->sp[0] = cpustacktop(n, STACKMAIN);
	t->ist[ISTDF - 1] = cpustacktop(n, STACKDF);
	t->ist[ISTNMI - 1] = cpustacktop(n, STACKNMI);
	t->ist[ISTMC - 1] = cpustacktop(n, STACKMC);
	t->iomap = sizeof *t;
	g[TSSSEL / 8] = (sizeof *t - 1) | (base & 0xffffff) << 16 |
			0x89ull << 40 | (base >> 24 & 0xff) << 56;
	g[TSSSEL / 8 + 1] = base >> 32;
	__asm__ volatile("ltr %w0" : : "r"(TSSSEL) : "memory");
}

/*
 * Faults that may find no stack to push on get their own: a double fault, as
 * from overflow into a guard page, and the two that come at any time. A page
 * fault has none on purpose: a nested one would overwrite the first's frame. A
 * gate may name such a stack only once the TSS is there to look it up in.
 *
 * A debug exception may come in SYSCALL's first instructions, on a program's
 * stack, if a CPU is wrong about the flags it clears. It shares a double
 * fault's, as neither comes while the other's handler runs.
 */
void
tssinit(void)
{
	loadtss(gdt, &tss, 0);
	idt[TRAPDF].ist = ISTDF;
	idt[TRAPDB].ist = ISTDF;
	idt[TRAPNMI].ist = ISTNMI;
	idt[TRAPMC].ist = ISTMC;
}

Tss *
desctss0(void)
{
	return &tss;
}

/* The IDT last, whose gates name stacks. */
void
descload(Desc *d, size_t n)
{
	loadgdt(d->gdt);
	loadtss(d->gdt, &d->tss, n);
	loadidt();
}
