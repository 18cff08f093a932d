/*
 * clock.c - the time, by CPU 0's time stamps on any CPU: what one of them sets,
 * another one waits for. See patience.h.
 */
#include "cpu.h"
#include "cpus.h"
#include "mates.h"
#include "patience.h"

uint64_t
clockms(void)
{
	uint64_t ahead = (uint64_t)mateof(cpunumber())->ahead;

	return (cycles() - ahead) / ticksperms();
}
