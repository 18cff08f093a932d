/*
 * tables.h - pages for the tables of a process's half.
 */
#ifndef PROCTABLES_H
#define PROCTABLES_H

#include "proc.h"

/*
 * There are pages for n tables more on p's list, or for those that a page at va
 * needs: -1 if there are none. tablesgive gives back what is on the list.
 */
int tablestake(Proc *p, int n);
int tablesreserve(Proc *p, uintptr_t va);
void tablesgive(Proc *p);

#endif
