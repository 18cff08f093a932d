/*
 * embed.c - mm/ in a kernel of one's own: the hooks, and all four managers.
 *
 * This kernel is a Linux process. Its RAM is shared anonymous memory, so that
 * mremap can show the same page at a second address, as page tables would. Its
 * CPUs are threads, and signals their interrupts: one is the timer's, whose
 * handler allocates; by the other they ask each other for a barrier. Its malloc
 * is called kmalloc, beside the C library's: tests/host/mm/rename.h.
 */
#include <pthread.h>
#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <unistd.h>

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

enum { NCPU = 2, NTICK = 50, NROUND = 64, PATIENCE = 300000 };
enum { IPI = SIGUSR1, TIMER = SIGALRM };

typedef struct Cpu Cpu;
struct Cpu {
	Percpu mm; /* what mm/ keeps here: all zero at first */
	pthread_t thread;
	volatile sig_atomic_t off;  /* so many reasons for no interrupts */
	volatile sig_atomic_t late; /* a timer's that came then; served later */
	_Atomic bool up;
	_Atomic unsigned asked; /* to pass a barrier, so often */
	_Atomic unsigned passed;
	_Atomic unsigned ticks;
};

static uint8_t *ram;    /* physical address 0 is here: the direct map */
static uint8_t *window; /* what maprange maps into */
static _Atomic size_t windowused;
static paddr_t mapped[WINDOW / BY2PG]; /* to where, + 1; or 0 */
static Cpu cpus[NCPU];
static _Thread_local Cpu *self = &cpus[0];
static _Atomic bool asked;    /* one CPU another, */
static _Atomic bool unmapped; /* after this */

/* ---- interrupts ---- */

/* Who asked for a barrier sees that one was passed. */
static void
pass(void)
{
	unsigned n = self->asked;

	atomic_thread_fence(memory_order_seq_cst);
	self->passed = n;
}

/* The timer's handler allocates as any code does. */
static void
tick(void)
{
	Page *pg = newpage(NOCLEAR, 0);
	char *p = malloc(200);

	self->ticks++;
	free(p);
	if (pg != NULL)
		putpage(pg);
}

static void
interruptsoff(void)
{
	self->off++;
	atomic_signal_fence(memory_order_seq_cst);
}

static void
interruptson(void)
{
	atomic_signal_fence(memory_order_seq_cst);
	while (self->off == 1 && self->late != 0) {
		self->late = 0;
		pass();
		tick();
	}
	self->off--;
	if (self->off == 0)
		pass();
}

static void
interrupt(int sig)
{
	if (self->off != 0) {
		self->late |= sig == TIMER;
		return;
	}
	interruptsoff();
	pass();
	if (sig == TIMER)
		tick();
	interruptson();
}

/* ---- the hooks ---- */

Percpu *
thiscpu(void)
{
	return &self->mm;
}

Percpu *
cpuenter(void)
{
	interruptsoff();
	return &self->mm;
}

void
cpuleave(Percpu *p)
{
	(void)p;
	interruptson();
}

void
lock(Lock *l)
{
	interruptsoff();
	unsigned mine = l->next++;
	while (l->serving != mine)
		;
}

bool
canlock(Lock *l)
{
	interruptsoff();
	unsigned is = l->serving;
	if (atomic_compare_exchange_strong(&l->next, &is, is + 1))
		return true;
	interruptson();
	return false;
}

void
unlock(Lock *l)
{
	l->serving++;
	interruptson();
}

/* Who waits here answers too, as its interrupts may be off. */
void
cpubarrier(void)
{
	for (Cpu *c = cpus; c < cpus + NCPU; c++) {
		if (c == self || !c->up)
			continue;
		unsigned n = ++c->asked;
		pthread_kill(c->thread, IPI);
		asked = true;
		while (c->up && (int)(c->passed - n) < 0)
			pass();
	}
}

size_t
cankaddr(paddr_t pa)
{
	return pa < RAM ? RAM - pa : 0;
}
void *
kaddr(paddr_t pa)
{
	return ram + pa;
}
void *
kmap(Page *pg)
{
	return ram + pagepa(pg);
}
void
kunmap(void *p)
{
	(void)p;
}
void
unreserverange(void *p, size_t size)
{
	(void)p;
	(void)size;
}

void
memwait(const char *what, size_t tries)
{
	panic("%s: out of memory, %zu times", what, tries);
}

/* A thread may not run for long, but all end what they are at. */
void
awaitzero(const uint32_t *word)
{
	while (__atomic_load_n(word, __ATOMIC_ACQUIRE) != 0)
		pass();
}

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

	return off < RAM ? off : mapped[at / BY2PG] - 1 + at % BY2PG;
}

