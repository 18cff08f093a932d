/*
 * replaybiosefi.c - Linux logs of BIOS-EFI as replay reads them.
 *
 * needs: tests/model/paint.c efi/forms/map.c tools/replay/feed.c
 */
#define FORM &biosefi
#include "replay.h"
