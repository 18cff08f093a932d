/*
 * map.c - which kind of text this is, its entries, and those into the memmap.
 *
 * needs: tools/replay/scan.c tools/replay/mem9.c tools/replay/linux.c
 * needs: tools/replay/shell.c
 */
#include "replay.h"
#include "e820.h"
#include "efimap.h"

#include <stdarg.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/*
 * A text may hold lines of two kinds where one explains the other: a Linux
 * log prints the e820 map it made of the EFI map, and a mem9 log can hold the
 * line for plan9.ini. The earlier in this list is the firmware's own.
 */
static const Kind *const kinds[] = {
    &mem9log,
    &linuxefi,
    &linuxe820,
    &shelltable,
    &shellsfo,
    &mapsefi,
    &mapse820,
    &plan9ini,
};

int
mapfail(Map *m, const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(m->why, sizeof m->why, fmt, ap);
	va_end(ap);
	return -1;
}

int
mapadd(Map *m, Entry e)
{
	if (m->nentry == m->maxentry) {
		m->maxentry = m->maxentry == 0 ? 64 : 2 * m->maxentry;
		m->entry = realloc(m->entry, m->maxentry * sizeof e);
	}
	m->entry[m->nentry++] = e;
	return 0;
}

bool
entrysame(const Entry *a, const Entry *b)
{
	return a->type == b->type && a->base == b->base &&
	       a->npages == b->npages && a->attr == b->attr && a->end == b->end;
}

int
mapaddrow(Map *m, Entry e)
{
	if (!m->ended)
		return mapadd(m, e);
	if (!entrysame(&e, &m->entry[0]))
		return mapfail(m, "the list has a gap before this line");
	m->over = true;
	return 0;
}

int
mapotherline(Map *m)
{
	m->ended = m->nentry > 0;
	return 0;
}

void
mapfree(Map *m)
{
	free(m->entry);
}

/* The number of the first line of this kind, from 1, or 0. */
static size_t
firstline(const Text *t, const Kind *kind)
{
	for (size_t i = 0; i < t->nline; i++)
		if (kind->ours(t->line[i]))
			return i + 1;
	return 0;
}

static bool
maycontain(const Kind *outer, const Kind *inner)
{
	return (outer == &linuxefi && inner == &linuxe820) ||
	       (outer == &mem9log && inner == &plan9ini);
}

int
mapreadas(Map *m, const Text *t, const Kind *kind)
{
	size_t first = firstline(t, kind);

	m->kind = kind;
	if (first == 0) {
		m->lineno = MAX(t->nline, 1);
		return mapfail(m, "no memory map found");
	}
	for (size_t i = first - 1; i < t->nline && !m->over; i++) {
		m->lineno = i + 1;
		if (kind->read(m, t->line[i]) < 0)
			return -1;
	}
	if (m->nentry == 0 && m->e820 == NULL)
		return mapfail(m, "no entry in this map");
	return 0;
}

int
mapread(Map *m, const Text *t)
{
	const Kind *found = NULL;
	size_t foundline = 0;

	for (size_t i = 0; i < nelem(kinds); i++) {
		size_t line = firstline(t, kinds[i]);

		if (line == 0 || (found != NULL && maycontain(found, kinds[i])))
			continue;
		if (found != NULL) {
			m->lineno = line;
			return mapfail(m, "%s, but line %zu is %s",
			    kinds[i]->name, foundline, found->name);
		}
		found = kinds[i];
		foundline = line;
	}
	if (found == NULL) {
		m->lineno = MAX(t->nline, 1);
		return mapfail(m, "no memory map found");
	}
	return mapreadas(m, t, found);
}

/* The descriptor as firmware would lay it out. */
typedef struct Rawdesc Rawdesc;
struct Rawdesc {
	uint32_t type;
	uint32_t pad;
	uint64_t base;
	uint64_t virtual;
	uint64_t npages;
	uint64_t attr;
	uint64_t more; /* real ones are longer than the fields, too */
};

static int
feedefi(const Map *m, int physbits)
{
	Rawdesc *raw = calloc(m->nentry, sizeof *raw);
	Efimap map = {
	    raw, m->nentry * sizeof *raw, sizeof *raw, physbits, 0, 0};

	for (size_t i = 0; i < m->nentry; i++) {
		raw[i].type = m->entry[i].type;
		raw[i].base = m->entry[i].base;
		raw[i].npages = m->entry[i].npages;
		raw[i].attr = m->entry[i].attr;
	}
	int result = efimapadd(&map);

	free(raw);
	return result;
}

int
mapfeed(Map *m, int physbits)
{
	Badword bad;

	if (m->kind->efi)
		return feedefi(m, physbits);
	if (m->e820 != NULL) {
		if (e820add(m->e820, physbits, &bad) == 0)
			return 0;
		return mapfail(m, "'%.*s' should be %s", (int)MIN(bad.len, 40),
		    bad.word, bad.want);
	}
	e820begin();
	for (size_t i = 0; i < m->nentry; i++)
		e820range(m->entry[i].type, m->entry[i].base, m->entry[i].end,
		    physbits);
	memmapsettle();
	return 0;
}
