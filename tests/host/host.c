/*
 * host.c - the hooks of include/hooks.h over a sparse file: see host.h.
 */
#include "host.h"
#include "forms.h"
#include "hooks.h"
#include "page.h"
#include "percpu.h"

#include <signal.h>
#include <stdatomic.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/mman.h>
#include <sys/random.h>
#include <sys/syscall.h>
#include <linux/membarrier.h>
#include <unistd.h>

/* No test uses more memory than this of a larger machine. */
#define TESTED (4 * GiB)

enum { MAXCPU = 16, SAIDMAX = 1 << 16 };

/* The image's own function takes its place in the image's tests. */
#define IMAGEHAS __attribute__((weak))

static struct {
	paddr_t pa;
	size_t size;
	size_t cap;
	uint8_t *ram; /* all of it; kaddr gives out the first cap bytes */
	int fd;
	_Atomic size_t mapped;
	struct {
		paddr_t pa;
		size_t npages;
	} bad[64];
	size_t nbad;
	bool trusted;
	size_t widest;          /* reservation that is granted */
	_Atomic size_t granted; /* reservations and mappings that will still
				   work; SIZE_MAX: all */
	enum heat heat;
} host = {.fd = -1};

/* Pieces that readers of maps get before one is refused; SIZE_MAX: all. */
static size_t formspieces = SIZE_MAX;

static void (*meanwhile)(void);
static void (*awaited)(void);
static void (*writeprobe)(paddr_t pa);
static bool (*checkprobe)(paddr_t pa);

/*
 * Which physical page is mapped where: open addressing, by address. Some CPU
 * may still find there what was unmapped, until a barrier that began later has
 * ended: nothing else may be mapped there before.
 */
enum { NMAPPED = 1 << 20 };
static struct {
	uintptr_t page; /* 0: never used */
	paddr_t pa;
	size_t when; /* not 0: unmapped, as the so-manieth */
} * mappedat;
static Lock mappedlock;
static _Atomic size_t nunmapped; /* times that some page was */
static _Atomic size_t ndropped;  /* all CPUs know of so many */

static Percpu percpu[MAXCPU];
_Thread_local Percpu *hostself = &percpu[0];

static char said[SAIDMAX];
static size_t saidlen;
static bool quiet;

static sigjmp_buf catcher;
static bool catching;
static char panicmsg[1024];
static int panicheld;
static _Thread_local int heldlocks;
static _Thread_local size_t nlocked;

static void
die(const char *what)
{
	perror(what);
	abort();
}

/* In the sanitizer's builds only. */
__attribute__((weak)) void __asan_unpoison_memory_region(
    const volatile void *p, size_t size);

/*
 * Addresses that come back for other use are not hidden any more: those of
 * the first part, as tests use no more of larger machines.
 */
static void
dropmachine(void)
{
	if (host.ram == NULL)
		return;
	if (__asan_unpoison_memory_region != NULL)
		__asan_unpoison_memory_region(host.ram, MIN(host.size, TESTED));
	munmap(host.ram, host.size);
}

static paddr_t (*tablesource)(void);

void
hosttables(paddr_t (*fn)(void))
{
	tablesource = fn;
}

