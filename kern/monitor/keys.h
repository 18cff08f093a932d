/*
 * keys.h - keys from whoever types: a keyboard and a serial line at once.
 */
#ifndef KEYS_H
#define KEYS_H

#include "key.h"
#include "types.h"

typedef struct Termsize Termsize;

struct Termsize {
	unsigned rows;
	unsigned cols;
};

/* Can anybody type, here or at the other end of a line? */
bool keyscome(void);

/*
 * The next key, or NOKEY: nothing waits. Or wait for one, and answer other CPUs
 * meanwhile: NOKEY, once, if the keyboard of who typed last is heard no more.
 */
int keypoll(void);
int keywait(void);

/* The same, but KEYLATE if so many microseconds pass without one. */
int keywithin(uint64_t us);

/*
 * How large is the terminal at the other end of the serial line? It is asked
 * and has half a second to answer; keys typed before that are dropped if it
 * does. False: there is none.
 */
bool keyterminal(Termsize *is);

/* Meanwhile do this over and over, until the first key by the serial line. */
void keyidle(void (*fn)(void));

/* Was the last of them pressed on the keyboard at the screen? */
bool keyatscreen(void);

/*
 * Which of these, up to a NOKEY, has been pressed? Then all that came before it
 * is dropped; if none, NOKEY, it is as if nobody had looked: what was typed
 * ahead is there, up to 64 keys. keybreak: has Ctrl-C?
 */
int keyamong(const int *which);
bool keybreak(void);

#endif
