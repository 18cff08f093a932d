/*
 * boot.c - the steps of main() that tie one folder to another.
 */
#include "boot.h"
#include "audit.h"
#include "bootinfo.h"
#include "bytemap.h"
#include "conf.h"
#include "cpu.h"
#include "efimap.h"
#include "hooks.h"
#include "log.h"
#include "mmu.h"
#include "page.h"
#include "pool.h"
#include "runtime.h"
#include "screen.h"
#include "serial.h"
#include "takeover.h"
#include "trap.h"
#include "xalloc.h"

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
	const Options *o = &bootinfo->options;

	if (serialinit(o->uart, o->baud))
		logsink(serialwrite, LOGREPLAY);
}

void
mach0init(void)
{
	trapinit();
	takeoverdone();
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
	if (efimapadd(&map) < 0)
		panic("descriptors %zu bytes apart are no memory map",
		    map.stride);
	if (bootinfo->options.maxmem != NOADDR)
		memmaplimit(bootinfo->options.maxmem);
	memmapdump();
	memmapprinttotal();
}

/* The first page tables are RAM like any other now. */
static void
releasetables(void)
{
	const Part *p = &bootinfo->tables;

	if (memmaprelease(p->pa, p->size) < 0)
		panic("%#zx bytes at %#jx cannot become RAM", p->size, p->pa);
	dmapadd(p->pa, p->size);
}

void
archinit(void)
{
	const Fb *fb = &bootinfo->fb;

	if (bootinfo->options.screen && fb->size != 0 &&
	    screeninit(fb, vmap(fb->pa, fb->size, PTEWC)))
		logsink(screenwrite, LOGREPLAY);
	else
		print("no screen: the serial line has it all\n");
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
report(void)
{
	confprintbanks();
	confprint();
	pagingprint();
	print("mem9: xalloc holes=%zu free=%zu\n", xholes(), xfreebytes());
	pallocprint();
	bytemapprint();
	confreport();
}
