/*
 * replayefi.c - 'efi' lines as replay reads them.
 *
 * needs: tests/model/paint.c tools/replay/map.c
 */
#define FORM &mapsefi
#include "replay.h"
