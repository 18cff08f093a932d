/*
 * smbios.c - any bytes as SMBIOS structures: nothing outside them is read, and
 * what they add up to is what a walk of our own finds.
 *
 * needs: efi/smbios.c
 */
#include "../../efi/smbios.h"
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

	if (size == 0xffff)
		return 0;
	if (size == 0x7fff && p[1] >= 32)
		return (word(p + 28, 4) << 20) & 0x7ffffffffffff;
	return size >> 15 ? (size - 0x8000) << 10 : size << 20;
}

static uint64_t
memory(const uint8_t *p, const uint8_t *end, size_t *n)
{
	uint64_t sum = 0;

	*n = 0;
	while (end - p >= 4 && p[1] >= 4 && end - p >= p[1] && p[0] != 127) {
		const uint8_t *next = p + p[1];

		for (; end - next >= 2 && (next[0] | next[1]) != 0; next++)
			;
		if (end - next < 2)
			break;
		if (p[0] == 17) {
			sum += bytesof(p);
			*n += bytesof(p) != 0;
		}
		p = next + 2;
	}
	return sum;
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Smbios s;
	size_t n = 0;
	size_t want = 0;

	if (size >= 64 && smbiosentry(data, &s) && s.table == 0)
		panic("an entry point that leads nowhere");
	if (smbiosmemory(data, size, &n) != memory(data, data + size, &want) ||
	    n != want)
		panic("%zu devices, not %zu", n, want);
	return 0;
}
