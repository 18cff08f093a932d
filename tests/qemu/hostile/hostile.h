/*
 * hostile.h - what the files of the hostile loader share.
 */
#ifndef HOSTILE_H
#define HOSTILE_H

#include <efi.h>
#include <stdarg.h>
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#define RTMMIOSIZE 0x400000000ull /* 16 GiB */

/* The lies to tell: numbers by the words of \HOSTILE.INI, 0 if not given. */
typedef struct Scenario Scenario;
struct Scenario {
	uint64_t stride;   /* bytes from one descriptor to the next */
	uint64_t refuse;   /* ExitBootServices fails so many times */
	uint64_t restride; /* once after that, descriptors lie farther apart */
	uint64_t grow;     /* descriptors more after each refusal */
	uint64_t split;    /* usable memory in so many pieces more */
	uint64_t holes;    /* every second of so many pieces is reserved */
	uint64_t reverse;  /* descriptors from high to low */
	uint64_t zero;     /* one without pages */
	uint64_t wrap;     /* one past the end of the address space */
	uint64_t width;    /* RAM beyond what the CPU can address */
	uint64_t phantom;  /* RAM that is not there, at this address */
	uint64_t nested;   /* a reserved page within usable memory */
	uint64_t overlap;  /* usable memory described twice */
	uint64_t type;     /* 16 pages of this type, of the usable */
	uint64_t sp;       /* 16 usable pages for special purposes */
	uint64_t nowb;     /* 16 usable pages that cannot be cached */
	uint64_t runtime;  /* 16 usable pages needed at run time */
	uint64_t rtnoattr; /* 16 runtime pages without the attribute */
	uint64_t gop;      /* see hostilegop.c */
	uint64_t junk;     /* these two: see hostileoptions.c */
	uint64_t options;
	uint64_t cr4;      /* bits set in CR4 */
	uint64_t la57;     /* five levels of page tables */
	uint64_t noreset;  /* ResetSystem returns */
	uint64_t stall;    /* the first Stall takes so many times as long */
	uint64_t mtrrnone; /* see hostilemtrr.c */
	uint64_t mtrrbase;
	uint64_t mtrrmask;
	uint64_t mtrrbase2;
	uint64_t mtrrmask2;
	uint64_t mtrrdef;
	uint64_t rtattr; /* these three: see hostilert.c */
	uint64_t gettime;
	uint64_t rtmmio;
	uint64_t nx; /* these two: see hostilenx.c */
	uint64_t stack;
	uint64_t noacpi; /* these three: see hostiletables.c */
	uint64_t nosmbios;
	uint64_t rsdp;
};

extern Scenario scenario;
extern EFI_BOOT_SERVICES *real; /* the firmware's own table */
extern uint64_t refused;        /* ExitBootServices so far */

/* The compiler calls them too. */
void *memset(void *p, int c, size_t n);
void *memcpy(void *to, const void *from, size_t n);

/* A line to QEMU's debug console, port 0xE9; %d and %x take uint64_t. */
void say(const char *format, ...);

/* GetMemoryMap as the target sees it. */
EFI_STATUS EFIAPI liedmap(UINTN *size, EFI_MEMORY_DESCRIPTOR *map, UINTN *key,
    UINTN *stride, UINT32 *version);

/* The sum of a table that has been changed. */
void checksum(EFI_TABLE_HEADER *header);

/* Runtime services as the scenario has them, in st. */
void wrapruntime(EFI_SYSTEM_TABLE *st);

/* Spoil the graphics output as scenario.gop says, in bs where it must. */
void spoilgop(EFI_BOOT_SERVICES *bs);

/* Leave firmware's tables as the fifth level's first, and turn that on. */
void addlevel(void);

/* Data is not to be run, and of the target's image what it says. */
void strictmemory(const EFI_LOADED_IMAGE *target);

/* The top of a stack of scenario.stack bytes. */
void *smallstack(void);

/* The target's load options as the scenario has them. */
void spoiloptions(EFI_LOADED_IMAGE *target);

/* Configuration tables as the scenario has them, in st. */
void spoiltables(EFI_SYSTEM_TABLE *st);

/* Memory type range registers as scenario.mtrr... say. */
void spoilmtrrs(void);

#endif
