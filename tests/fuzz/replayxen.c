/*
 * replayxen.c - Xen's EFI memory map as replay reads it.
 *
 * needs: tests/model/paint.c tools/replay/map.c
 */
#define FORM &xenefi
#include "replay.h"
