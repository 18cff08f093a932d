/*
 * map.c - one list, from its first line to its last.
 *
 *	HEAD? ROW ROW ROW ... TOTAL*
 *
 * Blank lines are nothing. A line of something else ends the list: an entry
 * that goes on above it then belongs to a list whose middle is missing, and
 * one that goes back to where the lowest one is starts another list. So do a
 * heading, an entry behind the totals, and another boot.
 *
 * Whatever the text is, that takes time as it is long, and a number of entries
 * squared at most: in firmware nobody waits for more.
 *
 * needs: efi/forms/lists.c efi/forms/forms.c efi/forms/text.c
 * needs: efi/forms/strip.c efi/forms/json.c efi/forms/scan.c
 * needs: efi/forms/names.c efi/forms/span.c efi/forms/looks.c kern/format.c
 */
#include "form.h"

int
mapfail(Map *m, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprint(m->why, sizeof m->why, fmt, ap);
	va_end(ap);
	return -1;
}

int
notype(Map *m, const char *s, size_t len)
{
	return mapfail(m, "no type is called '%.*s%s'",
	    (int)MIN(len, SHOWNTEXT), s, cutmark(len));
}

int
atend(Map *m, const char *s)
{
	if (*s == '\0')
		return 0;
	return mapfail(
	    m, "'%.*s%s' is too much", SHOWNTEXT, s, cutmark(textlength(s)));
}

/* The same is noted once. */
void
mapnote(Map *m, const char *fmt, ...)
{
	char words[WORDS];
	va_list ap;

	va_start(ap, fmt);
	vsnprint(words, sizeof words, fmt, ap);
	va_end(ap);
	for (size_t i = 0; i < MIN(m->nnote, NOTES); i++)
		if (textsame(m->note[i], words))
			return;
	if (m->nnote < NOTES)
		memcpy(m->note[m->nnote], words, sizeof words);
	m->nnote++;
}

void *
formsgrow(void *p, size_t n, size_t *max, size_t size)
{
	enum { FIRST = 64 };
	size_t most = n < *max ? *max : n == 0 ? FIRST : 2 * n;
	void *more = n < *max ? p : formstake(most * size);

	if (more == NULL || more == p)
		return more;
	if (n > 0)
		memcpy(more, p, n * size);
	formsfree(p);
	*max = most;
	return more;
}

int
nomemory(Map *m)
{
	m->starved = true;
	return mapfail(m, "no memory to read it");
}

int
mapadd(Map *m, Entry e)
{
	Entry *more = formsgrow(m->entry, m->nentry, &m->maxentry, sizeof e);

	if (more == NULL)
		return nomemory(m);
	m->entry = more;
	m->entry[m->nentry++] = e;
	return 0;
}

void
mapfree(Map *m)
{
	formsfree(m->entry);
	formsfree(m->bad);
	*m = (Map){0};
}

/* A list of which nothing was read yet. */
static const Map none = {.depth = -1};

static bool
empty(const Map *m)
{
	return m->nentry == 0 && m->e820 == NULL;
}

/* What people write where they left lines out. */
static bool
leftout(const char *s)
{
	static const char *const words[] = {"snip", "SNIP", "truncated",
	    "omitted", "skipped", "lines", "more", "and so on"};

	if (textstarts(s + textisof(*s, "[<("), "..."))
		return true;
	if (!textisof(*s, "[<(-=*") || textlength(s) > 60)
		return false;
	for (size_t i = 0; i < nelem(words); i++)
		if (textfind(s, words[i]) != NULL)
			return true;
	return false;
}

/*
 * Is there an entry in it, behind words that nobody knows? It can be told from
 * that much of it.
 */
static bool
hides(const Form *form, const Line *l)
{
	enum { PART = 256 };
	char copy[PART];
	const char *p = l->s + textuntil(l->s, " ");

	while (*p != '\0') {
		size_t n = 0;

		p += textspan(p, " ");
		for (; n < PART - 1 && p[n] != '\0'; n++)
			copy[n] = p[n];
		copy[n] = '\0';
		Line part = {.s = copy, .xen = l->xen};

		linestrip(&part);
		if (form->what(&none, &part) == ROW)
			return true;
		p += textuntil(p, " ");
	}
	return false;
}

/* Does this line, next to the list, stand for entries that are lost? */
static bool
lossy(const Form *form, const Line *l)
{
	return leftout(l->s) || (!form->strict && hides(form, l));
}

/* A line that is none of the list, in it or below. */
static int
otherline(Map *m, const Line *l)
{
	if (empty(m))
		return 0;
	if (m->form->strict)
		return *l->s == '#'
			   ? 0
			   : mapfail(m, "not a line of %s", m->form->name);
	if (!m->ended && lossy(m->form, l))
		return mapfail(m, "entries were left out here");
	m->ended = true;
	return 0;
}

