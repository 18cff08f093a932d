/*
 * birth.c - see birth.h.
 *
 * The sections one behind the other. Nothing here has variables of its own:
 * they would be put back, too.
 */
#include "birth.h"
#include "firmware.h"
#include "hooks.h"
#include "pe.h"

/* Those parts of it are not constant, as the compiler takes it to be. */
static uint8_t *
image(void)
{
	uintptr_t p = (uintptr_t)imagebase;

	__asm__("" : "+r"(p));
	return (uint8_t *)p;
}

static size_t
written(void)
{
	Section s;
	size_t sum = 0;

	for (size_t i = 0; pesection(imagebase, i, &s); i++)
		sum += s.write ? s.size : 0;
	return sum;
}

void *
birthkeep(void)
{
	uint8_t *kept = fwtake(written());
	uint8_t *to = kept;
	Section s;

	for (size_t i = 0; kept != NULL && pesection(imagebase, i, &s); i++)
		if (s.write) {
			memcpy(to, image() + s.rva, s.size);
			to += s.size;
		}
	return kept;
}

void
birthagain(const void *kept)
{
	const uint8_t *from = kept;
	Section s;

	for (size_t i = 0; pesection(imagebase, i, &s); i++)
		if (s.write) {
			memcpy(image() + s.rva, from, s.size);
			from += s.size;
		}
}
