/*
 * conf.h - the banks of RAM and how they are shared out.
 */
#ifndef CONF_H
#define CONF_H

#include "types.h"

typedef struct Confmem Confmem;
typedef struct Conf Conf;

/*
 * A bank: npage pages of RAM from base. The kernel's share comes first:
 * [kbase, klimit) in the direct map, both 0 if the kernel has none of it.
 */
struct Confmem {
	paddr_t base;
	size_t npage;
	uintptr_t kbase;
	uintptr_t klimit;
};

struct Conf {
	Confmem *mem; /* ascending, as many as there are */
	size_t nmem;
	size_t npage;  /* sum of all banks */
	size_t upages; /* of those, for pages; the rest is the kernel's */
	size_t nswap;  /* pages of swap */
};

extern Conf conf;

void meminit(void);
void confinit(unsigned kernelpercent, size_t nswap);

#endif
