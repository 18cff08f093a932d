/*
 * replayiomem.c - /proc/iomem as replay reads it.
 *
 * needs: tests/model/paint.c tools/replay/map.c
 */
#define FORM &iomem
#include "replay.h"
