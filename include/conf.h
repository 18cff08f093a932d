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

enum { KERNELPERCENTMAX = 90 };

/*
 * Take all free RAM out of the memmap, a bank for each range with whole
 * pages. The table of banks is the memmap's memory; should there be none, one
 * line says so and conf.nmem is 0. Stage SMMU.
 */
void meminit(void);

/*
 * Share the banks out, low ones to the kernel first: kernelpercent of all
 * pages, or by default 40 (50 below 16 MiB of RAM) and at most 2 GiB. 0 and
 * more than KERNELPERCENTMAX mean the default. Never more than the direct map
 * reaches. nswap is kept in conf, in pages. Stage SMEM.
 */
void confinit(unsigned kernelpercent, size_t nswap);

/* Print the "mem9: bank" lines and the "mem9: conf" line, in bytes. */
void confprintbanks(void);
void confprint(void);

/*
 * Print 9front's line: "1024M memory: 410M kernel data, 614M user, 0M swap";
 * and where some is bad or missing, ", 16M bad" (or K).
 */
void confreport(void);

#endif
