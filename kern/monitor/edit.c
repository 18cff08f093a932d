/*
 * edit.c - see edit.h.
 *
 * Invariant: at <= n < EDITMAX, and text ends with a 0 at n.
 */
#include "edit.h"
#include "hooks.h"
#include "key.h"

/* [from, to) is gone; the cursor, which was in or at it, is where it was. */
static void
cut(Edit *e, size_t from, size_t to)
{
	memmove(e->text + from, e->text + to, e->n - to + 1);
	e->n -= to - from;
	e->at = from;
}

bool
editinsert(Edit *e, const char *text, size_t n)
{
	if (n >= EDITMAX - e->n)
		return false;
	memmove(e->text + e->at + n, e->text + e->at, e->n - e->at + 1);
	memcpy(e->text + e->at, text, n);
	e->n += n;
	e->at += n;
	return true;
}

void
editset(Edit *e, const char *text)
{
	for (e->n = 0; e->n < EDITMAX - 1 && text[e->n] != '\0'; e->n++)
		e->text[e->n] = text[e->n];
	e->text[e->n] = '\0';
	e->at = e->n;
}

static bool
isblank(const Edit *e, size_t i)
{
	return e->text[i] == ' ';
}

/* Where the word before the cursor begins. */
static size_t
wordstart(const Edit *e)
{
	size_t i = e->at;

	while (i > 0 && isblank(e, i - 1))
		i--;
	while (i > 0 && !isblank(e, i - 1))
		i--;
	return i;
}

static bool
move(Edit *e, int key)
{
	switch (key) {
	case KEYLEFT:
	case CTRL('b'):
		e->at -= e->at > 0;
		return true;
	case KEYRIGHT:
	case CTRL('f'):
		e->at += e->at < e->n;
		return true;
	case KEYHOME:
	case CTRL('a'):
		e->at = 0;
		return true;
	case KEYEND:
	case CTRL('e'):
		e->at = e->n;
		return true;
	default:
		return false;
	}
}

bool
editkey(Edit *e, int key)
{
	char c = (char)key;

	if (key >= ' ' && key < 0x7f) {
		editinsert(e, &c, 1);
		return true;
	}
	switch (key) {
	case '\b':
	case 0x7f:
		cut(e, e->at - (e->at > 0), e->at);
		return true;
	case KEYDELETE:
	case CTRL('d'):
		cut(e, e->at, e->at + (e->at < e->n));
		return true;
	case CTRL('u'):
		cut(e, 0, e->at);
		return true;
	case CTRL('k'):
		cut(e, e->at, e->n);
		return true;
	case CTRL('w'):
		cut(e, wordstart(e), e->at);
		return true;
	default:
		return move(e, key);
	}
}