static void
begin(Map *m, const Line *l)
{
	if (m->first != 0)
		return;
	m->first = l->no;
	m->start = l;
}

static uint64_t
lowest(const Map *m)
{
	uint64_t pa = m->entry[0].base;

	for (size_t i = 1; i < m->nentry; i++)
		pa = MIN(pa, m->entry[i].base);
	return pa;
}

/*
 * An entry; NEWLIST if it is not of this list any more. The first comes below
 * that line, or below nothing but its own.
 */
static int
rowline(Map *m, const Line *l, const Line *above)
{
	Entry e = {0};
	int got;

	if (m->closed && !empty(m))
		return NEWLIST;
	got = m->form->row(m, l, &e);
	if (got < 0 || got == NEWLIST)
		return got;
	if (got == 0 && m->ended) {
		if (e.base <= lowest(m))
			return NEWLIST;
		return mapfail(m, "the list has a gap before this line");
	}
	if (got == 0 && m->nentry == 0 && above != NULL &&
	    lossy(m->form, above))
		return mapfail(m, "entries were left out before this line");
	if (got == 0 && mapadd(m, e) < 0)
		return -1;
	if (!empty(m))
		begin(m, l);
	if (got == 0)
		m->last = l->no;
	m->own = m->row = l;
	return got;
}

/*
 * 0 if the list can go on, NEWLIST if it ended before this line. *above: the
 * line of something else that is the last.
 */
static int
listline(Map *m, const Line *l, const Line **above)
{
	const Form *f = m->form;

	if (*l->s == '\0')
		return 0;
	switch (f->what(m, l)) {
	case HEAD:
		if (!empty(m))
			return NEWLIST;
		m->headed = true;
		m->lineno = l->no;
		*above = NULL;
		return f->head != NULL ? f->head(m, l) : 0;
	case ROW: {
		int got = rowline(m, l, *above);

		if (got != NOENTRY)
			*above = NULL;
		return got;
	}
	case TOTAL:
		if (empty(m))
			return 0;
		m->closed = true;
		return f->total(m, l);
	case OWN:
		m->own = l;
		return 0;
	default:
		*above = l;
		return otherline(m, l);
	}
}

/* Behind a damaged list: where another one of this form can begin. */
static size_t
nextlist(const Text *t, const Form *form, size_t at)
{
	size_t boot = t->line[at].boot;

	for (at++; at < t->nline && t->line[at].boot == boot; at++)
		if (form->what(&none, &t->line[at]) == HEAD)
			break;
	return at;
}

/*
 * The text ends in the middle of a line: of the last entry, of one more, or of
 * something else.
 */
static int
unfinished(Map *m, const Text *t)
{
	enum { ALIKE = 8 };
	const Line *l = &t->line[t->nline - 1];
	if (l->no == m->last) {
		if (m->form->endless)
			mapnote(m, "the last line has no end: is all of it "
				   "there?");
		m->unsure = m->form->endless;
		return 0;
	}
	if (m->closed || l != m->own + 1 || scanend(l->raw))
		return 0;
	if (textstarts(m->own->raw, l->raw) ||
	    textalike(l->s, m->row->s, MIN(textlength(l->s), ALIKE))) {
		m->lineno = l->no;
		return mapfail(m, "the text ends in the middle of this line");
	}
	mapnote(m, "the text ends in the middle of the next line");
	return 0;
}

/* It ends here: is it whole? */
static int
listend(Map *m, const Text *t, size_t at)
{
	if (empty(m))
		return 0;
	m->lineno = m->last;
	if (m->form->finish != NULL && m->form->finish(m) < 0)
		return -1;
	if (t->cut && at == t->nline && unfinished(m, t) < 0)
		return -1;
	return 1;
}

int
listread(Map *m, const Text *t, const Form *form, size_t *at)
{
	const Line *above = NULL;
	int got = 0;
	size_t i = *at;

	*m = (Map){.form = form, .depth = -1};
	for (; i < t->nline; i++) {
		const Line *l = &t->line[i];

		if (l->boot != m->boot) {
			if (!empty(m))
				break;
			m->boot = l->boot;
			m->headed = false;
			above = NULL;
		}
		if (!empty(m))
			m->lineno = l->no;
		got = listline(m, l, &above);
		if (got == NEWLIST)
			break;
		if (got < 0) {
			m->lineno = l->no;
			begin(m, l);
			*at = nextlist(t, form, i);
			return -1;
		}
	}
	*at = i;
	return listend(m, t, i);
}
