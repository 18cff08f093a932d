/*
 * replaypage.c - any text, and its first line as its name: the page and the
 * picture of its map have known tags alone, whatever it says.
 *
 * needs: efi/forms/map.c tools/replay/feed.c
 * needs: tools/replay/html.c tests/model/tags.c
 */
#include "fuzz.h"
#include "memmap.h"
#include "tags.h"
#include "../../tools/replay/markup.h"

enum { MAXTEXT = 4000, MAXNAME = 200 };

static void
check(const char *s)
{
	if (tagsbad(s) != NULL)
		panic("%s", tagsbad(s));
}

static void
writeboth(const File *f)
{
	static uint64_t table[1 << 16];
	char *picture;
	char *page;
	size_t n;

	memmapinit(table, sizeof table);
	if (mapfeed(f->m, 52) < 0)
		return;
	FILE *to = open_memstream(&picture, &n);

	putsvg(to, f->name);
	fclose(to);
	to = open_memstream(&page, &n);
	puthtml(to, f, picture, hostsaid());
	fclose(to);
	check(picture);
	check(page);
	free(picture);
	free(page);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char name[MAXNAME];
	File f = {.name = name};
	Map why = {0};

	if (size > MAXTEXT)
		return 0;
	hostquiet();
	stage = SMACH;
	snprintf(name, sizeof name, "%.*s",
	    (int)(size > 0 ? strnlen((const char *)data, size) : 0),
	    (const char *)data);
	if (textread(&f.t, &why, data, size) == 0) {
		if (listsread(&f.ls, &f.t, &why) == 0 &&
		    mapread(&f.m, &f.ls, &f.t, 0, &why) == 0)
			writeboth(&f);
		listsfree(&f.ls);
	}
	textfree(&f.t);
	return 0;
}
