/*
 * collect.h - what firmware knows goes into the hand-over.
 */
#ifndef COLLECT_H
#define COLLECT_H

#include "bootinfo.h"

/* Everything of the firmware that is of use later goes into *b. */
void collect(Bootinfo *b);

/* How the ACPI tables say this machine is switched off and reset. */
void acpipoweroff(Poweroff *off);

/*
 * Where in their regions the image and the direct map go, RAM ending at top;
 * after the block is laid out.
 */
void chooseslides(Bootinfo *b, paddr_t top);

#endif
