/*
 * fadt.c - the few numbers of the ACPI tables that switch a machine off and
 * reset it, and whether it has a keyboard controller.
 *
 * ACPI Specification 6.4: 5.2.9 (FADT, 5.2.9.3: the boot
 * architecture flags), 5.2.3.2 (addresses), 7.4.2 (\_S5),
 * 20.2 (AML).
 */
#include "acpi.h"
#include "../collect.h"
#include "hooks.h"

enum {
	TABLEREVISION = 8,

	FADTPM1A = 64,
	FADTPM1B = 68,
	FADTPM = 72,        /* a FADT reaches at least here */
	FADTBOOTARCH = 109, /* from revision 2 on */
	FADTRESETREG = 116, /* an address, then the value */
	FADTRESETVALUE = 128,
	FADTXPM1A = 172,
	FLAGRESET = 1 << 10,
	BOOTARCH8042 = 1 << 1,

	ADDRSIZE = 12, /* space, width, offset, access, address */
	SPACEIO = 1,

	AMLZERO = 0x00,
	AMLONE = 0x01,
	AMLNAME = 0x08,
	AMLBYTE = 0x0a,
	AMLPACKAGE = 0x12,
	S5SIZE = 14, /* name, package head, two byte constants */
};

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
sleeptypes(const uint8_t *dsdt, size_t n, Poweroff *off)
{
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
ioport(const uint8_t *fadt, size_t n, size_t offset)
{
	if (n < offset + ADDRSIZE || fadt[offset] != SPACEIO)
		return 0;
	return (uint16_t)numberat(fadt, offset + 4, 8);
}

/* Is the DSDT there, and does it say how to sleep? */
static bool
readdsdt(const uint8_t *fadt, size_t n, Poweroff *off)
{
	uint64_t at = n >= FADTXDSDT + 8 ? numberat(fadt, FADTXDSDT, 8) : 0;
	size_t size = 0;

	if (at == 0)
		at = numberat(fadt, FADTDSDT, 4);
	const uint8_t *dsdt = acpiat(at, "DSDT", &size);
	return dsdt != NULL && sleeptypes(dsdt, size, off);
}

void
acpipoweroff(Poweroff *off)
{
	size_t n = 0;
	const uint8_t *fadt = acpitable("FACP", &n);

	if (fadt == NULL || n < FADTPM)
		return;
	off->pm1a = (uint16_t)numberat(fadt, FADTPM1A, 4);
	off->pm1b = (uint16_t)numberat(fadt, FADTPM1B, 4);
	if (off->pm1a == 0)
		off->pm1a = ioport(fadt, n, FADTXPM1A);
	off->valid = off->pm1a != 0 && readdsdt(fadt, n, off);
	if (n > FADTRESETVALUE && (numberat(fadt, FADTFLAGS, 4) & FLAGRESET)) {
		off->resetport = ioport(fadt, n, FADTRESETREG);
		off->resetvalue = fadt[FADTRESETVALUE];
	}
}

bool
acpino8042(void)
{
	size_t n = 0;
	const uint8_t *fadt = acpitable("FACP", &n);

	return fadt != NULL && n >= FADTBOOTARCH + 2 &&
	       fadt[TABLEREVISION] >= 2 &&
	       (numberat(fadt, FADTBOOTARCH, 2) & BOOTARCH8042) == 0;
}
