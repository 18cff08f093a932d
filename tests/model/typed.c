/*
 * typed.c - see typed.h.
 */
#include "typed.h"
#include "key.h"

#include <stdio.h>
#include <string.h>

static void
halfmove(Typed *t, bool left)
{
	char *from = left ? t->before : t->behind;
	char *to = left ? t->behind : t->before;
	char c[2] = "";

	if (*from == '\0')
		return;
	if (left) {
		c[0] = from[strlen(from) - 1];
		from[strlen(from) - 1] = '\0';
		memmove(to + 1, to, strlen(to) + 1);
		to[0] = c[0];
	} else {
		c[0] = from[0];
		memmove(from, from + 1, strlen(from));
		strcat(to, c);
	}
}

static void
chop(char *s, size_t n)
{
	s[n] = '\0';
}

static void
dropword(Typed *t)
{
	char *s = t->before;

	while (*s != '\0' && s[strlen(s) - 1] == ' ')
		chop(s, strlen(s) - 1);
	while (*s != '\0' && s[strlen(s) - 1] != ' ')
		chop(s, strlen(s) - 1);
}

void
typedkey(Typed *t, int key)
{
	char c[2] = {(char)key, '\0'};

	switch (key) {
	case KEYLEFT:
	case 2:
		halfmove(t, true);
		break;
	case KEYRIGHT:
	case 6:
		halfmove(t, false);
		break;
	case KEYHOME:
	case 1:
		while (*t->before != '\0')
			halfmove(t, true);
		break;
	case KEYEND:
	case 5:
		while (*t->behind != '\0')
			halfmove(t, false);
		break;
	case '\b':
	case 0x7f:
		if (*t->before != '\0')
			chop(t->before, strlen(t->before) - 1);
		break;
	case KEYDELETE:
	case 4:
		if (*t->behind != '\0')
			memmove(t->behind, t->behind + 1, strlen(t->behind));
		break;
	case 21:
		chop(t->before, 0);
		break;
	case 11:
		chop(t->behind, 0);
		break;
	case 23:
		dropword(t);
		break;
	default:
		if (key >= ' ' && key <= '~' &&
		    strlen(t->before) + strlen(t->behind) < TYPEDMAX)
			strcat(t->before, c);
	}
}

void
typedline(const Typed *t, char line[TYPEDMAX + 1])
{
	snprintf(line, TYPEDMAX + 1, "%s%s", t->before, t->behind);
}
