/*
 * platform.c - the chip set's own reset and power switches.
 *
 * Reset: what ACPI names (6.4: 4.8.3.6), then port 0xcf9 (Intel I/O hub data
 * sheets, RST_CNT), then the keyboard controller's pulse on the reset line.
 * Off: the PM1 control registers, as ACPI Specification 4.8.3.2.1 describes
 * them.
 */
#include "platform.h"
#include "halt.h"
#include "port.h"

enum {
	RSTCNT = 0xcf9,
	RSTSYSTEM = 0x02, /* a full reset ... */
	RSTGO = 0x06,     /* ... now */
	KBDSTATUS = 0x64,
	KBDFULL = 0x02, /* it has not taken the last byte */
	KBDRESET = 0xfe,
	SLPTYPSHIFT = 10,
	SLPTYPMASK = 7,
	SLPEN = 1 << 13,
	PATIENCE = 1000000, /* port reads: about a second */
};

static void
wait(void)
{
	for (int i = 0; i < PATIENCE; i++)
		portread8(KBDSTATUS);
}

void
platformreset(const Poweroff *off)
{
	if (off->resetport != 0) {
		portwrite8(off->resetport, off->resetvalue);
		wait();
	}
	portwrite8(RSTCNT, RSTSYSTEM);
	portwrite8(RSTCNT, RSTGO);
	wait();
	for (int i = 0; i < PATIENCE && portread8(KBDSTATUS) & KBDFULL; i++)
		relax();
	portwrite8(KBDSTATUS, KBDRESET);
	wait();
}

static void
sleep(uint16_t port, unsigned type)
{
	unsigned v = portread16(port) & ~(SLPTYPMASK << SLPTYPSHIFT | SLPEN);

	v |= (type & SLPTYPMASK) << SLPTYPSHIFT;
	portwrite16(port, (uint16_t)v);
	portwrite16(port, (uint16_t)(v | SLPEN));
}

void
platformpoweroff(const Poweroff *off)
{
	if (!off->valid)
		return;
	sleep(off->pm1a, off->slptypa);
	if (off->pm1b != 0)
		sleep(off->pm1b, off->slptypb);
	wait();
}
