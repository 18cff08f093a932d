/*
 * checkproc.c - the checks of processes: what runs is played, and loses a page
 * or a block.
 *
 * needs: kern/format.c kern/check/proccounts.c tests/host/procs.c
 * covers: kern/check/checkproc.c
 */
#include "procs.h"
#include "pool.h"

/* What mmuwalk finds instead, if it lies. */
static pte_t lie;
static bool lies;

static pte_t *
lyingwalk(Space *s, uintptr_t va, int level, enum walk how)
{
	if (lies)
		return lie != 0 ? &lie : NULL;
	return mmuwalk(s, va, level, how);
}
#define mmuwalk lyingwalk
#include "../../kern/check/checkproc.c"

static struct {
	const char *why;
	int64_t status;
	uint64_t arg;
	size_t most;
	bool page, block, first;
	Page *pg;
	void *p;
	size_t ran;
	bool watched; /* by who was broken off */
} play;

void
processwatch(Runasked *asked, enum runtime time)
{
	assert_null(asked);
	assert_int_equal(time, RUNLIMITED);
	play.watched = false;
}

const char *
processrun(const char *name, uint64_t arg, size_t most, Processrun *r)
{
	assert_string_equal(name, "init");
	assert_int_equal(arg, play.arg);
	assert_int_equal(most, play.most);
	assert_false(play.watched);
	play.ran++;
	userready();
	if (play.why != NULL)
		return play.why;
	*r = (Processrun){
	    .status = play.status, .nprocs = 9, .nended = 4, .ncpus = 1};
	if (play.page)
		play.pg = newpage(CLEAR, 0);
	if (play.block)
		play.p = poolalloc(mainmem, 100);
	return NULL;
}

/* The local APIC is mapped, once, and that may take a table. */
const char *
userready(void)
{
	if (play.first)
		newpage(NOCLEAR, 0);
	play.first = false;
	return play.why;
}

static size_t tidied;

void
processtidy(void)
{
	tidied++;
}

static char detail[256];
static size_t ncpu;
static bool hasscreen;

const Physseg *
findphysseg(const char *name)
{
	static const Physseg pixels;

	assert_string_equal(name, "screen");
	return hasscreen ? &pixels : NULL;
}

size_t
ncpus(void)
{
	return ncpu;
}

static int
setup(void **state)
{
	(void)state;
	memset(&play, 0, sizeof play);
	tidied = 0;
	proc.ran = hasscreen = false;
	play.most = ncpu = 1;
	play.watched = true;
	bootinfo->options.checks = CHECKSQUICK;
	detail[0] = '\0';
	procsmachine();
	return 0;
}

/* What is said of them, where nothing is lost. */
static const char *
counts(const Proccounts *was, const Proccounts *is)
{
	static char text[256];

	assert_true(was->nfree > 0 && was->used > 0 && was->xfree > 0);
	snprintf(text, sizeof text,
	    "pages free: %zu, then %zu; bytes in the pools: %zu, then %zu; in "
	    "xalloc: %zu, then %zu",
	    was->nfree, is->nfree, was->used, is->used, was->xfree, is->xfree);
	return text;
}

static void
all_is_well(void **state)
{
	(void)state;
	assert_non_null(poolalloc(mainmem, 100)); /* somebody else's */
	assert_int_equal(checkprocrun(detail, sizeof detail), OK);
	assert_string_equal(
	    detail, "9 processes, 4 ended for what they did; 1 CPUs, 0 moves");
	detail[0] = '\0';
	assert_int_equal(checkprocmemory(detail, sizeof detail), OK);
	assert_string_equal(detail, counts(&proc.before, &proc.before));
	assert_int_equal(tidied, 2);
}

static void
init_is_told_that_data_runs_on_this_cpu(void **state)
{
	(void)state;
	play.arg = RUNSDATA;
	kspace.limits.forbidden = PTENOEXEC;
	assert_int_equal(checkprocrun(detail, sizeof detail), OK);
}

static void
init_is_told_that_there_is_a_screen(void **state)
{
	(void)state;
	play.arg = HASSCREEN;
	hasscreen = true;
	assert_int_equal(checkprocrun(detail, sizeof detail), OK);
}

static void
all_cpus_run_them_in_a_full_check(void **state)
{
	(void)state;
	play.arg = MANYCPUS;
	ncpu = play.most = 2;
	assert_int_equal(checkprocrun(detail, sizeof detail), OK);
	ncpu = 200;
	play.most = 2;
	assert_int_equal(checkprocrun(detail, sizeof detail), OK);
	bootinfo->options.checks = CHECKSFULL;
	play.most = 200;
	assert_int_equal(checkprocrun(detail, sizeof detail), OK);
}

/* As the seed's last test asks; on a machine that gets one thing wrong. */
static void
a_page_is_mapped_as_a_users(void **state)
{
	(void)state;
	kspace.limits.forbidden = PTEWRITE;
	assert_int_equal(checkprocrun(detail, sizeof detail), FAILED);
	assert_non_null(strstr(detail, "a page at 0x"));
	assert_non_null(strstr(detail, " is mapped as 0x8000"));
	kspace.limits.forbidden = 0;
	scarce(2); /* the segment's Pte */
	assert_int_equal(checkprocrun(detail, sizeof detail), FAILED);
	assert_non_null(strstr(detail, " is mapped as 0"));
	scarce(3); /* its tables */
	assert_int_equal(checkprocrun(detail, sizeof detail), FAILED);
	for (size_t n = 0; n < 2; n++) {
		scarce(n);
		assert_panics(
		    checkprocrun(detail, sizeof detail), "no memory for a");
	}
	scarce(SIZE_MAX);
	while (newpage(NOCLEAR, 0) != NULL)
		;
	assert_panics(checkprocrun(detail, sizeof detail), "no memory for a");
	assert_int_equal(play.ran, 0);
}

