/*
 * replay.h - reading a memory map out of whatever text it was saved in.
 *
 *	file --text--> lines --kind--> entries --feed--> memmap
 */
#ifndef REPLAY_H
#define REPLAY_H

#include "types.h"

typedef struct Entry Entry;
typedef struct Kind Kind;
typedef struct Map Map;
typedef struct Text Text;

/* The file as lines without their ends, each a C string. */
struct Text {
	char *chars;
	char **line;
	size_t nline;
};

/* One entry: an EFI descriptor, or an e820 range if npages is not used. */
struct Entry {
	uint32_t type;
	uint64_t base;
	uint64_t npages; /* efi */
	uint64_t attr;   /* efi */
	uint64_t end;    /* e820, exclusive */
};

/* What is read so far, and what is wrong where (from 1) when reading fails. */
struct Map {
	const Kind *kind;
	Entry *entry;
	size_t nentry;
	size_t maxentry;
	const char *e820; /* a *e820= line: its value, instead of entries */
	size_t lineno;
	bool ended; /* a line of something else came after the entries */
	bool over;  /* what follows is not of this map any more */
	char why[160];
};

/*
 * A form a map can be saved in. ours() recognises a line that belongs to it,
 * even a damaged one; read() takes every line from the first of those on, and
 * returns -1 with m->why if it is damaged.
 */
struct Kind {
	const char *name;
	bool efi;
	bool (*ours)(const char *line);
	int (*read)(Map *m, const char *line);
};

extern const Kind mem9log, linuxefi, linuxe820, shelltable, shellsfo, mapsefi,
    mapse820, plan9ini;

/* ASCII or UTF-16 text to lines; -1, and m->why, if it is neither. */
int textread(Text *t, Map *m, const uint8_t *bytes, size_t n);
void textfree(Text *t);

/* Find out which kind it is and read it all; -1 and m->why, m->lineno. */
int mapread(Map *m, const Text *t);

/* Read it all as this kind. */
int mapreadas(Map *m, const Text *t, const Kind *kind);
void mapfree(Map *m);

/* The entries into the memmap, which must be empty; -1 and m->why. */
int mapfeed(Map *m, int physbits);

/*
 * For the kinds: add an entry; fail with a reason, returning -1. mapaddrow is
 * for lists whose lines stand together: one that stands alone below is the
 * start of the same list once more, and the end, or belongs to a list whose
 * middle is damaged.
 */
int mapadd(Map *m, Entry e);
int mapaddrow(Map *m, Entry e);
int mapotherline(Map *m);
bool entrysame(const Entry *a, const Entry *b);
int mapfail(Map *m, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * Scanning. Each steps *s over what it found, or leaves *s alone and returns
 * false. scanhex takes an optional 0x.
 */
bool scanword(const char **s, const char *word);
bool scanhex(const char **s, uint64_t *n);
bool scandec(const char **s, uint64_t *n);
void scanblanks(const char **s);

/* Nothing but blanks is left. */
bool scanend(const char *s);

#endif