void
hostmachine(paddr_t pa, size_t size, size_t cap, int ncpu)
{
	dropmachine();
	if (host.fd >= 0)
		close(host.fd);
	if (ncpu < 1 || ncpu > MAXCPU)
		panic("%d CPUs: 1 to %d are possible", ncpu, MAXCPU);
	host.fd = memfd_create("ram", MFD_CLOEXEC);
	if (host.fd < 0 || ftruncate(host.fd, (off_t)size) < 0)
		die("physical memory");
	host.ram = mmap(NULL, size, PROT_READ | PROT_WRITE,
	    MAP_SHARED | MAP_NORESERVE, host.fd, 0);
	if (host.ram == MAP_FAILED)
		die("direct map");
	host.pa = pa;
	host.size = size;
	host.cap = MIN(cap, size);
	host.nbad = 0;
	host.trusted = false;
	host.granted = SIZE_MAX;
	host.widest = SIZE_MAX;
	host.mapped = 0;
	if (mappedat != NULL)
		munmap(mappedat, NMAPPED * sizeof *mappedat);
	mappedat =
	    mmap(NULL, NMAPPED * sizeof *mappedat, PROT_READ | PROT_WRITE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);
	if (mappedat == MAP_FAILED)
		die("table of mappings");
	memset(percpu, 0, sizeof percpu);
	hostself = &percpu[0];
	hostbarrier(NULL);
	meanwhile = NULL;
	awaited = NULL;
	hosttables(NULL);
	hostclock(0, 0);
}

static _Atomic uint64_t clocktime;
static _Atomic uint64_t clockstep;

void
hostclock(uint64_t now, uint64_t step)
{
	clocktime += now;
	clockstep = step;
}

#ifndef HOSTNOSIGNALS
uint64_t
ticks(void)
{
	return atomic_fetch_add(&clocktime, clockstep);
}
#endif

void
hostcpu(int c)
{
	hostself = &percpu[c];
}

void
hostbad(paddr_t pa, size_t npages)
{
	if (host.nbad == nelem(host.bad))
		panic("more than %zu bad ranges", nelem(host.bad));
	host.bad[host.nbad].pa = pa;
	host.bad[host.nbad++].npages = npages;
}

void
hostrefuse(size_t n)
{
	host.granted = n;
}

void
hostwidest(size_t size)
{
	host.widest = size;
}

int
hostheat(void)
{
	return host.heat;
}

static bool
grant(void)
{
	if (host.granted == 0)
		return false;
	if (host.granted != SIZE_MAX)
		host.granted--;
	return true;
}

void
hostprobe(void (*write)(paddr_t pa), bool (*check)(paddr_t pa))
{
	writeprobe = write;
	checkprobe = check;
}

void
hosttrust(bool on)
{
	host.trusted = on;
}

size_t
hostmapped(void)
{
	return host.mapped;
}

static bool
isbad(paddr_t pa)
{
	for (size_t i = 0; i < host.nbad; i++)
		if (pa - host.bad[i].pa < host.bad[i].npages * BY2PG)
			return true;
	return false;
}

static uint8_t *
ramat(paddr_t pa, size_t size)
{
	if (pa < host.pa || pa - host.pa > host.size ||
	    size > host.size - (pa - host.pa))
		panic("no RAM at [%#jx, %#jx)", pa, pa + size);
	return host.ram + (pa - host.pa);
}

void *
kaddr(paddr_t pa)
{
	if (cankaddr(pa) == 0)
		panic("pa %#jx is not in the direct map", pa);
	return host.ram + (pa - host.pa);
}

/* The entry of a mapped page, or the one to use for it. */
static size_t
mappedentry(uintptr_t page, bool forget)
{
	size_t i = (page / BY2PG * 0x9e3779b97f4a7c15) >> 44;
	size_t gap = NMAPPED;

	for (; mappedat[i].page != 0; i = (i + 1) % NMAPPED) {
		if (mappedat[i].page == page)
			return i;
		if (mappedat[i].when != 0 && gap == NMAPPED)
			gap = i;
	}
	return gap != NMAPPED && !forget ? gap : i;
}

static void
notemapped(const void *p, paddr_t pa, size_t npages)
{
	uintptr_t page = (uintptr_t)p;
	uintptr_t stale = 0;

	lock(&mappedlock);
	size_t when = pa == NOADDR ? ++nunmapped : 0;
	for (; npages > 0; npages--, page += BY2PG) {
		size_t i = mappedentry(page, pa == NOADDR);
		if (mappedat[i].page == page && mappedat[i].when > ndropped &&
		    mappedat[i].pa != pa)
			stale = page;
		mappedat[i].page = page;
		mappedat[i].when = when;
		if (pa != NOADDR)
			mappedat[i].pa = pa;
		if (pa != NOADDR)
			pa += BY2PG;
	}
	unlock(&mappedlock);
	if (stale != 0)
		panic("%#jx was unmapped, and not all CPUs know it",
		    (uintmax_t)stale);
}

