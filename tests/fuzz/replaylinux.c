/*
 * replaylinux.c - Linux logs of the EFI map as replay reads them.
 */
#define KIND &linuxefi
#include "replay.h"
