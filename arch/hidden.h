/*
 * hidden.h - included before everything in the image: every name is local to
 * it, so that no access goes through an absolute pointer in memory, which
 * would be wrong until it is relocated.
 */
#pragma GCC visibility push(hidden)
