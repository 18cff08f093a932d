/*
 * replayplan9.c - *e820= lines as replay reads them.
 *
 * needs: tests/model/paint.c efi/forms/map.c tools/replay/feed.c
 */
#define FORM &plan9ini
#include "replay.h"
