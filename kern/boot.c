/*
 * boot.c - the steps of main() that tie one folder to another.
 */
#include "boot.h"
#include "block.h"
#include "bootinfo.h"
#include "conf.h"
#include "cpu.h"
#include "e820.h"
#include "efimap.h"
#include "halt.h"
#include "hooks.h"
#include "log.h"
#include "memmap.h"
#include "mmu.h"
#include "page.h"
#include "pci.h"
#include "pool.h"
#include "ramscan.h"
#include "runtime.h"
#include "screen.h"
#include "serial.h"
#include "spoil.h"

static Efimap
efimap(void)
{
	return (Efimap){
	    .desc = handover(bootinfo, bootinfo->map),
	    .size = bootinfo->mapsize,
	    .stride = bootinfo->mapstride,
	    .physbits = cpu.physbits,
	    .block = bootinfo->block.pa,
	    .blocksize = bootinfo->block.size,
	};
}

void
consoleinit(void)
{
	if (serialopen(bootinfo))
		logsink(serialwrite, LOGREPLAY);
	else
		print("no serial port: the screen has what fits on it\n");
}

/* *e820= in place of firmware's map; false if there is none, or a bad one. */
static bool
givenmap(void)
{
	const Options *o = &bootinfo->options;
	Badword bad;

	if (o->e820[0] == '\0')
		return false;
	if (e820add(o->e820, cpu.physbits, &bad) == 0) {
		memreserve(bootinfo->block.pa, bootinfo->block.size);
		return true;
	}
	print("*e820: \"%.*s\": expected %s; firmware's map is used\n",
	    (int)bad.len, bad.word, bad.want);
	return false;
}

/* What the options take away from the map. */
static void
applylimits(void)
{
	const Options *o = &bootinfo->options;
	Badword bad;
	Ramscan scan;

	if (o->maxmem != NOADDR)
		memmaplimit(o->maxmem);
	if (o->umbexclude[0] != '\0' && umbexclude(o->umbexclude, &bad) < 0)
		print("umbexclude: \"%.*s\": expected %s; ignored\n",
		    (int)bad.len, bad.word, bad.want);
	if (o->ramscan)
		ramscan(0, NOADDR, MemRAM, &scan);
}

void
meminit0(void)
{
	Efimap map = efimap();

	print("mem9: start version=" VERSION " command=boot firmware=\"%s\" "
	      "descriptors=%zu stride=%zu\n",
	    bootinfo->firmware, efimapcount(&map), map.stride);
	efimapprint(&map);
	print("mem9: exit tries=%zu\n", bootinfo->exittries);
	memmapinit(handover(bootinfo, bootinfo->memmap), bootinfo->memmapsize);
	if (!givenmap() && efimapadd(&map) < 0)
		panic("descriptors %zu bytes apart are no memory map",
		    map.stride);
	if (bootinfo->options.poison)
		spoil();
	applylimits();
	memmapdump();
	memmapprinttotal();
}

/* The first page tables are RAM like any other now, unless *maxmem= says no. */
static void
releasetables(void)
{
	const Part *p = &bootinfo->tables;

	if (p->pa + p->size > bootinfo->options.maxmem)
		return;
	if (memmaprelease(p->pa, p->size) < 0)
		panic("%#zx bytes at %#jx cannot become RAM", p->size, p->pa);
	dmapadd(p->pa, p->size);
}

void
archinit(void)
{
	const Fb *fb = &bootinfo->fb;

	if (bootinfo->options.screen && fb->size != 0 &&
	    screeninit(fb, fbpixels()))
		logsink(screenwrite, LOGREPLAY);
	else
		print("no screen: the serial line has it all\n");
	busmastersoff();
	iommulook();
	releasetables();
	runtimeinit();
}

void
confinit0(void)
{
	const Options *o = &bootinfo->options;

	confinit((unsigned)o->kernelpercent, o->nswap);
}

void
memoryfini(void)
{
	pagefini();
	poolinit();
}

void
finish(void)
{
	switch (bootinfo->options.end) {
	case ENDPOWEROFF:
		poweroff();
		break;
	case ENDRESET:
		reset();
		break;
	case ENDHALT:
		print("halted\n");
		haltforever();
	case ENDMONITOR:
		break;
	}
}
