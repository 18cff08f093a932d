/*
 * replayuboot.c - tables of U-Boot's efidebug as replay reads them.
 *
 * needs: tests/model/paint.c efi/forms/map.c tools/replay/feed.c
 */
#define FORM &efidebug
#include "replay.h"
