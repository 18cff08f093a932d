/*
 * embed.c - mm/ in a kernel of one's own: the hooks, and all four managers.
 *
 * This kernel is a Linux process. Its RAM is shared anonymous memory, so that
 * mremap can show the same page at a second address, as page tables would. Its
 * malloc is called kmalloc, beside the C library's: tests/host/mm/rename.h.
 */
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>

#include "bytemap.h"
#include "conf.h"
#include "memmap.h"
#include "page.h"
#include "percpu.h"
#include "pool.h"
#include "stage.h"
#include "xalloc.h"

#define RAM (256 * MiB)
#define WINDOW (16 * GiB) /* kernel addresses for reserverange */

static uint8_t *ram;	/* physical address 0 is here: the direct map */
static uint8_t *window; /* what maprange maps into */
static size_t windowused;
static paddr_t mapped[WINDOW / BY2PG];
static Percpu cpu0;

void lock(Lock *l) { l->word = 1; } /* one CPU */
void unlock(Lock *l) { l->word = 0; }
Percpu *thiscpu(void) { return &cpu0; }
void cpubarrier(void) { }
size_t cankaddr(paddr_t pa) { return pa < RAM ? RAM - pa : 0; }
void *kaddr(paddr_t pa) { return ram + pa; }
void *kmap(Page *pg) { return ram + pagepa(pg); }
void kunmap(void *p) { (void)p; }
void unreserverange(void *p, size_t size) { (void)p; (void)size; }
void memwait(const char *what) { panic("%s: out of memory", what); }

uint64_t
truerand(void)
{
	uint64_t v = 0;

	getrandom(&v, sizeof v, 0);
	return v;
}

paddr_t
paddr(const void *p)
{
	size_t off = (size_t)((const uint8_t *)p - ram);
	size_t at = (size_t)((const uint8_t *)p - window);

	return off < RAM ? off : mapped[at / BY2PG] + at % BY2PG;
}

void *
reserverange(size_t size)
{
	void *p = window + windowused;

	return (windowused += size) > WINDOW ? NULL : p;
}

int
maprange(void *p, paddr_t pa, size_t npages)
{
	size_t at = (size_t)((uint8_t *)p - window) / BY2PG;

	for (size_t i = 0; i < npages; i++)
		mapped[at + i] = pa + i * BY2PG;
	return mremap(ram + pa, 0, npages * BY2PG, MREMAP_MAYMOVE | MREMAP_FIXED,
		   p) == MAP_FAILED ? -1 : 0;
}

void
unmaprange(void *p, size_t npages)
{
	mmap(p, npages * BY2PG, PROT_NONE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
}

void probewrite(paddr_t pa, size_t n) { memset(ram + pa, 0xa5, n * BY2PG); }
size_t probecheck(paddr_t pa, size_t n, uint8_t *bad)
{ (void)bad; return ram[pa] == 0xa5 ? 0 : n; }
void zeropages(paddr_t pa, size_t n, enum heat heat)
{ (void)heat; memset(ram + pa, 0, n * BY2PG); }
void copypages(paddr_t to, paddr_t from, size_t n)
{ memcpy(ram + to, ram + from, n * BY2PG); }

void
print(const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	vprintf(fmt, ap);
	va_end(ap);
}

void
panicat(const char *func, const char *fmt, ...)
{
	va_list ap;
	va_start(ap, fmt);
	fprintf(stderr, "panic: %s: ", func);
	vfprintf(stderr, fmt, ap);
	va_end(ap);
	abort();
}

static void
boot(void)
{
	static uint64_t table[4096];
	stage = SMEMINIT0;
	memmapinit(table, sizeof table);
	memmapadd(1 * MiB, RAM - 1 * MiB, MemRAM);
	memmapadd(16 * MiB, 64 * KiB, MemReserved);
	stagedone(SMMU);
	meminit();
	stagedone(SMEM);
	confinit(0, 0);
	stagedone(SCONF);
	xinit();
	stagedone(SXALLOC);
	preallocpages();
	stagedone(SPREALLOC);
	pageinit();
	stagedone(SPAGES);
}

int
main(void)
{
	ram = mmap(NULL, RAM, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	window = mmap(NULL, WINDOW, PROT_NONE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	boot();
	Page *pg = newpage(CLEAR, 0x1000);
	char *words = strcpy(malloc(100), "from malloc");
	char *big = malloc(130 * MiB); /* more than the kernel's share */
	strcpy(kmap(pg), "from newpage");
	print("%s, %s, %s\n", words, (char *)kmap(pg), big ? "and big" : "");
	confreport();
	mallocsummary();
	free(big);
	free(words);
	putpage(pg);
	poolcompact(mainmem);
	poolcheck(mainmem);
	bytemapcheck();
	xcheck();
	xsummary();
	return big == NULL || poolsize(mainmem) != 0;
}
