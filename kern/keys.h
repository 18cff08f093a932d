/*
 * keys.h - keys from whoever types: a keyboard and a serial line at once.
 */
#ifndef KEYS_H
#define KEYS_H

#include "key.h"
#include "types.h"

/* The next key, or NOKEY: nothing waits. Or wait for one. */
int keypoll(void);
int keywait(void);

/* Meanwhile do this over and over, until the first key. */
void keyidle(void (*fn)(void));

/* Was the last of them pressed on the keyboard at the screen? */
bool keyatscreen(void);

/* Has Ctrl-C been pressed? All that came before it is dropped. */
bool keybreak(void);

#endif
