/*
 * checkwords.c - see checkwords.h.
 */
#include "checkwords.h"
#include "hooks.h"
#include "value.h"

static const Checkwords words[] = {
    {"memmap", GROUPMAP, "the memory map is in order, nothing of it lost"},
    {"mtrr", GROUPMAP, "RAM is cached as RAM should be"},
    {"conf", GROUPMAP, "all RAM of the map is in banks, shared out whole"},
    {"tables", GROUPTABLES, "no page can be both written and run"},
    {"gdt", GROUPTABLES, "segments are flat"},
    {"kmap", GROUPTABLES, "the window for pages shows the right ones"},
    {"vmap", GROUPTABLES, "the window for devices opens and closes"},
    {"text-write", GROUPPROTECTION, "code cannot be written"},
    {"null-read", GROUPPROTECTION, "address 0 cannot be read"},
    {"data-run", GROUPPROTECTION, "data cannot be run"},
    {"user-read", GROUPPROTECTION, "the kernel cannot stray into a program"},
    {"user-run", GROUPPROTECTION, "the kernel cannot run a program's code"},
    {"stack-guard", GROUPPROTECTION, "a stack that runs over is caught"},
    {"divide", GROUPFAULTS, "a division by zero is caught"},
    {"opcode", GROUPFAULTS, "an instruction that is none is caught"},
    {"address", GROUPFAULTS, "an address that cannot be is caught"},
    {"nmi", GROUPFAULTS, "an interrupt that cannot be masked is caught"},
    {"pages", GROUPALLOCATORS, "pages hold what is written to them"},
    {"bytemap", GROUPALLOCATORS, "the byte map agrees with the pages"},
    {"xalloc", GROUPALLOCATORS, "xalloc keeps its blocks apart"},
    {"malloc", GROUPALLOCATORS, "malloc keeps its blocks apart"},
    {"cpus", GROUPALLOCATORS, "CPUs at work together share memory in peace"},
    {"proc-run", GROUPPROTECTION, "programs run, and can do no harm"},
    {"proc-memory", GROUPALLOCATORS, "what programs had is free again"},
    {"ram", GROUPRAM, "RAM is there, and holds what is written to it"},
    {"services", GROUPFIRMWARE, "firmware's services answer"},
};

static const struct {
	const char *name;
	const char *about;
} groups[NGROUP] = {
    [GROUPMAP] = {"memory map",
	"in order, cached as it should be, no RAM lost"},
    [GROUPTABLES] = {"page tables", "nothing both writable and executable"},
    [GROUPPROTECTION] = {"protection", "code, data, address 0, stacks"},
    [GROUPFAULTS] = {"faults", "what goes wrong is caught and named"},
    [GROUPALLOCATORS] = {"allocators", "pages, byte map, xalloc, malloc, CPUs"},
    [GROUPRAM] = {"RAM", "is there, and holds what is written to it"},
    [GROUPFIRMWARE] = {"firmware", "its services answer"},
};

const Checkwords *
checkwords(const char *name)
{
	for (size_t i = 0; i < nelem(words); i++)
		if (sameword(words[i].name, name))
			return &words[i];
	return NULL;
}

const char *
groupname(enum checkgroup g)
{
	return groups[g].name;
}

const char *
groupabout(enum checkgroup g)
{
	return groups[g].about;
}
