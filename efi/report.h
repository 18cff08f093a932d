/*
 * report.h - the report: a file on mem9's own volume, which people take home.
 *
 *	before mem9 leaves firmware	all that is known until then
 *	after the next warm reset	what came then (saved.h)
 *
 * Where it goes is o->report; if that is "" nothing is done. Where mem9 chose
 * that name it is the first of MOSTREPORTS, MEM9.TXT, MEM9-2.TXT and so on, of
 * which none is written over that is complete, or may be, or is not mem9's:
 * nobody has said that he has it. A failure is said and harms nothing.
 */
#ifndef REPORT_H
#define REPORT_H

#include "saved.h"

enum { MOSTREPORTS = 9 };

/* Nobody has named a file: it is one of mem9's own choosing. */
void reportown(Options *o);

/*
 * Bring home what the last boot's log has come to, or try it again: *h is as
 * savedhome() has it.
 */
void reporthome(const Options *o, Home *h);

/*
 * All is collected in *b, and boot services are about to end: write it, and
 * note in *b where the log is to be kept from then on.
 */
void reportleaving(Bootinfo *b);

/*
 * A command has come back: what it said, and the machine's map. False if it
 * cannot be written.
 */
bool reportwrite(const Options *o);

#endif
