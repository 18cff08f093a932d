/*
 * replaylinux.c - Linux logs of the EFI map as replay reads them.
 *
 * needs: tests/model/paint.c efi/forms/map.c tools/replay/feed.c
 */
#define FORM &linuxefi
#include "replay.h"
