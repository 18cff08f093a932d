/*
 * physseg.c - devices' memory: known by name, attached where a program wants
 * it and where nothing is, the same for a fork's two sides, gone with exec.
 *
 * needs: tests/host/played.c
 */
#include "played.h"

#define AT ((uintptr_t)0x10000000)
#define DEVICEPA ((paddr_t)0xf0000000)
enum { DEVICEPAGES = 3 };

static const Physseg device = {"device", DEVICEPA, DEVICEPAGES, PTEWC};

static int
setup(void **state)
{
	addphysseg(&device);
	return playsetup(state);
}

static void
it_is_found_by_its_name(void **state)
{
	static const Physseg other = {"device", DEVICEPA, 1, PTEUC};

	(void)state;
	assert_ptr_equal(findphysseg("device"), &device);
	assert_null(findphysseg("devic"));
	assert_null(findphysseg("device2"));
	assert_null(findphysseg(""));
	addphysseg(&other);
	assert_ptr_equal(findphysseg("device"), &other);
}

static void
what_is_no_device_is_not_added(void **state)
{
	static const Physseg bad[] = {{"bad", DEVICEPA + 8, 1, PTEUC},
	    {"bad", DEVICEPA, 0, PTEUC},
	    {"bad", DEVICEPA, SEGMAXPAGES + 1, PTEUC}};

	(void)state;
	for (size_t i = 0; i < nelem(bad); i++)
		assert_panics(addphysseg(&bad[i]), "are no segment");
	assert_null(findphysseg("bad"));
}

/* The memory of a process, as procs.h has it. */
static void
it_is_mapped_where_it_is_attached(void **state)
{
	pte_t flags = PTEVALID | PTEUSER | PTEWRITE | PTENOEXEC | PTEWC;

	(void)state;
	startproc(&a);
	assert_null(segattach(&a, &device, AT));
	for (size_t i = 0; i < DEVICEPAGES; i++) {
		uintptr_t va = AT + i * BY2PG;

		assert_null(fault(&a, va + 8, FAULTWRITE));
		assert_int_equal(entry(&a, va), (DEVICEPA + i * BY2PG) | flags);
		assert_ptr_equal(fault(&a, va, FAULTEXEC), Ebadarg);
	}
	assert_ptr_equal(
	    fault(&a, AT + DEVICEPAGES * BY2PG, FAULTREAD), Ebadarg);
	assert_null(segdetach(&a, AT + DEVICEPAGES * BY2PG - 1));
	assert_int_equal(entry(&a, AT) & PTEVALID, 0);
	assert_ptr_equal(fault(&a, AT, FAULTREAD), Ebadarg);
	procmemfree(&a);
}

static void
only_where_there_is_room(void **state)
{
	const uintptr_t bad[] = {0, AT + 8, DATA, DATA - 2 * BY2PG, STACK,
	    STACK - BY2PG, USTKTOP - 2 * BY2PG, USTKTOP, USTKTOP + BY2PG, UTOP,
	    KZERO, UINTPTR_MAX - BY2PG + 1};

	(void)state;
	startproc(&a);
	for (size_t i = 0; i < nelem(bad); i++)
		assert_non_null(segattach(&a, &device, bad[i]));
	assert_ptr_equal(segattach(&a, &device, DATA), Esoverlap);
	assert_null(
	    segattach(&a, &device, DATA - DEVICEPAGES * BY2PG)); /* touches */
	assert_ptr_equal(segdetach(&a, DATA), Ebadarg);
	assert_ptr_equal(segdetach(&a, TEXT), Ebadarg);
	assert_ptr_equal(segdetach(&a, STACK), Ebadarg);
	assert_ptr_equal(segdetach(&a, 0), Ebadarg);
	procmemfree(&a);
}

