/*
 * ramtry.c - try the RAM that the map promises before anybody has it.
 *
 *	2 MiB  |x......x.......x......|x......x.......x......|x...
 *	pass 1  some pages of each are written, each word with its address
 *	pass 2  the same are read back; nothing is written
 *	pass 3  pieces that failed, and those about them as far as they have
 *	        bad pages, are looked at closely
 *
 * So the ends of what is missing are found to the page. What another address
 * shows as well (an alias) does not hold what it was given once all is written,
 * and holds it in pass 3.
 */
#include "badram.h"
#include "hooks.h"
#include "memmap.h"

typedef struct Piece Piece;
typedef struct Pass Pass;

enum {
	PIECEPAGES = 512,
	NFAILED = 64,          /* runs of pieces that are looked at closely */
	SAMPLES = 8,           /* most pages tried of a piece, in a quick try */
	QUICKPAGES = 36 << 10, /* and of all pieces, more than EACH has */
};

#define PIECESIZE ((paddr_t)PIECEPAGES * BY2PG)
#define EACH (64 * GiB) /* below, a page of every piece is tried */

/* Free RAM within 2 MiB of addresses, whole pages. */
struct Piece {
	paddr_t pa;
	size_t npages;
};

/*
 * Which pages are tried: so many of each piece; above EACH, of one in stride,
 * by its address: the map changes on the way.
 */
struct Pass {
	size_t samples;
	size_t stride;
};

static Ramtry tried;

/* Pieces that failed; more than there is room for are reserved as they are. */
static struct {
	size_t n;
	Badrange run[NFAILED];
} failed;

const Ramtry *
ramtried(void)
{
	return &tried;
}

void
ramtriedall(size_t npages)
{
	tried.tried = tried.total = npages;
}

void
ramtriedsince(size_t npages)
{
	tried.since = npages;
}

/* The first piece that ends after pa. */
static bool
nextpiece(paddr_t pa, Piece *p)
{
	Memrange r;

	for (; memmaprange(pa, &r); pa = r.end) {
		paddr_t lo = PGROUND(MAX(r.pa, pa));
		paddr_t hi = ROUNDDOWN(r.end, BY2PG);

		hi = MIN(hi, ROUNDDOWN(lo, PIECESIZE) + PIECESIZE);
		if (r.type != MemRAM || r.allocated || lo >= hi)
			continue;
		*p = (Piece){lo, (hi - lo) / BY2PG};
		return true;
	}
	return false;
}

static paddr_t
pieceend(const Piece *p)
{
	return p->pa + p->npages * BY2PG;
}

/* The next piece at or after pa that is tried. */
static bool
nextsample(const Pass *s, paddr_t pa, Piece *p)
{
	for (; nextpiece(pa, p); pa = pieceend(p))
		if (p->pa < EACH || p->pa / PIECESIZE % s->stride == 0)
			return true;
	return false;
}

/* The i-th of n pages, the first and the last among them, of a piece. */
static paddr_t
sample(const Piece *p, size_t i, size_t n)
{
	return p->pa + (n < 2 ? 0 : (p->npages - 1) * i / (n - 1)) * BY2PG;
}

static size_t
nsamples(const Pass *s, const Piece *p)
{
	return MIN(s->samples, p->npages);
}

/* Does no sampled page of it hold what it is given here and now? */
static bool
allbad(const Piece *p)
{
	size_t n = MIN((size_t)SAMPLES, p->npages);

	for (size_t i = 0; i < n; i++) {
		probewrite(sample(p, i, n), 1);
		if (probecheck(sample(p, i, n), 1, NULL) == 0)
			return false;
	}
	return true;
}

static void
reserve(paddr_t pa, size_t npages)
{
	memmapadd(pa, npages * BY2PG, MemReserved);
	badram(pa, npages, BADINMAP);
}

