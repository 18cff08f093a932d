/*
 * forged.c - see forged.h.
 *
 * needs: efi/audit/checks.c efi/audit/finding.c efi/audit/judgepages.c
 * needs: efi/audit/judgemap.c efi/audit/judgetable.c efi/audit/judgemtrr.c
 * needs: efi/audit/judgeacpi.c arch/amd64/mtrr.c efi/maprows.c
 * needs: kern/tell/sizetext.c kern/format.c
 */
#include "forged.h"
#include "efidesc.h"
#include "hooks.h"
#include "../../efi/maprows.h"

#define DATA (PTEVALID | PTEWRITE | PTENOEXEC)

enum { TYPEAT = 0, BASEAT = 8, PAGESAT = 24, ATTRAT = 32 };

void
forgepage(Forged *f, uintptr_t va, paddr_t pa, uint64_t size, pte_t flags)
{
	if (f->e.pages.n == FORGEDPAGES)
		panic("more than %d ranges", FORGEDPAGES);
	f->pages[f->e.pages.n++] = (Mapped){va, pa, size, PTEVALID | flags};
}

static Mapped *
rangeat(Forged *f, uintptr_t va)
{
	for (size_t i = 0; i < f->e.pages.n; i++)
		if (va >= f->pages[i].va &&
		    va - f->pages[i].va < f->pages[i].size)
			return &f->pages[i];
	panic("nothing is mapped at %#jx", (uintmax_t)va);
}

void
forgeflags(Forged *f, uintptr_t va, pte_t flags)
{
	rangeat(f, va)->flags = PTEVALID | flags;
}

void
forgesize(Forged *f, uintptr_t va, uint64_t size)
{
	rangeat(f, va)->size = size;
}

void
forgecut(Forged *f, uintptr_t va, pte_t flags)
{
	Mapped *r = rangeat(f, va);
	uint64_t left = r->va + r->size - va;

	r->size -= left;
	forgepage(f, va, r->pa + r->size, left, flags);
}

static void
append(uint8_t *to, size_t *size, uint32_t type, paddr_t base, uint64_t npages,
    uint64_t attr)
{
	efidesc(to + *size, type, base, npages, attr);
	*size += FORGEDSTRIDE;
}

void
forgedesc(
    Forged *f, uint32_t type, paddr_t base, uint64_t npages, uint64_t attr)
{
	append(f->map, &f->e.map.size, type, base, npages, attr);
	append(f->again, &f->e.again.size, type, base, npages, attr);
}

/* Both times the same. */
static void
change(Forged *f, paddr_t base, size_t at, uint64_t v, size_t size)
{
	for (size_t i = 0; i < f->e.map.size; i += FORGEDSTRIDE)
		if (memcmp(f->map + i + BASEAT, &base, 8) == 0) {
			memcpy(f->map + i + at, &v, size);
			memcpy(f->again + i + at, &v, size);
		}
}

void
forgetype(Forged *f, paddr_t base, uint32_t type)
{
	change(f, base, TYPEAT, type, 4);
}

void
forgeattr(Forged *f, paddr_t base, uint64_t attr)
{
	change(f, base, ATTRAT, attr, 8);
}

void
forgeentry(
    Forged *f, uint32_t type, paddr_t base, uint64_t npages, uint64_t attr)
{
	append(f->table, &f->e.table.map.size, type, base, npages, attr);
	f->e.table.is.n++;
}

static void
changeentry(Forged *f, size_t i, size_t at, uint64_t v, size_t size)
{
	memcpy(f->table + i * FORGEDSTRIDE + at, &v, size);
}

void
forgeentrytype(Forged *f, size_t i, uint32_t type)
{
	changeentry(f, i, TYPEAT, type, 4);
}

void
forgeentryat(Forged *f, size_t i, paddr_t base)
{
	changeentry(f, i, BASEAT, base, 8);
}

void
forgeentrypages(Forged *f, size_t i, uint64_t npages)
{
	changeentry(f, i, PAGESAT, npages, 8);
}