static void
a_process_has_four_of_them(void **state)
{
	(void)state;
	startproc(&a);
	for (uintptr_t i = 0; i < NSEG - SEG1; i++)
		assert_null(segattach(&a, &device, AT + i * MiB));
	assert_ptr_equal(segattach(&a, &device, AT + 16 * MiB), Enovmem);
	assert_null(segdetach(&a, AT + MiB));
	assert_null(segattach(&a, &device, AT + 16 * MiB));
	procmemfree(&a);
}

static void
without_memory_nothing_is_attached(void **state)
{
	(void)state;
	startproc(&a);
	scarce(0);
	assert_ptr_equal(segattach(&a, &device, AT), Enomem);
	scarce(SIZE_MAX);
	assert_null(isoverlap(&a, AT, DEVICEPAGES * BY2PG));
	procmemfree(&a);
}

/* ---- as programs ask for it ---- */

static Userevent
attach(Process *p, size_t size, uintptr_t va)
{
	return ask(p, SYSSEGATTACH, BSSVA, size, va);
}

/* A fork's two sides have it; another program has not. */
static Userevent
asks(Process *p)
{
	Userevent e;

	switch (p->regs.rbx) {
	case 0:
		if (!spell(p, "device", &e))
			return e;
		return attach(p, 6, AT);
	case 1:
		assert_int_equal(result(p), DEVICEPAGES * BY2PG);
		return attach(p, 6, AT);
	case 2:
		assert_int_equal(result(p), SYSEBADARG);
		return attach(p, 3, AT + MiB);
	case 3:
		assert_int_equal(result(p), SYSENOENT);
		return attach(p, NAMEMAX + 1, AT + MiB);
	case 4:
		assert_int_equal(result(p), SYSEBADARG);
		return ask(p, SYSSEGATTACH, KZERO, 6, AT + MiB);
	case 5:
		assert_int_equal(result(p), SYSEBADARG);
		return ask(p, SYSFORK, 0, 0, 0);
	case 6:
		assert_null(fault(p->mem, AT, FAULTWRITE));
		return ask(p, SYSSEGDETACH, AT, 0, 0);
	case 7:
		assert_int_equal(result(p), 0);
		return ask(p, SYSSEGDETACH, AT, 0, 0);
	case 8:
		assert_int_equal(result(p), SYSEBADARG);
		return attach(p, 6, AT);
	case 9:
		if (!spell(p, "b", &e))
			return e;
		return ask(p, SYSEXEC, BSSVA, 1, 0);
	default:
		fail_msg("it is another program now");
		return exits(p, 1);
	}
}

static Userevent
another(Process *p)
{
	assert_ptr_equal(fault(p->mem, AT, FAULTREAD), Ebadarg);
	return exits(p, 0);
}

static void
programs_ask_for_it(void **state)
{
	(void)state;
	play.program[1] = another;
	Processrun r = run(asks);

	assert_int_equal(r.status, 0);
	assert_int_equal(r.nprocs, 2);
	assert_int_equal(r.nended, 0);
}

/* The last: what is added stays. */
static void
there_is_room_for_few(void **state)
{
	static const Physseg more[] = {{"1", DEVICEPA, 1, PTEUC},
	    {"2", DEVICEPA, 1, PTEUC}, {"3", DEVICEPA, 1, PTEUC},
	    {"4", DEVICEPA, 1, PTEUC}};

	(void)state;
	for (size_t i = 0; i < 3; i++)
		addphysseg(&more[i]);
	assert_panics(addphysseg(&more[3]), "4 is one device too many");
	assert_ptr_equal(findphysseg("3"), &more[2]);
	assert_null(findphysseg("4"));
}

#define DEVICE(f) cmocka_unit_test_setup_teardown(f, setup, playgone)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    DEVICE(it_is_found_by_its_name),
	    DEVICE(what_is_no_device_is_not_added),
	    DEVICE(it_is_mapped_where_it_is_attached),
	    DEVICE(only_where_there_is_room),
	    DEVICE(a_process_has_four_of_them),
	    DEVICE(without_memory_nothing_is_attached),
	    DEVICE(programs_ask_for_it),
	    DEVICE(there_is_room_for_few),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