/* NOADDR: nowhere. */
static paddr_t
leadsto(const void *p)
{
	uintptr_t off = (uintptr_t)p - (uintptr_t)host.ram;

	if (off < host.cap)
		return host.pa + off;
	lock(&mappedlock);
	uintptr_t page = ROUNDDOWN((uintptr_t)p, BY2PG);
	size_t i = mappedentry(page, false);
	bool known = mappedat[i].page == page && mappedat[i].when == 0;
	paddr_t pa = mappedat[i].pa + ((uintptr_t)p - page);
	unlock(&mappedlock);
	return known && page != 0 ? pa : NOADDR;
}

paddr_t
paddr(const void *p)
{
	paddr_t pa = leadsto(p);

	if (pa == NOADDR)
		panic("%p is neither in the direct map nor mapped", p);
	return pa;
}

void
hostforms(size_t n)
{
	formspieces = n;
}

IMAGEHAS void *
formstake(size_t size)
{
	bool refused = formspieces == 0;

	formspieces -= formspieces != SIZE_MAX;
	return refused ? NULL : malloc(size);
}

IMAGEHAS void
formsfree(void *p)
{
	free(p);
}

IMAGEHAS bool
canread(const void *p)
{
	return leadsto(p) != NOADDR;
}

size_t
cankaddr(paddr_t pa)
{
	if (pa < host.pa || pa - host.pa >= host.cap)
		return 0;
	return host.cap - (pa - host.pa);
}

IMAGEHAS void *
kmap(Page *pg)
{
	return ramat(pagepa(pg), BY2PG);
}

IMAGEHAS void
kunmap(void *p)
{
	(void)p;
}

IMAGEHAS void *
reserverange(size_t size)
{
	if (size > host.widest || !grant())
		return NULL;
	void *p = mmap(NULL, size, PROT_NONE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE, -1, 0);

	return p == MAP_FAILED ? NULL : p;
}

IMAGEHAS void
unreserverange(void *p, size_t size)
{
	munmap(p, size);
}

IMAGEHAS int
maprange(void *p, paddr_t pa, size_t npages)
{
	size_t size = npages * BY2PG;

	ramat(pa, size);
	if (!grant() || (tablesource != NULL && tablesource() == NOADDR))
		return -1;
	if (mmap(p, size, PROT_READ | PROT_WRITE, MAP_SHARED | MAP_FIXED,
		host.fd, (off_t)(pa - host.pa)) == MAP_FAILED)
		return -1;
	notemapped(p, pa, npages);
	atomic_fetch_add(&host.mapped, npages);
	return 0;
}

static void (*barrier)(void);
static _Atomic size_t nbarrier;
static _Atomic size_t nbarrierheld;

void
hostbarrier(void (*fn)(void))
{
	barrier = fn;
	nbarrier = nbarrierheld = 0;
}

size_t
hostbarriers(void)
{
	return nbarrier;
}

size_t
hostbarriersheld(void)
{
	return nbarrierheld;
}

static void
countbarrier(void)
{
	nbarrier++;
	nbarrierheld += heldlocks > 0;
}

IMAGEHAS void
unmaprange(void *p, size_t npages)
{
	if (mmap(p, npages * BY2PG, PROT_NONE,
		MAP_PRIVATE | MAP_ANONYMOUS | MAP_NORESERVE | MAP_FIXED, -1,
		0) == MAP_FAILED)
		die("unmaprange");
	notemapped(p, NOADDR, npages);
	atomic_fetch_sub(&host.mapped, npages);
}