void
forgeentryattr(Forged *f, size_t i, uint64_t attr)
{
	changeentry(f, i, ATTRAT, attr, 8);
}

static Efimap
sorted(const Efimap *map, uint8_t *to)
{
	Efimap s = *map;

	s.desc = to;
	s.size -= s.size % FORGEDSTRIDE;
	memcpy(to, map->desc, s.size);
	maprowssort(to, s.size, s.stride);
	return s;
}

void
forgesort(Forged *f)
{
	f->e.sorted = sorted(&f->e.map, f->sorted);
	if (f->e.table.map.size != 0)
		f->e.table.sorted = sorted(&f->e.table.map, f->tablesorted);
}

static void
forgemap(Forged *f)
{
	forgedesc(f, 7, BY2PG, 255, FORGEDRAM);
	forgedesc(f, 1, MiB, 256, FORGEDRAM);
	forgedesc(f, 2, 2 * MiB, 256, FORGEDRAM);
	forgedesc(f, 4, 3 * MiB, 256, FORGEDRAM);
	forgedesc(f, 5, FORGEDRTCODE, 16, FORGEDRAM | FORGEDRT);
	forgedesc(f, 6, FORGEDRTDATA, 16, FORGEDRAM | FORGEDRT);
	forgedesc(f, 11, FORGEDMMIO, FORGEDMMIOSIZE / BY2PG, 1 | FORGEDRT);
	forgedesc(f, 0, FORGEDECAM, 256, 0);
	forgeentry(f, 5, FORGEDRTCODE, 16, FORGEDRT | 1ull << 17);
	forgeentry(f, 6, FORGEDRTDATA, 16, FORGEDXP);
}

/* Code, data, boot services' data but for a guard, runtime, MMIO. */
static void
forgepages(Forged *f)
{
	paddr_t guard = FORGEDSTACK - BY2PG;

	forgepage(f, MiB, MiB, 512 * KiB, 0);
	forgepage(f, 2 * MiB, 2 * MiB, 512 * KiB, DATA);
	forgepage(f, 3 * MiB, 3 * MiB, guard - 3 * MiB, DATA);
	forgepage(f, FORGEDSTACK, FORGEDSTACK, 4 * BY2PG, DATA);
	forgepage(f, FORGEDHEAP, FORGEDHEAP, BY2PG, DATA);
	forgepage(f, FORGEDPAGE, FORGEDPAGE, BY2PG, DATA);
	forgepage(f, FORGEDRTCODE, FORGEDRTCODE, 64 * KiB, 0);
	forgepage(f, FORGEDRTDATA, FORGEDRTDATA, 64 * KiB, DATA);
	forgepage(f, FORGEDMMIO, FORGEDMMIO, FORGEDMMIOSIZE, DATA);
}

/* mem9's own, and another one; the heap and a page of code. */
static void
forgeothers(Forged *f)
{
	Evidence *e = &f->e;

	f->parts[0] = (Imagepart){MiB, MiB, MiB + 512 * KiB, false, true};
	f->parts[1] =
	    (Imagepart){MiB, 2 * MiB, 2 * MiB + 512 * KiB, true, false};
	f->parts[2] = (Imagepart){
	    FORGEDRTCODE, FORGEDRTCODE, FORGEDRTCODE + 64 * KiB, false, true};
	f->parts[3] = (Imagepart){
	    FORGEDRTCODE, FORGEDRTDATA, FORGEDRTDATA + 64 * KiB, true, false};
	e->images = (Images){.part = f->parts, .n = 4, .nimage = 2, .own = MiB};
	e->samples[0] =
	    (Sample){"LoaderData", FORGEDHEAP, FORGEDHEAP + BY2PG, true};
	e->samples[1] =
	    (Sample){"LoaderCode", FORGEDPAGE, FORGEDPAGE + BY2PG, false};
	e->stack = (Stackseen){.sp = FORGEDSTACK + BY2PG + 8,
	    .base = FORGEDSTACK,
	    .size = 4 * BY2PG};
	e->attributeprotocol = true;
}

