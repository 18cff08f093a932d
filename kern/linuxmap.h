/*
 * linuxmap.h - firmware's map as Linux would log it.
 */
#ifndef LINUXMAP_H
#define LINUXMAP_H

/*
 * A "BIOS-e820: [mem 0x...-0x...] type" line for each range, ascending, with
 * neighbours of a type joined and overlaps resolved: what Linux makes of the
 * map that mem9 was handed. mem9 itself is RAM in it.
 */
void linuxmap(void);

#endif
