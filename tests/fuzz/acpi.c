/*
 * acpi.c - ACPI tables of any bytes: one is found that can be believed, and the
 * first of those; what the FADT and the DSDT say is read as the model reads it.
 *
 * And what `mem9 audit' sees of them, who believes none.
 *
 * Each table ends where a page does, and what follows cannot be read. Their
 * lengths and sums are right, unless the input says otherwise.
 *
 * needs: efi/tables/acpi.c efi/tables/fadt.c efi/tables/rsdp.c
 * needs: efi/audit/readacpi.c efi/tables/madt.c efi/tables/srat.c
 * needs: efi/tables/buses.c efi/tables/installed.c efi/tables/smbios.c
 * needs: tests/host/fakefw.c
 */
#include "fuzz.h"
#include "fakefw.h"
#include "../../efi/audit/read.h"
#include "../../efi/collect.h"
#include "../../efi/tables/acpi.h"

#include <sys/mman.h>

enum { SLOTS = 8, SLOT = 2 << PGSHIFT, HEAD = 36, ROOTMAX = HEAD + 8 * SLOTS };

typedef struct Table Table;

struct Table {
	uint8_t *p;
	uint32_t size; /* as it says */
	uint32_t real; /* bytes up to the end of the page */
};

static uint8_t *memory; /* SLOTS + 2 slots, a page of each readable */
static Table tables[SLOTS];
static size_t ntables;

static const char names[][5] = {
    "FACP", "DSDT", "MCFG", "XSDT", "APIC", "SRAT", "SLIT", "SPCR"};

