/*
 * acpi.c - the few numbers of the ACPI tables that switch a machine off and
 * reset it.
 *
 * Read while firmware is alive, as it may keep the tables in memory that
 * becomes RAM. A table is believed if the memory map knows its memory, its
 * signature is right and its bytes add up to 0. ACPI Specification 6.4: 5.2.5
 * (RSDP), 5.2.9 (FADT), 5.2.3.2 (addresses), 7.4.2 (\_S5), 20.2 (AML).
 */
#include "collect.h"
#include "firmware.h"
#include "hooks.h"

enum {
	RSDPSIZE = 20,
	RSDPREVISION = 15,
	RSDPRSDT = 16,
	RSDPXSDT = 24,
	RSDPXSIZE = 36,
	TABLELENGTH = 4,
	TABLEHEADER = 36,
	MAXTABLE = 16 * 1024 * 1024,

	FADTDSDT = 40,
	FADTPM1A = 64,
	FADTPM1B = 68,
	FADTPM = 72, /* a FADT reaches at least here */
	FADTFLAGS = 112,
	FADTRESETREG = 116, /* an address, then the value */
	FADTRESETVALUE = 128,
	FADTXDSDT = 140,
	FADTXPM1A = 172,
	FLAGRESET = 1 << 10,

	ADDRSIZE = 12, /* space, width, offset, access, address */
	SPACEIO = 1,

	AMLZERO = 0x00,
	AMLONE = 0x01,
	AMLNAME = 0x08,
	AMLBYTE = 0x0a,
	AMLPACKAGE = 0x12,
	S5SIZE = 14, /* name, package head, two byte constants */
};

/* The memory map, for as long as tables are read. */
static Rawmap map;

static uint64_t
get(const uint8_t *p, size_t offset, size_t size)
{
	uint64_t v = 0;

	memcpy(&v, p + offset, size);
	return v;
}

/* Does one descriptor of the map hold all of these bytes? */
static bool
known(const void *p, size_t size)
{
	paddr_t pa = (uintptr_t)p;
	Efimap m = efimapof(&map);

	for (size_t i = 0; p != NULL && i < efimapcount(&m); i++) {
		Efidesc d = efimapdesc(&m, i);

		if (pa >= d.base && pa - d.base < d.npages * BY2PG &&
		    size <= d.npages * BY2PG - (pa - d.base))
			return true;
	}
	return false;
}

static bool
addsup(const uint8_t *p, size_t size)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < size; i++)
		sum += p[i];
	return sum == 0;
}

static size_t
length(const uint8_t *table)
{
	return get(table, TABLELENGTH, 4);
}

static bool
believed(const uint8_t *t, const char *signature)
{
	return known(t, TABLEHEADER) && memcmp(t, signature, 4) == 0 &&
	       length(t) >= TABLEHEADER && length(t) <= MAXTABLE &&
	       known(t, length(t)) && addsup(t, length(t));
}

/* The table with that signature, or NULL. */
static const uint8_t *
find(const uint8_t *rsdp, const char *signature)
{
	bool wide = rsdp[RSDPREVISION] >= 2 && known(rsdp, RSDPXSIZE) &&
		    get(rsdp, RSDPXSDT, 8) != 0;
	size_t width = wide ? 8 : 4;
	const uint8_t *sdt =
	    (const uint8_t *)get(rsdp, wide ? RSDPXSDT : RSDPRSDT, width);

	if (!believed(sdt, wide ? "XSDT" : "RSDT"))
		return NULL;
	for (size_t i = TABLEHEADER; i + width <= length(sdt); i += width) {
		const uint8_t *t = (const uint8_t *)get(sdt, i, width);

		if (believed(t, signature))
			return t;
	}
	return NULL;
}

/* A byte constant at p: what follows it, or NULL if it is something else. */
static const uint8_t *
byteconst(const uint8_t *p, uint8_t *v)
{
	if (*p == AMLBYTE) {
		*v = p[1];
		return p + 2;
	}
	*v = *p;
	return *p == AMLZERO || *p == AMLONE ? p + 1 : NULL;
}

/* Name (_S5_, Package () { slptypa, slptypb, ... }) somewhere in the DSDT. */
static bool
sleeptypes(const uint8_t *dsdt, Poweroff *off)
{
	size_t n = length(dsdt);

	for (size_t i = TABLEHEADER + 2; i + S5SIZE <= n; i++) {
		const uint8_t *p = dsdt + i;
		bool named =
		    p[-1] == AMLNAME || (p[-2] == AMLNAME && p[-1] == '\\');

		if (memcmp(p, "_S5_", 4) != 0 || !named || p[4] != AMLPACKAGE ||
		    p[5] >> 6 != 0) /* a short one has one length byte */
			continue;
		p = byteconst(p + 7, &off->slptypa);
		return p != NULL && byteconst(p, &off->slptypb) != NULL;
	}
	return false;
}

/* An I/O port of a generic address, or 0. */
static uint16_t
ioport(const uint8_t *fadt, size_t offset)
{
	if (length(fadt) < offset + ADDRSIZE || fadt[offset] != SPACEIO)
		return 0;
	return (uint16_t)get(fadt, offset + 4, 8);
}

static void
readfadt(const uint8_t *fadt, Poweroff *off)
{
	const uint8_t *dsdt = NULL;

	if (length(fadt) < FADTPM)
		return;
	if (length(fadt) >= FADTXDSDT + 8)
		dsdt = (const uint8_t *)get(fadt, FADTXDSDT, 8);
	if (dsdt == NULL)
		dsdt = (const uint8_t *)get(fadt, FADTDSDT, 4);
	off->pm1a = (uint16_t)get(fadt, FADTPM1A, 4);
	off->pm1b = (uint16_t)get(fadt, FADTPM1B, 4);
	if (off->pm1a == 0)
		off->pm1a = ioport(fadt, FADTXPM1A);
	off->valid =
	    off->pm1a != 0 && believed(dsdt, "DSDT") && sleeptypes(dsdt, off);
	if (length(fadt) > FADTRESETVALUE &&
	    (get(fadt, FADTFLAGS, 4) & FLAGRESET)) {
		off->resetport = ioport(fadt, FADTRESETREG);
		off->resetvalue = fadt[FADTRESETVALUE];
	}
}

void
acpipoweroff(Bootinfo *b)
{
	EFI_GUID acpi2 = ACPI_20_TABLE_GUID;
	EFI_GUID acpi1 = ACPI_TABLE_GUID;
	const uint8_t *rsdp = configtable(acpi2);

	if (rsdp == NULL)
		rsdp = configtable(acpi1);
	if (rsdp == NULL || !getmap(&map))
		return;
	if (known(rsdp, RSDPSIZE) && memcmp(rsdp, "RSD PTR ", 8) == 0 &&
	    addsup(rsdp, RSDPSIZE)) {
		const uint8_t *fadt = find(rsdp, "FACP");

		if (fadt != NULL)
			readfadt(fadt, &b->poweroff);
	}
	fwfree(map.desc);
}
