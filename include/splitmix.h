/*
 * splitmix.h - numbers that look random and are the same for each seed: for the
 * kernel and for programs, to try things by; nobody's secret.
 */
#ifndef SPLITMIX_H
#define SPLITMIX_H

#include <stdint.h>

/* The next one. SplitMix64: Steele, Lea, Flood, OOPSLA 2014. */
static inline uint64_t
splitmix(uint64_t *state)
{
	uint64_t z = *state += 0x9e3779b97f4a7c15;

	z = (z ^ z >> 30) * 0xbf58476d1ce4e5b9;
	z = (z ^ z >> 27) * 0x94d049bb133111eb;
	return z ^ z >> 31;
}

#endif
