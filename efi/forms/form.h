/*
 * form.h - for those who write a form (forms.h): what forms have in common.
 */
#ifndef FORM_H
#define FORM_H

#include "../few.h"
#include "forms.h"
#include "hooks.h"
#include "print.h"
#include "scantext.h"

/*
 * Room for one more behind n of that size: p, or more memory that has them, and
 * *max then; NULL if there is none, and p stays as it is.
 */
void *formsgrow(void *p, size_t n, size_t *max, size_t size);

/* Add an entry; -1, and m->why, if there is no memory. */
int mapadd(Map *m, Entry e);
int nomemory(Map *m);

/* -1: nothing is called as the len bytes at s, of which the first are said. */
int notype(Map *m, const char *s, size_t len);

/* 0 where nothing is left of a line; -1: this is too much. */
int atend(Map *m, const char *s);

/* What is odd about it. */
void mapnote(Map *m, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* Parts of textread: what stands around a message; messages in JSON. */
void linestrip(Line *l);
int linesjson(Text *t, Map *m);

/* Behind `word`, where it starts the message after whatever a log adds. */
const char *message(const char *line, const char *word);

/* names.c: what many programs call the types and attributes of EFI. */
typedef struct Name Name;
struct Name {
	const char *name;
	uint64_t value;
};
bool lookup(
    const Name *table, size_t n, const char *s, size_t len, uint64_t *value);

/* Add the bit of an attribute's name; one without a bit is noted. */
void attrname(Map *m, const char *s, size_t len, uint64_t *attr);
/* Names with blanks or | between them, to the end. */
void attrnames(Map *m, const char *s, uint64_t *attr);

/* e820.c: a type's name as Linux and Xen write it. */
bool e820name(const char *s, size_t len, uint64_t *value);

/* start-last and pages must agree; the end must fit whole pages. */
int checkspan(Map *m, const Entry *e, uint64_t last);
int wholepages(Map *m, Entry *e, uint64_t end);

/* The attributes, a hexadecimal number as long as in the rows above. */
int fullhex(Map *m, const char **s, uint64_t *n);

#endif
