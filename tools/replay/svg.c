/*
 * svg.c - the memmap as a picture: kern/monitor/picture.c says how many cells a
 *range has, here they are drawn, row by row.
 *
 *	0x0		[][      ][][                  ]
 *	0x3fd0c000	[                       ][][][ ]
 *
 * needs: kern/monitor/picture.c tools/replay/markup.c
 */
#include "markup.h"
#include "memmap.h"
#include "picture.h"

typedef struct Drawing Drawing;

enum {
	COLUMNS = 64,
	CELLS = 16 * COLUMNS, /* at least */
	CELL = 12,            /* wide and high */
	ROWHIGH = 15,
	LABELWIDE = 132, /* what stands left of a row */
	EDGE = 12,
	WIDTH = LABELWIDE + COLUMNS * CELL + EDGE,
	LEGEND = 22, /* a line of it */
};

struct Drawing {
	FILE *f;
	Picture p;
	size_t at; /* the next cell */
	size_t nrange[NMEMTYPE + 1];
	uint64_t size[NMEMTYPE + 1];
};

const Shown shown[NMEMTYPE + 1] = {
    [MemUPA] = {"hole", "nothing", "no memory: free for devices"},
    [MemUMB] = {"umb", "upper memory", "below 16 MiB, free for devices"},
    [MemRAM] = {"ram", "RAM", "for the kernel and its programs"},
    [MemACPI] = {"acpi", "ACPI", "RAM once its tables have been read"},
    [MemReserved] = {"kept", "reserved", "firmware's and devices': hands off"},
    [NMEMTYPE] = {"gap", "unnamed", "firmware says nothing of it"},
};

static const char style[] =
    "<style>\n"
    "svg{background:#fff}.paper{fill:#fff}.ink,.small{fill:#1d2330}\n"
    ".ink{font:14px sans-serif}.small{font:11px monospace}\n"
    ".ram{fill:#1f8a5b}.acpi{fill:#d99a00}.kept{fill:#b8394b}\n"
    ".umb{fill:#5b63c4}.hole{fill:#c9cdd6}.gap{fill:#e6e8ee}\n"
    "@media (prefers-color-scheme:dark){\n"
    "svg{background:#14171f}.paper{fill:#14171f}.ink,.small{fill:#dfe3ec}\n"
    ".ram{fill:#3fbf8a}.acpi{fill:#f0bb45}.kept{fill:#e2606f}\n"
    ".umb{fill:#949bf0}.hole{fill:#4a5160}.gap{fill:#2b303b}\n"
    "}\n"
    "</style>\n";

static size_t
rowy(size_t row)
{
	return EDGE + row * ROWHIGH;
}

/* The address where a row begins that is so many cells into a stripe. */
static void
putlabel(FILE *f, size_t row, const Stripe *stripe, size_t cell)
{
	uint64_t npages = (stripe->end - stripe->pa) / BY2PG;
	paddr_t pa = stripe->pa + npages * cell / stripe->ncell * BY2PG;

	fprintf(f, "<text class=\"small\" x=\"%d\" y=\"%zu\">0x%jx</text>\n",
	    EDGE, rowy(row) + CELL - 2, (uintmax_t)pa);
}

static void
puttitle(FILE *f, const Stripe *stripe)
{
	fprintf(f, "<title>%s 0x%jx - 0x%jx, ", shown[stripe->type].name,
	    (uintmax_t)stripe->pa, (uintmax_t)stripe->end - 1);
	putsize(f, stripe->end - stripe->pa);
	fputs("</title>\n", f);
}

