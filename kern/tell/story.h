/*
 * story.h - what people are told of a machine: facts into lines.
 *
 * Pure: who gathers the facts, and who shows the lines, is elsewhere. 80
 * columns are enough for all of it; the order is that of the calls.
 */
#ifndef STORY_H
#define STORY_H

#include "../check/checks.h"
#include "account.h"
#include "badram.h"
#include "tell.h"

typedef struct Facts Facts;
typedef struct Store Store;

/* An allocator, in bytes. */
struct Store {
	const char *name;
	uint64_t size;
	uint64_t used;
	bool within; /* the others: none of its own */
};

enum { MOSTSTORES = 8 };

struct Facts {
	const char *firmware;
	bool rehearsal;
	bool brief; /* in as few lines as can be: it must stay on a screen */
	Account account;
	size_t nstore;
	Store store[MOSTSTORES];
	size_t ncheck;
	const Checkresult *check;
	Ramtry ram; /* how much of it was tried; nothing: nobody knows */
};

/* Where the memory is: a bar, a row for each share, and the sum. */
void storymachine(const Facts *f, const Teller *to);

/* The allocators, each with a bar of what is used. */
void storymemory(const Facts *f, const Teller *to);

/* The checks, a row for each group; those that failed, one by one. */
void storychecks(const Facts *f, const Teller *to);

/*
 * All three; likewise, but in brief where that would scroll off: then it is
 * false.
 */
void storyall(const Facts *f, const Teller *to);
bool storyshown(const Facts *f, const Teller *to);

/* PASS or FAIL in large letters, and beside them why, and how long it took. */
void storyend(const Ending *e, const Teller *to);

/* One check is done: a mark. */
void storymark(enum verdict v, const Teller *to);

#endif