void
forgeacpi(Forged *f, const char *signature, paddr_t pa, uint32_t size)
{
	Acpitables *a = &f->e.acpi;
	Acpiseen *t = &a->table[a->n++];

	*t = (Acpiseen){.pa = pa,
	    .size = size,
	    .memory = 9,
	    .sums = true,
	    .byrsdt = true,
	    .byxsdt = true};
	memcpy(t->signature, signature, 4);
}

Acpiseen *
forgedacpi(Forged *f, const char *signature)
{
	for (size_t i = 0; i < f->e.acpi.n; i++)
		if (memcmp(f->e.acpi.table[i].signature, signature, 4) == 0)
			return &f->e.acpi.table[i];
	panic("no %s", signature);
}

/* All write-back, but for a device's registers and the APIC's. */
static void
forgemtrrs(Forged *f)
{
	Cpusseen *c = &f->e.cpus;
	Mtrrs *m = &c->own.mtrrs;
	uint64_t width = (1ull << 40) - 1;

	*c = (Cpusseen){.n = 1, .enabled = 2};
	m->physbits = 40;
	m->cap = 3 | 1 << 8;
	m->deftype = 0xc06;
	m->syscfg = 1ull << 18;
	for (size_t i = 0; i < MTRRFIXED; i++)
		m->fixed[i] = 0x0606060606060606;
	m->var[0].base = FORGEDMMIO;
	m->var[0].mask = (width & ~(FORGEDMMIOSIZE - 1)) | 1 << 11;
	m->var[1].base = FORGEDAPIC;
	m->var[1].mask = (width & ~(BY2PG - 1)) | 1 << 11;
	f->e.device[0] =
	    (Device){"the local APIC, cached", FORGEDAPIC, FORGEDAPIC + BY2PG};
	f->e.ndevice = 1;
}

/* Two nodes of a CPU each. */
static void
forgetables(Forged *f)
{
	Acpitables *a = &f->e.acpi;
	static const char *const names[] = {
	    "RSDT", "XSDT", "FACP", "DSDT", "APIC", "MCFG", "SRAT"};

	*a = (Acpitables){.root = 0xf0000,
	    .sums = true,
	    .rsdt = true,
	    .xsdt = true,
	    .dsdt = 0x601000,
	    .facs = 0x610000,
	    .xfacs = 0x610000,
	    .srat = true,
	    .necam = 1};
	for (size_t i = 0; i < nelem(names); i++)
		forgeacpi(f, names[i], 0x600000 + i * 0x400, 0x100);
	forgeacpi(f, "FACS", 0x610000, 64);
	forgedacpi(f, "FACS")->memory = 10;
	forgedacpi(f, "FACS")->sums = false;
	a->ecam[0].pa = FORGEDECAM;
	a->cpus.told = true;
	a->cpus.n = 2;
	a->nodes.n = 2;
	a->nodes.nranges = 2;
	a->nodes.range[0] = (Noderange){0, 2 * MiB, 0};
	a->nodes.range[1] = (Noderange){2 * MiB, FORGEDTOP, 1};
	f->e.smbios = (Smbiosseen){.found = {.there = true,
				       .good = true,
				       .table = 0x620000,
				       .bytes = 5 * MiB},
	    .memory = 6};
}

void
forge(Forged *f)
{
	Efimap none = {.stride = FORGEDSTRIDE, .physbits = 40};
	Evidence *e = &f->e;

	memset(f, 0, sizeof *f);
	e->map = e->again = e->table.map = none;
	e->map.desc = f->map;
	e->again.desc = f->again;
	e->table.is.there = e->table.is.head = true;
	e->table.is.room = sizeof f->table;
	e->table.is.version = 1;
	e->table.is.stride = FORGEDSTRIDE;
	e->table.map.desc = f->table;
	e->pages = (Mappings){
	    .range = f->pages, .writeprotect = true, .noexecute = true};
	forgemap(f);
	forgepages(f);
	forgeothers(f);
	forgemtrrs(f);
	forgetables(f);
	forgesort(f);
}
