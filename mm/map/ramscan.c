/*
 * ramscan.c - write everywhere, then read everywhere: see ramscan.h.
 *
 *	pass 1  [write][write][write]...	each word holds its address
 *	pass 2  [check][check][check]...	an alias holds another's
 *
 * The pieces are those of the address space, cut short where the free memory
 * of the type starts and ends; both passes find them in the memmap, which
 * pass 2 changes only behind itself.
 */
#include "ramscan.h"
#include "badram.h"
#include "hooks.h"

enum { REPORTS = 8 }; /* progress lines a pass, at most */

typedef struct Scan Scan;
struct Scan {
	paddr_t end;
	enum memtype type;
	size_t total;  /* bytes to try */
	size_t done;   /* of those, in this pass */
	size_t report; /* the next progress line is due here */
	const char *verb;
	paddr_t badpa; /* failed pieces in a row, not yet listed */
	paddr_t badend;
	Ramscan *result;
};

/* The first piece that ends after pa, its whole pages in *lo, *hi. */
static bool
piece(const Scan *s, paddr_t pa, paddr_t *lo, paddr_t *hi)
{
	Memrange r;

	for (; pa < s->end && memmaprange(pa, &r); pa = r.end) {
		if (r.type != s->type || r.allocated)
			continue;
		*lo = PGROUND(MAX(r.pa, pa));
		*hi = ROUNDDOWN(MIN(r.end, s->end), BY2PG);
		*hi = MIN(*hi, ROUNDDOWN(*lo, RAMSCANPIECE) + RAMSCANPIECE);
		if (*lo < *hi)
			return true;
	}
	return false;
}

static void
progress(Scan *s, size_t size)
{
	s->done += size;
	if (s->done < s->report)
		return;
	print("ramscan: %s %zuM of %zuM\n", s->verb, (size_t)(s->done / MiB),
	    (size_t)(s->total / MiB));
	s->report += s->total / REPORTS;
}

static void
startpass(Scan *s, const char *verb)
{
	s->verb = verb;
	s->done = 0;
	s->report = s->total / REPORTS;
}

static void
listbad(Scan *s)
{
	if (s->badpa < s->badend) {
		memmapodd("bad", s->badpa, PAGES(s->badend - s->badpa));
		memmapavoid(s->badpa, s->badend);
	}
	s->badpa = s->badend = 0;
}

static void
judge(Scan *s, paddr_t lo, paddr_t hi)
{
	if (probecheck(lo, (hi - lo) / BY2PG, NULL) == 0) {
		s->result->good += hi - lo;
		if (s->type != MemRAM)
			memmapadd(lo, hi - lo, MemRAM);
		return;
	}
	s->result->bad += hi - lo;
	memmapadd(lo, hi - lo, MemReserved);
	badram(lo, (hi - lo) / BY2PG, BADINMAP);
	if (s->badend != lo) {
		listbad(s);
		s->badpa = lo;
	}
	s->badend = hi;
}

void
ramscan(paddr_t pa, paddr_t end, enum memtype type, Ramscan *result)
{
	Scan s = {.end = end, .type = type, .result = result};
	paddr_t lo;
	paddr_t hi;

	*result = (Ramscan){0};
	for (paddr_t at = pa; piece(&s, at, &lo, &hi); at = hi)
		s.total += hi - lo;
	startpass(&s, "written");
	for (paddr_t at = pa; piece(&s, at, &lo, &hi); at = hi) {
		probewrite(lo, (hi - lo) / BY2PG);
		progress(&s, hi - lo);
	}
	startpass(&s, "checked");
	for (paddr_t at = pa; piece(&s, at, &lo, &hi); at = hi) {
		judge(&s, lo, hi);
		progress(&s, hi - lo);
	}
	listbad(&s);
}