/* A bad page keeps nothing; the others are written and read for real. */
IMAGEHAS void
probewrite(paddr_t pa, size_t npages)
{
	for (size_t i = 0; !host.trusted && i < npages; i++, pa += BY2PG) {
		uint64_t *w = (uint64_t *)ramat(pa, BY2PG);

		if (writeprobe != NULL) {
			writeprobe(pa);
			continue;
		}
		for (size_t j = 0; j < BY2PG / 8; j++)
			w[j] = isbad(pa) ? 0 : ~(pa + 8 * j);
	}
}

IMAGEHAS size_t
probecheck(paddr_t pa, size_t npages, uint8_t *bad)
{
	size_t nbad = 0;

	for (size_t i = 0; !host.trusted && i < npages; i++, pa += BY2PG) {
		uint64_t *w = (uint64_t *)ramat(pa, BY2PG);
		size_t j = 0;

		if (checkprobe != NULL)
			j = checkprobe(pa) ? BY2PG / 8 : 0;
		else
			while (j < BY2PG / 8 && w[j] == ~(pa + 8 * j))
				j++;
		if (j == BY2PG / 8)
			continue;
		nbad++;
		if (bad != NULL)
			bad[i] = 1;
	}
	return nbad;
}

IMAGEHAS void
zeropages(paddr_t pa, size_t npages, enum heat heat)
{
	host.heat = heat;
	memset(ramat(pa, npages * BY2PG), 0, npages * BY2PG);
}

IMAGEHAS void
copypages(paddr_t to, paddr_t from, size_t npages)
{
	memmove(ramat(to, npages * BY2PG), ramat(from, npages * BY2PG),
	    npages * BY2PG);
}

IMAGEHAS uint64_t
truerand(void)
{
	uint64_t v = 0;

	if (getrandom(&v, sizeof v, 0) != sizeof v)
		die("getrandom");
	return v;
}

void
memwait(const char *what, size_t tries)
{
	(void)tries;
	panic("%s: no memory, and nobody left to free any", what);
}

void
awaitzero(const uint32_t *word)
{
	while (__atomic_load_n(word, __ATOMIC_ACQUIRE) != 0)
		if (awaited != NULL)
			awaited();
}

void
hostawaited(void (*fn)(void))
{
	awaited = fn;
}

/*
 * A thread's interrupts, and what CPU it is on: masked while it is among
 * per-CPU state, waits for a lock or holds one. Signals that come then wait.
 */
static _Thread_local volatile sig_atomic_t masked;
static _Thread_local volatile sig_atomic_t pending;
static void (*handler)(void);

void
hostsignal(void (*fn)(void))
{
	handler = fn;
}

void
hostinterrupt(void)
{
	if (masked != 0)
		pending = 1;
	else if (handler != NULL)
		handler();
}

static _Thread_local size_t points; /* before which no interrupt came */
static size_t pointat;

size_t
hostpoints(size_t n)
{
	size_t were = points;

	points = 0;
	pointat = n;
	return were;
}

static void
mask(void)
{
	if (masked == 0 && ++points == pointat)
		hostinterrupt();
	masked = masked + 1;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
}

static void
unmask(void)
{
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	masked = masked - 1;
	__atomic_signal_fence(__ATOMIC_SEQ_CST);
	while (masked == 0 && pending != 0) {
		pending = 0;
		hostinterrupt();
	}
}

#ifndef HOSTNOSIGNALS
Percpu *
cpuenter(void)
{
	mask();
	return hostself;
}

void
cpuleave(Percpu *p)
{
	(void)p;
	unmask();
}
#endif

void
lock(Lock *l)
{
	mask();
	while (__atomic_exchange_n(&l->holder, 1, __ATOMIC_ACQUIRE) != 0)
		while (__atomic_load_n(&l->holder, __ATOMIC_RELAXED) != 0)
			__builtin_ia32_pause();
	heldlocks++;
	nlocked++;
}

