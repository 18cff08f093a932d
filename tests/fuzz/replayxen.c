/*
 * replayxen.c - Xen's EFI memory map as replay reads it.
 *
 * needs: tests/model/paint.c efi/forms/map.c tools/replay/feed.c
 */
#define FORM &xenefi
#include "replay.h"
