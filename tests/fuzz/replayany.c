/*
 * replayany.c - any text, its kind found out by replay.
 */
#define KIND NULL
#include "replay.h"
