/*
 * replayiomem.c - /proc/iomem as replay reads it.
 *
 * needs: tests/model/paint.c efi/forms/map.c tools/replay/feed.c
 */
#define FORM &iomem
#include "replay.h"
