/*
 * forms.c - every form there is; include/forms.h says what a form is.
 *
 * needs: efi/forms/mem9.c efi/forms/linux.c efi/forms/e820.c
 * needs: efi/forms/shell.c efi/forms/loader.c efi/forms/freebsd.c
 * needs: efi/forms/xen.c efi/forms/iomem.c
 */
#include "form.h"

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
