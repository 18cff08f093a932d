/*
 * optionsay.h - what was asked for, said.
 */
#ifndef OPTIONSAY_H
#define OPTIONSAY_H

#include "options.h"

/*
 * Each option as a line of mem9.ini that asks for it, also those at their
 * default; a map in place of firmware's by its length.
 */
void optionsay(const Options *o);

#endif
