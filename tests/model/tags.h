/*
 * tags.h - is this HTML or SVG as replay may write it, whatever it was given?
 */
#ifndef TAGS_H
#define TAGS_H

/*
 * NULL if all tags and attributes are known ones, closed in order, and all else
 * is text: no script, no handler, no link. Otherwise what is wrong.
 */
const char *tagsbad(const char *s);

#endif
