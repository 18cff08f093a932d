/*
 * keyboard.h - a PS/2 keyboard, by polling.
 */
#ifndef KEYBOARD_H
#define KEYBOARD_H

#include "types.h"

/*
 * Is there one that answers? Every wait is bounded, whatever is at its ports.
 * Says so in a line; denied: firmware's tables say that there is none, and
 * nothing is touched.
 */
bool keyboardopen(bool denied);

/* Was there one, and does it behave? */
bool keyboardworks(void);

/* The next key (key.h), or NOKEY; never waits, and prints nothing. */
int keyboardread(void);

/* True once after it was given up, as it sends without end. */
bool keyboardlost(void);

#endif
