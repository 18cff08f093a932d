/*
 * forms.h - reading a memory map out of whatever text it was saved in.
 *
 *	bytes --text--> lines --form--> lists --lists--> maps
 *
 * A form is one way to write a list down (forms.c has them all). A map is what
 * one boot of one machine said, in one list or in several: of those the one
 * nearest to firmware is used.
 */
#ifndef FORMS_H
#define FORMS_H

#include "types.h"

typedef struct Entry Entry;
typedef struct Form Form;
typedef struct Line Line;
typedef struct List List;
typedef struct Lists Lists;
typedef struct Map Map;
typedef struct Text Text;

/*
 * Whoever reads provides memory, of so many bytes: NULL if there is none. All
 * of it is given back, whatever comes of the reading; NULL is nothing.
 */
void *formstake(size_t size);
void formsfree(void *p);

/* A line without quoting, colours, time stamps and blanks at either end. */
struct Line {
	char *s;
	const char *raw; /* with all but the colours */
	size_t no;       /* in the file, from 1 */
	size_t boot;     /* how many boots began above it, and in it */
	int indent;      /* columns that it was indented by */
	bool xen;        /* "(XEN)" stood before it */
};

struct Text {
	char *chars;
	Line *line;
	size_t nline;
	bool cut; /* the last line has no end */
};

/* One entry: an EFI descriptor, or an e820 range if npages is not used. */
struct Entry {
	uint32_t type;
	uint64_t base;
	uint64_t npages; /* efi */
	uint64_t attr;   /* efi */
	uint64_t end;    /* e820, exclusive */
	unsigned has;    /* of an entry of several lines: which were there */
	uint64_t no;     /* and its number */
	size_t below[2]; /* and those below it, until the list is whole */
};

enum { NOTES = 8, WORDS = 160 };

/* A list as far as it is read, and what is wrong where if that fails. */
struct Map {
	const Form *form;
	Entry *entry;
	size_t nentry;
	size_t maxentry;
	const char *e820;  /* a *e820= line: its value, read by mm/ */
	size_t first;      /* the line of its first entry */
	const Line *start; /* that line */
	size_t last;       /* and of its last one so far */
	const Line *row;   /* the line that was read as an entry last */
	const Line *own;   /* and that was of the list */
	size_t lineno;     /* where what is wrong is */
	size_t boot;
	size_t promised; /* so many entries were announced, if not 0 */
	int depth;       /* how far the last entry was indented; -1: none yet */
	int digits;      /* that its last number had, 0: not known */
	bool headed;     /* its heading was seen */
	bool ended;      /* a line of something else came after the entries */
	bool closed;     /* and so did what ends such a list */
	bool trimmed;    /* its totals are not to be compared */
	bool unsure;     /* its last entry may be cut */
	bool starved;    /* there was no memory for all of it */
	char why[WORDS];
	char note[NOTES][WORDS]; /* what is odd about it, but not wrong */
	size_t nnote;            /* may be more than there is room for */
	Entry *bad;              /* what a scan of RAM found bad */
	size_t nbad;
	size_t maxbad;
};

/* What a line is to a form. */
enum what {
	OTHER, /* nothing */
	OWN,   /* part of it, but without meaning */
	HEAD,  /* begins a list */
	ROW,   /* an entry, even if it is damaged */
	TOTAL  /* follows the entries */
};

/* What else reading a row can give: no entry, or the first of a new list. */
enum { NOENTRY = 1, NEWLIST = 2 };

/*
 * A form a list can be saved in. what() tells a line of it from others. row()
 * fills in the entry; head() and total() keep or check what such lines say;
 * finish() sees whether the list is whole. All but what() return -1, with
 * m->why, if it is damaged; those that may be NULL are.
 */
struct Form {
	const char *name;
	bool efi;
	bool made;    /* by a kernel or a person, of what firmware gave */
	bool strict;  /* no other line may follow */
	bool endless; /* a row that has lost its end may look whole */
	enum what (*what)(const Map *m, const Line *l);
	int (*row)(Map *m, const Line *l, Entry *e);
	int (*head)(Map *m, const Line *l);
	int (*total)(Map *m, const Line *l);
	int (*finish)(Map *m);
};

extern const Form mem9log, xenefi, linuxefi, shelltable, shellsfo, lsefimmap,
    efidebug, freebsd, mapsefi, xenram, linuxe820, biosefi, dom0, iomem,
    sysmemmap, mapse820, plan9ini;

/* All of them; of one boot the earlier is nearer to firmware. */
extern const Form *const forms[];
extern const size_t nforms;

/*
 * ASCII or UTF-16 text to lines; -1, and m->why, if it is neither, or there is
 * no memory. To be freed in any case.
 */
int textread(Text *t, Map *m, const uint8_t *bytes, size_t n);
void textfree(Text *t);

/* What is wrong with it, as printf() says it: m->why, and -1. */
int mapfail(Map *m, const char *fmt, ...) __attribute__((format(printf, 2, 3)));

/*
 * The next list of this form from line *at on (from 0), which becomes the
 * line to go on at: 1 if there is one, 0 if not, -1 and m->why, m->lineno if
 * it is damaged. A heading without entries only leaves m->lineno. The caller
 * frees m, whatever came of it.
 */
int listread(Map *m, const Text *t, const Form *form, size_t *at);
void mapfree(Map *m);

/* A list of a text, and the map that it is part of. */
struct List {
	Map m;
	bool bad;
	size_t map; /* from 1; 0: a repetition */
	bool main;  /* the one that is used for that map */
};

enum { MOSTLISTS = 4096 };
struct Lists {
	List **list; /* in the order of their first lines */
	size_t nlist;
	size_t maxlist;
	size_t nmap;
	size_t headless; /* the line of a heading without a list, or 0 */
};

/*
 * All of them. -1 and why->why, why->lineno if there are more than MOSTLISTS,
 * or no memory. To be freed in any case.
 */
int listsread(Lists *ls, const Text *t, Map *why);
void listsfree(Lists *ls);

/* The list that is used for map n, from 1. */
List *listsmain(const Lists *ls, size_t n);

/*
 * The map n, or the one that is meant if n is 0, found out and read: *m is set,
 * not to be freed. -1 and why->why, why->lineno.
 */
int mapread(Map **m, Lists *ls, const Text *t, size_t n, Map *why);

/* The next entry of a *e820= line, with its end; false at the end. */
bool lineentry(const char **s, Entry *e);

/* The names of all its bits, blanks between them; as much as fits. */
void attrsay(uint64_t attr, char *s, size_t size);

/* What a text without a map looks like, and in which line; or NULL. */
const char *lookslike(const Text *t, size_t *lineno);

#endif
