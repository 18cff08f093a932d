/*
 * file.c - a file, what is in it, and what is said when that is no map.
 */
#include "replay.h"

#include <errno.h>
#include <stdlib.h>
#include <string.h>

enum { BLOCK = 1 << 16 };

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

int
filefailed(const File *f, const Map *why)
{
	fflush(stdout);
	fprintf(stderr, "replay: %s:%zu: %s\n", f->name, why->lineno, why->why);
	return -1;
}

int
fileread(File *f, const char *name)
{
	Map why = {0};
	size_t n = 0;

	*f = (File){.name = name, .bytes = slurp(name, &n)};
	if (f->bytes == NULL) {
		mapfail(&why, "%s", strerror(errno));
		return filefailed(f, &why);
	}
	if (textread(&f->t, &why, f->bytes, n) < 0)
		return filefailed(f, &why);
	return listsread(&f->ls, &f->t, &why) < 0 ? filefailed(f, &why) : 0;
}

void
filenotes(const File *f)
{
	const Map *m = f->m;

	for (size_t i = 0; i < MIN(m->nnote, NOTES); i++)
		fprintf(stderr, "replay: %s:%zu: note: %s\n", f->name, m->first,
		    m->note[i]);
	if (m->nnote > NOTES)
		fprintf(stderr, "replay: %s:%zu: note: and %zu more note%s\n",
		    f->name, m->first, m->nnote - NOTES,
		    m->nnote - NOTES == 1 ? "" : "s");
	if (f->unasked && f->ls.nmap > 1)
		fprintf(stderr,
		    "replay: %s: -l lists them, -n N takes another\n", f->name);
}

int
filemap(File *f, size_t n)
{
	Map why = {0};

	f->unasked = n == 0;
	return mapread(&f->m, &f->ls, &f->t, n, &why) < 0 ? filefailed(f, &why)
							  : 0;
}

void
fileclose(File *f)
{
	listsfree(&f->ls);
	textfree(&f->t);
	free(f->bytes);
}
