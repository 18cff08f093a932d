/*
 * forged.h - a machine as `mem9 audit' reads it, where all is well; and ways to
 * make one thing of it wrong.
 */
#ifndef FORGED_H
#define FORGED_H

#include "../../efi/audit/judge.h"

typedef struct Forged Forged;

enum { FORGEDSTRIDE = 48, FORGEDDESCS = 512, FORGEDPAGES = 32 };

struct Forged {
	Evidence e;
	uint8_t map[FORGEDSTRIDE * FORGEDDESCS];
	uint8_t again[FORGEDSTRIDE * FORGEDDESCS];
	uint8_t sorted[FORGEDSTRIDE * FORGEDDESCS];
	uint8_t table[FORGEDSTRIDE * 8];
	uint8_t tablesorted[FORGEDSTRIDE * 8];
	Mapped pages[FORGEDPAGES];
	Imagepart parts[4];
};

/* Where things are. */
#define FORGEDSTACK                                                            \
	(3 * MiB + 128 * KiB)            /* four pages, one below is a guard   \
					  */
#define FORGEDHEAP (3 * MiB + 192 * KiB) /* a page */
#define FORGEDPAGE (3 * MiB + 256 * KiB - 8 * KiB)
#define FORGEDRTCODE (5 * MiB)
#define FORGEDRTDATA (5 * MiB + 64 * KiB)
#define FORGEDRTEND (5 * MiB + 128 * KiB)
#define FORGEDMMIO (64 * MiB)
#define FORGEDMMIOSIZE (64 * KiB)
#define FORGEDECAM (96 * MiB) /* 1 MiB */
#define FORGEDAPIC 0xfee00000ull
#define FORGEDTOP (128 * MiB)

/* Attributes: of RAM; RUNTIME; and of an entry of the table, with it. */
#define FORGEDRAM 0xfull
#define FORGEDRT (1ull << 63)
#define FORGEDXP (FORGEDRT | 1ull << 14)

/* All anew. */
void forge(Forged *f);

/* What is sorted is so again, after anything below. */
void forgesort(Forged *f);

/* One more descriptor of the map; one by its base, as another. */
void forgedesc(
    Forged *f, uint32_t type, paddr_t base, uint64_t npages, uint64_t attr);
void forgetype(Forged *f, paddr_t base, uint32_t type);
void forgeattr(Forged *f, paddr_t base, uint64_t attr);

/* One more range of pages; one by its address, as another. */
void forgepage(Forged *f, uintptr_t va, paddr_t pa, uint64_t size, pte_t flags);
void forgeflags(Forged *f, uintptr_t va, pte_t flags);
void forgesize(Forged *f, uintptr_t va, uint64_t size);

/* The range that va is in ends there, and from there on is one of these flags.
 */
void forgecut(Forged *f, uintptr_t va, pte_t flags);

/* One more ACPI table, listed and right; the one of that name. */
void forgeacpi(Forged *f, const char *signature, paddr_t pa, uint32_t size);
Acpiseen *forgedacpi(Forged *f, const char *signature);

/* One more entry of the attributes table; number i, as another. */
void forgeentry(
    Forged *f, uint32_t type, paddr_t base, uint64_t npages, uint64_t attr);
void forgeentrytype(Forged *f, size_t i, uint32_t type);
void forgeentryat(Forged *f, size_t i, paddr_t base);
void forgeentrypages(Forged *f, size_t i, uint64_t npages);
void forgeentryattr(Forged *f, size_t i, uint64_t attr);

#endif
