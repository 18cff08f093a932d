/*
 * tables.c - any bytes as one of firmware's tables: what its reader makes of
 * it is what a walk of our own finds, and nothing outside is read.
 *
 * The first byte chooses: ACPI's MADT, MCFG, DMAR, IVRS or SPCR, whose head is
 * there already; SMBIOS's structures; or an entry point to those.
 *
 * needs: efi/tables/madt.c efi/tables/buses.c efi/tables/spcr.c
 * needs: efi/tables/smbios.c
 */
#include "../../efi/tables/buses.h"
#include "../../efi/tables/madt.h"
#include "../../efi/tables/smbios.h"
#include "../../efi/tables/spcr.h"
#include "fuzz.h"

enum { HEAD = 36, MADTHEAD = 44, UNITSHEAD = 48, MOSTENTRIES = 65536 };

static uint64_t
word(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	memcpy(&v, p, n);
	return v;
}

/* ---- MADT ---- */

/* Ids of enabled entries; how many. */
static size_t
enabled(const uint8_t *t, size_t size, uint64_t *ids)
{
	size_t n = 0;

	while (size >= 2 && t[1] >= 2 && t[1] <= size && n < MOSTENTRIES) {
		if (t[0] == 0 && t[1] >= 8 && (t[4] & 1) && t[3] != 0xff)
			ids[n++] = t[3];
		if (t[0] == 9 && t[1] >= 16 && (t[8] & 1) &&
		    memcmp(t + 4, "\xff\xff\xff\xff", 4) != 0)
			ids[n++] = word(t + 4, 4);
		size -= t[1];
		t += t[1];
	}
	return n;
}

static bool
among(const uint64_t *ids, size_t n, uint64_t id)
{
	for (size_t i = 0; i < n; i++)
		if (ids[i] == id)
			return true;
	return false;
}

static bool
named(const Cpulist *c, uint64_t id)
{
	for (size_t i = 0; i < c->n; i++)
		if (c->id[i] == id)
			return true;
	return false;
}

/* What is named is enabled, each once, and each that is enabled is named. */
static void
madt(const uint8_t *t, size_t n)
{
	static uint64_t ids[MOSTENTRIES];
	static Cpulist c;
	size_t wanted =
	    n > MADTHEAD ? enabled(t + MADTHEAD, n - MADTHEAD, ids) : 0;

	madtread(t, n, &c);
	for (size_t i = 0; i < c.n; i++)
		if (!among(ids, wanted, c.id[i]))
			panic("%u is nobody", (unsigned)c.id[i]);
	for (size_t i = 0; i < c.n; i++)
		for (size_t j = 0; j < i; j++)
			if (c.id[i] == c.id[j])
				panic("%u twice", (unsigned)c.id[i]);
	for (size_t i = 0; i < wanted && c.lost == 0; i++)
		if (!named(&c, ids[i]))
			panic("%ju is left out", (uintmax_t)ids[i]);
}

/* ---- MCFG, DMAR, IVRS ---- */

static void
mcfg(const uint8_t *t, size_t size)
{
	Pcibuses got[MOSTPCI];
	size_t n = mcfgread(t, size, got);
	size_t k = 0;

	for (const uint8_t *p = t + 44; p + 16 <= t + size && k < MOSTPCI;
	     p += 16) {
		uint64_t pa = word(p, 8);

		if (pa == 0 || pa % MiB != 0 || p[10] > p[11])
			continue;
		if (k >= n || got[k].pa != pa || got[k].first != p[10] ||
		    got[k].last != p[11] || got[k].segment != word(p + 8, 2))
			panic("bus %zu of %zu is another", k, n);
		k++;
	}
	if (k != n)
		panic("%zu and not %zu", n, k);
}

static bool
isunit(const uint8_t *p, bool amd)
{
	if (!amd)
		return word(p, 2) == 0;
	return p[0] == 0x10 || p[0] == 0x11 || p[0] == 0x40;
}

static void
iommus(const uint8_t *t, size_t size, bool amd)
{
	uint64_t units[MOSTENTRIES / 16];
	size_t n = 0;
	Iommus u;

	(amd ? ivrsread : dmarread)(t, size, &u);
	for (size_t at = UNITSHEAD, step = 0; at + 16 <= size; at += step) {
		uint64_t pa = word(t + at + 8, 8);

		step = word(t + at + 2, 2);
		if (step < 4)
			break;
		if (step >= 16 && isunit(t + at, amd) && pa != 0 &&
		    pa % BY2PG == 0 && !among(units, n, pa))
			units[n++] = pa;
	}
	if (u.n != MIN(n, (size_t)MOSTIOMMU) || (u.lost != 0) != (n > u.n) ||
	    u.table != (amd ? IOMMUIVRS : IOMMUDMAR))
		panic("%zu units, %zu lost, and not %zu", (size_t)u.n,
		    (size_t)u.lost, n);
	for (size_t i = 0; i < u.n; i++)
		if (u.unit[i] != units[i])
			panic("unit %zu is another", i);
}

