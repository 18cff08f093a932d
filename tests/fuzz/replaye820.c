/*
 * replaye820.c - 'e820' lines as replay reads them.
 */
#define KIND &mapse820
#include "replay.h"
