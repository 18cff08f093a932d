/*
 * replayany.c - any text, its form found out by replay.
 *
 * needs: tests/model/paint.c efi/forms/map.c tools/replay/feed.c
 */
#define FORM NULL
#include "replay.h"
