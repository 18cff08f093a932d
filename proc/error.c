/*
 * error.c - why not: told apart by where they are, and said by what they are.
 */
#include "segment.h"

const char Enomem[] = "no free memory";
const char Ebadarg[] = "bad address";
const char Enovmem[] = "no such amount of addresses";
const char Esoverlap[] = "segments overlap";
const char Einuse[] = "segment in use by others";
const char Eioload[] = "i/o error in demand load";