bool
canread(const void *p)
{
	size_t at = (size_t)((const uint8_t *)p - window);

	return (size_t)((const uint8_t *)p - ram) < RAM ||
	       (at < WINDOW && mapped[at / BY2PG] != 0);
}

void *
reserverange(size_t size)
{
	size_t at = atomic_fetch_add(&windowused, size);

	return at + size > WINDOW ? NULL : window + at;
}

int
maprange(void *p, paddr_t pa, size_t npages)
{
	size_t at = (size_t)((uint8_t *)p - window) / BY2PG;

	for (size_t i = 0; i < npages; i++)
		mapped[at + i] = pa + i * BY2PG + 1;
	return mremap(ram + pa, 0, npages * BY2PG,
		   MREMAP_MAYMOVE | MREMAP_FIXED, p) == MAP_FAILED
		   ? -1
		   : 0;
}

/* The host drops it on all its CPUs at once; here that is cpubarrier's. */
void
unmaprange(void *p, size_t npages)
{
	size_t at = (size_t)((uint8_t *)p - window) / BY2PG;

	unmapped = true;
	memset(&mapped[at], 0, npages * sizeof mapped[0]);
	mmap(p, npages * BY2PG, PROT_NONE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1, 0);
}

void
probewrite(paddr_t pa, size_t n)
{
	memset(ram + pa, 0xa5, n * BY2PG);
}
size_t
probecheck(paddr_t pa, size_t n, uint8_t *bad)
{
	(void)bad;
	return ram[pa] == 0xa5 ? 0 : n;
}
void
zeropages(paddr_t pa, size_t n, enum heat heat)
{
	(void)heat;
	memset(ram + pa, 0, n * BY2PG);
}
void
copypages(paddr_t to, paddr_t from, size_t n)
{
	memcpy(ram + to, ram + from, n * BY2PG);
}

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

/* Has all been seen that there is to see? */
static bool
seen(void)
{
	bool all = asked && unmapped;

	for (Cpu *c = cpus; c < cpus + NCPU; c++)
		all = all && c->ticks >= NTICK;
	return all;
}

/* Blocks of all sizes come and go until then. */
static void *
work(void *arg)
{
	static const size_t sizes[] = {20, 300, 4000, 30000, 5 * MiB};
	char *p[5] = {NULL};

	self = arg;
	self->thread = pthread_self();
	self->up = true;
	for (size_t i = 0; !seen(); i++) {
		size_t k = i % 5;
		free(p[k]);
		p[k] = malloc(sizes[k]);
		memset(p[k], (int)k, sizes[k]);
		if (i % NROUND == 0)
			poolcompact(mainmem);
	}
	for (size_t k = 0; k < 5; k++)
		free(p[k]);
	self->up = false;
	return NULL;
}

/* This thread is the timer now; it is no CPU. */
static void
runcpus(void)
{
	struct sigaction a = {.sa_handler = interrupt};
	pthread_t t[NCPU];

	sigaction(IPI, &a, NULL);
	sigaction(TIMER, &a, NULL);
	for (size_t i = 0; i < NCPU; i++)
		pthread_create(&t[i], NULL, work, &cpus[i]);
	for (size_t n = 0; !seen(); n++) {
		usleep(100);
		if (n == PATIENCE)
			panic("after %zu ticks: do CPUs wait in a circle?", n);
		for (size_t i = 0; i < NCPU; i++)
			if (cpus[i].up)
				pthread_kill(t[i], TIMER);
	}
	for (size_t i = 0; i < NCPU; i++)
		pthread_join(t[i], NULL);
}

int
main(void)
{
	ram = mmap(NULL, RAM, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	window = mmap(NULL, WINDOW, PROT_NONE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	boot();
	size_t npages = pagesfree();
	size_t nbytes = xfreebytes();
	Page *pg = newpage(CLEAR, 0x1000);
	char *words = strcpy(malloc(100), "from malloc");
	char *big = malloc(130 * MiB); /* more than the kernel's share */
	strcpy(kmap(pg), "from newpage");
	print("%s, %s, %s\n", words, (char *)kmap(pg), big ? "and big" : "");
	confreport();
	free(big);
	free(words);
	putpage(pg);
	asked = unmapped = false;
	char *share = malloc(100 * MiB); /* all arenas are mapped now */
	runcpus();
	free(share);
	poolcompact(mainmem);
	poolcheck(mainmem);
	bytemapcheck();
	xcheck();
	print("%d CPUs, each interrupted %d times and more: ", NCPU, NTICK);
	print("%zu bytes in pools, %zu pages and %zu bytes lost\n",
	    poolsize(mainmem), npages - pagesfree(), nbytes - xfreebytes());
	return 0;
}
