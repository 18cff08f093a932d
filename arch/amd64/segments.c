/*
 * segments.c - GDTR, TR and the segment registers, and what they lead to.
 *
 * It starts at the registers (segread.c), not at the table that mem9 has
 * filled, as the CPU does. Descriptors: Intel SDM volume 3A, 3.4.5 and 7.2.3;
 * what long mode still looks at: 3.4.2.1.
 */
#include "segments.h"
#include "desc.h"
#include "mem.h"

typedef struct Descriptor Descriptor;

enum {
	SELTABLE = 1 << 2, /* of a selector: in the LDT */
	SELRPL = 3,
	TYPEWRITE = 1 << 1, /* data: may be written */
	TYPECODE = 1 << 3,
	TYPETSS = 0xb, /* 64-bit, busy: TR has been loaded with it */
	TSSLIMIT = 103,
	FLATLIMIT = 0xfffff,
};

/* A descriptor's parts. */
struct Descriptor {
	uint32_t base;
	uint32_t limit;
	unsigned type;
	unsigned dpl;
	bool system;
	bool present;
	bool l;
	bool d;
	bool pages; /* the limit counts pages */
};

static Descriptor
descriptor(uint64_t d)
{
	return (Descriptor){
	    .base = (uint32_t)((d >> 16 & 0xffffff) | d >> 56 << 24),
	    .limit = (uint32_t)((d & 0xffff) | (d >> 48 & 0xf) << 16),
	    .type = d >> 40 & 0xf,
	    .system = (d >> 44 & 1) == 0,
	    .dpl = d >> 45 & 3,
	    .present = d >> 47 & 1,
	    .l = d >> 53 & 1,
	    .d = d >> 54 & 1,
	    .pages = d >> 55 & 1,
	};
}

/* Base 0, limit 4 GiB, present; 64-bit if it is code. */
static bool
flat(const Descriptor *d)
{
	bool code = d->type & TYPECODE;

	return !d->system && d->present && d->base == 0 &&
	       d->limit == FLATLIMIT && d->pages && d->l == code &&
	       d->d == !code;
}

/* Does it lead into the table, at that privilege? */
static bool
leads(const Segments *s, uint16_t selector, unsigned dpl)
{
	return (selector & SELTABLE) == 0 && (selector | 7) <= s->limit &&
	       (selector & SELRPL) <= dpl &&
	       descriptor(s->gdt[selector / 8]).dpl == dpl;
}

static bool
iscode(const Segments *s, uint16_t selector, unsigned dpl)
{
	if (selector / 8 == 0 || !leads(s, selector, dpl))
		return false;
	Descriptor d = descriptor(s->gdt[selector / 8]);

	return !d.system && (d.type & TYPECODE) != 0;
}

/* Of a selector that is not null. */
static bool
isdata(const Segments *s, uint16_t selector, unsigned dpl)
{
	if (!leads(s, selector, dpl))
		return false;
	Descriptor d = descriptor(s->gdt[selector / 8]);

	return !d.system && (d.type & (TYPECODE | TYPEWRITE)) == TYPEWRITE;
}

static bool
istss(const Segments *s)
{
	if (s->tr / 8 == 0 || (s->tr & SELTABLE) != 0 ||
	    (s->tr | 7) + 8 > s->limit)
		return false;
	Descriptor d = descriptor(s->gdt[s->tr / 8]);
	uintptr_t base = d.base | s->gdt[s->tr / 8 + 1] << 32;

	return d.system && d.present && d.type == TYPETSS && !d.pages &&
	       d.limit >= TSSLIMIT && base >= DMAP;
}

/* The first descriptor but the TSS's that is there and not flat, or 0. */
static uint16_t
notflat(const Segments *s)
{
	for (size_t i = 1; (i + 1) * 8 - 1 <= s->limit; i++) {
		Descriptor d = descriptor(s->gdt[i]);

		if (i == s->tr / 8) {
			i++;
			continue;
		}
		if (s->gdt[i] != 0 && !flat(&d))
			return (uint16_t)(i * 8);
	}
	return 0;
}

/* For user mode: where SYSRET and IRET will look for them. */
static const char *
userjudge(const Segments *s, uint16_t *selector)
{
	*selector = UCODE;
	if (!iscode(s, UCODE, SELRPL))
		return "is no code for user mode";
	*selector = UDATA;
	return isdata(s, UDATA, SELRPL) ? NULL : "is no data for user mode";
}

const char *
segmentsjudge(const Segments *s, uint16_t *selector)
{
	*selector = 0;
	if (s->base < DMAP)
		return "the table is not the kernel's";
	*selector = s->tr;
	if (!istss(s))
		return "in TR is no TSS in use";
	*selector = notflat(s);
	if (*selector != 0)
		return "is not flat";
	*selector = s->cs;
	if (!iscode(s, s->cs, 0))
		return "in CS is no kernel code";
	*selector = s->ss;
	if (s->ss / 8 != 0 && !isdata(s, s->ss, 0))
		return "in SS is no kernel data";
	for (size_t i = 0; i < nelem(s->data); i++) {
		*selector = s->data[i];
		if (s->data[i] / 8 != 0 && !isdata(s, s->data[i], 0))
			return "in DS to GS is no kernel data";
	}
	*selector = s->ldtr;
	if (s->ldtr / 8 != 0)
		return "in LDTR is a table";
	return userjudge(s, selector);
}
