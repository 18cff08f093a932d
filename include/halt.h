/*
 * halt.h - the processor stops here.
 */
#ifndef HALT_H
#define HALT_H

/* Interrupts off, for good. */
_Noreturn void haltforever(void);

/* In a loop that polls: the processor may rest a little. */
void relax(void);

#endif
