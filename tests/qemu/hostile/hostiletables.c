/*
 * hostiletables.c - firmware that lacks tables which others have.
 *
 *	noacpi=1	no ACPI at all
 *	nosmbios=1	no SMBIOS
 *	rsdp=1		ACPI's root has only a table of 64-bit addresses (XSDT)
 *	rsdp=2		only one of 32-bit addresses (RSDT), as ACPI 1.0 had
 */
#include "hostile.h"

enum { XSDTONLY = 1, RSDTONLY };

typedef struct Rsdp Rsdp;
struct Rsdp {
	char signature[8];
	uint8_t sum; /* with it the first 20 bytes are 0 together */
	char oem[6];
	uint8_t revision;
	uint32_t rsdt;
	uint32_t length;
	uint64_t xsdt;
	uint8_t longsum; /* all bytes */
	uint8_t reserved[3];
} __attribute__((packed));

_Static_assert(sizeof(Rsdp) == 36, "ACPI 6.5, 5.2.5.3");

static EFI_GUID acpi1 = ACPI_TABLE_GUID;
static EFI_GUID acpi2 = ACPI_20_TABLE_GUID;
static EFI_GUID smbios2 = SMBIOS_TABLE_GUID;
static EFI_GUID smbios3 = SMBIOS3_TABLE_GUID;

static bool
same(const EFI_GUID *guid, const EFI_GUID *other)
{
	const uint64_t *a = (const void *)guid, *b = (const void *)other;

	return a[0] == b[0] && a[1] == b[1];
}

static uint8_t
missing(const void *p, size_t n)
{
	const uint8_t *byte = p;
	uint8_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum -= byte[i];
	return sum;
}

/* The root with one of its tables left; in firmware's memory. */
static Rsdp *
rootwith(const Rsdp *old)
{
	Rsdp *r = NULL;

	if (EFI_ERROR(real->AllocatePool(
		EfiACPIReclaimMemory, sizeof *r, (VOID **)&r)))
		say("no pool");
	*r = *old;
	if (r->rsdt == 0 || r->xsdt == 0)
		say("no two tables in the root");
	if (scenario.rsdp == XSDTONLY)
		r->rsdt = 0;
	else {
		r->xsdt = 0;
		r->revision = 0;
	}
	r->sum = r->longsum = 0;
	r->sum = missing(r, 20);
	r->longsum = missing(r, sizeof *r);
	return r;
}

/* No GUID at all: nobody looks for that. */
static void
hide(EFI_CONFIGURATION_TABLE *t)
{
	static const EFI_GUID none;

	t->VendorGuid = none;
}

void
spoiltables(EFI_SYSTEM_TABLE *st)
{
	for (UINTN i = 0; i < st->NumberOfTableEntries; i++) {
		EFI_CONFIGURATION_TABLE *t = &st->ConfigurationTable[i];
		bool first = same(&t->VendorGuid, &acpi1);
		bool second = same(&t->VendorGuid, &acpi2);
		bool smbios = same(&t->VendorGuid, &smbios2) ||
			      same(&t->VendorGuid, &smbios3);

		if ((scenario.noacpi && (first || second)) ||
		    (scenario.nosmbios && smbios) || (scenario.rsdp && first))
			hide(t);
		else if (scenario.rsdp && second) {
			t->VendorTable = rootwith(t->VendorTable);
			if (scenario.rsdp == RSDTONLY)
				t->VendorGuid = acpi1;
		}
	}
}
