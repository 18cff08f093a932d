/*
 * acpi.c - the few numbers of the ACPI tables that switch a machine off.
 *
 * Read while firmware is alive, as it may keep the tables in memory that
 * becomes RAM. ACPI Specification 6.4: 5.2.5 (RSDP), 5.2.9 (FADT), 7.4.2
 * (\_S5), 20.2 (AML encoding).
 */
#include "hooks.h"
#include "uefi.h"

enum {
	RSDPREVISION = 15,
	RSDPRSDT = 16,
	RSDPXSDT = 24,
	TABLELENGTH = 4,
	TABLEHEADER = 36,
	FADTDSDT = 40,
	FADTPM1A = 64,
	FADTPM1B = 68,
	FADTXDSDT = 140,
	MAXTABLE = 16 * 1024 * 1024,

	AMLNAME = 0x08,
	AMLPACKAGE = 0x12,
	AMLBYTE = 0x0a,
};

static uint64_t
get(const uint8_t *p, size_t offset, size_t size)
{
	uint64_t v = 0;

	memcpy(&v, p + offset, size);
	return v;
}

static size_t
length(const uint8_t *table)
{
	return MIN(get(table, TABLELENGTH, 4), (uint64_t)MAXTABLE);
}

/* The table with that signature, or NULL. */
static const uint8_t *
find(const uint8_t *rsdp, const char *signature)
{
	bool wide = rsdp[RSDPREVISION] >= 2 && get(rsdp, RSDPXSDT, 8) != 0;
	size_t width = wide ? 8 : 4;
	const uint8_t *sdt =
	    (const uint8_t *)get(rsdp, wide ? RSDPXSDT : RSDPRSDT, width);

	if (sdt == NULL)
		return NULL;
	for (size_t i = TABLEHEADER; i + width <= length(sdt); i += width) {
		const uint8_t *t = (const uint8_t *)get(sdt, i, width);

		if (t != NULL && memcmp(t, signature, 4) == 0)
			return t;
	}
	return NULL;
}

/* A byte constant: one of the opcodes 0 and 1, or a prefix and the byte. */
static const uint8_t *
byteconst(const uint8_t *p, uint8_t *v)
{
	if (*p == AMLBYTE)
		p++;
	*v = *p;
	return p + 1;
}

/* Name (_S5_, Package () { slptypa, slptypb, ... }) somewhere in the DSDT. */
static bool
sleeptypes(const uint8_t *dsdt, Poweroff *off)
{
	size_t n = length(dsdt);

	for (size_t i = TABLEHEADER; i + 12 < n; i++) {
		const uint8_t *p = dsdt + i;
		bool named =
		    p[-1] == AMLNAME || (p[-2] == AMLNAME && p[-1] == '\\');

		if (memcmp(p, "_S5_", 4) != 0 || !named || p[4] != AMLPACKAGE)
			continue;
		p += 5;
		p += 1 + (*p >> 6); /* package length */
		p = byteconst(p + 1, &off->slptypa);
		byteconst(p, &off->slptypb);
		return true;
	}
	return false;
}

void
acpipoweroff(Bootinfo *b)
{
	const uint8_t *rsdp = (const uint8_t *)b->rsdp;
	const uint8_t *fadt = rsdp != NULL ? find(rsdp, "FACP") : NULL;
	const uint8_t *dsdt = NULL;

	if (fadt == NULL)
		return;
	if (length(fadt) >= FADTXDSDT + 8)
		dsdt = (const uint8_t *)get(fadt, FADTXDSDT, 8);
	if (dsdt == NULL)
		dsdt = (const uint8_t *)get(fadt, FADTDSDT, 4);
	b->poweroff.pm1a = (uint16_t)get(fadt, FADTPM1A, 4);
	b->poweroff.pm1b = (uint16_t)get(fadt, FADTPM1B, 4);
	b->poweroff.valid = dsdt != NULL && b->poweroff.pm1a != 0 &&
			    sleeptypes(dsdt, &b->poweroff);
}
