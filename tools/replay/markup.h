/*
 * markup.h - a saved map as a picture and as a page.
 *
 * What is written holds no script and nothing from elsewhere; whatever text
 * comes from a file is escaped, by puttext. All of it is also XML.
 */
#ifndef MARKUP_H
#define MARKUP_H

#include "replay.h"

typedef struct Shown Shown;

/* How a type of the memmap is shown; NMEMTYPE: nothing is there. */
struct Shown {
	const char *class; /* of the style sheet */
	const char *name;
	const char *what;
};
extern const Shown shown[];

/* Plain text, and a size with its unit. */
void puttext(FILE *f, const char *s);
void putsize(FILE *f, uint64_t size);

/* The entries of a map, by address, and what the memmap makes of them. */
void putrows(FILE *f, const Map *m);

/* What `mem9 audit' said beside the map, if it did, under a heading. */
void putaudit(FILE *f, const File *file);

/* The memmap as it is, as one <svg>; title says of what. */
void putsvg(FILE *f, const char *title);

/*
 * A page about the map of this file: picture is what putsvg wrote, lines
 * what mem9 prints for it. The banks are those of conf.
 */
void puthtml(FILE *f, const File *file, const char *picture, const char *lines);

#endif
