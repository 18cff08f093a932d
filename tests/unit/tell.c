/*
 * tell.c - the facts are those of the machine, and people get them when they
 * are there to be told; what the log says comes between the marks of checks in
 * lines of its own.
 *
 * needs: kern/tell/tell.c kern/tell/story.c kern/tell/storychecks.c
 * needs: kern/tell/account.c kern/handed.c kern/tell/sift.c kern/tell/line.c
 * needs: kern/tell/bigword.c kern/tell/sizetext.c kern/check/checkwords.c
 * needs: kern/format.c kern/value.c tests/host/heap.c
 */
#include "unit.h"
#include "badram.h"
#include "bootinfo.h"
#include "caching.h"
#include "conf.h"
#include "cpu.h"
#include "efidesc.h"
#include "heap.h"
#include "mem.h"
#include "memmap.h"
#include "page.h"
#include "pool.h"
#include "space.h"
#include "tell.h"
#include "../../kern/check/checks.h"

enum { STRIDE = 48, WB = 0xf, CONVENTIONAL = 7, NDESC = 3, FRAMES = 1000 };

static struct {
	Bootinfo b;
	uint8_t map[NDESC * STRIDE];
} block;

Bootinfo *bootinfo = &block.b;
Cpu cpu = {.physbits = 40};
Space kspace;

static Checkresult results[4];
static size_t nresults;

const Checkresult *
checkresults(size_t *n, uint64_t *us)
{
	*n = nresults;
	*us = 4200000;
	return results;
}

static char shown[1 << 14];
static size_t nshown;

static void
see(const char *s, size_t n)
{
	assert_true(nshown + n < sizeof shown);
	memcpy(shown + nshown, s, n);
	nshown += n;
	shown[nshown] = '\0';
}

static Teller reader = {.write = see, .cols = 80};

/*
 * Two banks of 16 MiB, and pages behind them; firmware's map has 1 MiB more,
 * for the block.
 */
static int
setup(void **state)
{
	(void)state;
	hostquiet();
	heapmachine(2, 16 * MiB, FRAMES);
	heappages();
	hostquiet();
	memset(&block, 0, sizeof block);
	kspace.direct = DMAP;
	strcpy(block.b.firmware, "fake");
	block.b.map = sizeof block.b;
	block.b.mapsize = sizeof block.map;
	block.b.mapstride = STRIDE;
	block.b.options.maxmem = NOADDR;
	block.b.block = (Part){GiB, MiB};
	efidesc(block.map, CONVENTIONAL, HEAPBASE, conf.npage, WB);
	efidesc(block.map + STRIDE, 2, GiB, MiB / BY2PG, WB);
	efidesc(block.map + 2 * STRIDE, 0, 2 * GiB, 1, WB);
	results[0] = (Checkresult){.name = "memmap", .verdict = OK};
	results[1] = (Checkresult){.name = "gdt", .verdict = OK};
	results[2] = (Checkresult){.name = "nmi", .verdict = SKIPPED};
	nresults = 3;
	nshown = 0;
	shown[0] = '\0';
	reader.rows = 0;
	tellto(&reader);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	tellto(NULL);
	hostloud();
	stage = SFIRMWARE;
	return 0;
}

static void
mentions(const char *words)
{
	if (strstr(shown, words) == NULL)
		fail_msg("'%s' lacks '%s'", shown, words);
}

static void
sinks(const char *s)
{
	tellsink(s, strlen(s));
}

/* So many KiB are that share; NULL: the row is not there. */
static void
row(const char *what, size_t kib)
{
	const char *at = strstr(shown, what);
	char number[40];
	size_t k = 0;

	if (at == NULL)
		fail_msg("'%s' lacks '%s'", shown, what);
	while (at[-1] != '\n')
		at--;
	for (at += 4; strncmp(at, " KB", 3) != 0; at++)
		if (*at >= '0' && *at <= '9')
			number[k++] = *at;
	number[k] = '\0';
	if (strtoul(number, NULL, 10) != kib)
		fail_msg("%s: %s KiB, and not %zu", what, number, kib);
}

static bool kept;

bool
keptopened(void)
{
	return kept;
}

static void
with_nobody_to_tell_nothing_is_done(void **state)
{
	(void)state;
	tellto(NULL);
	tellbegin();
	tellcheck(&results[0]);
	sinks("text\n");
	tell();
	tellend(NULL);
	tellbroken();
	assert_int_equal(nshown, 0);
}

