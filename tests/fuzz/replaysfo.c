/*
 * replaysfo.c - lists of the UEFI Shell (-sfo) as replay reads them.
 *
 * needs: tests/model/paint.c tools/replay/map.c
 */
#define KIND &shellsfo
#include "replay.h"
