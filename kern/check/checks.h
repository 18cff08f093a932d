/*
 * checks.h - every promise, verified on the machine it runs on.
 */
#ifndef CHECKS_H
#define CHECKS_H

#include "types.h"

typedef struct Checkresult Checkresult;

enum verdict { OK, FAILED, SKIPPED };

/* A check says more, in at most size bytes, where there is more to say. */
typedef enum verdict Check(char *detail, size_t size);

/* All, or those of the memory chain, which firmware need not be gone for. */
enum checkset { CHECKALL, CHECKMEMORY };

enum { CHECKDETAIL = 256, MOSTCHECKS = 32 };

/* What came of one. */
struct Checkresult {
	const char *name;
	enum verdict verdict;
	char detail[CHECKDETAIL];
};

/*
 * Run those that the options ask for, on each CPU that is up what is a CPU's; a
 * "mem9: check" line each and "mem9: done" at the end. One that faults or
 * panics has failed; the rest still run. Who watches (progress.h) may break it
 * off: what follows is not run. seen is told of each as it is done, if it is
 * not NULL. Returns how many failed.
 */
size_t check(enum checkset set, void (*seen)(const Checkresult *r));

/*
 * Those of the last run, in its order, and how many microseconds it took: the
 * first one since firmware was left.
 */
const Checkresult *checkresults(size_t *n, uint64_t *us);

/* Their lines for programs, and "mem9: done", once more. */
void checklines(void);

/*
 * The boot breaks off: a failure as the last stable line, "mem9: done", unless
 * that has been said already, which is false.
 */
bool checkbroken(void);

/* The checks, by what they look at: kern/check/. */
Check checkmap, checkmtrr, checkconf, checkpages, checkbytemap, checkxalloc,
    checkmalloc, checkram;
Check checktables, checkgdt, checkkmap, checkvmap, checkservices;
Check checktext, checknull, checknx, checksmap, checkdivide, checkopcode,
    checkaddress, checkstack, checknmi, checkcpus, checksmep, checkprocrun,
    checkprocmemory;

#endif