static void
what_the_machine_has(void **state)
{
	size_t kib = conf.npage * 4;

	(void)state;
	block.b.installed = kib * KiB + 10 * MiB;
	tell();
	mentions("This machine's memory  as fake has it\n");
	row("a kernel can use", kib);
	row("mem9's program", 1024);
	row("it does not say why", 4);
	row("not in the map", 10 * 1024 - 1024 - 4);
	row("installed, none", kib + 10 * 1024);
	mentions("\nThe kernel's memory");
	mentions("\n  [ ok ]  memory map    1 of 1 ");
	mentions("\n  [skip]  faults        0 of 1 ");
	assert_null(strstr(shown, "PASS"));
}

/* The tables that the boot began with are used; some RAM turned out bad. */
static void
what_changes_later(void **state)
{
	static uint64_t table[1 << 12];
	size_t kib = conf.npage * 4;

	(void)state;
	memmapinit(table, sizeof table);
	block.b.tables = (Part){GiB, 16 * BY2PG};
	memmapadd(GiB, 16 * BY2PG, MemRAM);
	block.b.options.maxmem = HEAPBASE;
	conf.npage += 16;
	badram(HEAPBASE, 2, BADINALLOCATOR);
	tell();
	row("a kernel can use", kib + 64 - 8);
	row("mem9's program", 1024 - 64);
	row("lost: bad", 8);
	mentions("in firmware's map, 8 KB of it lost");
	nshown = 0;
	conf.npage -= 100;
	tell();
	row("left out by", 400);
	row("mem9's program", 1024 - 64);
	/* As long as they are not. */
	nshown = 0;
	memmapinit(table, sizeof table);
	memmapadd(GiB, 16 * BY2PG, MemReserved);
	conf.npage -= 16;
	tell();
	row("mem9's program", 1024);
	row("left out by", 400);
}

static void
checks_alone_are_told_to_who_asks(void **state)
{
	(void)state;
	tellto(NULL);
	tellchecks(&reader);
	assert_non_null(strstr(shown, "Checks\n"));
	assert_null(strstr(shown, "mem9's program"));
}

static void
a_rehearsal_is_of_what_was_borrowed(void **state)
{
	size_t kib = conf.npage * 4;

	(void)state;
	kspace.direct = 0;
	block.b.block.size = 0;
	conf.npage -= 100;
	tell();
	row("borrowed for this rehearsal", kib - 400);
	row("free, left to firmware", 400);
	row("in use by firmware", 1024);
}

static enum caching
uncached(paddr_t pa, paddr_t *end)
{
	*end = pa < HEAPBASE + 16 * BY2PG ? HEAPBASE + 16 * BY2PG : NOADDR;
	return *end == NOADDR ? CACHEWB : CACHEUC;
}

/* Unless the machine is not believed. */
static void
what_is_not_cached_is_lost(void **state)
{
	static uint64_t table[1 << 12];
	size_t kib = conf.npage * 4;

	for (int believed = 1; believed >= 0; believed--) {
		setup(state);
		memmapinit(table, sizeof table);
		memmapadd(HEAPBASE, 64 * BY2PG, MemRAM);
		memmapcaching(uncached, believed ? NULL : "for no reason");
		conf.npage -= 16;
		tell();
		row("a kernel can use", kib - 64);
		if (believed)
			row("lost: not cached", 64);
		row("mem9's program", believed ? 1024 : 1024 + 64);
	}
	assert_null(strstr(shown, "lost: not cached"));
}

/* How much of it is used, before and after. */
static void
allocators_as_they_are(void **state)
{
	Pagestats st;

	(void)state;
	pagestats(&st);
	void *p = poolalloc(mainmem, 8 * MiB);
	assert_non_null(p);
	Page *pg = newpage(NOCLEAR, 0);
	assert_non_null(pg);
	tell();
	mentions("\n  malloc: main");
	mentions(" 8 MB ");
	mentions("\n  malloc: secrets      0 KB     0 KB     0 KB  nobody");
	const char *kernel = strstr(shown, "kernel: xalloc");
	assert_non_null(kernel);
	assert_int_equal(strspn(strchr(kernel, '#'), "#"), 7);
	const char *pages = strstr(shown, "programs: pages");
	assert_non_null(pages);
	assert_int_equal(strspn(pages + strcspn(pages, "#\n"), "#"), 1);
	putpage(pg);
	poolfree(mainmem, p);
}

static void
marks_and_the_log_between(void **state)
{
	(void)state;
	tellbegin();
	tellcheck(&results[0]);
	tellcheck(&results[2]);
	sinks("mem9: check name=ram result=ok\n");
	tellcheck(&results[1]);
	sinks("a sentence\n");
	tellcheck(&results[0]);
	sinks("panic: x\n");
	assert_string_equal(shown, "mem9 test checks what it promises .s.\n"
				   "a sentence\n.\npanic: x\n");
	nshown = 0;
	tellcheck(&results[0]);
	tell();
	assert_memory_equal(shown, ".\n\nThis machine", 15);
}

