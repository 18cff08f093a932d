/*
 * ps.c - processes and their segments, as they are shown.
 *
 * needs: kern/monitor/ps.c kern/format.c
 */
#include "unit.h"
#include "programs.h"
#include "../../kern/monitor/ps.h"

static Processinfo procs[2];
static size_t nprocs;
static Processrun last;

bool
processnext(int pid, Processinfo *i)
{
	for (size_t n = 0; n < nprocs; n++)
		if (procs[n].pid > pid) {
			*i = procs[n];
			return true;
		}
	return false;
}

bool
processlast(Processrun *r)
{
	*r = last;
	return last.nprocs != 0;
}

static int
setup(void **state)
{
	(void)state;
	hostquiet();
	nprocs = 0;
	last = (Processrun){.nprocs = 0};
	return 0;
}

static void
two(void)
{
	procs[0] = (Processinfo){
	    .pid = 1,
	    .name = "init",
	    .state = "waiting",
	    .cpu = 3,
	    .slices = 299,
	    .npages = 5,
	    .ntables = 4,
	    .nseg = 2,
	    .seg = {{"stack", 0x7fffffeff000, 0x7ffffffff000, 4, 1, false},
		{"text", 0x200000, 0x201000, 1, 2, false}},
	};
	procs[1] = (Processinfo){
	    .pid = 7,
	    .parent = 1,
	    .name = "spin",
	    .state = "ready",
	    .cpu = NOCPU,
	    .slices = NOLIMIT,
	    .nseg = 1,
	    .seg = {{"bss", 0x201000, 0x203000, 0, 1, true}},
	};
	nprocs = 2;
	last = (Processrun){.status = 0,
	    .nprocs = 7,
	    .nended = 3,
	    .ncpus = 4,
	    .moves = 12,
	    .nleft = 2};
}

static void
rows_are_for_people(void **state)
{
	(void)state;
	two();
	tableps();
	assert_said(
	    "  pid parent program          state    cpu  pages tables slices "
	    "left\n"
	    "    1      - init             waiting    3      5      4         "
	    "299\n"
	    "    7      1 spin             ready      -      0      0         "
	    "  -\n");
	hostquiet();
	tablesegs();
	assert_said(
	    "  pid program          segment            from-before          "
	    "pages\n"
	    "    1 init             stack    0x7fffffeff000-0x7ffffffff000     "
	    " "
	    "4\n"
	    "    1 init             text           0x200000-0x201000           "
	    " "
	    "1, shared\n"
	    "    7 spin             bss            0x201000-0x203000       "
	    "locked\n");
}

static void
lines_are_for_programs(void **state)
{
	(void)state;
	two();
	pslines();
	assert_said(
	    "mem9: procs left=2 ran=7 ended=3 cpus=4 moves=12\n"
	    "mem9: proc pid=1 parent=0 name=init state=waiting cpu=3 pages=5 "
	    "tables=4 slices=299\n"
	    "mem9: proc pid=7 parent=1 name=spin state=ready cpu=-1 pages=0 "
	    "tables=0 slices=-1\n");
	hostquiet();
	segslines();
	assert_said(
	    "mem9: procs left=2 ran=7 ended=3 cpus=4 moves=12\n"
	    "mem9: seg pid=1 type=stack base=0x7fffffeff000 size=0x100000 "
	    "pages=4 refs=1 locked=0\n"
	    "mem9: seg pid=1 type=text base=0x200000 size=0x1000 pages=1 "
	    "refs=2 locked=0\n"
	    "mem9: seg pid=7 type=bss base=0x201000 size=0x2000 pages=0 "
	    "refs=1 locked=1\n");
}

static void
where_there_is_none_that_is_said(void **state)
{
	static void (*const tables[])(void) = {tableps, tablesegs};
	static void (*const lines[])(void) = {pslines, segslines};

	(void)state;
	for (size_t i = 0; i < nelem(tables); i++) {
		setup(NULL);
		tables[i]();
		assert_said("no process has run yet\n");
		hostquiet();
		lines[i]();
		assert_said(
		    "mem9: procs left=0 ran=0 ended=0 cpus=0 moves=0\n");
		last = (Processrun){.nprocs = 9, .nended = 1};
		hostquiet();
		tables[i]();
		assert_said("no process is left of the last run, which had 9; "
			    "the kernel ended 1 of them\n");
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(rows_are_for_people, setup),
	    cmocka_unit_test_setup(lines_are_for_programs, setup),
	    cmocka_unit_test_setup(where_there_is_none_that_is_said, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
