/*
 * replaysfo.c - lists of the UEFI Shell (-sfo) as replay reads them.
 *
 * needs: tests/model/paint.c tools/replay/map.c
 */
#define FORM &shellsfo
#include "replay.h"
