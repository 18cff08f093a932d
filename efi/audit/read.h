/*
 * read.h - what `mem9 audit' reads, while firmware lives: it only looks, but
 * for memory that it asks for and gives back.
 */
#ifndef READ_H
#define READ_H

#include "evidence.h"
#include "../tables/numberat.h"

/*
 * All of it, into *e; false, after it was said, if there is no map. What it
 * points to is good until evidencefree(), which follows in any case.
 * cpuidentify() comes first.
 */
bool evidenceread(Evidence *e);
void evidencefree(void);

/*
 * Page tables in force: how many ranges there are; and those, into memory that
 * has room for so many. Nothing is taken from firmware in between.
 */
size_t pagescount(void);
void pagesread(Mappings *m, Mapped *range, size_t room);

/*
 * The sections of an image of size bytes at p, which firmware has loaded to pa:
 * how many, and those that fit into room of them. -1 if its headers, of which
 * head bytes can be read, make no sense. *unpaged: they share pages.
 */
int imageparts(const uint8_t *p, size_t head, paddr_t pa, uint64_t size,
    Imagepart *part, size_t room, bool *unpaged);

/*
 * Of all images that firmware tells of, in pool memory: images->part, to be
 * freed. known says how many bytes firmware's map knows from an address on.
 */
void imagesread(Images *images);

/* One page and one piece of the pool of each kind; and back. */
void samplestake(Sample samples[NSAMPLE]);
void samplesgive(void);

/* Is there a stack in that list of hand-off blocks, of at most so many bytes?
 */
bool hobstack(const uint8_t *list, size_t room, uintptr_t *base, size_t *size);

/* The stack that the caller runs on. */
Stackseen stackread(void);

/* This CPU's registers, and how the others' differ; and of one more. */
void cpusread(Cpusseen *seen);
void cpucompare(Cpusseen *seen, const Cpustate *other);

/* What must not be cached; ACPI's tables come first. */
void devicesread(Evidence *e);

/* Tables; what they are put into is all zero. */
void acpiread(Acpitables *a);
void smbiosread(Smbiosseen *s);

#endif
