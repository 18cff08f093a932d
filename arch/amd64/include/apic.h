/*
 * apic.h - the local APIC, as far as sending this CPU an NMI goes.
 */
#ifndef APIC_H
#define APIC_H

#include "types.h"

/* Is there one, and switched on? */
bool apicpresent(void);

/* Send an NMI to ourselves. False if there is no way. */
bool apicnmi(void);

#endif
