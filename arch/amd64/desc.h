/*
 * desc.h - the segments and gates of desc.c, private to arch/amd64/.
 */
#ifndef DESC_H
#define DESC_H

#include "types.h"

/* Selectors; UDATA before UCODE as SYSRET wants it (SDM volume 2B). */
enum {
	KCODE = 0x08,
	KDATA = 0x10,
	UDATA = 0x20,
	UCODE = 0x28,
	TSSSEL = 0x30,
	NSELECTOR = 8
};

/* Load GDT and IDT: from here on a fault is reported. */
void descinit(void);

/* Load the TSS: from here on #DF, NMI and #MC have stacks of their own. */
void tssinit(void);

#endif
