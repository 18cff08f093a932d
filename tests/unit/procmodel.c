/*
 * procmodel.c - random lives of processes beside a model that knows only what
 * each of their pages should begin with.
 *
 * The model copies at a fork, all of it, and shares what is shared; there are
 * no page tables, references or caches in it. Memory is short, and at times
 * refused on purpose: what fails then must not have changed anything.
 *
 * needs: tests/host/procs.c
 */
#include "procs.h"
#include "image.h"

enum {
	NPROC = 6,
	NSTEP = 30000,
	MOST = 80,   /* pages of a segment, spread over its Ptes */
	STEP = 37,   /* from one to the next of those that are used */
	NTYPE = 4,   /* slots that are used */
	NWORD = 512, /* of a page */
};

typedef struct Mseg Mseg;
typedef struct Mproc Mproc;

/* A segment: what is in the word of each of its pages, below top. */
struct Mseg {
	int ref;
	uintptr_t base;
	uintptr_t top;
	uint64_t word[MOST];
};

struct Mproc {
	bool alive;
	Proc proc;
	Mseg *seg[NSEG];
};

static Mproc procs[NPROC];
static Mproc *oncpu;
static uint64_t seed;
static size_t nomem;
static size_t ndone;

static uint32_t
chance(uint32_t n)
{
	seed = seed * 6364136223846793005 + 1442695040888963407;
	return (uint32_t)(seed >> 33) % n;
}

/* The page i that is used of a segment; which word of it is. */
static uintptr_t
pageof(const Mseg *m, size_t i)
{
	return m->base + i * STEP * BY2PG + (i % NWORD) * 8;
}

static Mseg *
newmseg(uintptr_t base, size_t npages)
{
	Mseg *m = calloc(1, sizeof *m);

	*m = (Mseg){.ref = 1, .base = base, .top = base + npages * BY2PG};
	return m;
}

static void
putmseg(Mseg *m)
{
	if (--m->ref == 0)
		free(m);
}

/* What the file has there, then what follows it. */
static uint64_t
filed(size_t off, size_t len, size_t i)
{
	size_t at = i * STEP * BY2PG + (i % NWORD) * 8;

	if (at + 8 > len)
		return 0;
	return i == 0 ? off ^ FILEMARK : 0xeeeeeeeeeeeeeeee;
}

static const Filepart code = {&processfile, 0, 20 * STEP *BY2PG};
static const Filepart values = {
    &processfile, 20 * STEP *BY2PG, 10 * STEP *BY2PG + 100};

static void
setmodel(Mproc *p, int n, Mseg *m, const Filepart *file)
{
	for (size_t i = 0; file != NULL && i < MOST; i++)
		m->word[i] = filed(file->start, file->len, i);
	p->seg[n] = m;
}

/* A new process, of the program; or nothing, if there is no memory. */
static void
exec(Mproc *p)
{
	static const struct {
		enum segtype type;
		uintptr_t base;
		size_t npages;
		const Filepart *file;
	} what[NTYPE] = {
	    [SSEG] = {SG_STACK, STACK - 4 * GiB, 30 * STEP, NULL},
	    [TSEG] = {SG_TEXT, 0x1000000, 20 * STEP, &code},
	    [DSEG] = {SG_DATA, 0x4000000, 15 * STEP, &values},
	    [BSEG] = {SG_BSS, 0x8000000, 20 * STEP, NULL},
	};

	if (procmeminit(&p->proc) < 0)
		return;
	for (int n = 0; n < NTYPE; n++) {
		Segment *s =
		    what[n].file != NULL
			? attachimage(what[n].type, what[n].file, what[n].base,
			      what[n].npages)
			: newseg(what[n].type, what[n].base, what[n].npages);
		if (s == NULL) {
			procmemfree(&p->proc);
			for (n = 0; n < NTYPE; n++)
				if (p->seg[n] != NULL)
					putmseg(p->seg[n]);
			memset(p->seg, 0, sizeof p->seg);
			nomem++;
			return;
		}
		giveseg(&p->proc, n, s);
		setmodel(
		    p, n, newmseg(what[n].base, what[n].npages), what[n].file);
	}
	p->alive = true;
}

static void
end(Mproc *p)
{
	if (oncpu == p)
		oncpu = NULL;
	procmemfree(&p->proc);
	for (int n = 0; n < NSEG; n++)
		if (p->seg[n] != NULL)
			putmseg(p->seg[n]);
	memset(p->seg, 0, sizeof p->seg);
	p->alive = false;
}

