/*
 * replayany.c - any text, its kind found out by replay.
 *
 * needs: tests/model/paint.c tools/replay/map.c
 */
#define KIND NULL
#include "replay.h"
