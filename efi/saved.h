/*
 * saved.h - the log of the last boot, which memory has kept over the reset
 * (kept.h), comes home into its report.
 */
#ifndef SAVED_H
#define SAVED_H

#include "bootinfo.h"
#include "firmware.h"

typedef struct Home Home;
typedef struct Places Places;

/* Where a report says that its log is kept. */
struct Places {
	uint64_t id;
	paddr_t run[KEPTRUNS]; /* NOADDR: none */
};

/* The first lines of a report. */
void savedprint(const Bootinfo *b);

/*
 * What they say, in a text of any kind. False if they name no place that makes
 * sense, or it is no report of which a log was kept.
 */
bool savedparse(const char *head, Places *p);

/* None; there is one, and it cannot be saved; it is in the report now. */
enum home { HOMENONE, HOMESTUCK, HOMECAME };

/* What the last boot's log has come to; none, before that is known. */
struct Home {
	enum home what;
	char path[REPORTMAX];    /* the report that it belongs to */
	Places at;               /* while it is stuck: where it is, */
	Keptpage *run[KEPTRUNS]; /* and what of that is claimed, or NULL */
};

/*
 * If the report h->path waits for a log, and memory still has it, append it:
 * what came of it is printed, and noted in *h. As long as it is stuck its
 * memory is nobody else's; called again with that *h this tries again. It is
 * forgotten when it is known to be on the disk.
 */
void savedhome(EFI_FILE_HANDLE root, Home *h);

/* What was claimed goes back to firmware, which may use it. */
void savedgive(Home *h);

/*
 * May that be written over? There is none, or an empty one, or one that waits
 * for a log: others are complete, or not mem9's, and what cannot be read may be
 * either.
 */
bool savedfree(EFI_FILE_HANDLE root, const char *path);

#endif
