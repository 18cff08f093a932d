/*
 * sift.h - what people read of the log: all but the lines for programs.
 *
 * A line for programs is "mem9: ", a topic, and KEY=...; a message to people
 * that begins with the program's name is none.
 */
#ifndef SIFT_H
#define SIFT_H

#include "log.h"

typedef struct Sift Sift;

/* All zero where a line begins. */
struct Sift {
	enum siftstate { SIFTSTART, SIFTTOPIC, SIFTKEY, SIFTKEEP, SIFTDROP } at;
	size_t n; /* characters held back: it is not known yet what it is */
	char held[40];
};

/*
 * Give sink what of this it should have, now or when more has come. A panic in
 * the middle of a line for programs is seen.
 */
void siftwrite(Sift *sift, Sink *sink, const char *s, size_t n);

#endif
