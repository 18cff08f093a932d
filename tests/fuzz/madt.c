/*
 * madt.c - any bytes as ACPI's table of CPUs: what is named is in an enabled
 * entry, each once, and each such entry is named.
 *
 * needs: efi/tables/madt.c
 */
#include "../../efi/tables/madt.h"
#include "fuzz.h"

enum { HEAD = 44, MOSTENTRIES = 65536 };

/* Ids of enabled entries, by a walk of our own; how many. */
static size_t
enabled(const uint8_t *t, size_t size, uint64_t *ids)
{
	size_t n = 0;

	while (size >= 2 && t[1] >= 2 && t[1] <= size && n < MOSTENTRIES) {
		if (t[0] == 0 && t[1] >= 8 && (t[4] & 1) && t[3] != 0xff)
			ids[n++] = t[3];
		if (t[0] == 9 && t[1] >= 16 && (t[8] & 1) &&
		    memcmp(t + 4, "\xff\xff\xff\xff", 4) != 0)
			ids[n++] = t[4] | t[5] << 8 | t[6] << 16 |
				   (uint64_t)t[7] << 24;
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

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static uint64_t ids[MOSTENTRIES];
	static Cpulist c;

	if (n < HEAD)
		return 0;
	size_t wanted = enabled(data + HEAD, n - HEAD, ids);
	madtread(data, n, &c);
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
	return 0;
}
