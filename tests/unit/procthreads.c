/*
 * Threads as CPUs: processes that share bss and data, fault in them at once,
 * fork, end, and run short of memory.
 *
 * What a CPU does between two of its instructions is one step here, under a
 * mutex of that CPU's: it walks its tables, and uses what it finds. When all
 * CPUs are asked (cpubarrier), none is in the midst of a step that began
 * before. Each writes a word of its own in each page, and reads there what it
 * wrote last, whoever copied the page meanwhile; and so does its child.
 *
 * needs: tests/host/procs.c
 * builds: san tsan
 */
#include "procs.h"
#include "image.h"

#include <pthread.h>

enum { NCPU = 3, NUSED = 12, STRIDE = 50, NROUND = 250, NMEM = 60 };

typedef struct Runner Runner;

struct Runner {
	size_t id;
	uint64_t seed;
	Proc *p;
	Proc two[2]; /* its process, and the next one */
	_Atomic uint64_t wrote[NUSED];
	size_t nfail;
	pthread_mutex_t step;
};

static Runner runners[NCPU];

static uint32_t
chance(Runner *r, uint32_t n)
{
	r->seed = r->seed * 6364136223846793005 + 1442695040888963407;
	return (uint32_t)(r->seed >> 33) % n;
}

/* No CPU is in a step that began before. */
static void
allpassed(void)
{
	for (size_t i = 0; i < NCPU; i++) {
		pthread_mutex_lock(&runners[i].step);
		pthread_mutex_unlock(&runners[i].step);
	}
}

/* Page i that is used, of the bss and of the data. */
static uintptr_t
pageof(size_t i)
{
	return i % 4 == 3 ? DATA + i / 4 * BY2PG : BSS + i * STRIDE * BY2PG;
}

static uint64_t *
walk(Proc *p, uintptr_t va, enum access access)
{
	pte_t need = PTEVALID | PTEUSER | (access == FAULTWRITE ? PTEWRITE : 0);

	lock(p->space.lock);
	pte_t *pte = mmuwalk(&p->space, va, 0, LOOKUP);
	pte_t e = pte != NULL ? *pte : 0;
	unlock(p->space.lock);
	return (e & need) == need ? kmap(papage(PTEADDR(e))) : NULL;
}

/*
 * One access: *value to the word of r's in page i, or the word of that of
 * others. False if there is no memory for it.
 */
static bool
reach(Runner *r, Proc *p, size_t i, size_t whose, uint64_t *value)
{
	bool write = *value != 0;
	enum access access = write ? FAULTWRITE : FAULTREAD;

	for (;;) {
		pthread_mutex_lock(&r->step);
		uint64_t *w = walk(p, pageof(i), access);
		if (w != NULL && write)
			__atomic_store_n(
			    &w[whose + 1], *value, __ATOMIC_RELAXED);
		else if (w != NULL)
			*value =
			    __atomic_load_n(&w[whose + 1], __ATOMIC_RELAXED);
		pthread_mutex_unlock(&r->step);
		if (w != NULL)
			return true;
		const char *why = fault(p, pageof(i), access);
		if (why == Enomem) {
			r->nfail++;
			return false;
		}
		if (why != NULL)
			panic("page %zu: %s", i, why);
	}
}

static void
writeone(Runner *r)
{
	size_t i = chance(r, NUSED);
	uint64_t v = r->wrote[i] + 1;

	if (reach(r, r->p, i, r->id, &v))
		r->wrote[i] = v;
}

/* What is in the file is not 0: only its first word is looked at there. */
static uint64_t
written(size_t i, uint64_t v)
{
	return i % 4 == 3 && v == 0xeeeeeeeeeeeeeeee ? 0 : v;
}

static void
readone(Runner *r, Proc *p)
{
	size_t i = chance(r, NUSED);
	size_t whose = chance(r, NCPU);
	uint64_t v = 0;

	if (!reach(r, p, i, whose, &v))
		return;
	uint64_t most = runners[whose].wrote[i] + 1;
	v = written(i, v);
	if (v > most || (whose == r->id && v != most - 1))
		panic("page %zu: %ju of %zu, who wrote %ju", i, (uintmax_t)v,
		    whose, (uintmax_t)most - 1);
}

