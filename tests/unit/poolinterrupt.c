/*
 * Interrupts among the pools: as pageinterrupt.c, for malloc and free.
 *
 * What takes no lock is interrupted after its instructions; all of it, between
 * any two of the steps in which it may not be interrupted. The arenas are
 * mapped by the page, from so little memory that CPUs ask each other for what
 * waits there.
 *
 * needs: tests/host/heap.c tests/host/interrupts.c
 */
#include "unit.h"
#include "rename.h"
#include "bytes.h"
#include "heap.h"
#include "interrupts.h"
#include "page.h"
#include "pool.h"
#include "xalloc.h"

enum {
	NSHORT = 3,
	NHELD = 64,
	NCPU = 2,
	NASK = 4000,
	NFRAMES = 1024,
	NBLOCK = 300,
	FEW = 128 /* then steps are shorter than any window, at 4,000 yet */
};

typedef struct Held Held;
struct Held {
	uint8_t *p;
	size_t size;
};

typedef struct Op Op;

/* What is interrupted. */
struct Op {
	const char *name;
	void (*prepare)(void);
	void (*run)(void);
};

static Held held[NHELD];
static size_t nheld;

static void
hold(size_t size)
{
	uint8_t *p = malloc(size);

	if (p == NULL)
		return;
	fill(p, size, (unsigned)nheld);
	held[nheld++] = (Held){p, size};
}

static void
drop(size_t i)
{
	Held h = held[i];

	if (!filled(h.p, h.size, (unsigned)i))
		panic("%p, %zu bytes: written to", (void *)h.p, h.size);
	free(h.p);
	held[i].p = NULL;
}

static void *last;

static void
nothing(void)
{
}

static void
onesmall(void)
{
	hold(100);
}

static void
smallones(void)
{
	hold(100);
	last = malloc(100);
	free(malloc(100));
}

static void
takesmall(void)
{
	free(last);
	last = malloc(100);
}

/* Nothing of its own size: lent by what waits of 100 bytes. */
static void
takelent(void)
{
	free(last);
	last = malloc(90);
}

static void
takelarge(void)
{
	free(last);
	last = malloc(40 * KiB);
}

static void
freesmall(void)
{
	free(last);
	last = NULL;
}

static void
largeone(void)
{
	last = malloc(40 * KiB);
	hold(20 * KiB);
}

/* Some that is free lies between what is not. */
static void
manyholes(void)
{
	hold(100);
	last = malloc(30 * KiB);
	hold(100);
	free(malloc(100));
	free(last);
	last = NULL;
}

static void
growlast(void)
{
	last = realloc(last, 70 * KiB);
}

static void
compact(void)
{
	poolcompact(mainmem);
}

static void
aligned(void)
{
	last = mallocalign(5000, 256 * KiB, 0, 0);
}

/* The first NSHORT are short. */
static const Op ops[] = {
    {"malloc", smallones, takesmall},
    {"free", smallones, freesmall},
    {"lent malloc", smallones, takelent},
    {"first malloc", nothing, onesmall},
    {"large malloc", nothing, takelarge},
    {"large free", largeone, freesmall},
    {"realloc", largeone, growlast},
    {"poolcompact", manyholes, compact},
    {"mallocalign", nothing, aligned},
};

/* Someone else on this CPU takes blocks, and gives some back. */
static void
others(void)
{
	size_t first = nheld;

	hold(100);
	hold(30 * KiB);
	hold(100);
	drop(first);
	drop(first + 1);
}

/* Moved to the other CPU, while others go on where we were. */
static void
moved(void)
{
	others();
	hostcpu(1);
	others();
}

/* Nobody wrote to what is another's, and all of it can be had back. */
static void
check(size_t npages, size_t nbytes)
{
	poolcheck(mainmem);
	for (size_t i = 0; i < nheld; i++)
		if (held[i].p != NULL)
			drop(i);
	nheld = 0;
	free(last);
	last = NULL;
	poolcompact(mainmem);
	poolcheck(mainmem);
	assert_int_equal(poolused(mainmem), 0);
	assert_int_equal(poolsize(mainmem), 0);
	assert_int_equal(pagesfree(), npages);
	assert_int_equal(xfreebytes(), nbytes);
}

/* Interrupt op at every place; of many, not at each after the first few. */
static void
interrupt(const Op *op, Interrupter *at, size_t few, void (*handler)(void))
{
	bool came = true;

	for (size_t k = 1; came; k += 1 + k / few) {
		heapmachine(1, 64 * KiB, NFRAMES);
		heappages();
		hosttrust(true);
		size_t npages = pagesfree();
		size_t nbytes = xfreebytes();
		op->prepare();
		came = at(k, op->run, handler);
		check(npages, nbytes);
	}
}

static void
everywhere(void (*handler)(void))
{
	for (size_t i = 0; i < nelem(ops); i++) {
		interrupt(&ops[i], interruptbetween, SIZE_MAX, handler);
		if (i < NSHORT)
			interrupt(&ops[i], interruptat, FEW, handler);
	}
}

static void
handlers_may_allocate(void **state)
{
	(void)state;
	everywhere(others);
}

static void
threads_may_move(void **state)
{
	(void)state;
	everywhere(moved);
}

static void
asker(int self)
{
	static uint8_t *mine[NCPU][NBLOCK];
	uint64_t seed = (uint64_t)self + 1;

	for (size_t i = 0; i < NASK; i++) {
		seed = seed * 6364136223846793005 + 1442695040888963407;
		uint8_t **p = &mine[self][(seed >> 33) % NBLOCK];
		size_t size = (seed >> 43) % (i % 4 == 0 ? 200000 : 3000);
		free(*p);
		*p = i % 3 == 0 ? NULL : malloc(size);
		if (i % 256 == 0)
			poolcompact(mainmem);
	}
	for (size_t i = 0; i < NBLOCK; i++)
		free(mine[self][i]);
}

static void
cpus_that_ask_each_other_are_answered(void **state)
{
	(void)state;
	heapmachine(1, 64 * KiB, NFRAMES);
	heappages();
	size_t npages = pagesfree();
	size_t nbytes = xfreebytes();
	askingcpus(asker);
	assert_true(hostbarriers() > 0);
	assert_int_equal(hostbarriersheld(), 0);
	check(npages, nbytes);
	hostbarrier(NULL);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(handlers_may_allocate),
	    cmocka_unit_test(threads_may_move),
	    cmocka_unit_test(cpus_that_ask_each_other_are_answered),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
