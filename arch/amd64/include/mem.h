/*
 * mem.h - the kernel's address space, and the bits of a page table entry.
 *
 *	0                    user; page 0 is never mapped
 *	DMAP   + pa          direct map: all RAM, read and write only
 *	KMAP                 a window of temporary pages
 *	VMAP                 devices, the Page array, what firmware handed over
 *	STACKS               stacks, nothing mapped below each
 *	KZERO                the image: text r-x, rodata r--, data rw-
 *
 * Page tables: Intel SDM volume 3A, 4.5; AMD APM volume 2, 5.3.
 */
#ifndef MEM_H
#define MEM_H

#include "types.h"

#define DMAP 0xffff800000000000ull
#define KMAP 0xfffffe0000000000ull
#define VMAP 0xfffffe8000000000ull
#define STACKS 0xffffff8000000000ull
#define KZERO 0xffffffff80000000ull

#define DMAPSIZE (KMAP - DMAP)
#define KMAPSIZE (2 * MiB)
#define VMAPSIZE (1 * TiB)
#define UTOP 0x0000800000000000ull /* first address past user space */
#define UTOP5 (UTOP << 9) /* and past the lower half with five levels */

/* A page at level l: 0 is 4 KiB, 1 is 2 MiB, 2 is 1 GiB. */
#define PTSHIFT 9
#define PTENTRIES (1 << PTSHIFT)
#define PGLSHIFT(l) (PGSHIFT + (l)*PTSHIFT)
#define PGLSZ(l) (1ull << PGLSHIFT(l))
#define PTLX(va, l) (((va) >> PGLSHIFT(l)) & (PTENTRIES - 1))

#define PTEVALID (1ull << 0)
#define PTEWRITE (1ull << 1)
#define PTEUSER (1ull << 2)
#define PTEWT (1ull << 3)       /* PWT: bit 0 of the PAT index */
#define PTEUNCACHED (1ull << 4) /* PCD: bit 1 of the PAT index */
#define PTEACCESSED (1ull << 5)
#define PTEDIRTY (1ull << 6)
#define PTELARGE (1ull << 7) /* above level 0: a page, not a table */
#define PTEGLOBAL (1ull << 8)
#define PTENOEXEC (1ull << 63)
#define PTEADDRMASK 0x000ffffffffff000ull
#define PTEADDR(pte) ((pte)&PTEADDRMASK)

/* The PAT as patinit() programs it: these two bits choose one of four. */
#define PTEWB 0ull
#define PTEWC PTEWT
#define PTEUC (PTEUNCACHED | PTEWT)
#define PTEMEMTYPE (PTEUNCACHED | PTEWT)

/* What a mapping of RAM for the kernel's data is made of. */
#define PTEKDATA (PTEVALID | PTEWRITE | PTEGLOBAL | PTENOEXEC | PTEWB)

_Static_assert(DMAP % PGLSZ(3) == 0, "the direct map starts a PML4 entry");
_Static_assert(VMAP % PGLSZ(3) == 0, "so does VMAP");
_Static_assert(STACKS % PGLSZ(3) == 0, "so do the stacks");
_Static_assert(KMAP + KMAPSIZE <= VMAP, "KMAP ends below VMAP");
_Static_assert(VMAP + VMAPSIZE <= STACKS, "VMAP ends below the stacks");
_Static_assert(STACKS < KZERO, "the image is on top");

#endif
