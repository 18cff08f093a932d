/*
 * scancode.h - from the bytes of a PC's keyboard to keys.
 *
 * Both sets that are met: set 1, which the controller makes of set 2 if it
 * translates, and set 2 as it is. The layout is that of the USA.
 */
#ifndef SCANCODE_H
#define SCANCODE_H

#include "types.h"

typedef struct Scan Scan;

/* All zero to begin with, but for the set. */
struct Scan {
	bool set2;
	bool extended; /* the last byte was e0 */
	bool release;  /* or f0, which set 2 has before a key let go */
	uint8_t skip;  /* codes that are still part of Pause */
	uint8_t held;  /* Shift, Ctrl, Caps Lock, Num Lock: a bit each */
	bool caps;
	bool num;
};

/*
 * The key (key.h) that is pressed with this byte, or NOKEY. Any byte may come
 * at any time, or be missing: that costs two keys at most, and a Shift or Ctrl
 * whose release was lost is held until it is pressed again, or the keyboard
 * says that it has lost something.
 */
int scankey(Scan *s, uint8_t byte);

#endif
