/*
 * replaygrub.c - tables of GRUB's lsefimmap as replay reads them.
 *
 * needs: tests/model/paint.c efi/forms/map.c tools/replay/feed.c
 */
#define FORM &lsefimmap
#include "replay.h"
