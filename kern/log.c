/*
 * log.c - the ring and its readers: see log.h.
 *
 * Pointers here are set at run time only, on each side of the takeover anew.
 */
#include "log.h"
#include "hooks.h"

enum { MAXSINK = 3 };

static Log *ring;
static Sink *sinks[MAXSINK];
static size_t nsinks;
static Sink *keeper;
static Sink *aside;

void
logcreate(void *mem, size_t size)
{
	ring = mem;
	ring->size = size - sizeof *ring;
	ring->wrote = 0;
	ring->lost = 0;
}

void
logmove(void *mem, size_t size)
{
	Log *old = ring;

	uint64_t lost = loglost();

	logcreate(mem, size);
	if (old == NULL)
		return;
	ring->lost = lost;
	for (uint64_t i = old->wrote - MIN(old->wrote, old->size);
	     i < old->wrote; i++)
		logwrite(&old->text[i % old->size], 1);
}

void
logresume(void *mem)
{
	ring = mem;
	nsinks = 0;
	keeper = aside = NULL;
}

void
logsink(Sink *sink, enum logreplay how)
{
	if (nsinks == MAXSINK)
		panic("more than %d sinks", MAXSINK);
	if (how == LOGREPLAY)
		logreplay(sink, SIZE_MAX);
	sinks[nsinks++] = sink;
}

size_t
logsinks(void)
{
	return nsinks;
}

void
lognosinks(void)
{
	nsinks = 0;
}

void
logwrite(const char *s, size_t n)
{
	if (aside != NULL) {
		aside(s, n);
		return;
	}
	for (size_t i = 0; i < n && ring != NULL; i++)
		ring->text[ring->wrote++ % ring->size] = s[i];
	if (keeper != NULL)
		keeper(s, n);
	for (size_t i = 0; i < nsinks; i++)
		sinks[i](s, n);
}

void
logreplay(Sink *sink, size_t last)
{
	if (ring == NULL)
		return;
	size_t n = MIN(last, MIN(ring->wrote, ring->size));
	size_t at = (ring->wrote - n) % ring->size;
	size_t first = MIN(n, ring->size - at);

	sink(ring->text + at, first);
	sink(ring->text, n - first);
}

uint64_t
loglost(void)
{
	if (ring == NULL)
		return 0;
	return ring->lost + ring->wrote - MIN(ring->wrote, ring->size);
}

uint64_t
logwrote(void)
{
	return ring == NULL ? 0 : ring->wrote;
}

void
logkeep(Sink *sink)
{
	keeper = sink;
}

void
logaside(Sink *sink)
{
	aside = sink;
}
