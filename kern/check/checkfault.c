/*
 * checkfault.c - faults on purpose: each must come, as the one it should be.
 *
 * Most are provoke.c's; here is what the CPU must say to each.
 */
#include "checks.h"
#include "apic.h"
#include "cpu.h"
#include "cpus.h"
#include "hooks.h"
#include "mmu.h"
#include "page.h"
#include "print.h"
#include "provoke.h"
#include "stack.h"
#include "trap.h"

/* A user page, for as long as the test needs it. */
#define USERVA ((uintptr_t)0x400000)

enum { OPRET = 0xc3 };

typedef struct Stray Stray;

/* What the kernel must not do there, with a page of those flags. */
struct Stray {
	void (*touch)(void *arg);
	pte_t flags;
	uint64_t error;
};

static void
readuser(void *arg)
{
	(void)arg;
	(void)*(volatile uint8_t *)USERVA;
}

static void
runuser(void *arg)
{
	(void)arg;
	((void (*)(void))USERVA)();
}

static void
provokenamed(void *name)
{
	provoke(name);
}

static enum verdict
judge(const Caught *what, const Caught *want, char *detail, size_t size)
{
	bool addr = want->vector == TRAPPF;

	snprint(detail, size, "vector %u error %#jx", (unsigned)what->vector,
	    (uintmax_t)what->error);
	if (addr)
		snprint(detail, size, "vector %u error %#jx address %#jx",
		    (unsigned)what->vector, (uintmax_t)what->error,
		    (uintmax_t)what->addr);
	return what->vector == want->vector && what->error == want->error &&
		       (!addr || what->addr == want->addr)
		   ? OK
		   : FAILED;
}

static enum verdict
nothing(char *detail, size_t size)
{
	snprint(detail, size, "nothing happened");
	return FAILED;
}

static enum verdict
expect(const char *name, Caught want, char *detail, size_t size)
{
	Caught what;

	if (!faults(provokenamed, (void *)name, &what))
		return nothing(detail, size);
	return judge(&what, &want, detail, size);
}

enum verdict
checktext(char *detail, size_t size)
{
	Caught want = {.vector = TRAPPF,
	    .error = PFPRESENT | PFWRITE,
	    .addr = provokedaddr("text")};

	return expect("text", want, detail, size);
}

enum verdict
checknull(char *detail, size_t size)
{
	return expect("null", (Caught){.vector = TRAPPF}, detail, size);
}

enum verdict
checknx(char *detail, size_t size)
{
	Caught want = {.vector = TRAPPF,
	    .error = PFPRESENT | PFFETCH,
	    .addr = provokedaddr("nx")};

	if (!cpu.nx) {
		snprint(detail, size, "no NX");
		return SKIPPED;
	}
	return expect("nx", want, detail, size);
}

/* In a space with that page of user memory. */
static enum verdict
strayin(Space *s, const Stray *y, const Page *pg, char *detail, size_t size)
{
	Caught want = {.vector = TRAPPF, .error = y->error, .addr = USERVA};
	Caught what;

	if (putmmu(s, USERVA, pagepa(pg) | y->flags) < 0) {
		snprint(detail, size, "no page table");
		return FAILED;
	}
	spaceenter(s);
	bool came = faults(y->touch, NULL, &what);
	spaceenter(&kspace);
	return came ? judge(&what, &want, detail, size) : nothing(detail, size);
}

/* The space is one that no other CPU is in: none is asked to forget it. */
static enum verdict
stray(const Stray *y, char *detail, size_t size)
{
	Space s = {.limits = kspace.limits, .tables = kspace.tables};
	enum verdict v = FAILED;
	Page *pg = newpage(CLEAR, USERVA);

	if (pg == NULL) {
		snprint(detail, size, "no page");
		return SKIPPED;
	}
	uint8_t *code = kmap(pg);
	code[0] = OPRET;
	kunmap(code);
	if (spaceinit(&s, &kspace, NULL) < 0)
		snprint(detail, size, "no page table");
	else {
		v = strayin(&s, y, pg, detail, size);
		spacefree(&s);
	}
	putpage(pg);
	return v;
}

/* SMAP keeps the kernel from reading what is a program's. */
enum verdict
checksmap(char *detail, size_t size)
{
	static const Stray y = {readuser, PTEWRITE | PTENOEXEC, PFPRESENT};

	if (cpu.smap)
		return stray(&y, detail, size);
	snprint(detail, size, "no SMAP");
	return SKIPPED;
}

/* And SMEP from running it. */
enum verdict
checksmep(char *detail, size_t size)
{
	static const Stray y = {runuser, 0, PFPRESENT | PFFETCH};

	if (cpu.smep)
		return stray(&y, detail, size);
	snprint(detail, size, "no SMEP");
	return SKIPPED;
}

enum verdict
checkdivide(char *detail, size_t size)
{
	return expect("divide", (Caught){.vector = TRAPDE}, detail, size);
}

enum verdict
checkopcode(char *detail, size_t size)
{
	return expect("opcode", (Caught){.vector = TRAPUD}, detail, size);
}

enum verdict
checkaddress(char *detail, size_t size)
{
	return expect("address", (Caught){.vector = TRAPGP}, detail, size);
}

/*
 * A double fault, on its own stack, and CR2 in the guard of the main one of
 * this CPU.
 */
enum verdict
checkstack(char *detail, size_t size)
{
	Caught what;
	bool guard = false;

	if (!faults(provokenamed, "stack", &what))
		return nothing(detail, size);
	enum stack s = stackof(what.addr, &guard);
	snprint(detail, size, "vector %u address %#jx", (unsigned)what.vector,
	    (uintmax_t)what.addr);
	return what.vector == TRAPDF && s == STACKMAIN && guard &&
		       cpuofsp(what.addr) == cpunumber()
		   ? OK
		   : FAILED;
}

/*
 * The APIC stays mapped until the NMI has come: one that is late would come in
 * the midst of unmapping it, with a lock held.
 */
enum verdict
checknmi(char *detail, size_t size)
{
	Caught want = {.vector = TRAPNMI};
	Caught what;

	if (!apicopen()) {
		snprint(detail, size, "no local APIC to send one");
		return SKIPPED;
	}
	if (!faults(provokenamed, "nmi", &what))
		return nothing(detail, size);
	if (what.vector == TRAPNMI)
		apicclose();
	return judge(&what, &want, detail, size);
}
