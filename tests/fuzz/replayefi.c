/*
 * replayefi.c - 'efi' lines as replay reads them.
 */
#define KIND &mapsefi
#include "replay.h"
