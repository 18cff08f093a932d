/*
 * scan.h - is the memory that nobody uses any good?
 */
#ifndef SCAN_H
#define SCAN_H

#include "address.h"

/*
 * Take every free page, or those with a byte in the span, of physical
 * addresses, if it has a size: write all, read all back, and give them back but
 * for those that did not hold it, which are named, and bad for good. Says how
 * far it is, how fast, and how long it will take; Ctrl-C ends it. Programs find
 * no memory meanwhile.
 */
void scan(const Span *span);

/*
 * A fault or a panic has led out of it, if so: its pages are given back, unless
 * it came under pages' lock. Never panics twice for the same.
 */
void scanabandoned(void);

#endif
