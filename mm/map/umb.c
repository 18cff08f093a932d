/*
 * umb.c - the memmap by 9front's other names: memreserve, upa*, umb*.
 */
#include "memmap.h"
#include "hooks.h"
#include "number.h"

void
memreserve(paddr_t pa, size_t size)
{
	size = PGROUND(size + (pa & (BY2PG - 1)));
	memmapadd(ROUNDDOWN(pa, BY2PG), size, MemReserved);
}

paddr_t
upaalloc(paddr_t pa, size_t size, size_t align)
{
	return memmapalloc(pa, size, align, MemUPA);
}

void
upafree(paddr_t pa, size_t size)
{
	memmapfree(pa, size, MemUPA);
}

paddr_t
umballoc(paddr_t pa, size_t size, size_t align)
{
	return memmapalloc(pa, size, align, MemUMB);
}

void
umbfree(paddr_t pa, size_t size)
{
	memmapfree(pa, size, MemUMB);
}

paddr_t
upaallocwin(paddr_t pa, size_t win, size_t size, size_t align)
{
	paddr_t end = win > NOADDR - pa ? NOADDR : pa + win;
	Memrange r;

	if (align == 0)
		align = 1;
	for (paddr_t at = pa; memmaprange(at, &r) && r.pa < end; at = r.end) {
		paddr_t base = ROUNDUP(MAX(r.pa, pa), align);
		paddr_t top = MIN(r.end, end);

		if (r.type != MemUPA || r.allocated || base >= top ||
		    top - base < size)
			continue;
		if ((base = upaalloc(base, size, align)) != NOADDR)
			return base;
	}
	return NOADDR;
}

/* The word before the first of these characters, or before the end. */
static size_t
wordlen(const char *s, char stop, char stop2)
{
	size_t n = 0;

	while (s[n] != '\0' && s[n] != stop && s[n] != stop2)
		n++;
	return n;
}

/* Read one "first-last" of the list and step over it; -1 and *bad set. */
static int
blockrange(const char **list, paddr_t *pa, paddr_t *end, Badword *bad)
{
	const char *s = *list;
	size_t len = wordlen(s, '-', ',');

	if (textnumber(s, len, 10, pa) < 0 || s[len] != '-') {
		*bad = (Badword){s, len, "first-last, such as 0xa0000-0xbffff"};
		return -1;
	}
	s += len + 1;
	len = wordlen(s, ',', ',');
	if (textnumber(s, len, 10, end) < 0 || ++*end <= *pa) {
		*bad = (Badword){s, len, "an address, not before the first"};
		return -1;
	}
	*list = s + len + (s[len] == ',');
	return 0;
}

/* Take every free upper memory block in [pa, end), one way or the other. */
static void
exclude(paddr_t pa, paddr_t end)
{
	Memrange r;

	for (; pa < end && memmaprange(pa, &r); pa = r.end) {
		paddr_t base = MAX(r.pa, pa);
		size_t size = MIN(r.end, end) - base;

		if (r.type != MemUMB || r.allocated || base >= end)
			continue;
		if (umballoc(base, size, 1) == NOADDR)
			memreserve(base, size);
	}
}

int
umbexclude(const char *list, Badword *bad)
{
	paddr_t pa;
	paddr_t end;

	for (const char *s = list; *s != '\0';)
		if (blockrange(&s, &pa, &end, bad) < 0)
			return -1;
	while (*list != '\0') {
		blockrange(&list, &pa, &end, bad);
		exclude(pa, end);
	}
	return 0;
}
