/*
 * replayuboot.c - tables of U-Boot's efidebug as replay reads them.
 *
 * needs: tests/model/paint.c tools/replay/map.c
 */
#define FORM &efidebug
#include "replay.h"
