/*
 * replaysfo.c - lists of the UEFI Shell (-sfo) as replay reads them.
 */
#define KIND &shellsfo
#include "replay.h"
