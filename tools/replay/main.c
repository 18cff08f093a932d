/*
 * main.c - what mem9 would make of a saved memory map.
 *
 *	replay FILE
 *
 * Prints the lines mem9 prints for it, "mem9: odd", "memmap", "total" and
 * "bank", as if the whole machine were free and its physical addresses 52 bits
 * wide. Exit 1, and a line "replay: FILE:LINE: reason", if FILE holds no map
 * or a damaged one.
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

	stagedone(SMACH);
	memmapinit(table, need);
	if (mapfeed(m, PHYSBITS) < 0)
		return -1;
	memmapdump();
	memmapprinttotal();
	stagedone(SMEMINIT0);
	stagedone(SMMU);
	meminit();
	stagedone(SMEM);
	confinit(0, 0);
	confprintbanks();
	free(table);
	return 0;
}

int
main(int argc, char **argv)
{
	Map m = {0};
	Text t;
	size_t n;

	if (argc != 2) {
		fprintf(stderr, "usage: replay FILE\n");
		return 1;
	}
	uint8_t *bytes = slurp(argv[1], &n);

	if (bytes == NULL) {
		fprintf(stderr, "replay: %s:0: %s\n", argv[1], strerror(errno));
		return 1;
	}
	if (textread(&t, &m, bytes, n) < 0 || mapread(&m, &t) < 0 ||
	    run(&m) < 0) {
		fprintf(
		    stderr, "replay: %s:%zu: %s\n", argv[1], m.lineno, m.why);
		return 1;
	}
	mapfree(&m);
	textfree(&t);
	free(bytes);
	return 0;
}
