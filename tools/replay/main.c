/*
 * main.c - what mem9 would make of a saved memory map.
 *
 *	replay [-l] [-n N] FILE
 *
 * Prints the lines mem9 prints for it, "mem9: odd", "memmap", "total" and
 * "bank", as if the whole machine were free and its physical addresses 52 bits
 * wide; and "mem9: avoid", for GRUB and Linux, of what must not be used.
 *
 * A file can hold several maps: -l lists them, -n takes one; without it the
 * first is taken. What is odd about the text but does not hinder is noted,
 * "replay: FILE:LINE: note: ...". Exit 1, and a line "replay: FILE:LINE:
 * reason", if FILE holds no map or a damaged one.
 */
#include "replay.h"
#include "conf.h"
#include "hooks.h"
#include "memmap.h"
#include "stage.h"

#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <errno.h>

enum { PHYSBITS = 52, BLOCK = 1 << 16 };

/* The whole file, or NULL and errno. */
static uint8_t *
slurp(const char *name, size_t *n)
{
	FILE *f = fopen(name, "rb");
	uint8_t *bytes = NULL;
	size_t got = 1;

	if (f == NULL)
		return NULL;
	errno = 0;
	for (*n = 0; got > 0; *n += got) {
		bytes = realloc(bytes, *n + BLOCK);
		got = fread(bytes + *n, 1, BLOCK, f);
	}
	if (ferror(f)) {
		free(bytes);
		bytes = NULL;
	}
	fclose(f);
	return bytes;
}

/* How many entries there can be: a *e820= line has one in four characters. */
static size_t
entries(const Map *m)
{
	return m->e820 != NULL ? strlen(m->e820) / 4 + 1 : m->nentry;
}

/* As main() of the machine does it, with nothing taken. */
static int
run(Map *m)
{
	size_t need = memmapneed(entries(m));
	void *table = malloc(need);
	int result;

	stagedone(SMACH);
	memmapinit(table, need);
	result = mapfeed(m, PHYSBITS);
	if (result == 0) {
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
	free(table);
	return result;
}

static int
failed(const char *name, const Map *m)
{
	fflush(stdout);
	fprintf(stderr, "replay: %s:%zu: %s\n", name, m->lineno, m->why);
	return 1;
}

static void
notes(const char *name, const Map *m)
{
	for (size_t i = 0; i < MIN(m->nnote, NOTES); i++)
		fprintf(stderr, "replay: %s:%zu: note: %s\n", name, m->first,
		    m->note[i]);
	if (m->nnote > NOTES)
		fprintf(stderr, "replay: %s:%zu: note: and %zu more notes\n",
		    name, m->first, m->nnote - NOTES);
}

/* The maps, a line each, and below each what else of it is in the text. */
static void
list(const Lists *ls)
{
	for (size_t i = 0; i < ls->nlist; i++) {
		const List *l = &ls->list[i];

		if (l->map == 0)
			continue;
		printf("%s n=%zu line=%zu entries=%zu form=\"%s\"%s%s%s\n",
		    l->main ? "map" : "also", l->map, l->m.first, l->m.nentry,
		    l->m.form->name, l->bad ? " damaged=\"" : "",
		    l->bad ? l->m.why : "", l->bad ? "\"" : "");
	}
}

/* Do what is asked with the text of this file. */
static int
replay(const char *name, const Text *t, bool listing, size_t n)
{
	Lists ls;
	Map why = {0};
	Map *m;
	int result = 0;

	listsread(&ls, t);
	if (listing && ls.nmap > 0)
		list(&ls);
	else if (mapread(&m, &ls, t, n, &why) < 0)
		result = failed(name, &why);
	else {
		notes(name, m);
		if (run(m) < 0)
			result = failed(name, m);
	}
	listsfree(&ls);
	return result;
}

static int
usage(void)
{
	fprintf(stderr,
	    "usage: replay [-l] [-n N] FILE\n"
	    "What mem9 makes of a saved memory map.\n"
	    "	-l	list the maps in FILE\n"
	    "	-n N	take the Nth of them, not the first\n"
	    "Read are, with time stamps, colours, quoting and indentation:\n");
	for (size_t i = 0; i < nforms; i++)
		fprintf(stderr, "	%s\n", forms[i]->name);
	return 1;
}

int
main(int argc, char **argv)
{
	Map why = {0};
	Text t;
	size_t n = 0;
	uint64_t which = 0;
	int listing = argc > 2 && strcmp(argv[1], "-l") == 0;
	int numbered = argc > 3 && strcmp(argv[1], "-n") == 0;
	const char *number = argv[numbered ? 2 : 0];

	if (argc != 2 + listing + 2 * numbered || argv[argc - 1][0] == '-' ||
	    (numbered &&
		(!scandec(&number, &which) || *number != '\0' || which == 0)))
		return usage();

	const char *name = argv[argc - 1];
	uint8_t *bytes = slurp(name, &n);

	if (bytes == NULL) {
		mapfail(&why, "%s", strerror(errno));
		return failed(name, &why);
	}
	int result = textread(&t, &why, bytes, n) < 0
			 ? failed(name, &why)
			 : replay(name, &t, listing, which);

	textfree(&t);
	free(bytes);
	return result;
}
