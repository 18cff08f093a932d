/*
 * conf.c - memmap to banks, and the banks' split between kernel and pages.
 */
#include "conf.h"

Conf conf;
