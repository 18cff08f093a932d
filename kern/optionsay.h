/*
 * optionsay.h - what was asked for, said.
 */
#ifndef OPTIONSAY_H
#define OPTIONSAY_H

#include "options.h"

/*
 * Each option as a line of mem9.ini that asks for it, also those at their
 * default; a map in place of firmware's by its length. Or in lines for
 * programs: value="..." of what asks for it, detail="..." where nothing does.
 */
enum optionsfor { OPTIONSINI, OPTIONSLINES };
void optionsay(const Options *o, enum optionsfor whom);

#endif
