/*
 * lowpage.c - see lowpage.h. Whatever becomes of it, RAM down there is nothing
 * that mem9 hands out.
 */
#include "lowpage.h"
#include "firmware.h"
#include "parking.h"

/* A startup IPI names a page by 8 bits; above this lies no RAM on a PC. */
enum { LASTPAGE = 0x9f000 };

paddr_t
takelowpage(void)
{
	EFI_PHYSICAL_ADDRESS pa = LASTPAGE + BY2PG - 1;

	if (EFI_ERROR(fw.bs->AllocatePages(
		AllocateMaxAddress, EfiLoaderData, 1, &pa)))
		return NOADDR;
	if (pa == 0) { /* firmware's own vectors may be there */
		fw.bs->FreePages(pa, 1);
		return NOADDR;
	}
	parkfill((void *)pa, pa);
	return pa;
}

void
freelowpage(paddr_t pa)
{
	if (pa != NOADDR)
		fw.bs->FreePages(pa, 1);
}
