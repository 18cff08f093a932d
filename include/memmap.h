/*
 * memmap.h - what every physical address is, and which of it is taken.
 *
 * 9front's memmap: typed ranges, the higher type winning where they overlap,
 * and on top of every type what has been handed out.
 *
 * Addresses and sizes are bytes. All calls may be made from any CPU.
 */
#ifndef MEMMAP_H
#define MEMMAP_H

#include "types.h"

/* In rising precedence. */
enum memtype {
	MemUPA,      /* unbacked physical addresses, for devices */
	MemUMB,      /* upper memory blocks, below 16 MiB */
	MemRAM,      /* ordinary memory */
	MemACPI,     /* tables to read before it is used as RAM */
	MemReserved, /* hands off */
	NMEMTYPE
};

typedef struct Badword Badword;
typedef struct Memrange Memrange;
typedef struct Memtotal Memtotal;

/* Physical addresses end here; what lies beyond is cut off. */
#define PAMAX ((paddr_t)1 << 55)

/* A range [pa, end) of one type, as long as it goes. */
struct Memrange {
	paddr_t pa;
	paddr_t end;
	enum memtype type;
	bool allocated;
};

/* Bytes of each type, allocated or not, and bytes that are not as asked. */
struct Memtotal {
	size_t size[NMEMTYPE];
	size_t lost;
};

/* What is wrong with a text: the word (in the text) and what should be. */
struct Badword {
	const char *word;
	size_t len;
	const char *want;
};

/* "MemRAM" and so on. */
const char *memtypename(enum memtype type);

/* Bytes memmapinit() should be given for a map of so many descriptors. */
size_t memmapneed(size_t ndescriptors);

/*
 * Start with an empty map, in this memory (aligned to 8 bytes), which stays
 * the map's. When it fills up the map takes pages of its own RAM, reached by
 * kaddr(), once the stage is SMMU. If that cannot be either, what is asked for
 * is dropped, said and counted, and free ranges in doubt become MemReserved;
 * from then on no RAM is added.
 */
void memmapinit(void *table, size_t size);

/*
 * [pa, pa + size) is of this type, except where a higher one is known or it
 * is allocated (which is said). Costs O(log n); a whole map added before
 * anything is asked costs one sort. -1 if empty, past 2^64 or not all kept.
 */
int memmapadd(paddr_t pa, size_t size, enum memtype type);

/* The same, from the firmware's map: two of these overlapping is an oddity. */
int memmapclaim(paddr_t pa, size_t size, enum memtype type);

/*
 * Only an overlap to look for: [pa, pa + size) is claimed, its type unchanged.
 */
int memmapclaimonly(paddr_t pa, size_t size);

/* All is added: sort it out, and print the overlaps. Any question does so. */
void memmapsettle(void);

/*
 * Take size bytes of free memory of this type: the lowest there is if pa is
 * NOADDR (after 64 runs that are large enough but not aligned so, perhaps one
 * further up), otherwise from pa on, rounded up to align in both cases (a
 * power of two; 0 is 1). Returns where, or NOADDR. Neither mapped nor cleared.
 * Undo with memmapfree().
 */
paddr_t memmapalloc(paddr_t pa, size_t size, size_t align, enum memtype type);

/* Give back all or part of what memmapalloc() returned, even several joined. */
void memmapfree(paddr_t pa, size_t size, enum memtype type);

/*
 * MemReserved becomes free MemRAM: what was kept back and is not needed any
 * more. -1, and nothing done, unless all of it is MemReserved.
 */
int memmaprelease(paddr_t pa, size_t size);

/* Free MemRAM from end on becomes MemReserved (*maxmem=). */
void memmaplimit(paddr_t end);

/*
 * Where the first range of this type after pa starts, or the first of all
 * if pa is NOADDR; NOADDR at the end. Allocated ones count too.
 */
paddr_t memmapnext(paddr_t pa, enum memtype type);

/*
 * How many bytes there are from pa, rounded up to align (0 is 1), to the end
 * of the range pa is in. 0 if it is in none.
 */
size_t memmapsize(paddr_t pa, size_t align);

/* The first range that ends after pa, into *r; false if none. */
bool memmaprange(paddr_t pa, Memrange *r);

/*
 * Zeroed memory for a table that lives as long as the kernel, from what the
 * map was given or from its RAM; NULL if there is none.
 */
void *memmapstore(size_t size);

/* Print the map, "mem9: memmap" lines, and "mem9: total". */
void memmapdump(void);
void memmaptotal(Memtotal *t);
void memmapprinttotal(void);

/* Bytes that could not be kept as they were asked for. */
size_t memmaplost(void);

/*
 * Print "mem9: odd kind=... base=... pages=...". PAGES are the pages it takes
 * to hold so many bytes.
 */
void memmapodd(const char *kind, paddr_t pa, size_t npages);
#define PAGES(size) ((size) / BY2PG + ((size) % BY2PG != 0))

/*
 * Print the pages [pa, end) as others are told not to use them: "mem9: avoid
 * memmap=..." for Linux, "mem9: avoid badram=..." for GRUB.
 */
void memmapavoid(paddr_t pa, paddr_t end);

/* Panic if the map is not sorted, disjoint and merged. O(n). */
void memmapcheck(void);

/* The whole pages that [pa, pa + size) touches are MemReserved. */
void memreserve(paddr_t pa, size_t size);

/* Unbacked addresses for a device's window, and upper memory blocks. */
paddr_t upaalloc(paddr_t pa, size_t size, size_t align);
void upafree(paddr_t pa, size_t size);
paddr_t umballoc(paddr_t pa, size_t size, size_t align);
void umbfree(paddr_t pa, size_t size);

/* The same as upaalloc, anywhere inside [pa, pa + win). */
paddr_t upaallocwin(paddr_t pa, size_t win, size_t size, size_t align);

/*
 * umbexclude=: "first-last,…", both inclusive, decimal or 0x. These are taken
 * from the free upper memory blocks. -1 and nothing done if a word is wrong.
 */
int umbexclude(const char *list, Badword *bad);

#endif
