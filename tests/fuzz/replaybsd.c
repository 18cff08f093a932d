/*
 * replaybsd.c - FreeBSD's EFI table as replay reads it.
 *
 * needs: tests/model/paint.c tools/replay/map.c
 */
#define FORM &freebsd
#include "replay.h"
