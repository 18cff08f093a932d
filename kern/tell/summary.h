/*
 * summary.h - the machine as the boot has left it, in lines.
 */
#ifndef SUMMARY_H
#define SUMMARY_H

#include "stage.h"

/* A step of main() is done: the stage advances, the time is kept. */
void stepdone(enum stage s);

/* The lines that say what has come up. */
void summary(void);

/* What more bad memory has changed since, if any was found. */
void summaryagain(void);

/* The state of every allocator, for people. */
void showall(void);

#endif
