/*
 * replaysfo.c - lists of the UEFI Shell (-sfo) as replay reads them.
 *
 * needs: tests/model/paint.c efi/forms/map.c tools/replay/feed.c
 */
#define FORM &shellsfo
#include "replay.h"