/* Whoever asks for lines gets them, until the command is done. */
static void
who_asks_gets_all(void **state)
{
	(void)state;
	tellasked(true);
	sinks("mem9: check name=ram result=ok\n");
	tellasked(false);
	sinks("mem9: check name=gdt result=ok\n");
	assert_string_equal(shown, "mem9: check name=ram result=ok\n");
	tellasked(true);
	tellto(&reader);
	sinks("mem9: check name=gdt result=ok\n");
	assert_string_equal(shown, "mem9: check name=ram result=ok\n");
}

/* What tellend has shown is the end of what tellresult shows. */
static void
shown_again_it_is_the_same(void)
{
	static char end[1 << 10];

	assert_true(nshown < sizeof end);
	strcpy(end, shown);
	nshown = 0;
	tellresult(&reader);
	assert_true(nshown > strlen(end));
	assert_string_equal(shown + nshown - strlen(end), end);
}

static void
the_end_is_that_of_the_checks(void **state)
{
	(void)state;
	tellend("more there");
	mentions("2 checks passed, 1 skipped\n");
	mentions("in 4.2 s\n");
	mentions("more there\n");
	mentions("PASS: nothing failed\n");
	assert_null(strstr(shown, "to save the report"));
	kept = true;
	for (int end = ENDMONITOR; end <= ENDHALT; end++) {
		nshown = 0;
		block.b.options.end = (enum end)end;
		tellend(NULL);
		bool stays = end == ENDMONITOR || end == ENDHALT;
		assert_int_equal(
		    strstr(shown, "reset to save the report\n") != NULL, stays);
		nshown = 0;
		tellend("more there");
		assert_int_equal(
		    strstr(shown, "reset (R) to save the report\n") != NULL,
		    end == ENDMONITOR);
		assert_int_equal(
		    strstr(shown, "reset to save the report\n") != NULL,
		    end == ENDHALT);
		shown_again_it_is_the_same();
	}
	block.b.options.end = ENDMONITOR;
	kept = false;
	results[nresults++] = (Checkresult){.name = "mtrr", .verdict = FAILED};
	tellend(NULL);
	mentions("FAIL: 1 check failed\n");
	tellwrong("this first");
	tellwrong("then that");
	tellend(NULL);
	mentions("FAIL: this first\n");
	assert_null(strstr(shown, "then that"));
	nshown = 0;
	tellto(&reader);
	nresults = 3;
	tellend(NULL);
	mentions("PASS: nothing failed\n");
	tellend("more there");
	tellto(&reader); /* of another run */
	nshown = 0;
	tellresult(&reader);
	assert_null(strstr(shown, "more there"));
	nshown = 0;
	reader.rows = 25;
	tellbroken();
	assert_string_equal(shown, "FAIL: it broke off: see above\n");
}

/* Wherever the checks are told of. */
static void
how_much_ram_was_tried_is_told(void **state)
{
	const char *want = " 1 MB before use, 2 MB since, of 1 MB\n";

	(void)state;
	results[nresults++] = (Checkresult){.name = "ram", .verdict = OK};
	ramtriedall(MiB / BY2PG);
	ramtriedsince(2 * MiB / BY2PG);
	tellagain(&reader);
	mentions(want);
	nshown = 0;
	tellchecks(&reader);
	mentions(want);
	ramtriedsince(0);
}

/* On a small screen malloc's pools are left out, but not for who asks. */
static void
a_small_screen_has_it_in_brief(void **state)
{
	(void)state;
	reader.rows = 25;
	tell();
	mentions("programs: pages");
	mentions("[ ok ]  memory map, page tables\n  [skip]  faults\n");
	assert_null(strstr(shown, "malloc: main"));
	nshown = 0;
	tellagain(&reader);
	mentions("malloc: main");
	nshown = 0;
	assert_false(tellresult(&reader));
	mentions("programs: pages");
	mentions("  PASS: ");
	assert_null(strstr(shown, "malloc: main"));
	reader.rows = 0;
	assert_true(tellresult(&reader));
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(with_nobody_to_tell_nothing_is_done),
	    TEST(what_the_machine_has),
	    TEST(what_changes_later),
	    TEST(what_is_not_cached_is_lost),
	    TEST(checks_alone_are_told_to_who_asks),
	    TEST(a_rehearsal_is_of_what_was_borrowed),
	    TEST(allocators_as_they_are),
	    TEST(marks_and_the_log_between),
	    TEST(who_asks_gets_all),
	    TEST(the_end_is_that_of_the_checks),
	    TEST(how_much_ram_was_tried_is_told),
	    TEST(a_small_screen_has_it_in_brief),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
