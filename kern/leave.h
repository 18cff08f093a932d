/*
 * leave.h - the ways out.
 */
#ifndef LEAVE_H
#define LEAVE_H

#include "options.h"

/*
 * End like this, after clearing secrmem and what processes have in memory, or
 * had: neither can be used any more. Returns if that is the monitor, or if
 * nothing resets the machine or switches it off.
 */
void leave(enum end how);

#endif
