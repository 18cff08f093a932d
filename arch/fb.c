/*
 * fb.c - where the framebuffer's pixels are mapped, before and after mmuinit.
 */
#include "block.h"
#include "hooks.h"
#include "mmu.h"
#include "stage.h"

/*
 * Somewhere in the window for whoever must draw before vmap can be asked; the
 * offset lets it be mapped by large pages.
 */
static uintptr_t
early(const Fb *fb)
{
	return VMAP + VMAPSIZE / 2 + fb->pa % PGLSZ(1) / BY2PG * BY2PG;
}

/* Uncached, which the PAT has under every firmware. */
int
mapearlyfb(Space *s, const Fb *fb)
{
	pte_t flags = PTEVALID | PTEWRITE | PTENOEXEC | PTEUC;
	paddr_t pa = ROUNDDOWN(fb->pa, BY2PG);

	if (fb->size == 0)
		return 0;
	return pmap(s, early(fb), pa | flags, PGROUND(fb->pa + fb->size - pa));
}

void
unmapearlyfb(Space *s, const Fb *fb)
{
	paddr_t pa = ROUNDDOWN(fb->pa, BY2PG);

	if (fb->size != 0 &&
	    punmap(s, early(fb), PGROUND(fb->pa + fb->size - pa)) < 0)
		panic("the pixels at %#jx stay mapped", (uintmax_t)early(fb));
}

volatile void *
fbpixels(void)
{
	const Fb *fb = &bootinfo->fb;

	if (fb->size == 0 || !alone())
		return (void *)fb->pa;
	if (stage < SMMU)
		return (void *)(early(fb) + fb->pa % BY2PG);
	return vmap(fb->pa, fb->size, PTEWC);
}
