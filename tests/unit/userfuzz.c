/*
 * userfuzz.c - programs that do anything: what runs is played, and ends as the
 * test says, or loses something.
 *
 * needs: kern/monitor/userfuzz.c kern/monitor/randomtext.c
 * needs: kern/check/proccounts.c kern/value.c tests/host/procs.c
 */
#include "procs.h"
#include "cpus.h"
#include "page.h"
#include "programs.h"
#include "syscall.h"
#include "../../kern/monitor/asks.h"
#include "../../kern/monitor/progress.h"
#include "../../kern/monitor/randomtext.h"
#include "../../kern/monitor/userfuzz.h"

enum { SEEDS = 6 };

static struct {
	const char *why;
	int64_t status[SEEDS];
	size_t ran;
	bool other;    /* asked on another CPU */
	size_t loses;  /* the run that loses a page; 0: none */
	size_t breaks; /* the run in which it is broken off */
	bool broken;
	Runasked *watch;
	size_t wrong; /* processes of it that had a wrong result */
	uint8_t text[SEEDS][BY2PG];
	size_t ntexts;
} play;

Builtin list[] __asm__("builtins") = {
    {"tree", NULL, NULL}, {"calls", NULL, NULL}, {NULL, NULL, NULL}};

bool
of0(const char *name)
{
	if (play.other)
		print("%s: by CPU 0 alone\n", name);
	return !play.other;
}

size_t
ncpus(void)
{
	return 3;
}

const char *
userready(void)
{
	return NULL;
}

void
processtidy(void)
{
}

void
progressanew(void)
{
}

bool
progressbroken(void)
{
	return play.broken;
}

void
processwatch(Runasked *asked, enum runtime time)
{
	assert_int_equal(time, RUNLIMITED);
	play.watch = asked;
}

static const char *
runs(Processrun *r)
{
	if (play.why != NULL)
		return play.why;
	assert_int_equal(play.watch(), RUNGOON);
	*r = (Processrun){
	    .status = play.status[play.ran++], .nprocs = 3, .nended = 2};
	r->nwrong = r->status == CALLSWRONG ? play.wrong : 0;
	play.broken = play.ran == play.breaks;
	if (play.broken)
		assert_int_equal(play.watch(), RUNEND);
	if (play.ran == play.loses)
		newpage(CLEAR, 0);
	return NULL;
}

const char *
processrun(const char *name, uint64_t arg, size_t most, Processrun *r)
{
	assert_int_equal(most, 3);
	print("<%s %ju>", name, (uintmax_t)arg);
	return runs(r);
}

const char *
processrunimage(const Builtin *b, uint64_t arg, size_t most, Processrun *r)
{
	assert_int_equal(most, 3);
	assert_int_equal(b->end - b->image, BY2PG);
	memcpy(play.text[play.ntexts++], b->image, BY2PG);
	print("<%s %ju>", b->name, (uintmax_t)arg);
	return runs(r);
}

static int
setup(void **state)
{
	(void)state;
	memset(&play, 0, sizeof play);
	procsmachine();
	return 0;
}

static void
assert_run(void (*cmd)(const char *), const char *arg, const char *says)
{
	hostquiet();
	cmd(arg);
	assert_said(says);
}

static void
it_is_of_cpu_0(void **state)
{
	(void)state;
	play.other = true;
	assert_run(cmdfuzz, "1", "fuzz: by CPU 0 alone\n");
}

static void
seeds_are_counted_by_how_they_end(void **state)
{
	static const int64_t status[SEEDS] = {
	    CALLSWRONG, CALLSWRONG, ENDEDLATE, ENDEDADDR, ENDEDWRONG, 5};

	(void)state;
	memcpy(play.status, status, sizeof status);
	play.wrong = 2;
	play.loses = 3;
	assert_run(cmdfuzz, "6 7",
	    "<random 7><calls 8>"
	    "fuzz: seed 8: a system call returned what it cannot\n"
	    "<random 9>"
	    "fuzz: seed 9: lost: 1 pages, 0 bytes of the pools, which keep 0 "
	    "more, 0 bytes of xalloc\n"
	    "<calls 10><random 11><calls 12>"
	    "mem9: userfuzz seeds=6 first=7 exit=3 killed=2 late=1 wrong=1 "
	    "lost=1 processes=18\n"
	    "fuzz: 6 programs: 3 exited, 2 were killed, 1 had no time left; "
	    "after 1 memory was missing\n");
}

static void
it_can_be_broken_off(void **state)
{
	(void)state;
	play.breaks = 2;
	assert_run(cmdfuzz, "6",
	    "<random 1><calls 2>"
	    "mem9: userfuzz seeds=1 first=1 exit=1 killed=0 late=0 wrong=0 "
	    "lost=0 processes=3\n"
	    "fuzz: 1 programs: 1 exited, 0 were killed, 0 had no time left; "
	    "after 0 memory was missing\n");
	assert_null(play.watch);
	play.why = "there is no local APIC";
	play.breaks = 0;
	play.broken = false;
	assert_run(cmdfuzz, "6", "<random 1>fuzz: there is no local APIC\n");
}

static void
how_many_is_a_number(void **state)
{
	static const char *const bad[] = {"", "0", "x", "1 x", "1 2 3", "1,2"};

	(void)state;
	for (size_t i = 0; i < nelem(bad); i++) {
		char says[100];

		snprintf(says, sizeof says,
		    "fuzz: %s: expected how many, and maybe the first\n",
		    bad[i]);
		assert_run(cmdfuzz, bad[i], says);
	}
	assert_int_equal(play.ran, 0);
}

/* The same by the same seed; another by another one; an image that is one. */
static void
a_seed_is_a_program(void **state)
{
	(void)state;
	hostquiet();
	userfuzz(3, 3);
	play.ran = 0;
	userfuzz(1, 3);
	hostloud();
	assert_memory_equal(play.text[0], play.text[2], BY2PG);
	assert_memory_not_equal(play.text[0], play.text[1], BY2PG);
	const Userimage *u = (const Userimage *)play.text[0];
	assert_int_equal(u->magic, USERMAGIC);
	assert_int_equal(u->text, BY2PG);
	assert_int_equal(u->data, 0);
	assert_in_range(u->entry, sizeof *u, BY2PG - 1);
}

static size_t
times(const uint8_t *page, const char *bytes, size_t n)
{
	size_t found = 0;

	for (size_t i = 64; i + n <= BY2PG; i++)
		found += memcmp(page + i, bytes, n) == 0;
	return found;
}

/* By its header nothing of the page is anybody's; each begins by a limit. */
static void
random_text_is_random_and_its_time_limited(void **state)
{
	uint8_t page[BY2PG];

	(void)state;
	for (uint64_t seed = 0; seed < 8; seed++) {
		memset(page, 0xa5, sizeof page);
		randomtext(seed, page);
		assert_memory_equal(
		    page + 64, "\xb8\x08\0\0\0\xbf\x02\0\0\0\x0f\x05", 12);
		assert_true(times(page, "\xa5\xa5\xa5", 3) == 0);
		assert_int_equal(
		    times(page, "\x8e\xd0\x0f\x05", 4) > 3, seed % 4 != 0);
	}
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup(f, setup)
	const struct CMUnitTest tests[] = {
	    T(it_is_of_cpu_0),
	    T(seeds_are_counted_by_how_they_end),
	    T(it_can_be_broken_off),
	    T(how_many_is_a_number),
	    T(a_seed_is_a_program),
	    T(random_text_is_random_and_its_time_limited),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
