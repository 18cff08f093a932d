/*
 * filetext.h - text that is to become a file, for any editor: ASCII, CRLF.
 */
#ifndef FILETEXT_H
#define FILETEXT_H

#include "types.h"

/* Begin one of at most so many bytes; false if there is no memory. */
bool filetextopen(size_t size);

/* A Sink. What finds no room is cut off and counted; other bytes become ?. */
void filetextwrite(const char *s, size_t n);

/*
 * All of it, and its length; if something was cut off, the last line says how
 * much. Nothing more is written then.
 */
const char *filetextend(size_t *n);

/* Its memory goes back. */
void filetextclose(void);

#endif
