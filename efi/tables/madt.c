/*
 * madt.c - see madt.h.
 *
 * ACPI Specification 6.4, 5.2.12: entries of any type follow each other by
 * their length. A CPU is an entry of type 0, or of type 9 where the id does not
 * fit in a byte; 0xff and 0xffffffff mean nobody. One that is not enabled is no
 * CPU that could be started now, even if it can be added while all runs.
 */
#include "madt.h"
#include "acpi.h"

enum {
	HEAD = 44,

	LOCALAPIC = 0,
	LOCALAPICSIZE = 8,
	NOBODY = 0xff,
	LOCALX2APIC = 9,
	LOCALX2APICSIZE = 16,
	WAKEUP = 16,

	ENABLED = 1 << 0,
	CANCOME = 1 << 1,
};
#define NOX2BODY 0xffffffff

static void
add(Cpulist *c, uint32_t id, uint64_t flags)
{
	if ((flags & ENABLED) == 0) {
		c->offline += (flags & CANCOME) != 0;
		return;
	}
	for (size_t i = 0; i < c->n; i++)
		if (c->id[i] == id)
			return;
	if (c->n == MOSTCPUS)
		c->lost++;
	else
		c->id[c->n++] = id;
}

/* An entry of n bytes; what is too short for its type says nothing. */
static void
entry(Cpulist *c, const uint8_t *e, size_t n)
{
	uint64_t id = 0;

	switch (e[0]) {
	case LOCALAPIC:
		id = n >= LOCALAPICSIZE ? numberat(e, 3, 1) : NOBODY;
		if (id != NOBODY)
			add(c, (uint32_t)id, numberat(e, 4, 4));
		break;
	case LOCALX2APIC:
		id = n >= LOCALX2APICSIZE ? numberat(e, 4, 4) : NOX2BODY;
		if (id != NOX2BODY)
			add(c, (uint32_t)id, numberat(e, 8, 4));
		break;
	case WAKEUP:
		c->mailbox = true;
		break;
	}
}

void
madtread(const uint8_t *t, size_t size, Cpulist *c)
{
	size_t n = 0;

	memset(c, 0, sizeof *c);
	c->told = true;
	for (size_t i = HEAD; i < size; i += n) {
		if (!acpientry(t, size, i, &n)) {
			c->cut = true;
			return;
		}
		entry(c, t + i, n);
	}
}
