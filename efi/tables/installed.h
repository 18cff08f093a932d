/*
 * installed.h - how much memory the machine has, by SMBIOS.
 */
#ifndef INSTALLED_H
#define INSTALLED_H

#include "types.h"

/* Bytes; 0 if no table says. */
uint64_t installedmemory(void);

#endif
