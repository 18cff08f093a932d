/*
 * check.c - the list of checks, in the order of main()'s steps, and the count.
 *
 * What each CPU promises by itself is asked of each, one after another: the
 * first that does not hold it is named.
 */
#include "checks.h"
#include "bootinfo.h"
#include "cpu.h"
#include "cpus.h"
#include "hooks.h"
#include "print.h"
#include "../monitor/progress.h"
#include "trap.h"

typedef struct Checkitem Checkitem;
typedef struct Checkrun Checkrun;

struct Checkitem {
	const char *name;
	Check *check;
	enum checkset set;
	enum { ONCE, EACHCPU } by;
};

/* A check under way. */
struct Checkrun {
	Check *check;
	Checkresult *result;
};

/* "mem9: done" has been said. */
static bool done;

/* What the last run has come to. */
static struct {
	size_t n;
	uint64_t us;
	Checkresult result[MOSTCHECKS];
} last;

static const Checkitem items[] = {
    {"memmap", checkmap, CHECKMEMORY, ONCE},
    {"mtrr", checkmtrr, CHECKALL, ONCE},
    {"conf", checkconf, CHECKMEMORY, ONCE},
    {"tables", checktables, CHECKALL, ONCE},
    {"gdt", checkgdt, CHECKALL, EACHCPU},
    {"text-write", checktext, CHECKALL, EACHCPU},
    {"null-read", checknull, CHECKALL, EACHCPU},
    {"data-run", checknx, CHECKALL, EACHCPU},
    {"user-read", checksmap, CHECKALL, EACHCPU},
    {"user-run", checksmep, CHECKALL, EACHCPU},
    {"divide", checkdivide, CHECKALL, EACHCPU},
    {"opcode", checkopcode, CHECKALL, EACHCPU},
    {"address", checkaddress, CHECKALL, EACHCPU},
    {"stack-guard", checkstack, CHECKALL, EACHCPU},
    {"nmi", checknmi, CHECKALL, ONCE},
    {"kmap", checkkmap, CHECKALL, EACHCPU},
    {"vmap", checkvmap, CHECKALL, ONCE},
    {"pages", checkpages, CHECKMEMORY, ONCE},
    {"bytemap", checkbytemap, CHECKMEMORY, ONCE},
    {"xalloc", checkxalloc, CHECKMEMORY, ONCE},
    {"malloc", checkmalloc, CHECKMEMORY, ONCE},
    {"cpus", checkcpus, CHECKALL, ONCE},
    {"proc-run", checkprocrun, CHECKALL, ONCE},
    {"proc-memory", checkprocmemory, CHECKALL, ONCE}, /* right after it */
    {"ram", checkram, CHECKMEMORY, ONCE}, /* after all that use memory */
    {"services", checkservices, CHECKALL, ONCE},
};

_Static_assert(nelem(items) <= MOSTCHECKS, "each has a result");

static const char *const verdicts[] = {
    [OK] = "ok",
    [FAILED] = "failed",
    [SKIPPED] = "skipped",
};

static void
docheck(void *arg)
{
	Checkrun *way = arg;
	Checkresult *r = way->result;

	r->verdict = way->check(r->detail, sizeof r->detail);
}

/* On this CPU. */
static void
runhere(void *arg)
{
	Checkrun *way = arg;
	Checkresult *r = way->result;
	Caught what;

	r->detail[0] = '\0';
	if (!faults(docheck, way, &what))
		return;
	r->verdict = FAILED;
	if (what.vector == NOVECTOR)
		snprint(r->detail, sizeof r->detail, "it panicked");
	else
		snprint(r->detail, sizeof r->detail,
		    "vector %u at %#jx, address %#jx", (unsigned)what.vector,
		    (uintmax_t)what.pc, (uintmax_t)what.addr);
}

/* On all others too, until it fails: which one that is, or how many it held. */
static void
runothers(const Checkitem *e, Checkresult *r)
{
	Checkresult other = {.name = r->name, .verdict = r->verdict};
	Checkrun way = {e->check, &other};
	char detail[CHECKDETAIL];
	size_t held = 1;
	size_t n = 1;

	for (; n < ncpus() && other.verdict == r->verdict; n++)
		held += oncpu(n, runhere, &way, WORKUS);
	snprint(detail, sizeof detail, "%s", r->detail);
	if (other.verdict != r->verdict) {
		snprint(r->detail, sizeof r->detail, "on CPU %zu: %s", n - 1,
		    other.detail);
		r->verdict = FAILED;
	} else if (held > 1)
		snprint(r->detail, sizeof r->detail, "%s%son %zu CPUs", detail,
		    detail[0] != '\0' ? " " : "", held);
}

static void
checkline(const Checkresult *r)
{
	print("mem9: check name=%s result=%s", r->name, verdicts[r->verdict]);
	if (r->detail[0] != '\0')
		print(" detail=\"%s\"", r->detail);
	print("\n");
}

static enum verdict
run(const Checkitem *e)
{
	Checkresult *r = &last.result[last.n++];
	Checkrun way = {e->check, r};

	r->name = e->name;
	runhere(&way);
	if (e->by == EACHCPU && r->verdict == OK)
		runothers(e, r);
	checkline(r);
	return r->verdict;
}

/* Microseconds since then. */
static uint64_t
elapsed(uint64_t start)
{
	uint64_t mhz = bootinfo->tschz / 1000000;

	return (cycles() - start) / MAX(mhz, 1ull);
}

/* It is one of the set, and told of. */
static void
one(const Checkitem *e, size_t *count, void (*seen)(const Checkresult *r))
{
	count[run(e)]++;
	if (seen != NULL)
		seen(&last.result[last.n - 1]);
}

static void
doneline(const size_t *count)
{
	print("mem9: done checks=%zu failed=%zu skipped=%zu us=%ju\n",
	    count[OK] + count[FAILED] + count[SKIPPED], count[FAILED],
	    count[SKIPPED], (uintmax_t)last.us);
}

size_t
check(enum checkset set, void (*seen)(const Checkresult *r))
{
	size_t count[nelem(verdicts)] = {0};

	uint64_t start = done ? cycles() : bootinfo->tscstart;

	progressanew();
	last.n = 0;
	if (bootinfo->options.checks != CHECKSNONE)
		for (size_t i = 0; i < nelem(items) && !progressbroken(); i++)
			if (set == CHECKALL || items[i].set == set)
				one(&items[i], count, seen);
	done = true;
	last.us = elapsed(start);
	doneline(count);
	return count[FAILED];
}

void
checklines(void)
{
	size_t count[nelem(verdicts)] = {0};

	for (size_t i = 0; i < last.n; i++) {
		checkline(&last.result[i]);
		count[last.result[i].verdict]++;
	}
	doneline(count);
}

const Checkresult *
checkresults(size_t *n, uint64_t *us)
{
	*n = last.n;
	*us = last.us;
	return last.result;
}

bool
checkbroken(void)
{
	if (done)
		return false;
	done = true;
	print("mem9: done checks=0 failed=1 skipped=0 us=0\n");
	return true;
}