/* Reserve every bad page of the piece; how many there are. */
static size_t
tryclosely(const Piece *p)
{
	uint8_t is[PIECEPAGES] = {0};

	if (allbad(p)) {
		reserve(p->pa, p->npages);
		return p->npages;
	}
	probewrite(p->pa, p->npages);
	size_t nbad = probecheck(p->pa, p->npages, is);
	for (size_t i = 0, n = 0; i < p->npages && nbad > 0; i += n + 1) {
		n = 0;
		while (i + n < p->npages && is[i + n] != 0)
			n++;
		if (n > 0)
			reserve(p->pa + i * BY2PG, n);
	}
	return nbad;
}

/* Pieces from pa down that have bad pages; and up. */
static void
trybelow(paddr_t pa)
{
	Piece p;

	while (pa >= PIECESIZE && nextpiece(pa - PIECESIZE, &p) && p.pa < pa &&
	       tryclosely(&p) > 0)
		pa -= PIECESIZE;
}

static void
tryabove(paddr_t pa)
{
	Piece p;

	while (nextpiece(pa, &p) && p.pa < pa + PIECESIZE && tryclosely(&p) > 0)
		pa += PIECESIZE;
}

static void
fails(const Piece *p)
{
	size_t n = failed.n;

	if (n > 0 && failed.run[n - 1].end == p->pa)
		failed.run[n - 1].end = pieceend(p);
	else if (failed.n < NFAILED)
		failed.run[failed.n++] = (Badrange){p->pa, pieceend(p)};
	else
		reserve(p->pa, p->npages);
}

/*
 * A page of each piece did not hold what it was given. If they all do now, one
 * at a time, the piece is seen at other addresses too.
 */
static void
suspect(const Badrange *run)
{
	size_t closely = 0;
	Piece p;

	for (paddr_t pa = run->pa; nextpiece(pa, &p) && p.pa < run->end;
	     pa = pieceend(&p)) {
		size_t n = tryclosely(&p);

		closely += n;
		if (n == 0)
			reserve(p.pa, p.npages);
	}
	if (closely == 0)
		return;
	trybelow(ROUNDDOWN(run->pa, PIECESIZE));
	tryabove(ROUNDUP(run->end, PIECESIZE));
}

static void
sayranges(void)
{
	Badrange r = {.end = 0};

	while (badramnext(r.end, &r))
		memmapodd("bad", r.pa, (r.end - r.pa) / BY2PG);
}

/* How thinly, for so many pages in so many pieces. */
static Pass
plan(enum tryhow how)
{
	Pass s = {.samples = PIECEPAGES, .stride = 1};
	size_t npieces = 0;
	Piece p;

	for (paddr_t pa = 0; nextpiece(pa, &p); pa = pieceend(&p)) {
		npieces++;
		tried.total += p.npages;
	}
	if (how == TRYALL || npieces == 0)
		return s;
	s.samples = MIN(MAX(QUICKPAGES / npieces, (size_t)1), (size_t)SAMPLES);
	s.stride = npieces / QUICKPAGES + 1;
	return s;
}

/* Pages next to each other in one go. */
static void
writepiece(const Piece *p, size_t n)
{
	if (n == p->npages)
		probewrite(p->pa, n);
	for (size_t i = 0; i < n && n < p->npages; i++)
		probewrite(sample(p, i, n), 1);
}

static bool
pieceholds(const Piece *p, size_t n)
{
	size_t nbad = 0;

	if (n == p->npages)
		return probecheck(p->pa, n, NULL) == 0;
	for (size_t i = 0; i < n; i++)
		nbad += probecheck(sample(p, i, n), 1, NULL);
	return nbad == 0;
}

void
ramtry(enum tryhow how)
{
	tried = (Ramtry){.total = 0};
	failed.n = 0;
	Pass s = plan(how);
	Piece p;

	for (paddr_t pa = 0; nextsample(&s, pa, &p); pa = pieceend(&p)) {
		writepiece(&p, nsamples(&s, &p));
		tried.tried += nsamples(&s, &p);
	}
	for (paddr_t pa = 0; nextsample(&s, pa, &p); pa = pieceend(&p))
		if (!pieceholds(&p, nsamples(&s, &p)))
			fails(&p);
	for (size_t i = 0; i < failed.n; i++)
		suspect(&failed.run[i]);
	sayranges();
}
