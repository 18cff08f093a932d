/*
 * migrate.h - memory that CPUs take, leave to one another, and give back.
 */
#ifndef MIGRATE_H
#define MIGRATE_H

#include "types.h"

/*
 * Before and after the parts, by one CPU. -1 if there is no page for an image.
 * Afterwards all is free again that the parts took; NULL, or what was wrong.
 */
int migratebegin(void);
const char *migrateend(void);

/* The part of the n-th of several CPUs; NULL, or what was wrong. */
const char *migrate(uint32_t n);

#endif