static void
forkproc(Mproc *child, Mproc *p, enum dup how)
{
	if (procmeminit(&child->proc) < 0) {
		nomem++;
		return;
	}
	if (procmemdup(&child->proc, &p->proc, how) != NULL) {
		procmemfree(&child->proc);
		nomem++;
		return;
	}
	for (int n = 0; n < NTYPE; n++) {
		Mseg *m = p->seg[n];

		if (n == TSEG || (how == SHARESEG && n != SSEG))
			m->ref++;
		else {
			m = newmseg(0, 0);
			*m = *p->seg[n];
			m->ref = 1;
		}
		child->seg[n] = m;
	}
	child->alive = true;
}

/* Read or write some page, which may be beyond the segment's end. */
static void
touch(Mproc *p)
{
	int n = (int)chance(NTYPE);
	size_t i = chance(22);
	enum access access = (enum access)chance(3);
	Mseg *m = p->seg[n];
	uintptr_t va = pageof(m, i);
	bool may = n == TSEG ? access != FAULTWRITE : access != FAULTEXEC;
	const char *why = NULL;
	uint64_t *w = processtouch(va, access, &why);

	if (why == Enomem) {
		nomem++;
		return;
	}
	if ((why == NULL) != (may && va < m->top) ||
	    okaddr(&p->proc, va, 8, access) != (why == NULL))
		fail_msg("%#jx of segment %d for %d: %s", (uintmax_t)va, n,
		    access, why);
	if (why != NULL)
		return;
	if (*w != m->word[i])
		fail_msg("%#jx of segment %d is %#jx, not %#jx", (uintmax_t)va,
		    n, (uintmax_t)*w, (uintmax_t)m->word[i]);
	if (access == FAULTWRITE)
		*w = m->word[i] = seed;
	ndone++;
}

static void
moveend(Mproc *p)
{
	Mseg *m = p->seg[BSEG];
	uintptr_t top = m->base + (1 + chance(MOST * STEP / 4)) * BY2PG;
	const char *why = ibrk(&p->proc, top - chance(3), BSEG);

	if (why == Enomem)
		nomem++;
	else if ((why == Einuse) != (top < m->top && m->ref > 1))
		fail_msg("the end of %#jx cannot be %#jx: %s",
		    (uintmax_t)m->base, (uintmax_t)top, why);
	if (why != NULL)
		return;
	m->top = top;
	for (size_t i = 0; i < MOST; i++)
		if (pageof(m, i) >= top)
			m->word[i] = 0;
}

/* What happens to one process that is on the CPU, or to all. */
static void
step(void)
{
	Mproc *p = &procs[chance(NPROC)];
	Mproc *other = &procs[chance(NPROC)];
	uint32_t what = chance(100);

	if (!p->alive) {
		exec(p);
		return;
	}
	if (oncpu != p)
		processenter(&p->proc);
	oncpu = p;
	if (what < 86)
		touch(p);
	else if (what < 92)
		moveend(p);
	else if (what < 96 && !other->alive)
		forkproc(other, p, chance(2) ? COPYSEG : SHARESEG);
	else if (what == 97)
		imagereclaim(chance(50));
	else if (what == 98)
		putimages();
	else if (what == 99 || chance(8) == 0)
		end(p);
}

static void
run(uint64_t from, size_t npages, int levels)
{
	seed = from;
	nomem = ndone = 0;
	processmachine((Processes){npages, npages, levels, 1});
	for (size_t i = 0; i < NSTEP; i++) {
		bool refuse = chance(4) == 0;

		scarce(refuse ? chance(4) : SIZE_MAX);
		step();
		scarce(SIZE_MAX);
		for (size_t k = 0; i % 64 == 0 && k < NPROC; k++)
			if (procs[k].alive)
				processcheck(&procs[k].proc);
	}
	for (size_t k = 0; k < NPROC; k++)
		if (procs[k].alive)
			end(&procs[k]);
	processesgone();
	assert_true(ndone > NSTEP / 3);
	assert_true(nomem > 100);
}

static void
random_lives_are_as_the_model_says(void **state)
{
	(void)state;
	run(1, 2048, 4);
	run(2, 2048, 5);
}

/* There are fewer pages than they want. */
static void
random_lives_with_little_memory(void **state)
{
	(void)state;
	run(3, 160, 4);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(random_lives_are_as_the_model_says),
	    cmocka_unit_test(random_lives_with_little_memory),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
