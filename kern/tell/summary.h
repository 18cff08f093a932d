/*
 * summary.h - the machine as the boot has left it, in lines.
 */
#ifndef SUMMARY_H
#define SUMMARY_H

#include "stage.h"

/* A step of main() is done: the stage advances, the time is kept. */
void stepdone(enum stage s);

/* It has come up: the lines that say what has. The same again, as it is now. */
void summary(void);
void summarylines(void);

/* What more bad memory has changed since, if any was found. */
void summaryagain(void);

/* The state of every allocator, for people. */
void showall(void);

#endif
