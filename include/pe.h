/*
 * pe.h - the image as it lies in memory: sections and relocations.
 *
 * PE/COFF specification 4 (section table) and 6.6 (base relocations).
 */
#ifndef PE_H
#define PE_H

#include "types.h"

typedef struct Section Section;

/* rva and size in bytes; size is what it takes in memory. */
struct Section {
	size_t rva;
	size_t size;
	bool write;
	bool exec;
};

/* First byte of the running image: its headers. */
extern const uint8_t imagebase[] __asm__("__ImageBase");

/* What the whole image takes in memory, in whole pages. */
size_t peimagesize(const void *image);

/* The n-th section, whole pages, or false if there are no more. */
bool pesection(const void *image, size_t n, Section *s);

/*
 * Add delta to every absolute address in the copy, as image's own relocation
 * table lists them.
 */
void perelocate(const void *image, void *copy, uint64_t delta);

#endif
