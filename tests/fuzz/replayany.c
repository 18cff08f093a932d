/*
 * replayany.c - any text, its form found out by replay.
 *
 * needs: tests/model/paint.c tools/replay/map.c
 */
#define FORM NULL
#include "replay.h"
