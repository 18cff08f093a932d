/*
 * apic.h - the local APIC, as far as sending this CPU an NMI goes.
 */
#ifndef APIC_H
#define APIC_H

#include "types.h"

/*
 * Make it reachable; false if there is none, it is off, or no room for it. Once
 * more does nothing. Undo with apicclose, when no NMI is under way any more: it
 * would land there.
 */
bool apicopen(void);
void apicclose(void);

/* Send an NMI to ourselves. Between the two. */
void apicnmi(void);

#endif
