/*
 * smbios.c - any bytes as SMBIOS structures: nothing outside them is read, and
 * what they add up to is what a walk of our own finds.
 *
 * needs: efi/tables/smbios.c
 */
#include "../../efi/tables/smbios.h"
#include "fuzz.h"

static uint64_t
word(const uint8_t *p, size_t n)
{
	uint64_t v = 0;

	memcpy(&v, p, n);
	return v;
}

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

static uint64_t
memory(const uint8_t *p, const uint8_t *end)
{
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
	return sum;
}

/* An entry point of either kind that the bytes are in, whose sum is right. */
static void
entrypoint(const uint8_t *data, size_t size)
{
	uint8_t e[64] = {0};
	uint8_t sum = 0;
	bool three = size > 0 && data[0] & 1;
	Smbios s;

	memcpy(e, data, MIN(size, sizeof e));
	memcpy(e, three ? "_SM3_" : "_SM_", three ? 5 : 4);
	for (size_t i = 0; i < e[5 + three] && i < sizeof e; i++)
		sum += e[i];
	e[three ? 5 : 4] -= sum;
	if (smbiosentry(e, sizeof e, &s) &&
	    (s.table == 0 ||
		s.size != (three ? word(e + 12, 4) : word(e + 22, 2))))
		panic("an entry point that leads to %#jx", s.table);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	entrypoint(data, size);
	if (smbiosmemory(data, size) != memory(data, data + size))
		panic("not %ju bytes", memory(data, data + size));
	return 0;
}
