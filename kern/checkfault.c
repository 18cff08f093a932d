/*
 * checkfault.c - faults on purpose: each must come, as the one it should be.
 *
 * The same provocations serve the monitor's `fault` command, where nobody
 * catches them.
 */
#include "checks.h"
#include "apic.h"
#include "cpu.h"
#include "hooks.h"
#include "log.h"
#include "mmu.h"
#include "page.h"
#include "print.h"
#include "stack.h"
#include "trap.h"

typedef struct Provocation Provocation;

struct Provocation {
	const char *name;
	void (*fn)(void *);
};

enum {
	OPRET = 0xc3,
	DEEP = 1024, /* bytes of each frame on the way into the guard */
	NMIWAIT = 10000000,
};

/* A user page, for as long as the test needs it. */
#define USERVA ((uintptr_t)0x400000)

/* What the compiler must not know, so that it leaves the access alone. */
static uintptr_t
opaque(uintptr_t v)
{
	__asm__ volatile("" : "+r"(v));
	return v;
}

static void
writetext(void *arg)
{
	(void)arg;
	*(volatile uint8_t *)opaque((uintptr_t)writetext) = OPRET;
}

static void
readnull(void *arg)
{
	(void)arg;
	(void)*(volatile uint8_t *)opaque(0);
}

static uint8_t code[1] = {OPRET};

static void
rundata(void *arg)
{
	(void)arg;
	((void (*)(void))opaque((uintptr_t)code))();
}

static void
readuser(void *arg)
{
	(void)arg;
	(void)*(volatile uint8_t *)opaque(USERVA);
}

static void
divide(void *arg)
{
	(void)arg;
	__asm__ volatile("xor %%edx, %%edx; div %0" : : "r"(0u) : "eax", "edx");
}

static void
badopcode(void *arg)
{
	(void)arg;
	__asm__ volatile("ud2");
}

/* The first address past the lower half, of as many levels as there are. */
static void
noncanonical(void *arg)
{
	uintptr_t end = kspace.limits.levels == 5 ? UTOP5 : UTOP;

	(void)arg;
	(void)*(volatile uint8_t *)opaque(end);
}

static __attribute__((noinline)) int
deeper(int n)
{
	volatile uint8_t frame[DEEP];

	__asm__ volatile("" : : "r"(frame));
	frame[0] = (uint8_t)n;
	return opaque(1) != 0 ? deeper(n + 1) + frame[0] : 0;
}

static void
overflow(void *arg)
{
	(void)arg;
	(void)deeper(0);
}

static void
nmi(void *arg)
{
	(void)arg;
	if (!apicopen())
		return;
	apicnmi();
	for (int i = 0; i < NMIWAIT; i++)
		__asm__ volatile("" : : : "memory");
}

static void
badsink(const char *s, size_t n)
{
	(void)s;
	(void)n;
	readnull(NULL);
}

/* The report itself cannot be shown: its first line faults. */
static void
nested(void *arg)
{
	lognosinks();
	logsink(badsink, LOGNEW);
	readnull(arg);
}

static const Provocation provocations[] = {
    {"text", writetext},
    {"null", readnull},
    {"nx", rundata},
    {"divide", divide},
    {"opcode", badopcode},
    {"address", noncanonical},
    {"stack", overflow},
    {"nmi", nmi},
    {"nested", nested},
};

static bool
same(const char *a, const char *b)
{
	while (*a != '\0' && *a == *b) {
		a++;
		b++;
	}
	return *a == *b;
}

bool
provoke(const char *name)
{
	for (size_t i = 0; i < nelem(provocations); i++)
		if (same(name, provocations[i].name)) {
			provocations[i].fn(NULL);
			return true;
		}
	return false;
}

void
faultnames(void)
{
	for (size_t i = 0; i < nelem(provocations); i++)
		print(" %s", provocations[i].name);
	print("\n");
}

static enum verdict
expect(void (*fn)(void *), Caught want, char *detail, size_t size)
{
	Caught what;

	if (!faults(fn, NULL, &what)) {
		snprint(detail, size, "nothing happened");
		return FAILED;
	}
	bool addr = want.vector == TRAPPF || want.vector == TRAPDF;
	snprint(detail, size, "vector %u error %#jx", (unsigned)what.vector,
	    (uintmax_t)what.error);
	if (addr)
		snprint(detail, size, "vector %u error %#jx address %#jx",
		    (unsigned)what.vector, (uintmax_t)what.error,
		    (uintmax_t)what.addr);
	return what.vector == want.vector && what.error == want.error &&
		       (want.vector != TRAPPF || what.addr == want.addr)
		   ? OK
		   : FAILED;
}

enum verdict
checktext(char *detail, size_t size)
{
	Caught want = {.vector = TRAPPF,
	    .error = PFPRESENT | PFWRITE,
	    .addr = (uintptr_t)writetext};

	return expect(writetext, want, detail, size);
}

enum verdict
checknull(char *detail, size_t size)
{
	return expect(readnull, (Caught){.vector = TRAPPF}, detail, size);
}

enum verdict
checknx(char *detail, size_t size)
{
	Caught want = {.vector = TRAPPF,
	    .error = PFPRESENT | PFFETCH,
	    .addr = (uintptr_t)code};

	if (!cpu.nx) {
		snprint(detail, size, "this CPU has no NX");
		return SKIPPED;
	}
	return expect(rundata, want, detail, size);
}

/* A page of user memory, which SMAP keeps the kernel from reading. */
enum verdict
checksmap(char *detail, size_t size)
{
	Caught want = {.vector = TRAPPF, .error = PFPRESENT, .addr = USERVA};
	Page *pg = NULL;

	if (!cpu.smap) {
		snprint(detail, size, "this CPU has no SMAP");
		return SKIPPED;
	}
	pg = newpage(CLEAR, USERVA);
	if (pg == NULL) {
		snprint(detail, size, "no page");
		return SKIPPED;
	}
	enum verdict v = FAILED;
	if (putmmu(&kspace, USERVA, pagepa(pg) | PTEWRITE | PTENOEXEC) < 0)
		snprint(detail, size, "no page table");
	else
		v = expect(readuser, want, detail, size);
	mmurelease(&kspace);
	putpage(pg);
	return v;
}

enum verdict
checkdivide(char *detail, size_t size)
{
	return expect(divide, (Caught){.vector = TRAPDE}, detail, size);
}

enum verdict
checkopcode(char *detail, size_t size)
{
	return expect(badopcode, (Caught){.vector = TRAPUD}, detail, size);
}

enum verdict
checkaddress(char *detail, size_t size)
{
	return expect(noncanonical, (Caught){.vector = TRAPGP}, detail, size);
}

/* A double fault, on its own stack, and CR2 in the guard of the main one. */
enum verdict
checkstack(char *detail, size_t size)
{
	Caught what;
	bool guard = false;

	if (!faults(overflow, NULL, &what)) {
		snprint(detail, size, "nothing happened");
		return FAILED;
	}
	enum stack s = stackof(what.addr, &guard);
	snprint(detail, size, "vector %u address %#jx", (unsigned)what.vector,
	    (uintmax_t)what.addr);
	return what.vector == TRAPDF && s == STACKMAIN && guard ? OK : FAILED;
}

enum verdict
checknmi(char *detail, size_t size)
{
	if (!apicopen()) {
		snprint(detail, size, "no local APIC to send one");
		return SKIPPED;
	}
	enum verdict v = expect(nmi, (Caught){.vector = TRAPNMI}, detail, size);
	apicclose();
	return v;
}
