/*
 * asan.h - memory hidden from the address sanitizer while nobody owns it.
 *
 * Given to every file of mm/ in the sanitizer builds.
 */
#ifndef ASAN_H
#define ASAN_H

#include <sanitizer/asan_interface.h>

#define memhide(p, size) ASAN_POISON_MEMORY_REGION(p, size)
#define memshow(p, size) ASAN_UNPOISON_MEMORY_REGION(p, size)
#define memraw __attribute__((no_sanitize("address")))

#endif
