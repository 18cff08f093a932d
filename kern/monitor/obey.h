/*
 * obey.h - what the monitor can be asked.
 */
#ifndef OBEY_H
#define OBEY_H

#include "complete.h"

/* Run a line, which is taken apart; what it does not know is answered. */
void obey(char *line);

/* The words that the line may have after its first n characters; or NULL. */
Words *commandwords(const char *line, size_t n);

#endif
