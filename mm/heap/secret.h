/*
 * secret.h - what somebody who can write to memory does not know.
 *
 * Tags, canaries, and the links and last words of free memory are mixed with
 * a key made of the secret and of the place where they lie: what was not put
 * there by the heap itself, or was copied from elsewhere, shows. Who learns
 * one key has none of the others, nor the secret.
 *
 * Private to mm/heap.
 */
#ifndef SECRET_H
#define SECRET_H

#include "types.h"

typedef struct Secret Secret;

/* Four numbers; those that others are multiplied by are odd. */
struct Secret {
	uint64_t where;
	uint64_t times;
	uint64_t what;
	uint64_t again;
};

extern Secret secret;

/* A new secret, by the hook truerand: for xinit, when nothing is mixed yet. */
void secretinit(void);

/* Both halves of the product. */
static inline uint64_t
fold(uint64_t a, uint64_t b)
{
	unsigned __int128 product = (unsigned __int128)a * b;

	return (uint64_t)product ^ (uint64_t)(product >> 64);
}

/* The key of a place. */
static inline uint64_t
keyof(uintptr_t at)
{
	return fold(at ^ secret.where, secret.times);
}

/* What vouches for a word: nobody else can make it for another one. */
static inline uint64_t
sealof(uint64_t word)
{
	return fold(word ^ secret.what, secret.again);
}

/* The nth number of an endless row, which says nothing of the next. */
static inline uint64_t
chanceof(uint64_t n)
{
	return sealof(keyof(n) + n);
}

#endif
