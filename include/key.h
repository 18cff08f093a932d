/*
 * key.h - keys as numbers, whatever they were pressed on.
 *
 * A key that stands for a character is that character, with Ctrl a control one;
 * Enter is '\r', Backspace '\b' or 0x7f, Escape 0x1b. Others are these.
 */
#ifndef KEY_H
#define KEY_H

enum key {
	KEYUP = 0x100, /* above any character */
	KEYDOWN,
	KEYLEFT,
	KEYRIGHT,
	KEYHOME,
	KEYEND,
	KEYPAGEUP,
	KEYPAGEDOWN,
	KEYDELETE,
	KEYINSERT,
	KEYHERE /* no key: a terminal answers where its cursor is */
};

/* No key; none in time. */
enum { KEYESC = 0x1b, NOKEY = -1, KEYLATE = -2 };

/* What a letter is with Ctrl. */
#define CTRL(letter) ((letter)&0x1f)

#endif
