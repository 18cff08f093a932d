/*
 * check.c - the list of checks, in the order of main()'s steps, and the count.
 */
#include "checks.h"
#include "bootinfo.h"
#include "cpu.h"
#include "hooks.h"
#include "print.h"
#include "trap.h"

typedef struct Checkitem Checkitem;
typedef struct Checkrun Checkrun;

struct Checkitem {
	const char *name;
	Check *check;
	enum checkset set;
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
    {"memmap", checkmap, CHECKMEMORY},
    {"mtrr", checkmtrr, CHECKALL},
    {"conf", checkconf, CHECKMEMORY},
    {"tables", checktables, CHECKALL},
    {"gdt", checkgdt, CHECKALL},
    {"text-write", checktext, CHECKALL},
    {"null-read", checknull, CHECKALL},
    {"data-run", checknx, CHECKALL},
    {"user-read", checksmap, CHECKALL},
    {"divide", checkdivide, CHECKALL},
    {"opcode", checkopcode, CHECKALL},
    {"address", checkaddress, CHECKALL},
    {"stack-guard", checkstack, CHECKALL},
    {"nmi", checknmi, CHECKALL},
    {"kmap", checkkmap, CHECKALL},
    {"vmap", checkvmap, CHECKALL},
    {"pages", checkpages, CHECKMEMORY},
    {"bytemap", checkbytemap, CHECKMEMORY},
    {"xalloc", checkxalloc, CHECKMEMORY},
    {"malloc", checkmalloc, CHECKMEMORY},
    {"cpus", checkcpus, CHECKALL},
    {"ram", checkram, CHECKMEMORY}, /* after all that use memory */
    {"services", checkservices, CHECKALL},
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

static enum verdict
run(const Checkitem *e)
{
	Checkresult *r = &last.result[last.n++];
	Checkrun way = {e->check, r};
	Caught what;

	*r = (Checkresult){.name = e->name, .verdict = FAILED};
	if (faults(docheck, &way, &what)) {
		r->verdict = FAILED;
		if (what.vector == NOVECTOR)
			snprint(r->detail, sizeof r->detail, "it panicked");
		else
			snprint(r->detail, sizeof r->detail,
			    "vector %u at %#jx, address %#jx",
			    (unsigned)what.vector, (uintmax_t)what.pc,
			    (uintmax_t)what.addr);
	}
	print("mem9: check name=%s result=%s", e->name, verdicts[r->verdict]);
	if (r->detail[0] != '\0')
		print(" detail=\"%s\"", r->detail);
	print("\n");
	return r->verdict;
}

/* Microseconds since firmware was left. */
static uint64_t
elapsed(void)
{
	uint64_t mhz = bootinfo->tschz / 1000000;

	return (cycles() - bootinfo->tscstart) / MAX(mhz, 1ull);
}

/* It is one of the set, and told of. */
static void
one(const Checkitem *e, size_t *count, void (*seen)(const Checkresult *r))
{
	count[run(e)]++;
	if (seen != NULL)
		seen(&last.result[last.n - 1]);
}

size_t
check(enum checkset set, void (*seen)(const Checkresult *r))
{
	size_t count[nelem(verdicts)] = {0};

	last.n = 0;
	if (bootinfo->options.checks != CHECKSNONE)
		for (size_t i = 0; i < nelem(items); i++)
			if (set == CHECKALL || items[i].set == set)
				one(&items[i], count, seen);
	done = true;
	last.us = elapsed();
	print("mem9: done checks=%zu failed=%zu skipped=%zu us=%ju\n",
	    count[OK] + count[FAILED] + count[SKIPPED], count[FAILED],
	    count[SKIPPED], (uintmax_t)last.us);
	return count[FAILED];
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
