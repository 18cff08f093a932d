/*
 * replayshell.c - tables of the UEFI Shell as replay reads them.
 *
 * needs: tests/model/paint.c tools/replay/map.c
 */
#define FORM &shelltable
#include "replay.h"
