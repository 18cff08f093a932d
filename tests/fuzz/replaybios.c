/*
 * replaybios.c - Linux logs of BIOS-e820 as replay reads them.
 *
 * needs: tests/model/paint.c efi/forms/map.c tools/replay/feed.c
 */
#define FORM &linuxe820
#include "replay.h"
