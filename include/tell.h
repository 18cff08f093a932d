/*
 * tell.h - people are told what this machine has and what came of it.
 *
 * The lines for programs are print()'s; this is for who looks at a screen or
 * sits at a shell. With nobody to tell, nothing is done.
 */
#ifndef TELL_H
#define TELL_H

#include "ink.h"

typedef struct Checkresult Checkresult;
typedef struct Ending Ending;

/* How it ended. */
struct Ending {
	size_t passed;
	size_t failed;
	size_t skipped;
	uint64_t us;
	bool broken;      /* before the checks were done: a report is above */
	const char *why;  /* what else went wrong, or NULL */
	const char *more; /* where there are details, or NULL */
	bool saves;       /* a reset saves the report, */
	bool key;         /* and the key R is one */
};

/* Who is told from now on; NULL: nobody. It is kept, not copied. */
void tellto(const Teller *to);

/* A Sink: what they read of the log, which is all but lines for programs. */
void tellsink(const char *s, size_t n);

/* From now on (or no more) those too: somebody has asked for them. */
void tellasked(bool asked);

/* The checks begin; this one is done. */
void tellbegin(void);
void tellcheck(const Checkresult *r);

/*
 * They are done: the machine, the kernel's memory and the checks, in brief if
 * all of it would scroll off. Again and in full, to whoever asks.
 */
void tell(void);
void tellagain(const Teller *to);

/* The checks alone, of the last run. */
void tellchecks(const Teller *to);

/* The same as a boot leaves it on the screen, with the end; false: in brief. */
bool tellresult(const Teller *to);

/*
 * And the end of it, in large letters, and where there is more to read; after
 * what went wrong beside the checks, of which the first is said. The other: it
 * broke off before there was an end.
 */
void tellwrong(const char *why);
void tellend(const char *more);
void tellbroken(void);

#endif
