/*
 * interim.h - what catches an NMI or a machine check between firmware's IDT and
 * mem9's: two pages that are mapped, identity, under both sets of tables. See
 * switch.S, whose code is one of them.
 */
#ifndef INTERIM_H
#define INTERIM_H

#include "bootinfo.h"
#include "space.h"
#include "uart.h"

/*
 * Load its GDT and IDT, in place of firmware's. Interrupts are off. What stops
 * the machine says so on this serial port, all 0 if there is none. From here to
 * descinit() NMIs are counted, and come to nothing.
 */
void interiminit(const Uartregs *uart);

/*
 * Map both pages, and registers of the port that are in memory, in s where they
 * are now, and note that. -1: no table.
 */
int interimmap(Space *s, Bootinfo *b);

/* Nothing of it is in force any more: unmap it. Returns how many NMIs came. */
uint64_t interimfini(const Bootinfo *b);

#endif
