/*
 * screen.h - text on the framebuffer that firmware left.
 */
#ifndef SCREEN_H
#define SCREEN_H

#include "bootinfo.h"

/*
 * Clear the screen and use it, its pixels being mapped there. False if there
 * is no framebuffer or it is too small for a few lines of text.
 */
bool screeninit(const Fb *fb, volatile void *pixels);

/* A Sink: '\n', '\r', '\b' and '\t' are obeyed, all else is a glyph. */
void screenwrite(const char *s, size_t n);

/* Columns and rows of text; 0 without a screen. */
unsigned screencols(void);
unsigned screenrows(void);

#endif
