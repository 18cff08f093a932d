/*
 * replaybios.c - Linux logs of BIOS-e820 as replay reads them.
 */
#define KIND &linuxe820
#include "replay.h"
