/*
 * replaymem9.c - mem9's own log as replay reads it.
 *
 * needs: tests/model/paint.c efi/forms/map.c tools/replay/feed.c
 */
#define FORM &mem9log
#include "replay.h"
