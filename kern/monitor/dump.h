/*
 * dump.h - memory in bytes.
 */
#ifndef DUMP_H
#define DUMP_H

#include "address.h"

/*
 * Print what lies there (isvirtual() says what kind of address it is), 256
 * bytes if no size is given, until Ctrl-C. Only RAM is read, as to read a
 * device may change it; with DUMPALL what else there is, too. What cannot be
 * read is named.
 */
enum dumpwhat { DUMPRAM, DUMPALL };
void dump(const Span *span, enum dumpwhat what);

#endif
