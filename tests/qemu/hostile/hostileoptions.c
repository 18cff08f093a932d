/*
 * hostileoptions.c - load options as boot managers and other loaders give them.
 *
 *	junk=N		N bytes that are no text
 *	options=1	an odd number of bytes
 *	options=2	words without an end, and other words behind them
 *	options=3	a kernel's command line
 *	options=4	words behind a byte-order mark
 *	options=5	64 KiB of words, of which the last is known
 *	options=6	a size without options
 */
#include "hostile.h"

enum { ODD = 1, ENDLESS, KERNEL, MARKED, LONG, NOTHING };
enum { LONGEST = 32 * 1024 };

static const CHAR16 words[] = L"*nswap=7 x";
static const CHAR16 endless[] = L"*nswap=7 xyz *nswap=8";
static const CHAR16 kernel[] =
    L"BOOT_IMAGE=/vmlinuz root=LABEL=a,b ro *nswap=7 quiet";
static const CHAR16 marked[] = L"\xfeff*nswap=7";
static const CHAR16 last[] = L" *nswap=7";

static void
give(EFI_LOADED_IMAGE *target, const void *p, size_t size)
{
	target->LoadOptions = (void *)p;
	target->LoadOptionsSize = (UINT32)size;
}

static const CHAR16 *
longwords(void)
{
	static CHAR16 text[LONGEST];

	for (size_t i = 0; i < LONGEST; i++)
		text[i] = i % 2 ? ' ' : 'x';
	memcpy(text + LONGEST - sizeof last / sizeof *last, last, sizeof last);
	return text;
}

void
spoiloptions(EFI_LOADED_IMAGE *target)
{
	static uint8_t junk[256];
	size_t nozero = sizeof words - sizeof *words;

	if (scenario.junk != 0) {
		memset(junk, 0x81, sizeof junk);
		give(target, junk, scenario.junk);
	}
	switch (scenario.options) {
	case ODD:
		give(target, words, nozero - 1);
		break;
	case ENDLESS:
		give(target, endless, nozero);
		break;
	case KERNEL:
		give(target, kernel, sizeof kernel);
		break;
	case MARKED:
		give(target, marked, sizeof marked);
		break;
	case LONG:
		give(target, longwords(), LONGEST * sizeof(CHAR16));
		break;
	case NOTHING:
		give(target, NULL, sizeof words);
		break;
	}
}
