/*
 * segread.c - what this CPU's segment registers are.
 *
 * Whether that is right segments.c says, which runs anywhere.
 */
#include "segments.h"
#include "audit.h"

#define GETSEG(reg, v) __asm__ volatile("mov %%" #reg ", %0" : "=r"(v))

const char *
segmentscheck(uint16_t *selector)
{
	Segments s = {.gdt = NULL};
	struct {
		uint16_t limit;
		uint64_t base;
	} __attribute__((packed)) gdtr = {0, 0};

	__asm__ volatile("sgdt %0" : "=m"(gdtr));
	__asm__ volatile("str %0" : "=r"(s.tr));
	__asm__ volatile("sldt %0" : "=r"(s.ldtr));
	GETSEG(cs, s.cs);
	GETSEG(ss, s.ss);
	GETSEG(ds, s.data[0]);
	GETSEG(es, s.data[1]);
	GETSEG(fs, s.data[2]);
	GETSEG(gs, s.data[3]);
	s.base = gdtr.base;
	s.gdt = (const uint64_t *)gdtr.base;
	s.limit = gdtr.limit;
	return segmentsjudge(&s, selector);
}
