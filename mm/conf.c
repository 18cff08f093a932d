/*
 * conf.c - memmap to banks, and the banks' split between kernel and pages.
 *
 *	bank 0       bank 1           bank 2
 *	[kkkkkk)     [kkkkkk|uuuuu)   [uuuuuuuuuuuuuuuu)
 *	                    klimit    kbase = klimit = 0
 */
#include "conf.h"
#include "badram.h"
#include "hooks.h"
#include "memmap.h"
#include "stage.h"

enum {
	KERNELPERCENT = 40,
	SMALLPERCENT = 50, /* of a machine below SMALL */
};

#define SMALL (16 * MiB)
#define KERNELMAX (2 * GiB) /* unless asked for more */

Conf conf;

/* The first range of free RAM pages from pa on: [*base, *end). */
static bool
nextram(paddr_t pa, paddr_t *base, paddr_t *end)
{
	Memrange r;

	for (; memmaprange(pa, &r); pa = r.end) {
		*base = PGROUND(MAX(r.pa, pa));
		*end = ROUNDDOWN(r.end, BY2PG);
		if (r.type == MemRAM && !r.allocated && *base < *end)
			return true;
	}
	return false;
}

static size_t
countbanks(void)
{
	size_t n = 0;
	paddr_t base;
	paddr_t end;

	for (paddr_t pa = 0; nextram(pa, &base, &end); pa = end)
		n++;
	return n;
}

void
meminit(void)
{
	needstages(SMMU, SMMU);
	size_t room = countbanks();
	paddr_t base;
	paddr_t end;

	conf = (Conf){.mem = memmapstore(room * sizeof(Confmem))};
	if (conf.mem == NULL) {
		print("meminit: no memory for a table of %zu banks\n", room);
		return;
	}
	for (paddr_t pa = 0; nextram(pa, &base, &end); pa = end) {
		if (memmapalloc(base, end - base, 1, MemRAM) == NOADDR) {
			print("meminit: lost %zu bytes at %#jx\n",
			    (size_t)(end - base), base);
			continue;
		}
		/* Cannot be reached: the table itself only shortens banks. */
		if (conf.nmem == room)
			panic("more than %zu banks", room);
		conf.mem[conf.nmem].base = base;
		conf.mem[conf.nmem++].npage = (end - base) / BY2PG;
	}
}

/* How many of so many pages the kernel should have. */
static size_t
kernelshare(size_t npage, unsigned percent)
{
	bool asked = percent > 0 && percent <= KERNELPERCENTMAX;

	if (!asked)
		percent = npage * BY2PG < SMALL ? SMALLPERCENT : KERNELPERCENT;
	size_t share = npage - npage * (100 - percent) / 100;

	return asked ? share : MIN(share, KERNELMAX / BY2PG);
}

void
confinit(unsigned kernelpercent, size_t nswap)
{
	needstages(SMEM, SMEM);
	size_t kpages;

	conf.npage = 0;
	conf.nswap = nswap;
	for (size_t i = 0; i < conf.nmem; i++)
		conf.npage += conf.mem[i].npage;
	kpages = kernelshare(conf.npage, kernelpercent);
	conf.upages = conf.npage;
	for (size_t i = 0; i < conf.nmem; i++) {
		Confmem *cm = &conf.mem[i];
		size_t reach = cankaddr(cm->base) / BY2PG;
		size_t n = MIN(MIN(cm->npage, kpages), reach);

		cm->kbase = cm->klimit = 0;
		if (n == 0)
			continue;
		cm->kbase = (uintptr_t)kaddr(cm->base);
		cm->klimit = cm->kbase + n * BY2PG;
		kpages -= n;
		conf.upages -= n;
	}
}

void
confprintbanks(void)
{
	for (size_t i = 0; i < conf.nmem; i++) {
		const Confmem *cm = &conf.mem[i];

		print("mem9: bank n=%zu base=0x%jx npage=%zu kbase=0x%jx "
		      "klimit=0x%jx\n",
		    i, cm->base, cm->npage, (uintmax_t)cm->kbase,
		    (uintmax_t)cm->klimit);
	}
}

void
confprint(void)
{
	size_t kpages = conf.npage - conf.upages;

	print("mem9: conf npage=%zu upages=%zu kernel=%zu user=%zu swap=%zu\n",
	    conf.npage, conf.upages, (size_t)(kpages * BY2PG),
	    (size_t)(conf.upages * BY2PG), (size_t)(conf.nswap * BY2PG));
}

/* Pages as MiB, to the nearest. */
static size_t
mib(size_t npages)
{
	return (npages + MiB / BY2PG / 2) / (MiB / BY2PG);
}

void
confreport(void)
{
	size_t all = mib(conf.npage);
	size_t kernel = mib(conf.npage - conf.upages);

	size_t bad = badrampages() * BY2PG;

	print("%zuM memory: %zuM kernel data, %zuM user, %zuM swap", all,
	    kernel, all - kernel, mib(conf.nswap));
	if (bad % MiB != 0)
		print(", %zuK bad", (size_t)(bad / KiB));
	else if (bad > 0)
		print(", %zuM bad", (size_t)(bad / MiB));
	print("\n");
}
