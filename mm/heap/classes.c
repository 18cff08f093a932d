/*
 * classes.c - the sizes of slots: which class a block of so many bytes is of.
 *
 * Those above 512 bytes are such that a whole number of slots fills a slab
 * exactly (slab.c).
 */
#include "poolparts.h"

/* Above 512, what is in SLABLARGE / 124, 116 ... 68, 62, 60 ... 32, 31 ... */
const uint16_t slotsizes[NCLASS] = {0, 32, 48, 64, 80, 96, 112, 128, 144, 160,
    176, 192, 208, 224, 240, 256, 288, 320, 352, 384, 416, 448, 480, 512, 560,
    592, 640, 704, 768, 848, 960, 1040, 1088, 1120, 1168, 1200, 1248, 1296,
    1360, 1408, 1472, 1552, 1632, 1712, 1808, 1920, 2032, 2096, 2176, 2256,
    2336, 2416, 2512, 2608, 2720, 2832, 2960, 3104, 3264, 3440, 3632, 3840,
    4080, 4352};

uint8_t classes[SLOTMAX / GRAIN + 1];

/* Any number of CPUs may do this at once. */
void
classinit(void)
{
	unsigned class = 1;

	for (size_t i = SLOTEXTRA / GRAIN; i < nelem(classes); i++) {
		while (slotsizes[class] < i * GRAIN)
			class += 1;
		__atomic_store_n(
		    &classes[i], (uint8_t) class, __ATOMIC_RELAXED);
	}
}
