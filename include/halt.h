/*
 * halt.h - the processor stops here.
 */
#ifndef HALT_H
#define HALT_H

/* Interrupts off, for good. */
_Noreturn void haltforever(void);

#endif
