/*
 * replaylinux.c - Linux logs of the EFI map as replay reads them.
 *
 * needs: tests/model/paint.c tools/replay/map.c
 */
#define FORM &linuxefi
#include "replay.h"
