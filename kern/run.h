/*
 * run.h - the programs that the monitor may be asked to run.
 */
#ifndef RUN_H
#define RUN_H

#include "types.h"

/* The name of the one with that number, or NULL. */
const char *programname(size_t i);

#endif
