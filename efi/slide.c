/*
 * slide.c - where the image and the direct map go: not where the book says.
 *
 * Chance comes from the CPU's RDSEED or RDRAND, else firmware's
 * EFI_RNG_PROTOCOL (UEFI Specification 37.5), else from the time stamp counter,
 * which is no secret but better than nothing. What firmware has also goes into
 * the secrets that are made later (arch/amd64/chance.c).
 */
#include "collect.h"
#include "cpu.h"
#include "firmware.h"
#include "mem.h"

typedef struct Rng Rng;

struct Rng {
	EFI_STATUS (*getinfo)(Rng *self, UINTN *size, EFI_GUID *list);
	EFI_STATUS (*get)(Rng *self, EFI_GUID *how, UINTN size, UINT8 *v);
};

static bool
firmwarerandom(uint64_t *v)
{
	EFI_GUID guid = RNGPROTOCOL;
	Rng *rng = anyprotocol(guid);

	if (rng == NULL)
		return false;
	return !EFI_ERROR(rng->get(rng, NULL, sizeof *v, (UINT8 *)v));
}

uint64_t
somechance(void)
{
	uint64_t v = 0;

	if (!cpurandom(&v) && !firmwarerandom(&v))
		v = cycles() * 0x9e3779b97f4a7c15;
	return v ^ v >> 32;
}

/* A random multiple of step in [0, room]. */
static uint64_t
slide(uint64_t room, uint64_t step)
{
	return somechance() % (room / step + 1) * step;
}

void
collectchance(void)
{
	uint64_t v = 0;

	if (firmwarerandom(&v))
		chanceadd(v);
}

void
chooseslides(Bootinfo *b, paddr_t top)
{
	uint64_t image = ROUNDUP(b->image.size, PGLSZ(1));

	b->imageva = KZERO;
	b->dmapva = DMAP;
	if (!b->options.kaslr)
		return;
	top = ROUNDUP(top, PGLSZ(2));
	if (image < PGLSZ(2))
		b->imageva += slide(PGLSZ(2) - image, PGLSZ(1));
	if (top < DMAPSIZE)
		b->dmapva += slide(DMAPSIZE - top, PGLSZ(2));
}
