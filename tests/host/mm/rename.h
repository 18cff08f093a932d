/*
 * rename.h - our malloc family beside the C library's, on the host only.
 *
 * Given to every file of mm/ by tests.mk; a test includes it after the
 * system's headers and before pool.h.
 */
#ifndef RENAME_H
#define RENAME_H

#include <stdlib.h>

#define malloc(n) kmalloc(n)
#define realloc(p, n) krealloc(p, n)
#define free(p) kfree(p)

#endif
