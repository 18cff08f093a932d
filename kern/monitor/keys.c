/*
 * keys.c - see keys.h. A lone Escape on the serial line is one after which
 * nothing comes for a while: for as long as a slow line may take.
 */
#include "keys.h"
#include "hooks.h"
#include "keyboard.h"
#include "patience.h"
#include "serial.h"
#include "vt100.h"

enum {
	ESCAPEUS = 100000,
	ANSWERUS = 500000, /* there and back, over a slow network */
	ATONCE = 64,       /* keys looked at: a port may never have enough */
	MOSTAHEAD = 64,
};

typedef struct Typed Typed;

struct Typed {
	int key;
	bool atscreen;
};

static struct {
	Vt vt;
	Patience patience; /* with what it waits for */
	bool atscreen;
	void (*idle)(void);     /* NULL: nothing */
	Typed ahead[MOSTAHEAD]; /* looked at, and not taken: a ring, */
	size_t first;           /* from here on */
	size_t nahead;
} keys;

/* The serial line has nothing: was it an Escape? */
static int
silence(void)
{
	if (!vtwaits(&keys.vt))
		return NOKEY;
	if (keys.vt.held == 0 && waited(&keys.patience) < ESCAPEUS)
		return NOKEY;
	return vtkey(&keys.vt, NOKEY);
}

bool
keyscome(void)
{
	return keyboardworks() || serialworks();
}

/* From whoever has one. */
static int
newkey(void)
{
	int key = keyboardread();

	if (key != NOKEY) {
		keys.atscreen = true;
		return key;
	}
	int byte = keys.vt.held == 0 ? serialread() : -1;
	if (byte >= 0)
		keys.patience = (Patience){.last = 0};
	key = byte < 0 ? silence() : vtkey(&keys.vt, byte);
	if (key != NOKEY)
		keys.atscreen = false;
	return key;
}

int
keypoll(void)
{
	if (keys.nahead == 0)
		return newkey();
	Typed t = keys.ahead[keys.first++ % MOSTAHEAD];

	keys.nahead--;
	keys.atscreen = t.atscreen;
	return t.key;
}

/* What finds no room is dropped. */
static void
keep(int key)
{
	if (keys.nahead < MOSTAHEAD)
		keys.ahead[(keys.first + keys.nahead++) % MOSTAHEAD] =
		    (Typed){key, keys.atscreen};
}

int
keywithin(uint64_t us)
{
	Patience p = {.last = 0};
	int key;

	while ((key = keypoll()) == NOKEY) {
		if (keys.atscreen && !keyboardworks()) {
			keys.atscreen = false;
			return NOKEY;
		}
		if (keys.idle != NULL)
			keys.idle();
		if (rest(&p) >= us)
			return KEYLATE;
	}
	if (!keys.atscreen)
		keys.idle = NULL;
	return key;
}

int
keywait(void)
{
	return keywithin(UINT64_MAX);
}

void
keyidle(void (*fn)(void))
{
	keys.idle = fn;
}

bool
keyatscreen(void)
{
	return keys.atscreen;
}

static bool
among(int key, const int *which)
{
	for (; *which != NOKEY; which++)
		if (key == *which)
			return true;
	return false;
}

int
keyamong(const int *which)
{
	bool was = keys.atscreen;

	for (int i = 0; i < ATONCE; i++) {
		int key = newkey();

		if (key == NOKEY)
			break;
		if (among(key, which)) {
			keys.nahead = 0;
			return key;
		}
		keep(key);
	}
	keys.atscreen = was;
	return NOKEY;
}

bool
keybreak(void)
{
	static const int c[] = {CTRL('c'), NOKEY};

	return keyamong(c) != NOKEY;
}

/*
 * Where the cursor is (ECMA-48, 8.3.35: DSR) once it is sent farther than any
 * terminal has room for (8.3.21: CUP); before and after that it is a VT100's
 * to keep it and to bring it back (DECSC, DECRC).
 */
bool
keyterminal(Termsize *is)
{
	static const char question[] = "\x1b\x37\x1b[999;999H\x1b[6n\x1b\x38";
	static const int here[] = {KEYHERE, NOKEY};
	Patience p = {.last = 0};

	serialwrite(question, sizeof question - 1);
	do
		if (keyamong(here) != NOKEY) {
			*is = (Termsize){keys.vt.number[0], keys.vt.number[1]};
			return true;
		}
	while (rest(&p) < ANSWERUS);
	return false;
}
