/*
 * Two CPUs change the kernel's page tables at once, and take and give pages for
 * tables of one list.
 *
 * needs: arch/vmap.c arch/tablepages.c tests/host/metal.c
 * builds: san tsan
 */
#include "unit.h"
#include "cpu.h"
#include "memmap.h"
#include "metal.h"
#include "mmu.h"
#include "tlb.h"

#include <pthread.h>

enum { NCPU = 2, NROUND = 300, NPIECE = 40, NLIST = 64, NTAKEN = 20 };

#define RAMEND (64 * MiB)

static uint64_t maptable[8192];
static Tablepages pages;

bool
istablepage(paddr_t pa)
{
	return pa % BY2PG == 0;
}

static void
both(void *(*fn)(void *))
{
	pthread_t t[NCPU];

	for (intptr_t i = 0; i < NCPU; i++)
		assert_int_equal(pthread_create(&t[i], NULL, fn, (void *)i), 0);
	for (int i = 0; i < NCPU; i++)
		pthread_join(t[i], NULL);
}

/* How many pages the list has: they are taken. */
static size_t
left(void)
{
	size_t n = 0;

	while (tablepage(&pages) != NULL)
		n++;
	return n;
}

/* Each page that is taken is nobody else's. */
static void *
takeandgive(void *arg)
{
	uint64_t *p[NTAKEN];
	uint64_t mark = (uintptr_t)arg + 1;

	hostcpu((int)(intptr_t)arg);
	for (int round = 0; round < NROUND; round++) {
		for (size_t i = 0; i < NTAKEN; i++) {
			if ((p[i] = tablepage(&pages)) == NULL || p[i][7] != 0)
				panic("page %zu is missing, or in use", i);
			p[i][7] = mark;
		}
		for (size_t i = 0; i < NTAKEN; i++) {
			if (p[i][7] != mark)
				panic("%p is another's", (void *)p[i]);
			tablefree(&pages, p[i]);
		}
	}
	return NULL;
}

static void
pages_for_tables_are_with_one_cpu(void **state)
{
	(void)state;
	hostmachine(0, RAMEND, RAMEND, NCPU);
	pages = (Tablepages){.head = NOADDR};
	tablepagesadd(&pages, 32 * MiB, NLIST * BY2PG);
	both(takeandgive);
	assert_int_equal(pages.used, 0);
	assert_int_equal(left(), NLIST);
	assert_int_equal(pages.used, NLIST);
}

/* Ranges side by side, in the same tables, come and go. */
static void *
mapandunmap(void *arg)
{
	paddr_t pa = (4 + 4 * (uintptr_t)arg) * MiB;

	hostcpu((int)(intptr_t)arg);
	for (int round = 0; round < NROUND / 10; round++) {
		uint8_t *p[NPIECE];
		for (size_t i = 0; i < NPIECE; i++) {
			p[i] = reserverange(BY2PG + i % 3 * MiB);
			if (p[i] == NULL || maprange(p[i], pa + i * BY2PG, 1))
				panic("piece %zu cannot be mapped", i);
		}
		for (size_t i = 0; i < NPIECE; i++) {
			checkmmu(&kspace, (uintptr_t)p[i], pa + i * BY2PG);
			unmaprange(p[i], 1);
			unreserverange(p[i], BY2PG + i % 3 * MiB);
		}
	}
	return NULL;
}

static void
what_one_cpu_maps_another_leaves_alone(void **state)
{
	(void)state;
	hostquiet();
	hostmachine(0, RAMEND, RAMEND, NCPU);
	metalcpu((Kind){46, true, true});
	memmapinit(maptable, sizeof maptable);
	memmapadd(0, RAMEND, MemRAM);
	kspace.tables->head = NOADDR;
	tablepagesadd(kspace.tables, 32 * MiB, 4 * MiB);
	metalspace();
	stage = SMMU;
	vmapinit(BY2PG);
	both(mapandunmap);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(pages_for_tables_are_with_one_cpu),
	    cmocka_unit_test(what_one_cpu_maps_another_leaves_alone),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
