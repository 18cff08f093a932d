/*
 * forms.c - every form there is; replay.h says what a form is.
 *
 * needs: tools/replay/mem9.c tools/replay/linux.c tools/replay/e820.c
 * needs: tools/replay/shell.c tools/replay/loader.c tools/replay/freebsd.c
 * needs: tools/replay/xen.c tools/replay/iomem.c
 */
#include "replay.h"

/*
 * One boot may have lists of several forms, where one is made from another:
 * Linux prints the e820 map it made of the EFI map, and a mem9 log can hold
 * the line for plan9.ini. The earlier here is the firmware's own.
 */
const Form *const forms[] = {
    &mem9log,
    &xenefi,
    &linuxefi,
    &shelltable,
    &shellsfo,
    &lsefimmap,
    &efidebug,
    &freebsd,
    &mapsefi,
    &xenram,
    &linuxe820,
    &biosefi,
    &sysmemmap,
    &iomem,
    &dom0,
    &mapse820,
    &plan9ini,
};
const size_t nforms = nelem(forms);
