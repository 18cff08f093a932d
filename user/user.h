/*
 * user.h - what programs have: system calls, and a line to print.
 *
 * A program is one .c file beside lib.c and start.S, a flat image that runs at
 * a fixed place; its main gets the number that it was started with.
 */
#ifndef USERUSER_H
#define USERUSER_H

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

#include "../include/syscall.h"

enum { PAGE = 4096 };

int main(uint64_t arg);

int64_t ask(uint64_t n, uint64_t a, uint64_t b, uint64_t c);

_Noreturn void exit(int status);
int64_t fork(void);
int64_t exec(const char *name, uint64_t arg);
int64_t wait(int64_t *status);
void yield(void);

/* The end of memory; and so much more of it, NULL if that cannot be. */
uint8_t *memend(void);
uint8_t *more(size_t size);

/* A line: words, and a number at its end. */
void say(const char *text);
void saynumber(const char *text, int64_t n);

#endif
