/*
 * replaymem9.c - mem9's own log as replay reads it.
 *
 * needs: tests/model/paint.c tools/replay/map.c
 */
#define FORM &mem9log
#include "replay.h"
