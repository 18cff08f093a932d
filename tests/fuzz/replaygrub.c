/*
 * replaygrub.c - tables of GRUB's lsefimmap as replay reads them.
 *
 * needs: tests/model/paint.c tools/replay/map.c
 */
#define FORM &lsefimmap
#include "replay.h"
