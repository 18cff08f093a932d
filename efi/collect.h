/*
 * collect.h - what firmware knows goes into the hand-over.
 */
#ifndef COLLECT_H
#define COLLECT_H

#include "bootinfo.h"

/* Everything of the firmware that is of use later goes into *b. */
void collect(Bootinfo *b);

/* How many CPUs the ACPI tables name. */
size_t countcpus(void);

/* How the ACPI tables say this machine is switched off and reset. */
void acpipoweroff(Poweroff *off);

/* Do they say that there is no keyboard controller? */
bool acpino8042(void);

/*
 * How much of a framebuffer can be drawn into, given bytes by firmware: no more
 * than its rows, nothing that a CPU of that width cannot address. fb->size
 * becomes 0 if that is nothing.
 */
void fbfit(Fb *fb, uint64_t given, int physbits);

/* A random number; where there is no better source, by the clock. */
uint64_t somechance(void);

/* What firmware has of chance goes into truerand's. */
void collectchance(void);

/*
 * Where in their regions the image and the direct map go, RAM ending at top;
 * after the block is laid out.
 */
void chooseslides(Bootinfo *b, paddr_t top);

#endif
