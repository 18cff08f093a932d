/*
 * diff.c - `mem9 diff': firmware's map now beside one that was saved before, in
 * whatever form: what a hibernated system would trip over.
 *
 *	FILE --userfile--> bytes --forms/--> map --+
 *					           mapdiff (kern/)
 *	firmware's map, taken before all that -----+
 *
 * Programs get a line for each change. People get a table of the regions, and
 * for RAM that only changed its owner a sum, or with -a rows, too.
 */
#include "commands.h"
#include "cpu.h"
#include "few.h"
#include "firmware.h"
#include "hooks.h"
#include "mapside.h"
#include "shellmap.h"
#include "sizetext.h"
#include "userfile.h"

/* Longer is no file with a map that anybody has: a whole log may be. */
enum { MOSTFILE = 4 * 1024 * 1024 };
enum { TYPECOL = 7, RANGECOL = 20, SIZECOL = 54 };

typedef struct Show Show;
typedef struct Saved Saved;

/* The file, as far as it is read, and the map in it. */
struct Saved {
	Userfile file;
	Text text;
	Lists lists;
	Map *map;
	Mapside side;
};

/* Who sees the changes. */
struct Show {
	const Teller *to; /* NULL: programs alone */
	bool owners;      /* each of those is a row */
	bool begun;       /* there is a heading */
	size_t nowner;
	uint64_t owned; /* bytes that only changed owner */
};

static int
refused(const char *name, const Map *why)
{
	print("mem9: %s:%zu: %s: nothing is compared\n", name, why->lineno,
	    why->why);
	return why->starved ? SHELLNOMEMORY : SHELLINVALID;
}

static void
notes(const char *name, const Map *m)
{
	for (size_t i = 0; i < MIN(m->nnote, NOTES); i++)
		print("mem9: %s:%zu: note: %s\n", name, m->first, m->note[i]);
	if (m->nnote > NOTES)
		print("mem9: %s:%zu: note: and %zu more note%s\n", name,
		    m->first, m->nnote - NOTES, plural(m->nnote - NOTES));
}

/* SHELLOK, or it was said what is wrong with the file. */
static int
readsaved(const Options *o, Saved *s)
{
	static Map why; /* large */
	const char *name = o->diff;
	const char *no = userfile(&s->file, name, o->shell, MOSTFILE);

	if (no != NULL) {
		print("mem9: %s: %s: nothing is compared\n", name, no);
		return SHELLINVALID;
	}
	memset(&why, 0, sizeof why);
	if (textread(&s->text, &why, s->file.bytes, s->file.n) < 0 ||
	    listsread(&s->lists, &s->text, &why) < 0 ||
	    mapread(&s->map, &s->lists, &s->text, 0, &why) < 0)
		return refused(name, &why);
	if (mapside(s->map, &s->side) < 0)
		return refused(name, s->map);
	notes(name, s->map);
	return SHELLOK;
}

static void
freesaved(Saved *s)
{
	formsfree(s->side.extent);
	listsfree(&s->lists);
	textfree(&s->text);
	fwfree(s->file.bytes);
}

/* False if there is no memory. */
static bool
liveside(const Rawmap *m, Mapside *s)
{
	Efimap map = efimapof(m);
	size_t n = efimapcount(&map);

	*s = (Mapside){.view = VIEWEFI};
	s->extent = formstake((n + 1) * sizeof *s->extent);
	for (size_t i = 0; s->extent != NULL && i < n; i++) {
		Efidesc d = efimapdesc(&map, i);

		sidepages(s, &d);
	}
	return s->extent != NULL;
}

static void
puttype(Cells *l, const Mapchange *c, uint32_t type)
{
	const char *name = changetypename(c, type, shelltype);

	if (name != NULL)
		lineput(l, INKPLAIN, "%s", name);
	else
		lineput(l, INKPLAIN, "%08X", (unsigned)type);
}

static void
heading(Show *s)
{
	Cells l = {.n = 0};

	if (s->begun)
		return;
	s->begun = true;
	lineput(&l, INKHEAD, "Change");
	linetab(&l, TYPECOL);
	lineput(&l, INKHEAD, "Type");
	linetab(&l, RANGECOL);
	lineput(&l, INKHEAD, "Start            End");
	linetab(&l, SIZECOL);
	lineput(&l, INKHEAD, "   Size  How");
	lineend(&l, s->to);
}

