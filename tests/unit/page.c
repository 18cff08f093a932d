/*
 * The page allocator over one bank or several, by what its callers see.
 */
#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <cmocka.h>
#include <stdlib.h>

#include "bytemap.h"
#include "conf.h"
#include "host.h"
#include "page.h"
#include "percpu.h"
#include "stage.h"

enum { NBANK = 4096 };

static Confmem banks[NBANK];

/* Forget the banks; bank() adds one, up() starts the pages over them. */
static void
machine(size_t size, int ncpu)
{
	hostmachine(0, size, size, ncpu);
	conf = (Conf){.mem = banks};
	hostquiet();
}

static void
bank(paddr_t pa, size_t npages, size_t nkernel)
{
	Confmem *m = &banks[conf.nmem++];

	*m = (Confmem){pa, npages, 0, 0};
	if (nkernel > 0) {
		m->kbase = 0xffff800000000000 + pa;
		m->klimit = m->kbase + nkernel * BY2PG;
	}
	conf.npage += npages;
	conf.upages += npages - nkernel;
}

static void
up(void)
{
	stage = SXALLOC;
	preallocpages();
	stage = SPREALLOC;
	pageinit();
	stage = SPAGES;
}

/* Every page there is, in a chain. */
static Page *
takeall(size_t *n)
{
	Page *chain = NULL;
	Page *pg;

	for (*n = 0; (pg = newpage(NOCLEAR, 0)) != NULL; (*n)++) {
		pagesetnext(pg, chain);
		chain = pg;
	}
	return chain;
}

static void
all_pages_can_be_had_and_come_back(void **state)
{
	(void)state;
	machine(64 * MiB, 1);
	bank(0, 64 * MiB / BY2PG, 0);
	up();
	size_t nfree = pagesfree();
	size_t n;
	Page *chain = takeall(&n);

	assert_int_equal(n, nfree);
	assert_int_equal(pagesfree(), 0);
	bytemapcheck();
	freepages(chain);
	assert_int_equal(pagesfree(), nfree);
	bytemapcheck();
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_pages_can_be_had_and_come_back),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
