/*
 * story.c - see story.h.
 *
 * No machine has so much memory that a thousand times as many bytes, or as many
 * as a bar has cells, would not fit into 64 bits. A share of it is a colour,
 * and a letter for those who see none. Whatever there is shows: the smallest
 * share has a cell of its bar.
 */
#include "story.h"
#include "bigword.h"
#include "hooks.h"
#include "print.h"
#include "sizetext.h"

enum {
	INDENT = 2,
	BARCELLS = 76, /* of all memory */
	USEDCOL = 47,  /* where an allocator's bar begins */
	USEDCELLS = 31,
	BIGLETTERS = 4,  /* PASS, FAIL */
	BROKENROWS = 37, /* a report and large letters fit on such a screen */
	ENDROWS = 5,     /* beside large letters: blank, given back, a prompt */
};

static const struct {
	char letter;
	enum ink ink;
	const char *boot;
	const char *rehearsal; /* NULL: the same */
} shares[NSHARE] = {
    [SHAREUSED] = {'U', INKGREEN, "a kernel can use",
	"borrowed for this rehearsal"},
    [SHAREMEM9] = {'M', INKCYAN, "mem9's program, stacks, tables, log", NULL},
    [SHAREFREE] = {'f', INKCYAN, "free, left to firmware", NULL},
    [SHAREBOOT] = {'b', INKBROWN, "in use by firmware and the shell", NULL},
    [SHARELOW] = {'=', INKPLAIN, "below 1 MB, left alone", NULL},
    [SHAREACPI] = {'A', INKMAGENTA, "ACPI tables", NULL},
    [SHARERUNTIME] = {'R', INKBLUE, "kept by firmware for its services", NULL},
    [SHAREKEPT] = {'K', INKGRAY, "kept by firmware, it does not say why", NULL},
    [SHARESILENT] = {'-', INKPLAIN, "not in the map: video, ROM, firmware",
	NULL},
    [LOSTTOLD] = {'x', INKRED, "lost: firmware says it is unusable", NULL},
    [LOSTSLOW] = {'x', INKRED, "lost: not cached, by the MTRRs", NULL},
    [LOSTBAD] = {'x', INKRED, "lost: bad, or not there at all", NULL},
    [LOSTROOM] = {'x', INKRED, "lost: no room to write down what it is", NULL},
    [LOSTLIMIT] = {'x', INKRED, "left out by *maxmem=", NULL},
    [LOSTMAP] = {'x', INKRED, "not in the map that *e820= gives", NULL},
};

static void
blank(const Teller *to)
{
	Cells l = {.n = 0};

	lineend(&l, to);
}

/* Between two parts, if there is room. */
static void
gap(const Facts *f, const Teller *to)
{
	if (!f->brief)
		blank(to);
}

/* Cells of each share: one at least of what there is, the largest the rest. */
static void
cellsof(const Account *a, size_t cells[NSHARE])
{
	uint64_t total = a->total + a->extra;
	size_t sum = 0;
	int largest = 0;

	for (int s = 0; s < NSHARE; s++) {
		uint64_t n = a->share[s];

		cells[s] = n == 0 ? 0 : MAX(n * BARCELLS / total, 1ull);
		sum += cells[s];
		if (n > a->share[largest])
			largest = s;
	}
	cells[largest] += BARCELLS - sum;
}

static void
bar(const Account *a, const Teller *to)
{
	size_t cells[NSHARE];
	Cells l = {.n = 0};

	cellsof(a, cells);
	linetab(&l, INDENT);
	for (int s = 0; s < NSHARE; s++)
		linefill(&l, shares[s].ink, shares[s].letter, cells[s]);
	lineend(&l, to);
}

/* The exact size, the same for people, and what part of all that is. */
static void
amount(Cells *l, enum ink ink, uint64_t bytes, uint64_t total)
{
	char exact[GROUPTEXT];
	char text[SIZETEXT];
	uint64_t tenths = bytes * 1000 / total;

	lineput(l, ink, "%15s KB  %s", grouptext(exact, bytes / KiB),
	    sizetext(text, bytes));
	if (bytes == total)
		lineput(l, ink, "   100 %%");
	else if (tenths == 0)
		lineput(l, ink, "  <0.1 %%");
	else
		lineput(l, ink, " %3ju.%ju %%", (uintmax_t)tenths / 10,
		    (uintmax_t)tenths % 10);
}

static void
sharerow(const Facts *f, enum share s, const Teller *to)
{
	const Account *a = &f->account;
	const char *what = f->rehearsal && shares[s].rehearsal != NULL
			       ? shares[s].rehearsal
			       : shares[s].boot;
	enum ink ink = s >= LOSTTOLD ? INKBAD : INKPLAIN;
	Cells l = {.n = 0};

	linetab(&l, INDENT);
	linefill(&l, shares[s].ink, shares[s].letter, 2);
	amount(&l, ink, a->share[s], a->total);
	lineput(&l, ink, "  %s", what);
	lineend(&l, to);
}

/*
 * The sum of all rows above, in words that fit what is known: where the map has
 * more than there is, what is lost may be that.
 */
static void
totalrow(const Account *a, const Teller *to)
{
	char lost[SIZETEXT];
	Cells l = {.n = 0};

	linetab(&l, INDENT + 2);
	amount(&l, INKHEAD, a->total, a->total);
	lineput(&l, INKHEAD, "  %s",
	    a->installed ? "installed" : "in firmware's map");
	if (accountlost(a) != 0)
		lineput(&l, INKBAD, ", %s of %s lost",
		    sizeword(lost, accountlost(a)),
		    a->extra == 0 ? "it" : "the map");
	else
		lineput(&l, INKGOOD, ", none of it lost");
	lineend(&l, to);
}