/* A stripe, a piece in each row that it touches. */
static void
drawstripe(void *arg, const Stripe *stripe)
{
	Drawing *d = arg;
	size_t done = 0;

	fprintf(d->f, "<g class=\"%s\">", shown[stripe->type].class);
	puttitle(d->f, stripe);
	while (done < stripe->ncell) {
		size_t column = d->at % COLUMNS;
		size_t n = MIN(stripe->ncell - done, COLUMNS - column);

		if (column == 0)
			putlabel(d->f, d->at / COLUMNS, stripe, done);
		fprintf(d->f,
		    "<rect x=\"%zu\" y=\"%zu\" width=\"%zu\" height=\"%d\"/>\n",
		    LABELWIDE + column * CELL, rowy(d->at / COLUMNS),
		    n * CELL - 1, CELL);
		done += n;
		d->at += n;
	}
	fputs("</g>\n", d->f);
}

/* A line of the legend, if there is anything of this type. */
static bool
putlegend(const Drawing *d, int type, size_t y)
{
	const Shown *s = &shown[type];

	if (d->nrange[type] == 0)
		return false;
	fprintf(d->f,
	    "<rect class=\"%s\" x=\"%d\" y=\"%zu\" width=\"%d\" "
	    "height=\"%d\"/>\n<text class=\"ink\" x=\"%d\" y=\"%zu\">%s: ",
	    s->class, EDGE, y, 2 * CELL, CELL, EDGE + 3 * CELL, y + CELL - 1,
	    s->name);
	putsize(d->f, d->size[type]);
	fprintf(d->f, " in %zu %s (%s)</text>\n", d->nrange[type],
	    d->nrange[type] == 1 ? "range" : "ranges", s->what);
	return true;
}

/* What the size of a range on the picture means. */
static void
putscale(const Drawing *d, size_t y)
{
	static const char *const of[] = {"RAM", "reserved memory"};
	const char *and = "A cell is about ";

	fprintf(d->f, "<text class=\"ink\" x=\"%d\" y=\"%zu\">", EDGE, y);
	for (int s = SCALERAM; s <= SCALEREST; s++) {
		size_t cell = picturecell(&d->p, (enum scale)s);

		if (cell == 0)
			continue;
		fputs(and, d->f);
		putsize(d->f, cell);
		fprintf(d->f, " of %s", of[s]);
		and = ", ";
	}
	fprintf(d->f,
	    "</text>\n<text class=\"ink\" x=\"%d\" y=\"%zu\">Each range has "
	    "one at least; where there is no memory it is one, whatever the "
	    "size</text>\n",
	    EDGE, y + LEGEND);
}

static void
count(void *arg, const Stripe *stripe)
{
	Drawing *d = arg;

	d->nrange[stripe->type]++;
	d->size[stripe->type] += stripe->end - stripe->pa;
}

/* So many cells that the small ones do not take them all. */
static size_t
cells(Drawing *d)
{
	picturememmap(&d->p, 0, count, d);
	return ROUNDUP(MAX(2 * d->p.nrange, CELLS), COLUMNS);
}

/* In the order of importance. */
static void
putlegends(const Drawing *d, size_t y)
{
	static const int types[] = {
	    MemRAM, MemACPI, MemReserved, MemUMB, MemUPA, NMEMTYPE};

	for (size_t i = 0; i < nelem(types); i++)
		if (putlegend(d, types[i], y))
			y += LEGEND;
	putscale(d, y + CELL);
}

void
putsvg(FILE *f, const char *title)
{
	Drawing d = {.f = f};
	size_t ncell = cells(&d);
	size_t end = rowy(ncell / COLUMNS) + EDGE;
	size_t height = end + 3 * LEGEND;

	for (int type = 0; type <= NMEMTYPE; type++)
		height += d.nrange[type] > 0 ? LEGEND : 0;
	fprintf(f,
	    "<svg xmlns=\"http://www.w3.org/2000/svg\" "
	    "viewBox=\"0 0 %d %zu\" role=\"img\">\n<title>Memory: ",
	    WIDTH, height);
	puttext(f, title);
	fprintf(f,
	    "</title>\n%s<rect class=\"paper\" x=\"0\" y=\"0\" width=\"%d\" "
	    "height=\"%zu\"/>\n",
	    style, WIDTH, height);
	picturememmap(&d.p, ncell, drawstripe, &d);
	putlegends(&d, end);
	fputs("</svg>\n", f);
}
