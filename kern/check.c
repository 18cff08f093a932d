/*
 * check.c - the list of checks, in the order of main()'s steps, and the count.
 */
#include "checks.h"
#include "bootinfo.h"
#include "cpu.h"
#include "hooks.h"
#include "trap.h"

typedef struct Entry Entry;
typedef struct Run Run;

enum { DETAIL = 96 };

struct Entry {
	const char *name;
	Check *check;
};

static const Entry entries[] = {
    {"memmap", checkmap},
    {"conf", checkconf},
    {"tables", checktables},
    {"gdt", checkgdt},
    {"text-write", checktext},
    {"null-read", checknull},
    {"kmap", checkkmap},
    {"vmap", checkvmap},
    {"pages", checkpages},
    {"bytemap", checkbytemap},
    {"xalloc", checkxalloc},
    {"malloc", checkmalloc},
    {"services", checkservices},
};

static const char *const verdicts[] = {
    [OK] = "ok",
    [FAILED] = "failed",
    [SKIPPED] = "skipped",
};

static enum verdict
run(const Entry *e)
{
	char detail[DETAIL] = "";
	enum verdict v = e->check(detail, sizeof detail);

	print("mem9: check name=%s result=%s", e->name, verdicts[v]);
	if (detail[0] != '\0')
		print(" detail=\"%s\"", detail);
	print("\n");
	return v;
}

/* Microseconds since firmware was left. */
static uint64_t
elapsed(void)
{
	uint64_t mhz = bootinfo->tschz / 1000000;

	return (cycles() - bootinfo->tscstart) / MAX(mhz, 1ull);
}

void
check(void)
{
	size_t count[nelem(verdicts)] = {0};

	if (bootinfo->options.checks != CHECKSNONE)
		for (size_t i = 0; i < nelem(entries); i++)
			count[run(&entries[i])]++;
	print("mem9: done checks=%zu failed=%zu skipped=%zu us=%ju\n",
	    count[OK] + count[FAILED] + count[SKIPPED], count[FAILED],
	    count[SKIPPED], (uintmax_t)elapsed());
}
