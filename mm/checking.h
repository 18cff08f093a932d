/*
 * checking.h - how much this build checks itself, read through constants only.
 *
 * `make CHECK=1` defines CHECK; a build for the address sanitizer gives its
 * own memhide, memshow and memraw before this header.
 */
#ifndef CHECKING_H
#define CHECKING_H

#ifndef CHECK
#define CHECK 0
#endif

/* Poison what is freed, check it at reuse, walk everything now and then. */
enum { CHECKING = CHECK };

/* Nobody may touch [p, p + size) until memshow; nothing by default. */
#ifndef memhide
#define memhide(p, size) ((void)(p), (void)(size))
#define memshow(p, size) ((void)(p), (void)(size))
#define memraw /* before a function that may look at what is hidden */
#endif

#endif
