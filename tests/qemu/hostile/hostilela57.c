/*
 * hostilela57.c - a firmware that hands over with five levels of page tables.
 *
 *	la57=1		CR4.LA57 is on; the first of 512 entries leads to the
 *			tables that firmware has, the others nowhere
 */
#include "hostile.h"

enum { PRESENT = 1, WRITE = 2, LOW = 12, ENTRIES = 512 };

#define BELOW4G 0xffffffffull
#define CR4LA57 (1ull << 12)

void la57on(uint64_t top); /* la57.S */

static uint64_t
levels(void)
{
	uint64_t cr4 = 0;

	__asm__ volatile("movq %%cr4, %0" : "=r"(cr4));
	return (cr4 & CR4LA57) != 0 ? 5 : 4;
}

void
addlevel(void)
{
	EFI_PHYSICAL_ADDRESS pa = BELOW4G;
	uint64_t cr3 = 0;
	uint64_t *top = NULL;

	if (EFI_ERROR(real->AllocatePages(
		AllocateMaxAddress, EfiBootServicesData, 1, &pa))) {
		say("no page below 4 GiB");
		return;
	}
	__asm__ volatile("movq %%cr3, %0" : "=r"(cr3));
	top = (uint64_t *)pa;
	top[0] = (cr3 >> LOW << LOW) | PRESENT | WRITE;
	for (int i = 1; i < ENTRIES; i++)
		top[i] = 0;
	la57on(pa);
	say("levels %d", levels());
}
