/*
 * ini.h - options from a file.
 */
#ifndef INI_H
#define INI_H

#include "firmware.h"
#include "options.h"

/* What mem9.ini on the program's own volume asks for, if there is one. */
void readini(Options *o, const EFI_LOADED_IMAGE *li);

#endif
