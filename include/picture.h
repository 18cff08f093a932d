/*
 * picture.h - memory as a row of cells: which range gets how many.
 *
 * A range gets one cell at least, however small it is; what is left over is
 * shared out by size. Pure: who draws, and what, is nothing to it.
 */
#ifndef PICTURE_H
#define PICTURE_H

#include "memmap.h"

typedef struct Stripe Stripe;
typedef struct Picture Picture;

/*
 * Ranges of one scale are to scale among each other. RAM has three quarters of
 * the cells at least, if there is any: windows of devices can be larger by far.
 * What is nothing at all has its one cell, unless there is nothing else.
 */
enum scale { SCALERAM, SCALEREST, SCALENONE, NSCALE };

struct Picture {
	size_t nrange;
	size_t ncell; /* of all */
	struct {
		uint64_t npages; /* told of */
		uint64_t seen;   /* and given cells */
		size_t ncell;    /* beside one for each range */
	} of[NSCALE];
};

/* At most so many cells are shared out by size. */
enum { PICTUREMAX = 1 << 20 };

/*
 * Zero p; tell of all ranges; fit them into so many cells, or into as many as
 * there are ranges if that is more, which is returned; then ask for the cells
 * of each, in the same order.
 */
void picturerange(Picture *p, size_t size, enum scale s);
size_t picturefit(Picture *p, size_t ncell);
size_t picturecells(Picture *p, size_t size, enum scale s);

/* About how many bytes a cell of this scale stands for; 0: there is none. */
size_t picturecell(const Picture *p, enum scale s);

/* A range of the memmap, or a gap in it, whose type is NMEMTYPE. */
struct Stripe {
	paddr_t pa;
	paddr_t end;
	enum memtype type;
	bool allocated;
	size_t ncell;
};

/* What RAM, and what becomes it, is; what is something; and the rest. */
enum scale picturescale(enum memtype type);

/*
 * The memmap from 0 to its end as at least ncell cells: fn is called for each
 * stripe, by address.
 */
void picturememmap(Picture *p, size_t ncell,
    void (*fn)(void *arg, const Stripe *stripe), void *arg);

#endif
