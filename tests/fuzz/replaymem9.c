/*
 * replaymem9.c - mem9's own log as replay reads it.
 */
#define KIND &mem9log
#include "replay.h"
