/*
 * tables.h - the state of memory as tables, for people: what the lines for
 * programs say, in the same order.
 */
#ifndef TABLES_H
#define TABLES_H

/* The memory map; firmware's; the banks; xalloc and the pools; the pages. */
void tablemap(void);
void tableefi(void);
void tableconf(void);
void tableheap(void);
void tablepages(void);

#endif
