/*
 * savedmap.h - the maps of tests/maps, read by replay, and numbers by chance.
 */
#ifndef SAVEDMAP_H
#define SAVEDMAP_H

#include "unit.h"
#include "../../tools/replay/replay.h"

#include <glob.h>

enum { NMAPS = 53 };

static uint64_t seed = 9;

static inline uint64_t
rnd(uint64_t below)
{
	seed = seed * 6364136223846793005 + 1442695040888963407;
	return (uint64_t)(((unsigned __int128)seed * below) >> 64);
}

/* The map of a file; lists and text are to be freed. */
static inline Map *
savedmap(const char *name, Lists *ls, Text *t)
{
	static uint8_t bytes[1 << 16];
	FILE *f = fopen(name, "r");
	Map why = {0};
	Map *m = NULL;

	assert_non_null(f);
	size_t n = fread(bytes, 1, sizeof bytes, f);

	fclose(f);
	assert_int_equal(textread(t, &why, bytes, n), 0);
	if (listsread(ls, t, &why) < 0 || mapread(&m, ls, t, 0, &why) < 0)
		fail_msg("%s:%zu: %s", name, why.lineno, why.why);
	return m;
}

/* All of them, one after the other. */
static inline void
savedmaps(void (*fn)(Map *m))
{
	glob_t files;

	assert_int_equal(glob("tests/maps/*.map", 0, NULL, &files), 0);
	assert_true(files.gl_pathc >= NMAPS);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		Lists ls;
		Text t;

		fn(savedmap(files.gl_pathv[i], &ls, &t));
		listsfree(&ls);
		textfree(&t);
	}
	globfree(&files);
}

#endif
