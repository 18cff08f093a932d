/*
 * monitored.h - the monitor with nobody behind it: keys come from a text, what
 * a command would do is said by print() or counted.
 */
#ifndef MONITORED_H
#define MONITORED_H

#include "efimap.h"
#include "programs.h"
#include "glass.h"
#include "types.h"

typedef struct Monitored Monitored;

enum { MONITOREDCPUS = 4 }; /* are up */

struct Monitored {
	bool late;        /* there is no key at every other look */
	size_t rests;     /* while there was none */
	uintptr_t walked; /* the address that was asked for last */
	size_t walks;
	uint64_t loglost;
	bool noserial; /* nobody is at that line */
	bool lost;     /* nor is the keyboard heard any more */
	bool lostsaid;
	bool watched;       /* what takes long */
	bool broken;        /* off, whatever it is */
	bool dies;          /* at the end of what is typed on it */
	size_t on;          /* the CPU that a command runs on */
	bool kept;          /* a reset saves the log */
	const int *board;   /* keys at the screen, up to a 0; or NULL */
	unsigned cols;      /* of the screen; 0: there is none */
	size_t rows;        /* of it, or of the terminal; 0: all */
	size_t cursors;     /* drawn on it */
	Efimap map;         /* firmware's */
	size_t abandoned;   /* scans, asked for */
	bool more;          /* output stops at each screen, */
	bool anywhere;      /* on a serial line, too */
	Processrun run;     /* the last one of processes */
	const char *whynot; /* there is no other */
	bool nonx;          /* data is run as text is */
	Glass seen;   /* what is drawn over, on the screen or a terminal */
	size_t asked; /* the terminal, whether it is there */
	void (*meanwhile)(void); /* happens at each; or NULL */
	uint32_t reports;
};

extern Monitored monitored;

/* Among keys: none comes in time. A terminal's answer how large it is. */
#define MOMENT "\xff"
#define ANSWEROF(rows, cols) "\x1b[" #rows ";" #cols "R"
#define ANSWER ANSWEROF(24, 80)

/* Run the monitor until these keys are used up, from a new prompt on. */
void types(const char *keys);

#endif
