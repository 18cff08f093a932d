/*
 * replayxenram.c - Xen's RAM map as replay reads it.
 *
 * needs: tests/model/paint.c tools/replay/map.c
 */
#define FORM &xenram
#include "replay.h"
