/*
 * readline.c - see readline.h.
 */
#include "readline.h"
#include "history.h"
#include "hooks.h"
#include "kept.h"
#include "keys.h"
#include "../leave.h"
#include "redraw.h"
#include "screen.h"

enum { COLUMNS = 80 }; /* of a terminal that nobody knows */

typedef struct Reader Reader;

struct Reader {
	const char *prompt;
	Wordsat *wordsat;
	Edit edit;
	Redraw redraw;
	size_t back; /* lines into the past; 0: what is typed now */
	char draft[EDITMAX];
};

static size_t
columns(void)
{
	size_t cols = screencols();

	return cols == 0 ? COLUMNS : MIN(cols, (size_t)COLUMNS);
}

/* In a new place. */
static void
begin(Reader *r)
{
	size_t n = 0;

	while (r->prompt[n] != '\0')
		n++;
	r->redraw = (Redraw){.width = columns() - n - 1};
	print("%s", r->prompt);
}

static void
recall(Reader *r, size_t back)
{
	const char *line = back == 0 ? r->draft : historyline(back);

	if (line == NULL)
		return;
	if (r->back == 0)
		memcpy(r->draft, r->edit.text, sizeof r->draft);
	r->back = back;
	editset(&r->edit, line);
}

/* The word that ends at the cursor, as far as it can be told. */
static void
fillin(Reader *r)
{
	Edit *e = &r->edit;
	size_t start = e->at;
	const char *first = NULL;
	size_t more = 0;

	while (start > 0 && e->text[start - 1] != ' ')
		start--;
	Words *words = r->wordsat(e->text, start);
	size_t n = e->at - start;
	if (words == NULL)
		return;
	size_t found = complete(e->text + start, n, words, &first, &more);
	if (more > 0 && !editinsert(e, first + n, more))
		return;
	if (found == 1 && e->text[e->at] == ' ')
		e->at++;
	else if (found == 1)
		editinsert(e, " ", 1);
	if (found < 2 || more > 0)
		return;
	print("\n");
	completions(e->text + start, n, words, columns());
	begin(r);
}

/*
 * False: the line is whole. An R that begins it is a reset, at once, where that
 * saves the report.
 */
static bool
obeykey(Reader *r, int key)
{
	if (key == 'R' && r->edit.n == 0 && keptopened()) {
		print("R\n");
		leave(ENDRESET);
		return true;
	}
	switch (key) {
	case '\r':
	case '\n':
		return false;
	case NOKEY: /* nobody goes on with it */
		editset(&r->edit, "");
		return false;
	case CTRL('c'):
		print("^C\n");
		editset(&r->edit, "");
		r->back = 0;
		begin(r);
		break;
	case CTRL('l'):
		print("\n");
		begin(r);
		break;
	case KEYUP:
	case CTRL('p'):
		recall(r, r->back + 1);
		break;
	case KEYDOWN:
	case CTRL('n'):
		if (r->back > 0)
			recall(r, r->back - 1);
		break;
	case '\t':
		fillin(r);
		break;
	default:
		editkey(&r->edit, key);
	}
	return true;
}

static void
show(Reader *r)
{
	redraw(&r->redraw, r->edit.text, r->edit.n, r->edit.at);
	screencursor();
}

void
readline(const char *prompt, Wordsat *at, char line[EDITMAX])
{
	static Reader r; /* large */

	r = (Reader){.prompt = prompt, .wordsat = at};
	begin(&r);
	do
		show(&r);
	while (obeykey(&r, keywait()));
	r.edit.at = r.edit.n;
	show(&r);
	print("\n");
	memcpy(line, r.edit.text, EDITMAX);
	historyadd(line);
}
