/*
 * provoke.c - what this machine must not be asked to do, by name.
 *
 * For the checks, which expect it, and for the monitor's `fault` command, where
 * nobody does.
 */
#include "provoke.h"
#include "apic.h"
#include "hooks.h"
#include "log.h"
#include "mmu.h"

typedef struct Provocation Provocation;

struct Provocation {
	const char *name;
	void (*fn)(void);
	uintptr_t addr; /* what it touches and must not; 0: not one place */
};

enum {
	OPRET = 0xc3,
	DEEP = 1024, /* bytes of each frame on the way into the guard */
	NMIWAIT = 10000000,
};

/* What the compiler must not know, so that it leaves the access alone. */
static uintptr_t
opaque(uintptr_t v)
{
	__asm__ volatile("" : "+r"(v));
	return v;
}

static void
writetext(void)
{
	*(volatile uint8_t *)opaque((uintptr_t)writetext) = OPRET;
}

static void
readnull(void)
{
	(void)*(volatile uint8_t *)opaque(0);
}

static uint8_t code[1] = {OPRET};

static void
rundata(void)
{
	((void (*)(void))opaque((uintptr_t)code))();
}

static void
divide(void)
{
	__asm__ volatile("xor %%edx, %%edx; div %0" : : "r"(0u) : "eax", "edx");
}

static void
badopcode(void)
{
	__asm__ volatile("ud2");
}

/* The first address past the lower half, of as many levels as there are. */
static void
noncanonical(void)
{
	uintptr_t end = kspace.limits.levels == 5 ? UTOP5 : UTOP;

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
overflow(void)
{
	(void)deeper(0);
}

static void
nmi(void)
{
	if (!apicopen())
		return;
	apicsend(apicid(), IPINMI);
	for (int i = 0; i < NMIWAIT; i++)
		__asm__ volatile("" : : : "memory");
}

static void
badsink(const char *s, size_t n)
{
	(void)s;
	(void)n;
	readnull();
}

/* The report itself cannot be shown: its first line faults. */
static void
nested(void)
{
	lognosinks();
	logsink(badsink, LOGNEW);
	readnull();
}

static const Provocation provocations[] = {
    {"text", writetext, (uintptr_t)writetext},
    {"null", readnull, 0},
    {"nx", rundata, (uintptr_t)code},
    {"divide", divide, 0},
    {"opcode", badopcode, 0},
    {"address", noncanonical, 0},
    {"stack", overflow, 0},
    {"nmi", nmi, 0},
    {"nested", nested, 0},
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

static const Provocation *
named(const char *name)
{
	for (size_t i = 0; i < nelem(provocations); i++)
		if (same(name, provocations[i].name))
			return &provocations[i];
	return NULL;
}

bool
provoke(const char *name)
{
	const Provocation *p = named(name);

	if (p == NULL)
		return false;
	p->fn();
	return true;
}

uintptr_t
provokedaddr(const char *name)
{
	const Provocation *p = named(name);

	return p != NULL ? p->addr : 0;
}

const char *
faultname(size_t i)
{
	return i < nelem(provocations) ? provocations[i].name : NULL;
}
