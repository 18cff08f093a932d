/*
 * replayshell.c - tables of the UEFI Shell as replay reads them.
 *
 * needs: tests/model/paint.c efi/forms/map.c tools/replay/feed.c
 */
#define FORM &shelltable
#include "replay.h"
