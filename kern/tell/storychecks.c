/*
 * storychecks.c - what people are told of the checks: see story.h.
 *
 * In full a row for each group, and those that failed or were skipped one by
 * one; where none failed, those that were skipped in the row, if they fit. In
 * brief the groups that are well, and those that were skipped, share a line;
 * what failed is told as ever.
 */
#include "story.h"
#include "../check/checkwords.h"
#include "print.h"
#include "sizetext.h"

enum {
	INDENT = 2,
	GROUPCOL = 10, /* name of a group of checks */
	COUNTCOL = 24,
	ABOUTCOL = 34,
	ABOUTROOM = 80 - ABOUTCOL,
};

static const struct {
	enum ink ink;
	const char *group;
	const char *check;
} marks[] = {[OK] = {INKGOOD, "[ ok ]", "."},
    [FAILED] = {INKBAD, "[FAIL]", "F"},
    [SKIPPED] = {INKWARN, "[skip]", "s"}};

/* Of a group of checks. */
typedef struct Tally Tally;
struct Tally {
	size_t count[SKIPPED + 1];
	size_t n;
	const Checkresult *only;   /* if there is one */
	char about[ABOUTROOM + 1]; /* which were skipped, if it fits */
};

static bool
belongs(const Checkresult *r, enum checkgroup g)
{
	const Checkwords *w = checkwords(r->name);

	return (w != NULL ? w->group : GROUPFIRMWARE) == g;
}

/* Those of the group that were skipped; empty if there is no room for all. */
static void
whyskipped(const Facts *f, enum checkgroup g, char *text, size_t size)
{
	const char *before = "skipped ";
	size_t n = 0;

	for (size_t i = 0; i < f->ncheck; i++) {
		const Checkresult *r = &f->check[i];

		if (!belongs(r, g) || r->verdict != SKIPPED)
			continue;
		n += snprint(
		    text + n, size - n, "%s%s: %s", before, r->name, r->detail);
		before = "; ";
	}
	if (n == size - 1)
		text[0] = '\0';
}

static Tally
tally(const Facts *f, enum checkgroup g)
{
	Tally t = {.n = 0};

	for (size_t i = 0; i < f->ncheck; i++)
		if (belongs(&f->check[i], g)) {
			t.count[f->check[i].verdict]++;
			t.n++;
			t.only = &f->check[i];
		}
	if (t.n != 1)
		t.only = NULL;
	if (t.count[FAILED] == 0)
		whyskipped(f, g, t.about, sizeof t.about);
	return t;
}

/* A group is as well as the worst of it; skipped only if all of it is. */
static enum verdict
verdictof(const Tally *t)
{
	return t->count[FAILED] > 0 ? FAILED : t->count[OK] > 0 ? OK : SKIPPED;
}

static void
mark(Cells *l, enum verdict v)
{
	linetab(l, INDENT);
	lineput(l, marks[v].ink, "%s", marks[v].group);
	linetab(l, GROUPCOL);
}

/* Of RAM, how much was tried, before it was used and since: it may be little.
 */
static void
aboutram(const Facts *f, const Tally *t, char *text, size_t size)
{
	char tried[SIZETEXT];
	char since[SIZETEXT];
	char total[SIZETEXT];

	if (f->ram.since == 0) {
		snprint(text, size, "%s", t->only->detail);
		return;
	}
	snprint(text, size, "%s before use, %s since, of %s",
	    sizeword(tried, (uint64_t)f->ram.tried * BY2PG),
	    sizeword(since, (uint64_t)f->ram.since * BY2PG),
	    sizeword(total, (uint64_t)f->ram.total * BY2PG));
}

static void
grouprow(const Facts *f, enum checkgroup g, const Tally *t, const Teller *to)
{
	char ram[ABOUTROOM + 1];
	Cells l = {.n = 0};

	mark(&l, verdictof(t));
	lineput(&l, INKPLAIN, "%s", groupname(g));
	linetab(&l, COUNTCOL);
	lineput(&l, INKDIM, "%zu of %zu", t->count[OK], t->n);
	linetab(&l, ABOUTCOL);
	if (t->only != NULL && t->only->verdict == OK && g == GROUPRAM) {
		aboutram(f, t, ram, sizeof ram);
		lineput(&l, INKDIM, "%s", ram);
	} else
		lineput(&l, INKDIM, "%s",
		    t->about[0] != '\0' ? t->about : groupabout(g));
	lineend(&l, to);
}

/* One that failed or was skipped, and why. */
static void
checkrow(const Checkresult *r, const Teller *to)
{
	const Checkwords *w = checkwords(r->name);
	char text[CHECKDETAIL + 120];

	if (r->verdict == SKIPPED)
		snprint(
		    text, sizeof text, "%s skipped: %s", r->name, r->detail);
	else
		snprint(text, sizeof text,
		    "%s failed: it does not hold that "
		    "%s%s%s",
		    r->name, w != NULL ? w->promise : "all is as it should be",
		    r->detail[0] != '\0' ? ": " : "", r->detail);
	linewords(to, r->verdict == SKIPPED ? INKDIM : INKBAD, GROUPCOL, text);
}

/* All groups of which that is true, in one line. */
static void
namegroups(const Facts *f, enum verdict v, const Teller *to)
{
	const char *between = "";
	Cells l = {.n = 0};

	mark(&l, v);
	for (enum checkgroup g = 0; g < NGROUP; g++) {
		Tally t = tally(f, g);

		if (t.n == 0 || verdictof(&t) != v)
			continue;
		lineput(&l, INKPLAIN, "%s%s", between, groupname(g));
		between = ", ";
	}
	if (*between != '\0')
		lineend(&l, to);
}

static void
group(const Facts *f, enum checkgroup g, const Teller *to)
{
	Tally t = tally(f, g);

	if (t.n == 0 || (f->brief && verdictof(&t) != FAILED))
		return;
	grouprow(f, g, &t, to);
	if (t.about[0] != '\0')
		return;
	for (size_t i = 0; i < f->ncheck; i++)
		if (belongs(&f->check[i], g) && f->check[i].verdict != OK)
			checkrow(&f->check[i], to);
}

void
storychecks(const Facts *f, const Teller *to)
{
	Cells l = {.n = 0};

	lineput(&l, INKHEAD, "Checks");
	if (f->ncheck == 0)
		lineput(&l, INKWARN, "  none: *checks=none");
	if (f->ncheck == 0 || !f->brief)
		lineend(&l, to);
	if (f->brief) {
		namegroups(f, OK, to);
		namegroups(f, SKIPPED, to);
	}
	for (enum checkgroup g = 0; g < NGROUP; g++)
		group(f, g, to);
}

void
storymark(enum verdict v, const Teller *to)
{
	if (to->ink != NULL)
		to->ink(marks[v].ink);
	to->write(marks[v].check, 1);
	if (to->ink != NULL)
		to->ink(INKPLAIN);
}
