/*
 * replaye820.c - 'e820' lines as replay reads them.
 *
 * needs: tests/model/paint.c tools/replay/map.c
 */
#define FORM &mapse820
#include "replay.h"
