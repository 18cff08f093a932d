/*
 * replaydom0.c - Linux logs in a domain of Xen as replay reads them.
 *
 * needs: tests/model/paint.c tools/replay/map.c
 */
#define FORM &dom0
#include "replay.h"
