/*
 * smbios.c - see smbios.h.
 *
 * A structure is a formatted part, whose length it says, and strings up to two
 * zero bytes. Numbers are little-endian and not aligned.
 */
#include "smbios.h"
#include "hooks.h"

enum {
	ENTRY2 = 0x1f, /* "_SM_": length at 5 */
	TABLESIZE2 = 0x16,
	TABLE2 = 0x18,
	ENTRY3 = 0x18, /* "_SM3_": length at 6 */
	TABLESIZE3 = 0x0c,
	TABLE3 = 0x10,
	LEASTENTRY = ENTRY3, /* of either kind */
	MOSTENTRY = 64,

	HEADER = 4, /* type, length, handle */
	ENDOFTABLE = 127,
	MEMORYDEVICE = 17,
	DEVICESIZE = 0x0c,
	DEVICESIZEEND = 0x0e,
	KIND = 0x12,
	VRAM = 5,
	FIRSTROM = 8, /* ROM, flash, EEPROM, FEPROM, EPROM */
	LASTROM = 12,
	EXTENDED = 0x1c, /* in MiB, when the size is 0x7fff */
	EXTENDEDEND = 0x20,
	UNKNOWN = 0xffff,
	ISEXTENDED = 0x7fff,
	INKIB = 0x8000,
};

static uint64_t
little(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	while (n-- > 0)
		v = v << 8 | p[n];
	return v;
}

static bool
sumszero(const uint8_t *p, size_t n)
{
	uint8_t sum = 0;

	for (size_t i = 0; i < n; i++)
		sum += p[i];
	return sum == 0;
}

/* Is it all there, no shorter than that, and its sum right? */
static bool
whole(const uint8_t *e, size_t room, size_t size, size_t least)
{
	return size >= least && size <= MIN(room, MOSTENTRY) &&
	       sumszero(e, size);
}

bool
smbiosentry(const uint8_t *e, size_t room, Smbios *s)
{
	if (room < LEASTENTRY)
		return false;
	if (memcmp(e, "_SM3_", 5) == 0) {
		if (!whole(e, room, e[6], ENTRY3))
			return false;
		s->table = little(e + TABLE3, 8);
		s->size = little(e + TABLESIZE3, 4);
		s->exact = false;
	} else if (memcmp(e, "_SM_", 4) == 0) {
		/* Version 2.1 of the specification gave the length as 0x1e. */
		if (!whole(e, room, e[5], ENTRY2 - 1))
			return false;
		s->table = little(e + TABLE2, 4);
		s->size = little(e + TABLESIZE2, 2);
		s->exact = true;
	} else
		return false;
	return s->table != 0;
}

static bool
isram(const uint8_t *d)
{
	uint8_t kind = d[1] > KIND ? d[KIND] : 0;

	return kind != VRAM && (kind < FIRSTROM || kind > LASTROM);
}

/* Of one memory device; 0 if the socket is empty, or nobody knows. */
static uint64_t
devicesize(const uint8_t *d)
{
	size_t length = d[1];

	if (length < DEVICESIZEEND || !isram(d))
		return 0;
	uint64_t size = little(d + DEVICESIZE, 2);
	if (size == UNKNOWN)
		return 0;
	if (size == ISEXTENDED && length >= EXTENDEDEND)
		return (little(d + EXTENDED, 4) & 0x7fffffff) * MiB;
	return size & INKIB ? (size & ~INKIB) * KiB : size * MiB;
}

/* What the structure takes with its strings; 0 if it does not end. */
static size_t
structuresize(const uint8_t *p, size_t size)
{
	if (size < HEADER || p[1] < HEADER)
		return 0;
	for (size_t n = p[1]; n + 2 <= size; n++)
		if (p[n] == 0 && p[n + 1] == 0)
			return n + 2;
	return 0;
}

/* Through all structures: what is in memory devices; is there an end? */
static bool
walk(const uint8_t *p, size_t size, uint64_t *sum)
{
	*sum = 0;
	for (size_t n = 0; (n = structuresize(p, size)) != 0;
	     p += n, size -= n) {
		if (p[0] == ENDOFTABLE)
			return true;
		if (p[0] == MEMORYDEVICE)
			*sum += devicesize(p);
	}
	return false;
}

uint64_t
smbiosmemory(const uint8_t *table, size_t size)
{
	uint64_t sum;

	walk(table, size, &sum);
	return sum;
}

bool
smbiosends(const uint8_t *table, size_t size)
{
	uint64_t sum;

	return walk(table, size, &sum);
}
