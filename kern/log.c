/*
 * log.c - the ring and its readers: see log.h.
 *
 * Pointers here are set at run time only, on each side of the takeover anew.
 *
 * One CPU at a time writes, and has the log to itself until its line ends: who
 * comes meanwhile waits, unless that CPU has stopped in the midst of a line, or
 * of writing: then it breaks in, on a line of its own. So it does if it has
 * waited for longer than any device takes, as what it has to say may be why. A
 * sink that waits for a person lets others write meanwhile. A line that ends in
 * '\r' stays there for the next of its kind to be written over; if anything
 * else comes it is whole. Sinks have all of those, the ring and who keeps a
 * copy only the last, as it would be full of how far something is. What writes
 * while this CPU writes (an NMI's report) goes in as it comes.
 */
#include "log.h"
#include "cpus.h"
#include "hooks.h"
#include "patience.h"

enum { MAXSINK = 3, MOSTHELD = 160 };

static Log *ring;
static Sink *sinks[MAXSINK];
static size_t nsinks;
static Sink *keeper;
static Sink *aside;

static uint32_t writer; /* its CPU's number + 1 */
static char latest;     /* character that was written */

/* A line that may be written over: not in the ring yet. */
static char held[MOSTHELD];
static size_t nheld;

void
logcreate(void *mem, size_t size)
{
	ring = mem;
	ring->size = size - sizeof *ring;
	ring->wrote = ring->lost = ring->fresh = 0;
}

/* For whoever wants to know it later. */
static void
keep(const char *s, size_t n)
{
	for (size_t i = 0; i < n && ring != NULL; i++)
		ring->text[ring->wrote++ % ring->size] = s[i];
	if (keeper != NULL && n > 0)
		keeper(s, n);
}

/* Nothing was written over it. */
static void
keepheld(void)
{
	size_t n = nheld;

	nheld = 0;
	keep(held, n);
}

static void
append(const char *s, size_t n)
{
	if (aside != NULL) {
		aside(s, n);
		return;
	}
	if (s[n - 1] == '\r' && n <= sizeof held) {
		memcpy(held, s, n);
		nheld = n;
	} else {
		keepheld();
		keep(s, n);
	}
	for (size_t i = 0; i < nsinks; i++)
		sinks[i](s, n);
	latest = s[n - 1];
}

static uint64_t
freshbytes(void)
{
	return ring == NULL ? 0 : ring->wrote - ring->fresh;
}

void
logfresh(void)
{
	if (ring != NULL)
		ring->fresh = ring->wrote;
}

void
logmove(void *mem, size_t size)
{
	Log *old = ring;

	keepheld();
	uint64_t lost = loglost();
	uint64_t fresh = freshbytes();
	logcreate(mem, size);
	if (old == NULL)
		return;
	ring->lost = lost;
	for (uint64_t i = old->wrote - MIN(old->wrote, old->size);
	     i < old->wrote; i++)
		append(&old->text[i % old->size], 1);
	keepheld();
	ring->fresh = ring->wrote - MIN(fresh, ring->wrote);
}

void
logresume(void *mem)
{
	ring = mem;
	nsinks = nheld = 0;
	keeper = aside = NULL;
}

void
logsink(Sink *sink, enum logreplay how)
{
	if (nsinks == MAXSINK)
		panic("more than %d sinks", MAXSINK);
	if (how != LOGNEW)
		logreplay(sink, how == LOGFRESH ? freshbytes() : SIZE_MAX);
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

/* Writing is ours; false if we broke in. */
static bool
begin(uint32_t me)
{
	Patience p = {.last = 0};
	uint32_t is = 0;
	bool breakin = false;

	while (!__atomic_compare_exchange_n(
	    &writer, &is, me, false, __ATOMIC_ACQUIRE, __ATOMIC_RELAXED)) {
		if (is == me)
			return true;
		breakin =
		    is != 0 && (cpugone(is - 1) || rest(&p) >= PATIENCEUS);
		is = breakin ? is : 0;
	}
	return !breakin;
}

bool
logpause(void)
{
	uint32_t me = (uint32_t)cpunumber() + 1;

	return __atomic_compare_exchange_n(
	    &writer, &me, 0, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED);
}

void
loggoon(void)
{
	begin((uint32_t)cpunumber() + 1);
}

/* Unless the line goes on, but over again, or another has broken in. */
static void
end(uint32_t me)
{
	if (latest == '\n' || latest == '\r')
		__atomic_compare_exchange_n(
		    &writer, &me, 0, false, __ATOMIC_RELEASE, __ATOMIC_RELAXED);
}

/* What goes on over again may stand there: nothing else is written over it. */
static bool
goesover(const char *s, size_t n)
{
	return s[0] == '\n' || s[n - 1] == '\r';
}

void
logwrite(const char *s, size_t n)
{
	uint32_t me = (uint32_t)cpunumber() + 1;

	if (n == 0)
		return;
	bool ours = begin(me);
	if (latest == '\r' ? !goesover(s, n) : !ours && latest != '\n')
		append("\n", 1);
	append(s, n);
	end(me);
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
