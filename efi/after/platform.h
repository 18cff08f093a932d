/*
 * platform.h - resetting a PC and switching it off without firmware's help.
 */
#ifndef PLATFORM_H
#define PLATFORM_H

#include "bootinfo.h"

/* Both return only if the machine did not obey. */
void platformreset(const Poweroff *off);
void platformpoweroff(const Poweroff *off);

#endif
