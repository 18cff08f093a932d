/*
 * replaysysfs.c - /sys/firmware/memmap as replay reads it.
 *
 * needs: tests/model/paint.c efi/forms/map.c tools/replay/feed.c
 */
#define FORM &sysmemmap
#include "replay.h"