/* ---- SPCR ---- */

static void
spcr(const uint8_t *t, size_t size)
{
	Uart u;
	bool good = spcrread(t, size, &u);

	if (size < 52 || t[42] != 0 || word(t + 44, 8) == 0 || t[40] > 1 ||
	    (t[36] > 1 && t[36] != 0x12)) {
		if (good)
			panic("a port at %#jx that is none", u.addr);
		return;
	}
	unsigned bits = t[41] == 16 || t[41] == 32 ? t[41] / 8 : 1;
	unsigned width = t[40] == 1                 ? 1
			 : t[43] >= 1 && t[43] <= 3 ? 1u << (t[43] - 1)
						    : bits;
	unsigned stride = t[40] == 0      ? MAX(width, bits)
			  : t[36] == 0x12 ? bits
					  : 1;
	if (!good || u.addr != word(t + 44, 8) || u.width != width ||
	    u.stride != stride || (u.space == UARTPORT) != (t[40] == 1))
		panic("a port at %#jx, %u wide, %u apart", u.addr,
		    (unsigned)u.width, (unsigned)u.stride);
	if (uartsane(&u, 46) && (u.addr % u.width != 0 || u.addr < 8 ||
				    u.addr + 7 * u.stride + u.width >
					(t[40] ? 1ull << 16 : 1ull << 46)))
		panic("%#jx is not sane", u.addr);
}

/* ---- SMBIOS ---- */

static uint64_t
bytesof(const uint8_t *p)
{
	uint64_t size = p[1] >= 14 ? word(p + 12, 2) : 0;

	if (p[1] > 18 && (p[18] == 5 || (p[18] >= 8 && p[18] <= 12)))
		return 0;
	if (size == 0xffff)
		return 0;
	if (size == 0x7fff && p[1] >= 32)
		return (word(p + 28, 4) << 20) & 0x7ffffffffffff;
	return size >> 15 ? (size - 0x8000) << 10 : size << 20;
}

static void
structures(const uint8_t *p, size_t size)
{
	const uint8_t *end = p + size;
	uint64_t got = smbiosmemory(p, size);
	uint64_t sum = 0;

	while (end - p >= 4 && p[1] >= 4 && end - p >= p[1] && p[0] != 127) {
		const uint8_t *next = p + p[1];

		for (; end - next >= 2 && (next[0] | next[1]) != 0; next++)
			;
		if (end - next < 2)
			break;
		if (p[0] == 17)
			sum += bytesof(p);
		p = next + 2;
	}
	if (got != sum)
		panic("%ju bytes and not %ju", got, sum);
}

/* Of either kind, with the bytes in it; its sum is right. */
static void
entrypoint(uint8_t *e, size_t room)
{
	bool three = room > 0 && e[0] & 1;
	uint8_t sum = 0;
	Smbios s;

	if (room > 7) {
		memcpy(e, three ? "_SM3_" : "_SM_", three ? 5 : 4);
		for (size_t i = 0; i < e[5 + three] && i < room; i++)
			sum += e[i];
		e[three ? 5 : 4] -= sum;
	}
	size_t size = room > 7 ? e[5 + three] : 0;
	bool good = size >= (three ? 24 : 30) && size <= 64 && size <= room &&
		    word(e + (three ? 16 : 24), three ? 8 : 4) != 0;
	for (size_t i = sum = 0; i < size && good; i++)
		sum += e[i];
	good = good && sum == 0;
	if (smbiosentry(e, room, &s) != good)
		panic("an entry point of %zu bytes in %zu", size, room);
	if (good && (s.exact == three ||
			s.size != word(e + (three ? 12 : 22), three ? 4 : 2) ||
			s.table != word(e + (three ? 16 : 24), three ? 8 : 4)))
		panic("%zu bytes at %#jx", s.size, s.table);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size == 0 || size > MOSTENTRIES)
		return 0;
	unsigned which = *data++ % 7;
	size_t head = which < 5 ? HEAD : 0;
	size_t n = head + --size;
	uint8_t *t = malloc(MAX(n, (size_t)1)); /* of that size exactly */

	memset(t, 0, head);
	memcpy(t + head, data, size);
	switch (which) {
	case 0:
		madt(t, n);
		break;
	case 1:
		mcfg(t, n);
		break;
	case 2:
	case 3:
		iommus(t, n, which == 3);
		break;
	case 4:
		spcr(t, n);
		break;
	case 5:
		structures(t, n);
		break;
	default:
		entrypoint(t, n);
	}
	free(t);
	return 0;
}
