/*
 * migrate.c - blocks of malloc and of xalloc, pages, and an image's pages, on
 * all CPUs at once, with a model of who owns what.
 *
 *	blocks, pages	each is taken, filled, and left at a place where whoever
 *			comes next takes it away, looks at it and frees it
 *	an image	each looks for a page of it, caches one where there is
 *			none, reads it, and throws some out
 *
 * Who owns a block or a page has written its own address there, and takes it
 * back by an exchange before it is freed. If two own one, they do so one after
 * the other, and the second finds it gone.
 */
#include "migrate.h"
#include "hooks.h"
#include "image.h"
#include "pool.h"
#include "xalloc.h"

typedef struct Blockhead Blockhead;

enum {
	ROUNDS = 300,
	NSHARED = 16,
	NCACHED = 16, /* pages of the image */
	MOSTSIZE = 3000,
	LARGER = 16, /* times as large, some */
	LASTWORD = BY2PG / sizeof(uint64_t) - 1,
};

/* The beginning of a block that somebody owns. */
struct Blockhead {
	Blockhead *self;
	size_t size;
	bool fromx; /* xalloc's; or else malloc's */
};

static Blockhead *blocks[NSHARED];
static Page *pages[NSHARED];
static Image image;
static Page *hash[NCACHED];

static Blockhead *
takeblock(size_t size, bool fromx)
{
	Blockhead *b = fromx ? xspanallocfor(XPOOL, size, 0, 0) : malloc(size);

	if (b != NULL)
		b->fromx = fromx;
	return b;
}

static Blockhead *
makeblock(uint32_t r)
{
	size_t most = r % 8 == 0 ? MOSTSIZE * LARGER : MOSTSIZE;
	size_t size = sizeof(Blockhead) + 1 + (r >> 4) % most;
	Blockhead *b = takeblock(size, r % 2 == 0);

	if (b == NULL)
		return NULL;
	memset(b + 1, (int)(size & 0xff), size - sizeof *b);
	b->size = size;
	__atomic_store_n(&b->self, b, __ATOMIC_RELEASE);
	return b;
}

/* As it was made, whoever made it. */
static bool
intact(const Blockhead *b)
{
	const uint8_t *p = (const uint8_t *)(b + 1);

	if (b->size > sizeof *b + MOSTSIZE * LARGER)
		return false;
	for (size_t i = 0; i < b->size - sizeof *b; i++)
		if (p[i] != (b->size & 0xff))
			return false;
	return true;
}

/* NULL, or what was wrong: then it is not freed. */
static const char *
endblock(Blockhead *b)
{
	if (b == NULL)
		return NULL;
	if (!intact(b) ||
	    __atomic_exchange_n(&b->self, NULL, __ATOMIC_ACQ_REL) != b)
		return "a block was written by another";
	if (b->fromx)
		xfree(b);
	else
		free(b);
	return NULL;
}

static Page *
makepage(void)
{
	Page *pg = newpage(NOCLEAR, 0);

	if (pg == NULL)
		return NULL;
	uint64_t *w = kmap(pg);
	w[LASTWORD] = pagepa(pg);
	__atomic_store_n(&w[0], pagepa(pg), __ATOMIC_RELEASE);
	kunmap(w);
	return pg;
}

static const char *
endpage(Page *pg)
{
	if (pg == NULL)
		return NULL;
	uint64_t *w = kmap(pg);
	bool right =
	    w[LASTWORD] == pagepa(pg) &&
	    __atomic_exchange_n(&w[0], 0, __ATOMIC_ACQ_REL) == pagepa(pg);

	kunmap(w);
	if (!right)
		return "a page was written by another";
	putpage(pg);
	return NULL;
}

/* A page of the image at that address, held by us: a new one may be too late.
 */
static Page *
makecached(uint64_t daddr)
{
	Page *pg = newpage(NOCLEAR, 0);

	if (pg == NULL)
		return NULL;
	uint64_t *w = kmap(pg);
	w[0] = daddr;
	w[LASTWORD] = pagepa(pg);
	kunmap(w);
	pagesetdaddr(pg, daddr);
	cachepage(pg, &image);
	return pg;
}

static const char *
readcached(uint64_t daddr, bool out)
{
	Page *pg = lookpage(&image, daddr);

	if (pg == NULL)
		pg = makecached(daddr);
	if (pg == NULL)
		return NULL;
	uint64_t *w = kmap(pg);
	bool right = w[0] == daddr && w[LASTWORD] == pagepa(pg);
	kunmap(w);
	if (out)
		cachedel(&image, daddr);
	putpage(pg);
	return right ? NULL : "a cached page is another's";
}

int
migratebegin(void)
{
	memset(blocks, 0, sizeof blocks);
	memset(pages, 0, sizeof pages);
	return imageopen(&image, hash, NCACHED);
}

/* One of each; what was wrong. */
static const char *
step(uint32_t r)
{
	size_t k = r >> 20 & (NSHARED - 1);
	const char *why;

	why = endblock(__atomic_exchange_n(
	    &blocks[k], makeblock(r >> 4), __ATOMIC_ACQ_REL));
	if (why == NULL)
		why = endpage(__atomic_exchange_n(
		    &pages[k], makepage(), __ATOMIC_ACQ_REL));
	if (why == NULL)
		why = readcached(r >> 12 & (NCACHED - 1), (r >> 16) % 4 == 0);
	return why;
}

const char *
migrate(uint32_t n)
{
	const char *why = NULL;
	uint32_t r = n + 1;

	for (int i = 0; i < ROUNDS && why == NULL; i++) {
		r = r * 1664525 + 1013904223;
		why = step(r);
	}
	return why;
}

const char *
migrateend(void)
{
	const char *why = NULL;

	for (size_t i = 0; i < NSHARED; i++) {
		const char *block = endblock(blocks[i]);
		const char *page = endpage(pages[i]);

		why = why != NULL ? why : block != NULL ? block : page;
	}
	imageclose(&image);
	return why;
}