void
storymachine(const Facts *f, const Teller *to)
{
	const Account *a = &f->account;
	Cells l = {.n = 0};

	if (a->total == 0)
		return;
	lineput(&l, INKHEAD, "This machine's memory");
	lineput(&l, INKDIM, "  as %s has it%s", f->firmware,
	    f->rehearsal ? " now" : "");
	lineend(&l, to);
	bar(a, to);
	for (enum share s = 0; s < NSHARE; s++)
		if (a->share[s] != 0)
			sharerow(f, s, to);
	if (a->extra != 0) {
		linetab(&l, INDENT + 2);
		amount(&l, INKWARN, a->extra, a->total);
		lineput(&l, INKWARN, "  minus: more than there is");
		lineend(&l, to);
	}
	totalrow(a, to);
	gap(f, to);
}

static void
storerow(const Store *s, const Teller *to)
{
	char size[SIZETEXT];
	char used[SIZETEXT];
	char free[SIZETEXT];
	Cells l = {.n = 0};
	size_t n = 0;

	lineput(&l, INKPLAIN, "  %-18s%s  %s  %s", s->name,
	    sizetext(size, s->size), sizetext(used, s->used),
	    sizetext(free, s->size - s->used));
	linetab(&l, USEDCOL);
	if (s->used != 0)
		n = MAX(s->used * USEDCELLS / s->size, 1ull);
	linefill(&l, INKCYAN, '#', n);
	if (s->size != 0)
		linefill(&l, INKDIM, '.', USEDCELLS - n);
	else
		lineput(&l, INKDIM, "nobody has asked for any");
	lineend(&l, to);
}

void
storymemory(const Facts *f, const Teller *to)
{
	Cells l = {.n = 0};

	lineput(&l, INKHEAD, "The kernel's memory ");
	lineput(&l, INKDIM, "   size     used     free");
	if (!f->brief) {
		linetab(&l, USEDCOL);
		lineput(&l, INKDIM, "malloc's is part of the others");
	}
	lineend(&l, to);
	for (size_t i = 0; i < f->nstore; i++)
		if (!f->brief || !f->store[i].within)
			storerow(&f->store[i], to);
	gap(f, to);
}

/* Row number row of what stands beside the large letters. */
static void
beside(Cells *l, const Ending *e, unsigned row)
{
	uint64_t tenths = e->us / 100000;

	if (row == 0 && e->why != NULL)
		lineput(l, INKBAD, "FAIL: %s", e->why);
	else if (row == 0 && e->failed > 0)
		lineput(l, INKBAD, "FAIL: %zu check%s failed", e->failed,
		    e->failed == 1 ? "" : "s");
	else if (row == 0)
		lineput(l, INKGOOD, "PASS: nothing failed");
	if (e->broken)
		return;
	if (row == 1)
		lineput(l, INKPLAIN, "%zu check%s passed", e->passed,
		    e->passed == 1 ? "" : "s");
	if (row == 1 && e->skipped > 0)
		lineput(l, INKPLAIN, ", %zu skipped", e->skipped);
	if (row == 2)
		lineput(l, INKPLAIN, "in %ju.%ju s", (uintmax_t)tenths / 10,
		    (uintmax_t)tenths % 10);
	if (row == 3 && e->saves)
		lineput(l, INKHEAD, "reset%s to save the report",
		    e->key ? " (R)" : "");
	if (row == 4 && e->more != NULL)
		lineput(l, INKDIM, "%s", e->more);
}

void
storyend(const Ending *e, const Teller *to)
{
	bool failed = e->failed > 0 || e->why != NULL;
	const char *word = failed ? "FAIL" : "PASS";
	Cells l = {.n = 0};

	if (e->broken && to->rows < BROKENROWS) {
		lineput(&l, INKBAD, "FAIL: %s", e->why);
		lineend(&l, to);
		return;
	}
	blank(to);
	if (!failed && e->passed == 0) {
		lineput(&l, INKWARN, "Nothing was checked.");
		lineend(&l, to);
		return;
	}
	unsigned scale = bigscale(to, BIGLETTERS);
	for (unsigned row = 0; row < BIGROWS * scale; row++) {
		linetab(&l, INDENT);
		bigrow(&l, failed ? INKRED : INKGREEN, word, scale, row);
		linetab(&l, INDENT + bigwidth(scale, BIGLETTERS) + INDENT);
		beside(&l, e, row);
		lineend(&l, to);
	}
	blank(to);
}

/* Lines that were written; a Sink has nowhere else to count them. */
static size_t nlines;

static void
countlines(const char *s, size_t n)
{
	for (size_t i = 0; i < n; i++)
		nlines += s[i] == '\n';
}

/* Does all of it stay on the screen, with what comes after it? */
static bool
fits(const Facts *f, const Teller *to)
{
	const Teller counter = {.write = countlines, .cols = to->cols};

	nlines = BIGROWS * bigscale(to, BIGLETTERS) + ENDROWS;
	storyall(f, &counter);
	return nlines <= to->rows;
}

void
storyall(const Facts *f, const Teller *to)
{
	storymachine(f, to);
	storymemory(f, to);
	storychecks(f, to);
}

bool
storyshown(const Facts *f, const Teller *to)
{
	Facts shown = *f;

	shown.brief = to->rows != 0 && !to->pages && !fits(f, to);
	storyall(&shown, to);
	return !shown.brief;
}