/* The other of the two is a copy, or shares: then it takes r's place. */
static void
forkone(Runner *r, enum dup how)
{
	Proc *next = r->p == &r->two[0] ? &r->two[1] : &r->two[0];
	uint64_t v = 1 << 30;

	if (procmeminit(next) < 0)
		return;
	if (procmemdup(next, r->p, how) != NULL) {
		procmemfree(next);
		return;
	}
	if (how == SHARESEG) {
		Proc *old = r->p;

		r->p = next;
		next = old;
	} else {
		for (size_t n = 0; n < 4; n++)
			readone(r, next);
		reach(r, next, chance(r, NUSED), r->id, &v);
		for (size_t n = 0; n < 4; n++)
			readone(r, r->p);
	}
	procmemfree(next);
}

/* Its text goes, and comes again; what is cached goes at times. */
static void
runagain(Runner *r)
{
	if (r->p->seg[TSEG] != NULL)
		clearseg(r->p, TSEG);
	imagereclaim(chance(r, 3));
	putimages();
	Segment *s = attachimage(SG_TEXT, &textpart, TEXT, TEXTPAGES);
	if (s == NULL)
		return;
	giveseg(r->p, TSEG, s);
	if (fault(r->p, TEXT, FAULTEXEC) == NULL)
		assert_ptr_equal(seg(r->p, TEXT), s);
}

static void *
live(void *arg)
{
	Runner *r = arg;
	uintptr_t end = BSS + BSSPAGES * BY2PG;
	const char *why = NULL;

	hostcpu((int)r->id);
	for (int round = 0; round < NROUND; round++) {
		for (size_t n = 0; n < 8; n++) {
			writeone(r);
			readone(r, r->p);
		}
		if (chance(r, 4) == 0)
			forkone(r, COPYSEG);
		else if (chance(r, 6) == 0)
			forkone(r, SHARESEG);
		else if (chance(r, 4) == 0)
			runagain(r);
		if (ibrk(r->p, BSS + chance(r, 99), BSEG) == NULL)
			panic("a shared segment shrinks");
		why = ibrk(r->p, end + round / 50 * BY2PG, BSEG);
		if (why != NULL && why != Einuse && why != Enomem)
			panic("a shared segment does not grow: %s", why);
		okaddr(r->p, BSS, BSSPAGES * BY2PG, FAULTWRITE);
	}
	return NULL;
}

static void
starter(size_t id)
{
	Runner *r = &runners[id];

	r->id = id;
	r->seed = id + 1;
	pthread_mutex_init(&r->step, NULL);
	r->p = &r->two[0];
	if (id == 0) {
		startproc(r->p);
		return;
	}
	assert_int_equal(procmeminit(r->p), 0);
	assert_null(procmemdup(r->p, runners[0].p, SHARESEG));
}

static void
what_each_writes_it_reads(void **state)
{
	pthread_t t[NCPU];
	size_t nfail = 0;

	(void)state;
	processmachine((Processes){NMEM, NMEM, 4, NCPU});
	for (size_t i = 0; i < NCPU; i++)
		starter(i);
	hostmeanwhile(allpassed);
	for (size_t i = 0; i < NCPU; i++)
		assert_int_equal(
		    pthread_create(&t[i], NULL, live, &runners[i]), 0);
	for (size_t i = 0; i < NCPU; i++)
		pthread_join(t[i], NULL);
	hostmeanwhile(NULL);
	for (size_t i = 0; i < NCPU; i++) {
		procmemcheck(runners[i].p);
		nfail += runners[i].nfail;
	}
	for (size_t i = 0; i < NCPU; i++)
		procmemfree(runners[i].p);
	processesgone();
	printf("without memory: %zu times\n", nfail);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(what_each_writes_it_reads),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
