/*
 * replayxenram.c - Xen's RAM map as replay reads it.
 *
 * needs: tests/model/paint.c efi/forms/map.c tools/replay/feed.c
 */
#define FORM &xenram
#include "replay.h"
