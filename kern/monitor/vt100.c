/*
 * vt100.c - see vt100.h.
 *
 *	ESC [ number ; number ... letter, or ~	what ECMA-48 calls CSI
 *	ESC O letter				the same keys, to applications
 *
 * What is not known is swallowed up to its last byte.
 */
#include "vt100.h"
#include "hooks.h"
#include "key.h"

enum { LARGEST = 9999 };

static int
byletter(int c)
{
	static const int keys[] = {
	    ['A'] = KEYUP,
	    ['B'] = KEYDOWN,
	    ['C'] = KEYRIGHT,
	    ['D'] = KEYLEFT,
	    ['F'] = KEYEND,
	    ['H'] = KEYHOME,
	};

	return c < (int)nelem(keys) && keys[c] != 0 ? keys[c] : NOKEY;
}

static int
bynumber(unsigned n)
{
	static const int keys[] = {NOKEY, KEYHOME, KEYINSERT, KEYDELETE, KEYEND,
	    KEYPAGEUP, KEYPAGEDOWN, KEYHOME, KEYEND};

	return n < nelem(keys) ? keys[n] : NOKEY;
}

static void
addto(unsigned *number, unsigned digit)
{
	*number = MIN(*number * 10 + digit, (unsigned)LARGEST);
}

/* Inside of ESC [ ... */
static int
csi(Vt *v, int c)
{
	if (c >= '0' && c <= '9') {
		if (v->at < nelem(v->number))
			addto(&v->number[v->at], (unsigned)(c - '0'));
		return NOKEY;
	}
	if (c >= ' ' && c < '@') { /* others than ; are not known */
		v->at = c == ';' ? v->at + 1 : nelem(v->number);
		return NOKEY;
	}
	v->state = VTGROUND;
	if (c == 'R' && v->at == 1)
		return KEYHERE;
	return c == '~' ? bynumber(v->number[0]) : byletter(c);
}

static int
afterescape(Vt *v, int c)
{
	v->state = VTGROUND;
	if (c == '[' || c == 'O') {
		v->state = c == '[' ? VTCSI : VTSS3;
		v->number[0] = v->number[1] = 0;
		v->at = 0;
		return NOKEY;
	}
	v->held = c > 0 ? (uint8_t)c : 0;
	return KEYESC;
}

int
vtkey(Vt *v, int byte)
{
	if (v->held != 0) { /* before byte, of which there is none yet */
		byte = v->held;
		v->held = 0;
	}
	if (v->state == VTESC)
		return afterescape(v, byte);
	if (byte == KEYESC || byte < 0) {
		v->state = byte < 0 ? VTGROUND : VTESC;
		return NOKEY;
	}
	switch (v->state) {
	case VTCSI:
		return csi(v, byte);
	case VTSS3:
		v->state = VTGROUND;
		return byletter(byte);
	default:
		return byte;
	}
}

bool
vtwaits(const Vt *v)
{
	return v->state != VTGROUND || v->held != 0;
}