/* Or there is no entry, or another page's. */
static void
a_page_that_is_not_found_is_said(void **state)
{
	static const pte_t is[] = {
	    0, PTEVALID | PTEUSER | PTEWRITE | 7 * BY2PG};

	(void)state;
	lies = true;
	for (size_t i = 0; i < nelem(is); i++) {
		lie = is[i];
		assert_int_equal(checkprocrun(detail, sizeof detail), FAILED);
		assert_non_null(strstr(detail, " is mapped as "));
	}
	lies = false;
	assert_int_equal(checkprocrun(detail, sizeof detail), OK);
}

static void
what_is_mapped_once_is_no_loss(void **state)
{
	(void)state;
	play.first = true;
	assert_int_equal(checkprocrun(detail, sizeof detail), OK);
	assert_int_equal(checkprocmemory(detail, sizeof detail), OK);
}

static void
where_none_can_run_both_are_skipped(void **state)
{
	(void)state;
	play.why = "there is no local APIC";
	assert_int_equal(checkprocrun(detail, sizeof detail), SKIPPED);
	assert_string_equal(detail, play.why);
	assert_int_equal(checkprocmemory(detail, sizeof detail), SKIPPED);
	assert_string_equal(detail, "no process ran");
}

static void
what_init_says_is_believed(void **state)
{
	(void)state;
	play.status = -3;
	assert_int_equal(checkprocrun(detail, sizeof detail), FAILED);
	assert_string_equal(detail, "init ended with -3");
	assert_int_equal(checkprocmemory(detail, sizeof detail), OK);
}

static void
what_is_lost_is_found(void **state)
{
	(void)state;
	play.page = true;
	assert_int_equal(checkprocrun(detail, sizeof detail), OK);
	assert_int_equal(checkprocmemory(detail, sizeof detail), FAILED);
	assert_non_null(strstr(detail, "lost: 1 pages, 0 bytes"));
	putpage(play.pg);
	play.page = false;
	play.block = true;
	assert_int_equal(checkprocrun(detail, sizeof detail), OK);
	assert_int_equal(checkprocmemory(detail, sizeof detail), FAILED);
	assert_null(strstr(detail, " 0 bytes of the pools"));
	poolfree(mainmem, play.p);
	play.block = false;
	assert_int_equal(checkprocrun(detail, sizeof detail), OK);
	proc.before.size++;
	assert_int_equal(checkprocmemory(detail, sizeof detail), FAILED);
}

/* What took tables has xalloc the less; a page that is bad is none. */
static void
what_is_lost_is_told_from_what_has_grown(void **state)
{
	static const struct {
		Proccounts is;
		Procloss lost;
	} of[] = {
	    {{9, 20, 5, 6, 7, 3, 2}, {0, 0, 0, 0}},
	    {{8, 20, 5, 6, 7, 3, 2}, {1, 0, 0, 0}},
	    {{8, 19, 5, 6, 7, 3, 2}, {0, 0, 0, 0}},
	    {{10, 20, 4, 6, 7, 3, 2}, {-1, -1, 0, 0}},
	    {{9, 20, 6, 6, 7, 3, 2}, {0, 1, 0, 0}},
	    {{9, 20, 5, 8, 7, 3, 2}, {0, 0, 2, 0}},
	    {{9, 20, 5, 6, 4, 3, 2}, {0, 0, 0, 3}},
	    {{9, 20, 5, 6, 4, 4, 2}, {0, 0, 0, 0}},
	    {{9, 20, 5, 6, 4, 3, 9}, {0, 0, 0, 0}},
	};

	(void)state;
	for (size_t i = 0; i < nelem(of); i++) {
		Procloss l = proclosses(&of[0].is, &of[i].is);
		Procloss none = {0};

		assert_memory_equal(&l, &of[i].lost, sizeof l);
		assert_int_equal(anyloss(&l), memcmp(&l, &none, sizeof l) != 0);
	}
}

static void
every_pool_is_counted(void **state)
{
	Pool *const pools[] = {mainmem, imagmem, secrmem};

	(void)state;
	for (size_t i = 0; i < nelem(pools); i++) {
		Proccounts was = proccounts();
		void *p = poolalloc(pools[i], 100);
		Proccounts is = proccounts();
		poolfree(pools[i], p);

		assert_in_range(proclosses(&was, &is).bytes, 100, 1000);
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(all_is_well, setup),
	    cmocka_unit_test_setup(
		init_is_told_that_data_runs_on_this_cpu, setup),
	    cmocka_unit_test_setup(init_is_told_that_there_is_a_screen, setup),
	    cmocka_unit_test_setup(all_cpus_run_them_in_a_full_check, setup),
	    cmocka_unit_test_setup(a_page_is_mapped_as_a_users, setup),
	    cmocka_unit_test_setup(a_page_that_is_not_found_is_said, setup),
	    cmocka_unit_test_setup(what_is_mapped_once_is_no_loss, setup),
	    cmocka_unit_test_setup(where_none_can_run_both_are_skipped, setup),
	    cmocka_unit_test_setup(what_init_says_is_believed, setup),
	    cmocka_unit_test_setup(what_is_lost_is_found, setup),
	    cmocka_unit_test(what_is_lost_is_told_from_what_has_grown),
	    cmocka_unit_test_setup(every_pool_is_counted, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