static void
start(void)
{
	memory = mmap(NULL, (SLOTS + 2) * SLOT, PROT_NONE,
	    MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	if (memory == MAP_FAILED)
		panic("no memory below 4 GiB");
	for (size_t i = 0; i < SLOTS + 2; i++)
		mprotect(memory + i * SLOT, BY2PG, PROT_READ | PROT_WRITE);
}

/* The last size bytes of a slot's page, which the map knows of. */
static uint8_t *
slot(size_t i, size_t size)
{
	uint8_t *page = memory + i * SLOT;

	memset(page, 0, BY2PG);
	fakedesc(9, (uintptr_t)page, 1, 8);
	return page + BY2PG - size;
}

static uint8_t
sum(const uint8_t *p, size_t size)
{
	uint8_t s = 0;

	for (size_t i = 0; i < size; i++)
		s = (uint8_t)(s + p[i]);
	return s;
}

static void
table(Input *in)
{
	unsigned how = (unsigned)take(in, 1);
	uint32_t size = HEAD + (uint32_t)take(in, 2) % 300;
	Table *t = &tables[ntables];

	*t = (Table){slot(ntables, size), size, size};
	for (size_t i = HEAD; i < size && in->n > 0; i++)
		t->p[i] = (uint8_t)take(in, 1);
	memcpy(t->p, names[how % nelem(names)], 4);
	if (how & 64)
		t->size = (uint32_t)take(in, how & 16 ? 4 : 1);
	memcpy(t->p + 4, &t->size, 4);
	if ((how & 8) == 0)
		t->p[9] = (uint8_t)(t->p[9] - sum(t->p, MIN(size, t->size)));
	ntables++;
}

/* A FADT names a DSDT of ours, if the input has it so. */
static void
nameone(unsigned which)
{
	uint64_t addr = (uintptr_t)tables[which % ntables].p;

	for (size_t i = 0; i < ntables; i++) {
		Table *t = &tables[i];

		if (memcmp(t->p, "FACP", 4) != 0 || t->real < 148)
			continue;
		memcpy(t->p + 40, &addr, 4);
		memset(t->p + 140, 0, 8);
		t->p[9] = (uint8_t)(t->p[9] - sum(t->p, MIN(t->real, t->size)));
	}
}

static bool
believed(const Table *t, const char *name)
{
	return t->size >= HEAD && t->size <= t->real &&
	       memcmp(t->p, name, 4) == 0 && sum(t->p, t->size) == 0;
}

static const Table *
first(const char *name)
{
	for (size_t i = 0; i < ntables; i++)
		if (believed(&tables[i], name))
			return &tables[i];
	return NULL;
}

/* The DSDT that a FADT names, or NULL. */
static const Table *
dsdtof(const Table *fadt)
{
	uint64_t addr = 0;

	if (fadt->size >= 148)
		memcpy(&addr, fadt->p + 140, 8);
	if (addr == 0)
		memcpy(&addr, fadt->p + 40, 4);
	for (size_t i = 0; i < ntables; i++)
		if ((uintptr_t)tables[i].p == addr &&
		    believed(&tables[i], "DSDT"))
			return &tables[i];
	return NULL;
}

/* One byte constant, AML: 0, 1, or 0x0a and any. Returns its length, or 0. */
static size_t
constant(const uint8_t *p, uint8_t *v)
{
	*v = p[0] == 0x0a ? p[1] : p[0];
	return p[0] == 0x0a ? 2 : p[0] <= 1 ? 1 : 0;
}

static bool
sleeps(const Table *dsdt, uint8_t type[2])
{
	const uint8_t *end = dsdt->p + dsdt->size;
	const uint8_t *p = dsdt->p + HEAD + 2;

	for (; p < end &&
	       (p = memmem(p, (size_t)(end - p), "_S5_\x12", 5)) != NULL;
	     p++) {
		if (end - p < 14)
			return false;
		if (memcmp(p - 2, "\x08\\", 2) != 0 && p[-1] != 0x08)
			continue;
		if (p[5] >= 0x40)
			continue;
		size_t n = constant(p + 7, &type[0]);
		return n != 0 && constant(p + 7 + n, &type[1]) != 0;
	}
	return false;
}

static uint16_t
port(const Table *fadt, size_t at)
{
	if (fadt->size < at + 12 || fadt->p[at] != 1)
		return 0;
	return (uint16_t)(fadt->p[at + 4] | fadt->p[at + 5] << 8);
}

static void
poweroff(void)
{
	const Table *fadt = first("FACP");
	uint8_t type[2];
	Poweroff off = {.pm1a = 0};

	acpipoweroff(&off);
	if (fadt == NULL || fadt->size < 72) {
		if (off.valid || off.resetport != 0)
			panic("without a FADT there is a port");
		return;
	}
	uint16_t pm1a = (uint16_t)(fadt->p[64] | fadt->p[65] << 8);
	if (pm1a == 0)
		pm1a = port(fadt, 172);
	const Table *dsdt = dsdtof(fadt);
	bool valid = pm1a != 0 && dsdt != NULL && sleeps(dsdt, type);
	if (off.valid != valid || off.pm1a != pm1a)
		panic("valid %d and not %d, port %#x", off.valid, valid,
		    (unsigned)pm1a);
	if (valid && (off.slptypa != type[0] || off.slptypb != type[1]))
		panic("types %u and %u", (unsigned)type[0], (unsigned)type[1]);
	bool reset = fadt->size > 128 && (fadt->p[113] & 4) != 0;
	if (off.resetport != (reset ? port(fadt, 116) : 0) ||
	    (reset && off.resetvalue != fadt->p[128]))
		panic("reset by %#x", (unsigned)off.resetport);
}

static const Acpiseen *
seenat(const Acpitables *a, const uint8_t *p)
{
	for (size_t i = 0; i < a->n; i++)
		if (a->table[i].pa == (uintptr_t)p)
			return &a->table[i];
	return NULL;
}

/* Each is in the list once, as it stands there, and as much as is listed. */
static void
audited(bool wide)
{
	static Acpitables a; /* large */

	memset(&a, 0, sizeof a);
	acpiread(&a);
	for (size_t i = 0; i < ntables; i++) {
		const Table *t = &tables[i];
		const Acpiseen *s = seenat(&a, t->p);
		bool sums = t->size >= HEAD && t->size <= t->real &&
			    sum(t->p, t->size) == 0;

		if (s == NULL || s->size != t->size || s->sums != sums ||
		    memcmp(s->signature, t->p, 4) != 0 || s->memory != 9 ||
		    !(wide ? s->byxsdt : s->byrsdt))
			panic("table %zu is seen otherwise", i);
	}
	if (!a.sums || (wide ? a.rsdt || !a.xsdt : !a.rsdt || a.xsdt))
		panic("the root is seen otherwise");
	/* That of the FADT which is the first may name two more. */
	if (a.n < ntables + 1 || a.n + a.lost > ntables + 3)
		panic("%zu tables, %zu lost, of %zu", a.n, a.lost, ntables);
	if (a.srat != (first("SRAT") != NULL) ||
	    a.cpus.told != (first("APIC") != NULL) ||
	    (a.necam > 0 && first("MCFG") == NULL))
		panic("what nobody should believe is read");
}

/* The root table and the pointer to it, both good. */
static void
root(bool wide)
{
	EFI_GUID guid = ACPI_20_TABLE_GUID;
	size_t width = wide ? 8 : 4;
	uint32_t size = (uint32_t)(HEAD + width * ntables);
	uint8_t *sdt = slot(SLOTS, size);
	uint8_t *rsdp = slot(SLOTS + 1, 36);
	uint64_t addr = (uintptr_t)sdt;

	memcpy(sdt, wide ? "XSDT" : "RSDT", 4);
	memcpy(sdt + 4, &size, 4);
	for (size_t i = 0; i < ntables; i++) {
		uint64_t at = (uintptr_t)tables[i].p;

		memcpy(sdt + HEAD + i * width, &at, width);
	}
	sdt[9] = (uint8_t)-sum(sdt, size);
	memcpy(rsdp, "RSD PTR ", 8);
	rsdp[15] = wide ? 2 : 0;
	memcpy(rsdp + (wide ? 24 : 16), &addr, width);
	rsdp[8] = (uint8_t)-sum(rsdp, 20);
	rsdp[32] = (uint8_t)-sum(rsdp, 36);
	fakeconfig(guid, rsdp);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input in = {data, size};
	unsigned how = (unsigned)take(&in, 1);

	if (memory == NULL)
		start();
	fakestart();
	ntables = 0;
	while (in.n > 0 && ntables < SLOTS)
		table(&in);
	if (ntables == 0)
		return 0;
	if (how & 2)
		nameone(how >> 2);
	root(how & 1);
	if (!acpiopen())
		panic("the root pointer is not believed");
	for (size_t i = 0; i < nelem(names); i++) {
		const Table *t = first(names[i]);
		size_t n = 0;
		const uint8_t *p = acpitable(names[i], &n);

		if (p != (t != NULL ? t->p : NULL) ||
		    (t != NULL && n != t->size))
			panic("%s: another table than the first", names[i]);
	}
	poweroff();
	acpiclose();
	audited(how & 1);
	if (fakefw.pool != 0)
		panic("the map was not given back");
	return 0;
}