bool
canlock(Lock *l)
{
	mask();
	if (__atomic_exchange_n(&l->holder, 1, __ATOMIC_ACQUIRE) != 0) {
		unmask();
		return false;
	}
	heldlocks++;
	nlocked++;
	return true;
}

int
hostheld(void)
{
	return heldlocks;
}

size_t
hostlocked(void)
{
	return nlocked;
}

static _Thread_local size_t unlocksleft;
static _Thread_local void (*unlocked)(void);

void
hostunlocked(size_t n, void (*fn)(void))
{
	unlocksleft = n;
	unlocked = fn;
}

void
unlock(Lock *l)
{
	heldlocks--;
	__atomic_store_n(&l->holder, 0, __ATOMIC_RELEASE);
	unmask();
#ifndef HOSTNOSIGNALS
	if (heldlocks == 0 && unlocked != NULL && unlocksleft-- == 0) {
		void (*fn)(void) = unlocked;

		unlocked = NULL;
		fn();
	}
#endif
}

void
hostmeanwhile(void (*f)(void))
{
	meanwhile = f;
}

/* The kernel interrupts every core that runs a thread of ours. */
static void
membarrier(void)
{
	static Lock once;
	static bool asked;

	lock(&once);
	if (!asked && syscall(SYS_membarrier,
			  MEMBARRIER_CMD_REGISTER_PRIVATE_EXPEDITED, 0, 0) < 0)
		die("membarrier");
	asked = true;
	unlock(&once);
	if (syscall(SYS_membarrier, MEMBARRIER_CMD_PRIVATE_EXPEDITED, 0, 0) < 0)
		die("membarrier");
	if (meanwhile != NULL)
		meanwhile();
}

void
cpubarrier(void)
{
	size_t n = nunmapped;

	countbarrier();
	if (barrier != NULL)
		barrier();
	else
		membarrier();
	for (size_t known = ndropped; known < n;)
		if (atomic_compare_exchange_weak(&ndropped, &known, n))
			break;
}

IMAGEHAS void
print(const char *fmt, ...)
{
	char line[1 << 14];
	va_list ap;

	va_start(ap, fmt);
	int n = vsnprintf(line, sizeof line, fmt, ap);
	va_end(ap);
	if (n < 0)
		return;
	n = MIN(n, (int)sizeof line - 1);
	if (saidlen + (size_t)n < sizeof said) {
		memcpy(said + saidlen, line, (size_t)n + 1);
		saidlen += (size_t)n;
	}
	if (!quiet)
		fputs(line, stdout);
}

const char *
hostsaid(void)
{
	return said;
}

size_t
hosttimes(const char *words)
{
	size_t n = 0;

	for (const char *s = said; (s = strstr(s, words)) != NULL; s++)
		n++;
	return n;
}

void
hostquiet(void)
{
	quiet = true;
	saidlen = 0;
	said[0] = '\0';
}

void
hostloud(void)
{
	quiet = false;
}

void
panicat(const char *func, const char *fmt, ...)
{
	va_list ap;
	int n = snprintf(panicmsg, sizeof panicmsg, "panic: %s: ", func);

	va_start(ap, fmt);
	vsnprintf(panicmsg + n, sizeof panicmsg - (size_t)n, fmt, ap);
	va_end(ap);
	panicheld = heldlocks;
	heldlocks = 0;
	masked = 0;
	if (catching) {
		catching = false;
		siglongjmp(catcher, 1);
	}
	fprintf(stderr, "%s\n", panicmsg);
	abort();
}

const char *
hostpanic(void)
{
	return panicmsg;
}

int
hostpanicheld(void)
{
	return panicheld;
}

sigjmp_buf *
hostcatch(void)
{
	panicmsg[0] = '\0';
	catching = true;
	return &catcher;
}

void
hostrelease(void)
{
	catching = false;
}
