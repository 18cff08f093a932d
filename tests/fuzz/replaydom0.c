/*
 * replaydom0.c - Linux logs in a domain of Xen as replay reads them.
 *
 * needs: tests/model/paint.c efi/forms/map.c tools/replay/feed.c
 */
#define FORM &dom0
#include "replay.h"
