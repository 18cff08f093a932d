/*
 * scancode.c - see scancode.h.
 *
 *	set 1	[e0] code, with bit 7: let go		Pause: e1 1d 45
 *	set 2	[e0] [f0] code, f0: let go		Pause: e1 14 77
 *
 * Codes of set 2 become those of set 1 first, as the controller would do it.
 * IBM Personal System/2 Hardware Interface Technical Reference, keyboards.
 */
#include "scancode.h"
#include "hooks.h"
#include "key.h"

enum {
	EXTENDED = 0xe0,
	PAUSE = 0xe1,
	RELEASE = 0xf0,  /* of set 2 */
	RELEASED = 0x80, /* of set 1 */
	LOST = 0xff,     /* the keyboard's buffer was full, so set 1 ... */
	LOST2 = 0x00,    /* ... and set 2 */
	PAUSECODES = 2,  /* that follow each e1 */

	ENTER = 0x1c,
	LEFTCTRL = 0x1d,
	LEFTSHIFT = 0x2a,
	SLASH = 0x35,
	RIGHTSHIFT = 0x36,
	CAPSLOCK = 0x3a,
	NUMLOCK = 0x45,
	PADFIRST = 0x47,
	PADLAST = 0x53,
	ISOKEY = 0x56, /* beside the left Shift, in Europe */
};

enum {
	HELDLEFT = 1 << 0,
	HELDRIGHT = 1 << 1,
	HELDSHIFT = HELDLEFT | HELDRIGHT,
	HELDCTRL = 1 << 2, /* either: of a prefix that was lost nothing stays */
	HELDCAPS = 1 << 3,
	HELDNUM = 1 << 4,
};

/* By code of set 1; 0: none. */
static const char plain[] = "\0\x1b"
			    "1234567890-=\b\tqwertyuiop[]\r\0asdfghjkl;'`\0"
			    "\\zxcvbnm,./\0*\0 ";
static const char shifted[] = "\0\x1b"
			      "!@#$%^&*()_+\b\tQWERTYUIOP{}\r\0ASDFGHJKL:\"~\0"
			      "|ZXCVBNM<>?\0*\0 ";
_Static_assert(sizeof plain == sizeof shifted, "of the same keys");

/* From PADFIRST to PADLAST. */
static const char pad[] = "789-456+1230.";
static const int padkeys[] = {KEYHOME, KEYUP, KEYPAGEUP, '-', KEYLEFT, NOKEY,
    KEYRIGHT, '+', KEYEND, KEYDOWN, KEYPAGEDOWN, KEYINSERT, KEYDELETE};

/* The code of set 2, by that of set 1; no key has the same as another. */
static const uint8_t set2[] = {
    0x00, 0x76, 0x16, 0x1e, 0x26, 0x25, 0x2e, 0x36, /* 00 */
    0x3d, 0x3e, 0x46, 0x45, 0x4e, 0x55, 0x66, 0x0d, /* 08 */
    0x15, 0x1d, 0x24, 0x2d, 0x2c, 0x35, 0x3c, 0x43, /* 10 */
    0x44, 0x4d, 0x54, 0x5b, 0x5a, 0x14, 0x1c, 0x1b, /* 18 */
    0x23, 0x2b, 0x34, 0x33, 0x3b, 0x42, 0x4b, 0x4c, /* 20 */
    0x52, 0x0e, 0x12, 0x5d, 0x1a, 0x22, 0x21, 0x2a, /* 28 */
    0x32, 0x31, 0x3a, 0x41, 0x49, 0x4a, 0x59, 0x7c, /* 30 */
    0x11, 0x29, 0x58, 0x05, 0x06, 0x04, 0x0c, 0x03, /* 38 */
    0x0b, 0x83, 0x0a, 0x01, 0x09, 0x77, 0x7e, 0x6c, /* 40 */
    0x75, 0x7d, 0x7b, 0x6b, 0x73, 0x74, 0x79, 0x69, /* 48 */
    0x72, 0x7a, 0x70, 0x71, 0x84, 0x60, 0x61,       /* 50 */
};

/* 0 if there is none. */
static uint8_t
fromset2(uint8_t code)
{
	for (size_t i = 1; i < sizeof set2; i++)
		if (set2[i] == code)
			return (uint8_t)i;
	return 0;
}

/* What a key changes while it is held; 0: nothing. */
static uint8_t
heldby(bool extended, uint8_t code)
{
	switch (code) {
	case LEFTSHIFT: /* extended ones are made up, around the arrows */
		return extended ? 0 : HELDLEFT;
	case RIGHTSHIFT:
		return extended ? 0 : HELDRIGHT;
	case LEFTCTRL:
		return HELDCTRL;
	case CAPSLOCK:
		return HELDCAPS;
	case NUMLOCK:
		return extended ? 0 : HELDNUM;
	default:
		return 0;
	}
}

/* A lock changes when its key goes down, and not while it stays there. */
static void
hold(Scan *s, uint8_t bit, bool release)
{
	bool was = s->held & bit;

	s->held &= (uint8_t)~bit;
	if (release)
		return;
	s->held |= bit;
	s->caps ^= bit == HELDCAPS && !was;
	s->num ^= bit == HELDNUM && !was;
}

static int
character(const Scan *s, uint8_t code)
{
	bool shift = s->held & HELDSHIFT;

	if (code == ISOKEY)
		return shift ? '|' : '\\';
	if (code >= sizeof plain)
		return NOKEY;
	char c = plain[code];
	if (c >= 'a' && c <= 'z')
		shift ^= s->caps;
	if (shift)
		c = shifted[code];
	if (s->held & HELDCTRL && c > ' ')
		c = c < '@' ? 0 : CTRL(c);
	return c == 0 ? NOKEY : c;
}

static int
pressed(const Scan *s, bool extended, uint8_t code)
{
	if (code >= PADFIRST && code <= PADLAST) {
		bool digits = s->num != ((s->held & HELDSHIFT) != 0);
		size_t i = code - PADFIRST;

		return digits && !extended ? pad[i] : padkeys[i];
	}
	if (extended && code != ENTER && code != SLASH)
		return NOKEY;
	return extended && code == SLASH ? '/' : character(s, code);
}

/* A whole code of set 1, without its bit 7. */
static int
coded(Scan *s, bool release, uint8_t code)
{
	bool extended = s->extended;
	uint8_t bit = heldby(extended, code);

	s->extended = s->release = false;
	if (s->skip > 0) {
		s->skip--;
		return NOKEY;
	}
	if (bit != 0)
		hold(s, bit, release);
	return bit != 0 || release ? NOKEY : pressed(s, extended, code);
}

int
scankey(Scan *s, uint8_t byte)
{
	switch (byte) {
	case EXTENDED:
		s->extended = true;
		return NOKEY;
	case PAUSE:
		s->skip = PAUSECODES;
		return NOKEY;
	case LOST:
	case LOST2:
		s->held = s->skip = 0;
		s->extended = s->release = false;
		return NOKEY;
	}
	if (!s->set2)
		return coded(s, byte & RELEASED, byte & (RELEASED - 1));
	if (byte == RELEASE) {
		s->release = true;
		return NOKEY;
	}
	return coded(s, s->release, fromset2(byte));
}
