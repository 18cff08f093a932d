/*
 * runtime.h - firmware's runtime services, the one part of efi/ that is called
 * after the takeover.
 */
#ifndef RUNTIME_H
#define RUNTIME_H

#include "types.h"

/* Build the page tables the services run in. After mmuinit. */
void runtimeinit(void);

/*
 * Reset or switch off: by firmware's ResetSystem, then by other ways. Returns
 * only if nothing worked; what was tried has been printed.
 */
void reset(void);
void poweroff(void);

/*
 * Does GetTime come back? Whatever it says, in *status, is an answer: only a
 * fault is none.
 */
bool runtimeanswers(uint64_t *status);

#endif
