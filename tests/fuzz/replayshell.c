/*
 * replayshell.c - tables of the UEFI Shell as replay reads them.
 */
#define KIND &shelltable
#include "replay.h"
