/*
 * ini.h - options from a file.
 */
#ifndef INI_H
#define INI_H

#include "firmware.h"
#include "options.h"

/* What the one or two mem9.ini on the program's own volume ask for. */
void readini(Options *o, const EFI_LOADED_IMAGE *li);

#endif
