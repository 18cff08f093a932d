/*
 * memcells.h - all memory as cells of a picture, each of one owner.
 */
#ifndef MEMCELLS_H
#define MEMCELLS_H

#include "bytemap.h"
#include "picture.h"

typedef struct Counted Counted;
typedef struct Memcell Memcell;

enum owner { OWNPAGES, OWNKERNEL, OWNACPI, OWNKEPT, OWNUMB, OWNHOLE, NOWNER };

struct Memcell {
	paddr_t pa;
	paddr_t end;
	enum owner owner;
};

/* Pages of a cell that were looked at: of many some, evenly spread. */
enum { LOOKEDAT = 256 };
struct Counted {
	size_t n;
	size_t is[FRAMERESERVED + 1];
};

/* So many at least, in whole rows; as many as p->ncell then says. */
void memcells(Picture *p, size_t least, size_t columns);

/* Each of them, after memcells. */
void memcellsdo(
    Picture *p, void (*fn)(void *arg, size_t i, const Memcell *c), void *arg);

/* Each piece of one owner without a gap, whole; the bytes of each owner. */
void mempiecesdo(void (*fn)(void *arg, const Memcell *piece), void *arg);
void memowned(uint64_t size[NOWNER]);

/* Of pages, how they are now. */
Counted memcounted(const Memcell *c);

#endif
