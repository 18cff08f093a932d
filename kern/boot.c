/*
 * boot.c - the steps of main() that tie one folder to another.
 */
#include "boot.h"
#include "badram.h"
#include "block.h"
#include "bootinfo.h"
#include "caching.h"
#include "conf.h"
#include "cpu.h"
#include "cpus.h"
#include "e820.h"
#include "handed.h"
#include "hooks.h"
#include "kept.h"
#include "keyboard.h"
#include "monitor/keys.h"
#include "leave.h"
#include "log.h"
#include "memmap.h"
#include "mmu.h"
#include "monitor/more.h"
#include "tell/nodelines.h"
#include "nodes.h"
#include "page.h"
#include "parking.h"
#include "pci.h"
#include "pool.h"
#include "ramscan.h"
#include "runtime.h"
#include "screen.h"
#include "serial.h"
#include "check/spoil.h"
#include "tell.h"

void
consoleinit(void)
{
	if (serialopen(bootinfo))
		logsink(moreserial, LOGREPLAY);
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

/* What the machine does not cache as it should is taken away. */
static void
dropslow(void)
{
	memmapcaching(cachingat, cachingread());
	if (memmapcached()->doubt != NULL)
		cachingforget();
	kspace.limits.caching = cachingat;
}

/* Where the log is to be kept nobody else comes, if it is RAM at all. */
static void
reservekept(void)
{
	for (size_t i = 0; i < KEPTRUNS && bootinfo->keptid != 0; i++) {
		paddr_t pa = bootinfo->kept[i];

		if (pa == NOADDR)
			continue;
		if (memmapalloc(pa, KEPTSIZE, BY2PG, MemRAM) == pa)
			print("mem9: kept n=%zu base=%#jx size=%#zx\n", i, pa,
			    KEPTSIZE);
		else
			bootinfo->kept[i] = NOADDR;
	}
}

/* It is, from now on, with all that the report does not have. */
static void
openkept(void)
{
	Keptpage *run[KEPTRUNS] = {NULL};

	if (bootinfo->keptid == 0)
		return;
	for (size_t i = 0; i < KEPTRUNS; i++) {
		paddr_t pa = bootinfo->kept[i];

		if (pa != NOADDR && cankaddr(pa) >= KEPTSIZE)
			run[i] = kaddr(pa);
	}
	keptopen(run, bootinfo->keptid);
	if (!keptopened()) {
		print("report: no RAM where the log would outlast a reset\n");
		return;
	}
	logreplay(keptwrite, logwrote() - bootinfo->reported);
	logkeep(keptwrite);
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
	if (o->ramscan) {
		ramscan(0, NOADDR, MemRAM, &scan);
		ramtriedall((scan.good + scan.bad) / BY2PG);
	}
}

/* A scan has tried it all; without checks nobody would say what came out. */
void
tryram(void)
{
	const Options *o = &bootinfo->options;

	if (o->checks != CHECKSNONE && !o->ramscan)
		ramtry(o->checks == CHECKSFULL ? TRYALL : TRYSOME);
}

void
meminit0(void)
{
	Efimap map = handedmap();

	print("mem9: start version=" VERSION " command=boot firmware=\"%s\" "
	      "descriptors=%zu stride=%zu\n",
	    bootinfo->firmware, efimapcount(&map), map.stride);
	efimapprint(&map);
	print("mem9: exit tries=%zu\n", bootinfo->exittries);
	memmapinit(handover(bootinfo, bootinfo->memmap), bootinfo->memmapsize);
	/* Until here others may read or write any memory of firmware's. */
	parkcpus(efimaplow(&map));
	busmastersoff();
	if (!givenmap() && efimapadd(&map) < 0)
		panic("descriptors %zu bytes apart are no memory map",
		    map.stride);
	dropslow();
	reservekept();
	if (bootinfo->options.poison)
		spoil();
	applylimits();
	tryram();
	cpusreserve();
	memmapdump();
	memmapprinttotal();
	nodesset(&bootinfo->nodes);
	nodesprint();
}

/*
 * The first page tables are RAM like any other now, unless *maxmem= or the
 * machine says no.
 */
static void
releasetables(void)
{
	const Part *p = &bootinfo->tables;

	if (p->pa + p->size > bootinfo->options.maxmem ||
	    !writeback(cachingat, p->pa, p->pa + p->size))
		return;
	if (memmaprelease(p->pa, p->size) < 0)
		panic("%#zx bytes at %#jx cannot become RAM", p->size, p->pa);
	dmapadd(p->pa, p->size);
}

/* People read the screen: what is for programs they see if they ask for it. */
static void
openscreen(const Fb *fb)
{
	static Teller teller;

	if (!bootinfo->options.screen || fb->size == 0 ||
	    !screeninit(fb, fbpixels()))
		return;
	if (bootinfo->options.verbose) {
		logsink(morewrite, LOGFRESH);
		return;
	}
	teller = (Teller){.write = morewrite,
	    .ink = screenink,
	    .cols = screencols(),
	    .rows = screenrows()};
	tellto(&teller);
	logsink(tellsink, LOGFRESH);
}

/* Who looks at a screen should know whether keys are any good. */
static void
openkeyboard(void)
{
	if (keyboardopen(bootinfo->no8042) || screenrows() == 0)
		return;
	print("no PS/2 keyboard: %s\n",
	    keyscome()
		? "commands come by the serial line"
		: "nothing can be typed, and the screen goes on by itself");
}

void
archinit(void)
{
	const Fb *fb = &bootinfo->fb;
	bool serial = logsinks() != 0;

	openkept();
	unmapearlyfb(&kspace, fb);
	openscreen(fb);
	if (logsinks() == 0)
		print("no screen and no serial port: nobody reads this\n");
	else if (!serial)
		print("no serial port: the screen has what fits on it\n");
	else if (logsinks() == 1)
		print("no screen: the serial line has it all\n");
	busmastersrest();
	iommulook();
	releasetables();
	runtimeinit();
	openkeyboard();
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
	leave(bootinfo->options.end);
}
