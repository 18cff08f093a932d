/*
 * image.h - pages of files kept in memory for as long as it lasts.
 *
 * The cache of an image holds one reference to each page in it. When memory
 * is short, pages that only a cache holds are given up.
 */
#ifndef IMAGE_H
#define IMAGE_H

#include "page.h"

size_t imagereclaim(size_t want);

#endif
