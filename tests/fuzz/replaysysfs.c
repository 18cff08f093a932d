/*
 * replaysysfs.c - /sys/firmware/memmap as replay reads it.
 *
 * needs: tests/model/paint.c tools/replay/map.c
 */
#define FORM &sysmemmap
#include "replay.h"
