/*
 * installed.h - how much memory the machine has, by SMBIOS.
 */
#ifndef INSTALLED_H
#define INSTALLED_H

#include "efimap.h"
#include "types.h"

typedef struct Installed Installed;

/* What firmware's one or two entry points lead to. */
struct Installed {
	bool there;      /* one is named */
	const char *why; /* what is wrong with the first that cannot be read */
	paddr_t wrong;   /* where that one is; NULL and 0: both can be */
	bool good;       /* one leads to structures that can be read: */
	paddr_t table;   /* there */
	uint64_t bytes;  /* 0 if they do not say */
};

/* Of two that are good the first that says how much. NULL: there is no map. */
Installed installedread(const Efimap *map);

/* Bytes; 0 if no table says, which is told if one is wrong. */
uint64_t installedmemory(void);

#endif
