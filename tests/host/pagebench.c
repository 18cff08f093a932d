/*
 * pagebench.c - see pagebench.h.
 *
 * needs: tests/host/bench.c
 */
#include "pagebench.h"
#include "host.h"

#include <pthread.h>
#include <stdio.h>
#include <stdlib.h>
#include <time.h>

void *benchslots[BENCHPAGES];

static struct {
	uint32_t free[BENCHPAGES];
	size_t n;
	Page *pages;
} array;

static void *
nopage(void)
{
	return &array;
}

static void
nofree(void *p)
{
	(void)p;
}

static void *
floorpage(void)
{
	return &array.pages[array.free[--array.n]];
}

static void
floorfree(void *p)
{
	array.free[array.n++] = (uint32_t)((Page *)p - array.pages);
}

static void *
floorpluspage(void)
{
	Page *pg = floorpage();

	pg->frame = 1;
	return pg;
}

static void
floorplusfree(void *p)
{
	Page *pg = p;

	pg->frame = 0;
	floorfree(p);
}

static void *
mem9page(void)
{
	return newpage(NOCLEAR, 0);
}

static void
mem9free(void *p)
{
	putpage(p);
}

static void *
hugepage(void)
{
	return newhugepage(2 * MiB, NOCLEAR, 0);
}

static void
hugepagefree(void *p)
{
	puthugepage(p);
}

const Pagepeer pagehuge = {"mem9", hugepage, hugepagefree};
const Pagepeer pageharness = {"harness", nopage, nofree};
const Pagepeer pagefloor = {"floor", floorpage, floorfree};
const Pagepeer pagefloorplus = {"floor+", floorpluspage, floorplusfree};
const Pagepeer pagemem9 = {"mem9", mem9page, mem9free};

void
benchfloor(Page *pages)
{
	array.pages = pages;
}

void
pairs(Pagejob *j)
{
	void *(*alloc)(void) = j->peer->alloc;
	void (*release)(void *) = j->peer->free;

	for (size_t i = 0; i < PAIRS; i++) {
		void *p = alloc();

		*(void *volatile *)j->pages = p;
		release(p);
	}
}

void
allocall(Pagejob *j)
{
	void *(*alloc)(void) = j->peer->alloc;

	for (size_t i = 0; i < j->n; i++)
		j->pages[i] = alloc();
}

void
freeall(Pagejob *j)
{
	void (*release)(void *) = j->peer->free;

	for (size_t i = 0; i < j->n; i++)
		release(j->pages[i]);
}

void
mix(Pagejob *j)
{
	void *(*alloc)(void) = j->peer->alloc;
	void (*release)(void *) = j->peer->free;

	for (size_t i = 0; i < NMIX; i++) {
		void **p = &j->pages[benchrandom(&j->seed) % j->n];

		release(*p);
		*p = alloc();
	}
}

void
shuffle(Pagejob *j)
{
	for (size_t i = j->n; i > 1; i--) {
		size_t k = benchrandom(&j->seed) % i;
		void *p = j->pages[k];

		j->pages[k] = j->pages[i - 1];
		j->pages[i - 1] = p;
	}
}

static int
byaddress(const void *a, const void *b)
{
	uintptr_t x = *(const uintptr_t *)a;
	uintptr_t y = *(const uintptr_t *)b;

	return (x > y) - (x < y);
}

void
sortpages(Pagejob *j)
{
	qsort(j->pages, j->n, sizeof j->pages[0], byaddress);
	for (size_t i = 0; i < j->n; i++)
		if (j->pages[i] == NULL ||
		    (i > 0 && j->pages[i] == j->pages[i - 1] &&
			j->peer != &pageharness)) {
			fprintf(stderr, "bench: %s: page %p is not one more\n",
			    j->peer->name, j->pages[i]);
			exit(1);
		}
}

static double
cputime(void)
{
	struct timespec t;

	clock_gettime(CLOCK_THREAD_CPUTIME_ID, &t);
	return (double)t.tv_sec * 1e9 + (double)t.tv_nsec;
}

static pthread_barrier_t together;

/* Run the job; how long that was goes to its time. */
static void *
thread(void *arg)
{
	Pagejob *j = arg;

	benchpin(j->cpu);
	hostcpu(j->cpu);
	pthread_barrier_wait(&together);
	double start = cputime();
	j->run(j);
	j->time = cputime() - start;
	return NULL;
}

/* Run it on each job, at once; the longest time of them. */
static double
each(Pagejob *jobs, int n, void (*run)(Pagejob *))
{
	pthread_t id[MAXTHREAD];
	double longest = 0;

	pthread_barrier_init(&together, NULL, (unsigned)n);
	for (int i = 0; i < n; i++) {
		jobs[i].run = run;
		if (i + 1 < n)
			pthread_create(&id[i], NULL, thread, &jobs[i]);
		else
			thread(&jobs[i]);
	}
	for (int i = 0; i + 1 < n; i++)
		pthread_join(id[i], NULL);
	for (int i = 0; i < n; i++)
		longest = MAX(longest, jobs[i].time);
	pthread_barrier_destroy(&together);
	return longest;
}

double
once(const Pagepeer *peer, const Pagework *w, size_t npages, int nthread)
{
	Pagejob jobs[MAXTHREAD];
	size_t n = npages / (size_t)nthread;

	if (peer == &pagefloor || peer == &pagefloorplus) {
		array.n = npages;
		for (size_t i = 0; i < npages; i++)
			array.free[i] = (uint32_t)(npages - 1 - i);
	}
	for (int i = 0; i < nthread; i++)
		jobs[i] = (Pagejob){.peer = peer,
		    .pages = benchslots + n * (size_t)i,
		    .n = n,
		    .seed = (uint64_t)i + 1,
		    .cpu = nthread - 1 - i};
	for (size_t k = 0; k < 3 && w->before[k] != NULL; k++)
		each(jobs, nthread, w->before[k]);
	for (int i = 0; i < nthread && w->half; i++)
		jobs[i].n /= 2;
	if (w->half)
		each(jobs, nthread, allocall);
	double t = each(jobs, nthread, w->run);
	for (size_t k = 0; k < 3 && w->after[k] != NULL; k++)
		each(jobs, nthread, w->after[k]);
	return t / (double)(w->ops != 0 ? w->ops * (size_t)nthread
					: n * (size_t)nthread);
}

static int
bytime(const void *a, const void *b)
{
	double x = *(const double *)a;
	double y = *(const double *)b;

	return (x > y) - (x < y);
}

Figure
figure(double *t)
{
	qsort(t, NROUND, sizeof t[0], bytime);
	return (Figure){t[NROUND / 2], t[0], t[NROUND - 1]};
}