/* By how much, or from whom. */
static void
puthow(Cells *l, const Mapchange *c)
{
	bool up = c->now.pa > c->was.pa;
	char text[SIZETEXT];

	switch (c->kind) {
	case CHANGEMOVED:
		lineput(l, INKPLAIN, "  %s %s", up ? "up" : "down",
		    sizeword(text,
			up ? c->now.pa - c->was.pa : c->was.pa - c->now.pa));
		break;
	case CHANGEGROWN:
	case CHANGESHRUNK:
		lineput(l, INKPLAIN, "  was %s",
		    sizeword(text, extentsize(&c->was)));
		break;
	case CHANGEATTR:
		lineput(l, INKPLAIN, "  %jX, was %jX", (uintmax_t)c->now.attr,
		    (uintmax_t)c->was.attr);
		break;
	case CHANGEOWNER:
		lineput(l, INKPLAIN, "  was ");
		puttype(l, c, c->was.type);
		break;
	default:
		break;
	}
}

static void
row(Show *s, const Mapchange *c)
{
	char text[SIZETEXT];
	Cells l = {.n = 0};

	heading(s);
	lineput(&l, c->kind == CHANGEOWNER ? INKDIM : INKBAD, "%s",
	    changekindname(c->kind));
	linetab(&l, TYPECOL);
	puttype(&l, c, c->now.type);
	linetab(&l, RANGECOL);
	lineput(&l, INKPLAIN, "%016jX-%016jX %s", c->now.pa, c->now.end - 1,
	    sizetext(text, extentsize(&c->now)));
	puthow(&l, c);
	lineend(&l, s->to);
}

static void
show(void *arg, const Mapchange *c)
{
	Show *s = arg;

	mapchangeprint(c);
	if (c->kind == CHANGEOWNER) {
		s->nowner++;
		s->owned += extentsize(&c->now);
	}
	if (s->to != NULL && (c->kind != CHANGEOWNER || s->owners))
		row(s, c);
}

/* What needs no row each: who owns RAM concerns no operating system. */
static void
ownersum(const Show *s)
{
	char text[SIZETEXT];
	Cells l = {.n = 0};

	if (s->to == NULL || s->nowner == 0 || s->owners)
		return;
	lineput(&l, INKDIM,
	    "%zu %s of RAM, %s, only changed owner (mem9 diff "
	    "-a shows them)",
	    s->nowner, s->nowner == 1 ? "piece" : "pieces",
	    sizeword(text, s->owned));
	lineend(&l, s->to);
}

static int
compare(const Options *o, Mapside *was, Mapside *now)
{
	static Show s; /* as of the last */
	Mapdiff d;
	void *work = fwtake(mapdiffneed(was->n, now->n));

	if (work == NULL) {
		print("mem9: no memory to compare %zu and %zu entries\n",
		    was->n, now->n);
		return SHELLNOMEMORY;
	}
	s = (Show){.to = o->verbose ? NULL : consoleteller(), .owners = o->all};
	mapdiff(&d, was, now, work, show, &s);
	fwfree(work);
	ownersum(&s);
	mapdiffprint(&d);
	print("%s\n", mapdiffwords(&d));
	return mapdiffsame(&d) ? SHELLOK : SHELLERROR;
}

/* The map is taken first: what is read afterwards is in none of it. */
int
diffcommand(const Options *o)
{
	static Saved saved;
	Mapside now = {.n = 0};
	Rawmap m;

	cpuidentify();
	if (!getmap(&m))
		return SHELLDEVICEERROR;
	memset(&saved, 0, sizeof saved);
	int status = readsaved(o, &saved);
	if (status == SHELLOK && !liveside(&m, &now)) {
		print("mem9: no memory for a copy of firmware's map\n");
		status = SHELLNOMEMORY;
	}
	if (status == SHELLOK)
		status = compare(o, &saved.side, &now);
	formsfree(now.extent);
	freesaved(&saved);
	fwfree(m.desc);
	return status;
}
