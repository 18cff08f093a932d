/*
 * lowtables.c - see lowtables.h.
 *
 * needs: tests/host/fakefw.c
 */
#include "lowtables.h"
#include "fakefw.h"
#include "hooks.h"

#include <sys/mman.h>

uint8_t *low;
size_t used;

void
sum(uint8_t *p, size_t size, size_t at)
{
	uint8_t s = 0;

	p[at] = 0;
	for (size_t i = 0; i < size; i++)
		s = (uint8_t)(s + p[i]);
	p[at] = (uint8_t)-s;
}

uint8_t *
table(const char *signature, uint32_t size)
{
	uint8_t *t = low + used;

	used = ROUNDUP(used + size, 64);
	if (used > LOWROOM)
		panic("more than %d bytes of tables", LOWROOM);
	memset(t, 0, size);
	memcpy(t, signature, 4);
	memcpy(t + 4, &size, 4);
	sum(t, size, 9);
	return t;
}

uint8_t *
roottable(const char *signature, size_t width, uint8_t *const *list)
{
	size_t n = 0;

	while (list[n] != NULL)
		n++;
	uint8_t *t = table(signature, (uint32_t)(TABLEHEAD + n * width));
	for (size_t i = 0; i < n; i++) {
		uint64_t at = (uintptr_t)list[i];

		memcpy(t + TABLEHEAD + i * width, &at, width);
	}
	sum(t, TABLEHEAD + n * width, 9);
	return t;
}

uint8_t *
root(uint8_t *at, uint8_t revision, uint64_t rsdt, uint64_t xsdt)
{
	memset(at, 0, 36);
	memcpy(at, "RSD PTR ", 8);
	at[15] = revision;
	memcpy(at + 16, &rsdt, 4);
	at[20] = 36;
	memcpy(at + 24, &xsdt, 8);
	sum(at, 20, 8);
	sum(at, 36, 32);
	return at;
}

void
known(const void *p, size_t npages)
{
	fakedesc(9, (uintptr_t)p, npages, 8);
}

void *
memory(void *at, size_t size, int flags)
{
	void *p = mmap(at, size, PROT_READ | PROT_WRITE,
	    MAP_PRIVATE | MAP_ANONYMOUS | flags, -1, 0);

	if (p == MAP_FAILED)
		panic("no %zu bytes at %p", size, at);
	return p;
}

void
lowtablesopen(void)
{
	low = memory(NULL, LOWROOM, MAP_32BIT);
	memory((void *)BIOS, BIOSSIZE, MAP_FIXED_NOREPLACE);
}

void
lowtablesstart(void)
{
	memset((void *)BIOS, 0, BIOSSIZE);
	used = 0;
	known(low, LOWROOM / BY2PG);
}
