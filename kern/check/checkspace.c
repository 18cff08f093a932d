/*
 * checkspace.c - checks of the address space: tables, protection, windows.
 */
#include "audit.h"
#include "bootinfo.h"
#include "checks.h"
#include "cpu.h"
#include "hooks.h"
#include "memmap.h"
#include "mmu.h"
#include "page.h"
#include "print.h"
#include "runtime.h"

/* Where the direct map ends: what was asked for and what there is room for. */
static paddr_t
directcap(void)
{
	paddr_t room = KMAP - bootinfo->dmapva;

	return ROUNDDOWN(MIN(bootinfo->options.directmap, room), BY2PG);
}

/* Bytes of RAM and ACPI tables that the direct map should hold. */
static size_t
ramunder(paddr_t cap)
{
	Memrange r = {.end = 0};
	size_t sum = 0;

	while (memmaprange(r.end, &r) && r.pa < cap)
		if (r.type == MemRAM || r.type == MemACPI)
			sum += MIN(r.end, cap) - r.pa;
	return sum;
}

enum verdict
checktables(char *detail, size_t size)
{
	Audit a = audit();
	size_t ram = ramunder(directcap());

	snprint(detail, size, "%zu pages in %zu tables", a.leaves, a.tables);
	size_t wrong = a.wx + a.strayexec + a.guards + a.user + a.null +
		       a.lowmapped + a.directbad + a.wrongtype;
	if (wrong == 0 && a.directsize == ram &&
	    kspace.direct == bootinfo->dmapva)
		return OK;
	snprint(detail, size,
	    "wx %zu exec %zu guard %zu user %zu null %zu low %zu direct %zu "
	    "type %zu, %#zx of %#zx",
	    a.wx, a.strayexec, a.guards, a.user, a.null, a.lowmapped,
	    a.directbad, a.wrongtype, a.directsize, ram);
	return FAILED;
}

enum verdict
checkgdt(char *detail, size_t size)
{
	uint16_t selector = 0;
	const char *wrong = segmentscheck(&selector);

	if (wrong == NULL)
		return OK;
	snprint(detail, size, "%#x %s", (unsigned)selector, wrong);
	return FAILED;
}

/* The same page through the direct map and through the window. */
enum verdict
checkkmap(char *detail, size_t size)
{
	Page *pg = newpage(CLEAR, 0);

	if (pg == NULL)
		return SKIPPED;
	uint64_t *w = kmapplace(pagepa(pg));
	bool ok = w[0] == 0;

	w[0] = pagepa(pg);
	kunmap(w);
	w = kmap(pg);
	ok = ok && w[0] == pagepa(pg);
	kunmap(w);
	putpage(pg);
	snprint(detail, size, "%s", ok ? "" : "the window shows another page");
	return ok ? OK : FAILED;
}

/* Two mappings of the last page the CPU can address: the last to be RAM. */
enum verdict
checkvmap(char *detail, size_t size)
{
	paddr_t pa = (1ull << cpu.physbits) - BY2PG;
	void *p = vmap(pa, BY2PG, PTEUC);

	if (p == NULL)
		return FAILED;
	bool right = paddr(p) == pa;
	vunmap(p, BY2PG);
	bool gone = mmupa(&kspace, (uintptr_t)p) == NOADDR;
	void *again = vmap(pa, BY2PG, PTEUC);
	bool reused = again == p;
	vunmap(again, BY2PG);
	if (right && gone && reused)
		return OK;
	snprint(
	    detail, size, "mapped %d, gone %d, reused %d", right, gone, reused);
	return FAILED;
}

enum verdict
checkservices(char *detail, size_t size)
{
	uint64_t status = 0;

	if (bootinfo->gettime == 0)
		return SKIPPED;
	if (runtimeanswers(&status)) {
		snprint(detail, size, "GetTime says %#jx", (uintmax_t)status);
		return OK;
	}
	snprint(detail, size, "GetTime does not answer");
	return FAILED;
}
