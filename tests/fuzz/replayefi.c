/*
 * replayefi.c - 'efi' lines as replay reads them.
 *
 * needs: tests/model/paint.c efi/forms/map.c tools/replay/feed.c
 */
#define FORM &mapsefi
#include "replay.h"
