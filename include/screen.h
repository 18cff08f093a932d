/*
 * screen.h - text on the framebuffer that firmware left.
 */
#ifndef SCREEN_H
#define SCREEN_H

#include "bootinfo.h"
#include "ink.h"

/* Is there a framebuffer, and room in it for a few lines of text? */
bool screenfits(const Fb *fb);

/*
 * Clear the screen and use it, its pixels being mapped there. False if they
 * are not, or it does not fit.
 */
bool screeninit(const Fb *fb, volatile void *pixels);

/* A Sink: '\n', '\r', '\b' and '\t' are obeyed, all else is a glyph. */
void screenwrite(const char *s, size_t n);

/* The colours of what is written from now on; INKPLAIN at first. */
void screenink(enum ink ink);

/* What is written next goes a row further up, if there is one. */
void screenup(void);

/* Nothing is on it. */
void screenclear(void);

/* Show where the next character goes, until something is written. */
void screencursor(void);

/* Columns and rows of text; 0 without a screen. */
unsigned screencols(void);
unsigned screenrows(void);

#endif
