/*
 * replaybiosefi.c - Linux logs of BIOS-EFI as replay reads them.
 *
 * needs: tests/model/paint.c tools/replay/map.c
 */
#define FORM &biosefi
#include "replay.h"
