/*
 * filetext.c - see filetext.h. There is one at a time.
 */
#include "filetext.h"
#include "firmware.h"
#include "hooks.h"
#include "log.h"

enum { LASTLINE = 64 }; /* room kept for what says that it was cut */

static struct {
	char *p;
	size_t n;
	size_t room;
	uint64_t cut;
} text;

bool
filetextopen(size_t size)
{
	text.p = fwtake(size);
	text.n = 0;
	text.room = size - LASTLINE;
	text.cut = 0;
	return text.p != NULL;
}

/* A character, or nothing of it: half a line end is none. */
static void
put(char c)
{
	size_t need = c == '\n' ? 2 : 1;

	if (text.cut != 0 || text.n + need > text.room) {
		text.cut += need;
		return;
	}
	if (c == '\n')
		text.p[text.n++] = '\r';
	text.p[text.n++] = c;
}

void
filetextwrite(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		bool plain = s[i] == '\n' || s[i] == '\t' ||
			     (s[i] >= ' ' && s[i] < 0x7f);

		put(plain ? s[i] : '?');
	}
}

const char *
filetextend(size_t *n)
{
	uint64_t cut = text.cut;

	if (cut != 0) {
		text.cut = 0;
		text.room += LASTLINE;
		logaside(filetextwrite);
		print("\nmem9: cut bytes=%ju\n", (uintmax_t)cut);
		logaside(NULL);
	}
	*n = text.n;
	return text.p;
}

void
filetextclose(void)
{
	fwfree(text.p);
	text.p = NULL;
}
