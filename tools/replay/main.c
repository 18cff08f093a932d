/*
 * main.c - what mem9 would make of a saved memory map.
 *
 *	replay [-l | -s | -H] [-n N] FILE
 *	replay -d WAS NOW
 *
 * Prints the lines mem9 prints for it, "mem9: odd", "memmap", "total" and
 * "bank", as if the whole machine were free and its physical addresses 52 bits
 * wide; and "mem9: avoid", for GRUB and Linux, of what must not be used.
 *
 * A file can hold several maps: -l lists them, -n takes one; without it the
 * first is taken. What is odd about the text but does not hinder is noted,
 * "replay: FILE:LINE: note: ...". Exit 1, and a line "replay: FILE:LINE:
 * reason", if FILE holds no map or a damaged one.
 *
 * -s writes all memory as a picture (SVG) instead, -H a page (HTML) with the
 * map, banks, totals and the picture, which needs no other file.
 *
 * -d prints what changed from one map to another: exit 0 if nothing did that
 * matters, 1 if something did; 2, and nothing else, if one cannot be read.
 */
#include "markup.h"
#include "conf.h"
#include "hooks.h"
#include "memmap.h"
#include "stage.h"
#include "scantext.h"

#include <stdlib.h>
#include <string.h>
#include <unistd.h>

enum { PHYSBITS = 52 };

typedef struct Asked Asked;

struct Asked {
	int what;    /* the option, or 0 */
	uint64_t n;  /* which map; 0: the first */
	char **file; /* as many as it takes */
};

/* How many entries there can be: a *e820= line has one in four characters. */
static size_t
entries(const Map *m)
{
	return m->e820 != NULL ? strlen(m->e820) / 4 + 1 : m->nentry;
}

/* The memmap of this map, as main() of the machine makes it. */
static int
feed(File *f)
{
	size_t need = memmapneed(entries(f->m));

	stage = SMACH;
	memmapinit(malloc(need), need);
	return mapfeed(f->m, PHYSBITS) < 0 ? filefailed(f, f->m) : 0;
}

/* And its banks, with nothing taken. */
static void
lines(const Map *m)
{
	memmapdump();
	memmapprinttotal();
	stagedone(SMEMINIT0);
	stagedone(SMMU);
	meminit();
	stagedone(SMEM);
	confinit(0, 0);
	confprintbanks();
	mapavoid(m, PHYSBITS);
}

/* Free RAM is no bank yet when the picture is drawn. */
static int
page(File *f)
{
	char *said;
	char *picture;
	size_t n;
	FILE *to = open_memstream(&picture, &n);
	int result;

	printto = open_memstream(&said, &n);
	result = feed(f);
	if (result == 0) {
		putsvg(to, f->name);
		lines(f->m);
	}
	fclose(to);
	fclose(printto);
	if (result == 0)
		puthtml(stdout, f, picture, said);
	free(said);
	free(picture);
	return result;
}

static int
picture(File *f)
{
	printto = NULL;
	if (feed(f) < 0)
		return -1;
	fputs("<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", stdout);
	putsvg(stdout, f->name);
	return 0;
}

/* What is asked of one map. */
static int
show(int what, File *f)
{
	if (what == 'H')
		return page(f);
	if (what == 's')
		return picture(f);
	if (feed(f) < 0)
		return -1;
	lines(f->m);
	return 0;
}

/* The maps, a line each, and below each what else of it is in the text. */
static void
list(const Lists *ls)
{
	for (size_t i = 0; i < ls->nlist; i++) {
		const List *l = ls->list[i];

		if (l->map == 0)
			continue;
		printf("%s n=%zu line=%zu entries=%zu form=\"%s\"%s%s%s\n",
		    l->main ? "map" : "also", l->map, l->m.first, l->m.nentry,
		    l->m.form->name, l->bad ? " damaged=\"" : "",
		    l->bad ? l->m.why : "", l->bad ? "\"" : "");
	}
}

/* Do what is asked with this file. */
static int
replay(const Asked *a)
{
	File f;
	int result = fileread(&f, a->file[0]);

	if (result == 0 && a->what == 'l' && f.ls.nmap > 0)
		list(&f.ls);
	else if (result == 0) {
		result = filemap(&f, a->n);
		if (result == 0) {
			filenotes(&f);
			result = show(a->what, &f);
		}
	}
	fileclose(&f);
	return result < 0;
}

static int
compare(const Asked *a)
{
	File f[2] = {0};
	int result = 0;

	for (int i = 0; i < 2 && result == 0; i++)
		if (fileread(&f[i], a->file[i]) < 0 || filemap(&f[i], 0) < 0)
			result = 2;
	if (result == 0)
		result = diff(&f[0], &f[1]);
	fileclose(&f[0]);
	fileclose(&f[1]);
	return result;
}

static int
usage(int status)
{
	fprintf(stderr,
	    "usage: replay [-l | -s | -H] [-n N] FILE\n"
	    "       replay -d WAS NOW\n"
	    "What mem9 makes of a saved memory map.\n"
	    "	-l	list the maps in FILE\n"
	    "	-n N	take the Nth of them, not the first\n"
	    "	-s	draw a picture of all memory (SVG)\n"
	    "	-H	make a page of it, for reports (HTML)\n"
	    "	-d	show what changed from one map to another\n"
	    "Read are, with time stamps, colours, quoting and indentation:\n");
	for (size_t i = 0; i < nforms; i++)
		fprintf(stderr, "	%s\n", forms[i]->name);
	return status;
}

/* -1 if the words make no sense. */
static int
options(Asked *a, int argc, char **argv)
{
	int c;

	opterr = 0;
	while ((c = getopt(argc, argv, "+ldsHn:")) >= 0) {
		const char *number = optarg;

		if (c == 'n' && a->n == 0) {
			if (!scandec(&number, &a->n) || *number != '\0' ||
			    a->n == 0)
				return -1;
		} else if (c != '?' && c != 'n' && a->what == 0)
			a->what = c;
		else
			return -1;
	}
	a->file = argv + optind;
	if (a->n != 0 && (a->what == 'l' || a->what == 'd'))
		return -1;
	return argc - optind == 1 + (a->what == 'd') ? 0 : -1;
}

int
main(int argc, char **argv)
{
	Asked a = {0};

	printto = stdout;
	if (options(&a, argc, argv) < 0)
		return usage(a.what == 'd' ? 2 : 1);
	return a.what == 'd' ? compare(&a) : replay(&a);
}
