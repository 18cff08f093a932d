/*
 * Two threads as two CPUs: each allocates, and frees what the other did.
 *
 * Under the thread sanitizer (`make tsan`) this shows any access to shared
 * state without its lock.
 *
 * needs: tests/host/heap.c
 * builds: san tsan
 */
#include "unit.h"
#include "heap.h"
#include "page.h"
#include "percpu.h"
#include "rename.h"
#include "pool.h"
#include "xalloc.h"

#include <pthread.h>
#include <semaphore.h>
#include <stdatomic.h>

/* How many locks poolcpugone takes and more: it looks again and again. */
enum { NPLACE = 4096, NSTEPS = 120000 };

static uint8_t *place[NPLACE];

typedef struct Worker Worker;
struct Worker {
	int cpu;
	uint64_t seed;
	uint64_t failed;
};

static uint32_t
next(Worker *w)
{
	w->seed = w->seed * 6364136223846793005ull + 1442695040888963407ull;
	return (uint32_t)(w->seed >> 33);
}

/* A block knows its size in its first bytes, and is full of its low byte. */
static uint8_t *
make(Worker *w)
{
	uint32_t size = 8 + next(w) % (next(w) % 50 == 0 ? 40000 : 1500);
	uint8_t *p = mallocz(size, false);

	if (p == NULL) {
		w->failed++;
		return NULL;
	}
	memset(p, (uint8_t)size, size);
	memcpy(p, &size, sizeof size);
	return p;
}

static void
verify(uint8_t *p)
{
	uint32_t size = 0;

	memcpy(&size, p, sizeof size);
	if (msize(p) != size)
		panic("%p: %zu bytes, not %u", (void *)p, msize(p), size);
	for (uint32_t i = sizeof size; i < size; i++)
		if (p[i] != (uint8_t)size)
			panic("%p was changed", (void *)p);
}

/* Whatever is at a random place is swapped for a new block and freed. */
static void *
work(void *arg)
{
	Worker *w = arg;

	hostcpu(w->cpu);
	for (int i = 0; i < NSTEPS; i++) {
		uint8_t *p = next(w) % 8 == 0 ? NULL : make(w);
		p = __atomic_exchange_n(
		    &place[next(w) % NPLACE], p, __ATOMIC_ACQ_REL);
		if (p != NULL) {
			verify(p);
			free(p);
		}
		if (i % 512 == 0) {
			poolcompact(mainmem);
			(void)poolused(mainmem);
		}
	}
	return NULL;
}

static void
together(void)
{
	Worker w[2] = {{0, 1, 0}, {1, 2, 0}};
	pthread_t t[2];

	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&t[i], NULL, work, &w[i]), 0);
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	poolcheck(mainmem);
	for (int i = 0; i < NPLACE; i++) {
		if (place[i] != NULL)
			free(place[i]);
		place[i] = NULL;
	}
	for (int i = 0; i < 4; i++) {
		hostcpu(i % 2);
		poolcompact(mainmem);
	}
	hostcpu(0);
	poolcheck(mainmem);
	assert_int_equal(poolused(mainmem), 0);
	assert_int_equal(poolsize(mainmem), 0);
}

static void
two_cpus_share_the_pools(void **state)
{
	(void)state;
	heapmachine(1, 64 * MiB, 0);
	size_t before = xfreebytes();
	together();
	assert_int_equal(xfreebytes(), before);
	assert_int_equal(xholes(), 1);
}

static void
two_cpus_share_arenas_mapped_by_the_page(void **state)
{
	(void)state;
	heapmachine(1, 1 * MiB, 4096);
	heappages();
	size_t before = pagesfree();
	together();
	assert_int_equal(pagesfree(), before);
}

/*
 * CPU 0 gathers, and is at its barrier until CPU 1 has begun, many locks ago,
 * to make CPU 2 gone.
 */
static sem_t atbarrier, goon;
static _Atomic bool stopped, wenton;

static void
stop(void)
{
	if (atomic_exchange(&stopped, true))
		return;
	sem_post(&atbarrier);
	sem_wait(&goon);
	wenton = true;
}

static void *
gather(void *arg)
{
	(void)arg;
	hostcpu(0);
	poolcompact(mainmem);
	return NULL;
}

static void
letgo(void)
{
	sem_post(&goon);
}

/* Its Percpu, one of three, is looked at until then. */
static void
a_cpu_leaves_while_another_one_gathers(void **state)
{
	pthread_t t;

	(void)state;
	heapcpus(3);
	heapmachine(1, 16 * MiB, 0);
	for (int i = 0; i < 3; i++) {
		hostcpu(i);
		free(malloc(100));
	}
	Percpu *gone = thiscpu();
	hostcpu(1);
	sem_init(&atbarrier, 0, 0);
	sem_init(&goon, 0, 0);
	stopped = wenton = false;
	hostbarrier(stop);
	assert_int_equal(pthread_create(&t, NULL, gather, NULL), 0);
	sem_wait(&atbarrier);
	hostawaited(letgo);
	poolcpugone(gone);
	assert_true(wenton);
	memset(&gone->pool, 0xff, sizeof gone->pool);
	pthread_join(t, NULL);
	hostbarrier(NULL);
	memset(&gone->pool, 0, sizeof gone->pool);
	hostcpu(0);
	poolcheck(mainmem);
	assert_int_equal(poolused(mainmem), 0);
	heapcpus(2);
}

static void *
xwork(void *arg)
{
	Worker *w = arg;
	void *p[64] = {NULL};

	hostcpu(w->cpu);
	for (int i = 0; i < NSTEPS; i++) {
		uint32_t k = next(w) % 64;
		xfree(p[k]);
		p[k] = next(w) % 3 == 0 ? NULL : xallocz(next(w) % 5000, false);
		if (i % 16384 == 0)
			xcheck();
	}
	for (int k = 0; k < 64; k++)
		xfree(p[k]);
	return NULL;
}

static void
two_cpus_share_xalloc(void **state)
{
	Worker w[2] = {{0, 3, 0}, {1, 4, 0}};
	pthread_t t[2];

	(void)state;
	heapmachine(1, 64 * MiB, 0);
	size_t before = xfreebytes();
	for (int i = 0; i < 2; i++)
		assert_int_equal(pthread_create(&t[i], NULL, xwork, &w[i]), 0);
	for (int i = 0; i < 2; i++)
		pthread_join(t[i], NULL);
	xcheck();
	assert_int_equal(xfreebytes(), before);
	assert_int_equal(xholes(), 1);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(two_cpus_share_the_pools),
	    cmocka_unit_test(two_cpus_share_arenas_mapped_by_the_page),
	    cmocka_unit_test(a_cpu_leaves_while_another_one_gathers),
	    cmocka_unit_test(two_cpus_share_xalloc),
	};
	return cmocka_run_group_tests(tests, NULL, NULL);
}
