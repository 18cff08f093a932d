/*
 * handed.c - see handed.h.
 */
#include "handed.h"
#include "bootinfo.h"
#include "cpu.h"

Efimap
handedmap(void)
{
	return (Efimap){
	    .desc = handover(bootinfo, bootinfo->map),
	    .size = bootinfo->mapsize,
	    .stride = bootinfo->mapstride,
	    .physbits = cpu.physbits,
	    .block = bootinfo->block.pa,
	    .blocksize = bootinfo->block.size,
	};
}
