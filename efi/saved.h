/*
 * saved.h - the log of the last boot, which memory has kept over the reset
 * (kept.h), comes home into its report.
 */
#ifndef SAVED_H
#define SAVED_H

#include "bootinfo.h"
#include "firmware.h"

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

/*
 * If the report there waits for a log, and memory still has it, append it. What
 * came of it is printed.
 */
enum home savedhome(EFI_FILE_HANDLE root, const char *path);

#endif
