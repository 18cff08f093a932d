/*
 * main.h - the kernel's table of contents, called once, at KZERO.
 */
#ifndef MAIN_H
#define MAIN_H

_Noreturn void main(void);

#endif
