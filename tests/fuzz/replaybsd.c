/*
 * replaybsd.c - FreeBSD's EFI table as replay reads it.
 *
 * needs: tests/model/paint.c efi/forms/map.c tools/replay/feed.c
 */
#define FORM &freebsd
#include "replay.h"
