/*
 * command.c - `mem9 audit': what firmware does well and what not, before it is
 * left.
 *
 * Programs get a line for each check. People get a table: what failed with a
 * sentence of what that means, what was skipped with why, and the names of the
 * rest.
 */
#include "../commands.h"
#include "cpu.h"
#include "hooks.h"
#include "print.h"
#include "judge.h"
#include "read.h"

enum { MOSTAUDIT = 96, MARKCOL = 1, NAMECOL = 8, THEIRSCOL = 28 };

static const struct {
	enum ink ink;
	const char *mark;
	const char *word;
} words[] = {[AUDITOK] = {INKGOOD, "[ ok ]", "ok"},
    [AUDITFAILED] = {INKBAD, "[FAIL]", "failed"},
    [AUDITSKIPPED] = {INKWARN, "[skip]", "skipped"}};

/* Of the last audit. */
static Finding findings[MOSTAUDIT];

static size_t
count(const Auditcheck *c, size_t n, enum auditgroup g, enum judgement j)
{
	size_t found = 0;

	for (size_t i = 0; i < n; i++)
		found += (c[i].group == g || g == NAUDITGROUP) &&
			 findings[i].judgement == j;
	return found;
}

static void
judgeall(const Evidence *e, const Auditcheck *c, size_t n)
{
	if (n > MOSTAUDIT)
		panic("%zu checks, and room for %d", n, MOSTAUDIT);
	memset(findings, 0, sizeof findings);
	for (size_t i = 0; i < n; i++)
		c[i].judge(e, &findings[i]);
}

static void
lines(const Auditcheck *c, size_t n)
{
	for (size_t i = 0; i < n; i++) {
		const Finding *f = &findings[i];

		print("mem9: audit name=%s result=%s", c[i].name,
		    words[f->judgement].word);
		if (f->detail[0] != '\0')
			print(" detail=\"%s\"", f->detail);
		print("\n");
	}
	print("mem9: audited checks=%zu failed=%zu skipped=%zu\n", n,
	    count(c, n, NAUDITGROUP, AUDITFAILED),
	    count(c, n, NAUDITGROUP, AUDITSKIPPED));
}

/* A line of people's, as far as it is comfortable to read. */
static size_t
width(const Teller *to)
{
	return MIN(to->cols, 80u);
}

static void
row(const Auditcheck *c, const Finding *f, const Teller *to)
{
	Cells l = {.n = 0};

	linetab(&l, MARKCOL);
	lineput(&l, words[f->judgement].ink, "%s", words[f->judgement].mark);
	linetab(&l, NAMECOL);
	lineput(&l, INKPLAIN, "%s", c->name);
	if (f->judgement == AUDITFAILED && c->theirs != NULL) {
		if (THEIRSCOL + textlength(c->theirs) > width(to)) {
			lineend(&l, to);
			linetab(&l, NAMECOL);
		} else
			linetab(&l, THEIRSCOL);
		lineput(&l, INKDIM, "%s", c->theirs);
	}
	lineend(&l, to);
	linewords(to, INKPLAIN, NAMECOL, f->detail);
	if (f->judgement == AUDITFAILED)
		linewords(to, INKDIM, NAMECOL, c->means);
}

/* The names of what is well, as words of a paragraph. */
static void
wellnames(const Auditcheck *c, size_t n, enum auditgroup g, const Teller *to)
{
	Cells l = {.n = 0};

	for (size_t i = 0; i < n; i++) {
		if (c[i].group != g || findings[i].judgement != AUDITOK)
			continue;
		if (l.n > 0 && l.n + 1 + textlength(c[i].name) >= width(to))
			lineend(&l, to);
		if (l.n == 0)
			linetab(&l, MARKCOL);
		if (l.n == MARKCOL)
			lineput(
			    &l, words[AUDITOK].ink, "%s", words[AUDITOK].mark);
		lineput(&l, INKPLAIN, " %s", c[i].name);
	}
	if (l.n > 0)
		lineend(&l, to);
}

static void
group(const Auditcheck *c, size_t n, enum auditgroup g, const Teller *to)
{
	static const enum judgement shown[] = {AUDITFAILED, AUDITSKIPPED};
	Cells l = {.n = 0};

	lineput(&l, INKHEAD, "%s", auditgroupname(g));
	lineend(&l, to);
	for (size_t k = 0; k < nelem(shown); k++)
		for (size_t i = 0; i < n; i++)
			if (c[i].group == g &&
			    findings[i].judgement == shown[k])
				row(&c[i], &findings[i], to);
	wellnames(c, n, g, to);
	lineend(&l, to);
}

static void
table(const Auditcheck *c, size_t n, const Teller *to)
{
	Cells l = {.n = 0};
	size_t failed = count(c, n, NAUDITGROUP, AUDITFAILED);

	for (enum auditgroup g = 0; g < NAUDITGROUP; g++)
		group(c, n, g, to);
	lineput(&l, failed != 0 ? INKBAD : INKGOOD,
	    "%zu checks: %zu failed, %zu skipped.", n, failed,
	    count(c, n, NAUDITGROUP, AUDITSKIPPED));
	if (!to->pages)
		lineput(&l, INKDIM, " mem9 audit -b: a screen at a time.");
	lineend(&l, to);
}

/* Read, judge and print; how many failed, or -1 if there is no map. */
static int
audited(bool map)
{
	static Evidence e; /* large */
	size_t n = 0;
	const Auditcheck *c = auditchecks(&n);
	bool good = false;

	cpuidentify();
	good = evidenceread(&e);
	if (good) {
		judgeall(&e, c, n);
		if (map)
			efimapprint(&e.map);
		lines(c, n);
	}
	evidencefree();
	return good ? (int)count(c, n, NAUDITGROUP, AUDITFAILED) : -1;
}

void
auditprint(void)
{
	audited(false);
}

int
auditcommand(const Options *o)
{
	int failed = audited(true);
	size_t n = 0;
	const Auditcheck *c = auditchecks(&n);

	if (failed < 0)
		return SHELLDEVICEERROR;
	if (!o->verbose)
		table(c, n, consoleteller());
	return failed == 0 ? SHELLOK : SHELLERROR;
}
