/*
 * checkmem.c - the checks of the memory chain: on the real one, and on one that
 * lies in one thing.
 *
 * The checks are compiled here, with a lie in place of each allocator that they
 * ask; told none, it asks the real one.
 *
 * covers: kern/check/checkmem.c kern/check/checkpages.c
 * needs: tests/host/heap.c kern/format.c kern/check/together.c
 * needs: tests/host/crew.c
 */
#include "unit.h"
#include "badram.h"
#include "../../mm/page/palloc.h"
#include "bootinfo.h"
#include "bytemap.h"
#include "conf.h"
#include "cpus.h"
#include "crew.h"
#include "heap.h"
#include "memmap.h"
#include "nodes.h"
#include "mmu.h"
#include "pagemachine.h"
#include "percpu.h"
#include "rename.h"
#include "pool.h"
#include "xalloc.h"
#include "../../arch/amd64/include/trap.h"
#include "../../kern/check/checks.h"
#include "print.h"
#include "../../kern/monitor/progress.h"

enum { KERNEL = 16 << 20, FRAMES = 1500, MAXLIE = 40000 };

static Bootinfo boot;
Bootinfo *bootinfo = &boot;
static char detail[256];
static uint64_t table[1 << 12];
static size_t npages; /* that are free */

static struct {
	size_t none;   /* the n-th block is refused; 0: none is */
	size_t pages;  /* there is none for the n-th; 0: there is */
	bool overlap;  /* every block is the first one */
	bool leak;     /* the first block given back stays taken */
	bool small;    /* malloc gives a MiB never */
	size_t loses;  /* frames: nothing is kept in the n-th */
	bool keeps;    /* the first page given back stays taken */
	bool reserved; /* frames handed out are said to be reserved */
	bool freezero; /* page 0 is said to be free */
	bool cut;      /* there is one hole more each time */
	size_t taken, given, mapped, cuts;
	void *first;
} lie;

/* Who watches: breaks it off when so much of that is done. */
static struct {
	const char *name;
	size_t at;
	size_t all;  /* of the last one of that name */
	size_t most; /* that was done of it */
	size_t ends;
} watch;

const char brokenoff[] = "broken off";

Progress
progressbegin(const char *name, size_t all)
{
	if (watch.name != NULL && strcmp(watch.name, name) == 0)
		watch.all = all;
	return (Progress){.name = name, .all = all};
}

bool
progressat(Progress *p, size_t n)
{
	assert_int_equal(cpunumber(), 0);
	if (watch.name == NULL || strcmp(watch.name, p->name) != 0)
		return true;
	assert_in_range(n, watch.most, watch.all);
	watch.most = n;
	return n < watch.at;
}

void
progressend(const Progress *p, size_t n)
{
	(void)n;
	(void)p;
	watch.ends++;
}

/* What the direct map does not reach. */
static uint8_t frames[FRAMES << PGSHIFT];

/* Nothing is kept there, for one who maps the n-th frame. */
static void *
window(paddr_t pa)
{
	static uint64_t nothing[BY2PG / sizeof(uint64_t)];

	if (__atomic_add_fetch(&lie.mapped, 1, __ATOMIC_RELAXED) == lie.loses)
		return memset(nothing, 0, sizeof nothing);
	if (cankaddr(pa) != 0)
		return kaddr(pa);
	size_t i = (pa - HEAPBASE - KERNEL - BY2PG) / BY2PG;
	assert_in_range(i, 0, FRAMES - 1);
	return frames + i * BY2PG;
}

void *
kmap(Page *pg)
{
	return window(pagepa(pg));
}

void *
kmappa(paddr_t pa)
{
	return window(pa);
}

static enum framestate
saidstate(paddr_t pa)
{
	enum framestate s = framestate(pa);

	if (pa == 0)
		return lie.freezero ? FRAMEFREE : FRAMERESERVED;
	return lie.reserved && s == FRAMEALLOCATED ? FRAMERESERVED : s;
}

/* What is asked for; or the first block, which has room for any. */
static size_t
sizeofblock(size_t size)
{
	return lie.overlap ? MAXLIE : size;
}

static void *
block(void *p)
{
	if (lie.first == NULL)
		lie.first = p;
	return lie.overlap ? lie.first : p;
}

static void *
xtakes(enum xuser who, size_t size, size_t align, size_t span)
{
	if (++lie.taken == lie.none)
		return NULL;
	return block(xspanallocfor(who, sizeofblock(size), align, span));
}

static bool
gives(void)
{
	if (!lie.leak || lie.given++ != 0)
		return !lie.overlap;
	return false;
}

static void
xgives(void *p)
{
	if (gives())
		xfree(p);
}

static size_t
saidholes(void)
{
	lie.cuts += lie.cut;
	return xholes() + lie.cuts;
}

static void *
mtakes(size_t size)
{
	if (++lie.taken == lie.none || (lie.small && size == MiB))
		return NULL;
	return block(malloc(sizeofblock(size)));
}

static void
mgives(void *p)
{
	if (gives())
		free(p);
}

static void
chaingiven(Page *chain)
{
	if (lie.keeps)
		chain = pagenext(chain);
	lie.keeps = false;
	freepages(chain);
}

/* There are no more pages, says the allocator after so many. */
static Page *
takespage(enum clear clear, uintptr_t va)
{
	if (lie.pages == 1)
		return NULL;
	lie.pages -= lie.pages != 0;
	return newpage(clear, va);
}

#define newpage takespage
#define framestate saidstate
#define xspanallocfor xtakes
#define xfree xgives
#define xholes saidholes
#define freepages chaingiven
#undef malloc
#undef free
#define malloc mtakes
#define free mgives
#include "../../kern/check/checkmem.c"
#include "../../kern/check/checkpages.c"
#undef newpage
#undef framestate
#undef xspanallocfor
#undef xfree
#undef xholes
#undef freepages
#undef malloc
#undef free
#define malloc(n) kmalloc(n)
#define free(p) kfree(p)

/* A bank of the kernel's and one of FRAMES pages, all of it in the map. */
static int
setup(void **state)
{
	(void)state;
	hostquiet();
	crewup(1);
	heapcpus(NCREW);
	heapmachine(1, KERNEL, FRAMES);
	heappages();
	stage = SMEMINIT0;
	memmapinit(table, sizeof table);
	for (size_t i = 0; i < conf.nmem; i++) {
		const Confmem *m = &conf.mem[i];

		memmapadd(m->base, m->npage * BY2PG, MemRAM);
		assert_int_equal(
		    memmapalloc(m->base, m->npage * BY2PG, BY2PG, MemRAM),
		    m->base);
	}
	stage = SPAGES;
	npages = pagesfree();
	memset(frames, 0, sizeof frames);
	memset(&boot, 0, sizeof boot);
	boot.options.checks = CHECKSFULL;
	memset(&lie, 0, sizeof lie);
	memset(&watch, 0, sizeof watch);
	memset(detail, 0, sizeof detail);
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	hostloud();
	return 0;
}

static enum verdict
run(Check *check)
{
	return check(detail, sizeof detail);
}

#define assert_fails(check, words)                                             \
	do {                                                                   \
		assert_int_equal(run(check), FAILED);                          \
		if (strstr(detail, words) == NULL)                             \
			fail_msg("'%s' lacks '%s'", detail, words);            \
	} while (0)

/* What the last check said is exactly this. */
__attribute__((format(printf, 1, 2))) static void
says(const char *fmt, ...)
{
	char want[256];
	va_list ap;

	va_start(ap, fmt);
	vsnprintf(want, sizeof want, fmt, ap);
	va_end(ap);
	assert_string_equal(detail, want);
}

static void
a_good_machine_passes(void **state)
{
	(void)state;
	assert_int_equal(run(checkmap), OK);
	assert_int_equal(run(checkconf), OK);
	assert_string_equal(detail, "");
	assert_int_equal(run(checkpages), OK);
	says("%zu of %zu pages written and read back", npages, npages);
	assert_int_equal(ramtried()->since, npages);
	assert_int_equal(run(checkbytemap), OK);
	assert_int_equal(run(checkxalloc), OK);
	assert_int_equal(run(checkmalloc), OK);
	assert_mentioned("malloc: took ");
	hostquiet();
	boot.options.checks = CHECKSQUICK;
	assert_int_equal(run(checkmalloc), OK);
	assert_said("");
}

/* How far it is; and it ends where it is told to, with nothing lost. */
static void
who_watches_may_break_it_off(void **state)
{
	static const struct {
		const char *name;
		Check *check;
	} passes[] = {{"written", checkpages}, {"read   ", checkpages},
	    {"taken  ", checkmalloc}};

	for (size_t i = 0; i < nelem(passes); i++) {
		setup(state);
		watch.name = passes[i].name;
		watch.at = SIZE_MAX;
		assert_int_equal(run(passes[i].check), OK);
		assert_true(watch.ends > 0);
		assert_true(watch.most > 0);
		size_t free = pagesfree();
		watch.most = 0;
		watch.at = 1;
		assert_int_equal(run(passes[i].check), SKIPPED);
		says("broken off");
		poolcompact(mainmem);
		assert_int_equal(pagesfree(), free);
	}
}

/* The last MiB that malloc gave is said, too. */
static void
all_that_malloc_gave_is_counted(void **state)
{
	char line[80];

	(void)state;
	watch.name = "taken  ";
	watch.at = SIZE_MAX;
	assert_int_equal(run(checkmalloc), OK);
	snprintf(line, sizeof line, "malloc: took %zu of ",
	    (size_t)(watch.most * BY2PG / MiB));
	assert_mentioned(line);
}

/* More ranges than the table has room for. */
static void
a_map_that_lost_something_fails(void **state)
{
	(void)state;
	stage = SMEMINIT0;
	memmapinit(table, sizeof table / 2);
	for (size_t i = 0; i < 5000; i++)
		memmapadd(MiB + 2 * i * BY2PG, BY2PG, MemRAM);
	stage = SPAGES;
	assert_fails(checkmap, " bytes are lost");
}

static void
banks_are_ram_that_was_taken(void **state)
{
	static const struct {
		ptrdiff_t base, npage;
	} off[] = {{-1, 0}, {0, 1}, {1, 0}, {-2, 1}};

	for (size_t i = 0; i < nelem(off); i++) {
		setup(state);
		conf.mem[1].base += (paddr_t)(off[i].base * (ptrdiff_t)BY2PG);
		conf.mem[1].npage += (size_t)off[i].npage;
		assert_fails(checkconf, "bank 1 is not its own RAM");
	}
	for (int how = 0; how < 3; how++) {
		setup(state);
		stage = SMEMINIT0;
		memmapinit(table, sizeof table);
		if (how != 2)
			memmapadd(0, 64 * MiB, how == 0 ? MemRAM : MemReserved);
		if (how == 1)
			memmapalloc(NOADDR, BY2PG, BY2PG, MemReserved);
		stage = SPAGES;
		assert_fails(checkconf, "bank 0 is not its own RAM");
	}
}

static void
shares_add_up(void **state)
{
	(void)state;
	conf.upages++;
	assert_fails(checkconf, "5596 pages in banks, 4096 kernel + 1501 user");
	conf.upages--;
	conf.npage++;
	assert_fails(checkconf, "5596 pages in banks, 4096 kernel + 1500 user");
	conf.npage--;
	conf.mem[0].klimit -= BY2PG;
	assert_fails(checkconf, "5596 pages in banks, 4095 kernel + 1500 user");
}

/* By all at once. */
static void
pages_are_shared_out(void **state)
{
	for (size_t up = 2; up <= NCREW; up++) {
		size_t n = MIN(up, (size_t)MOSTTOGETHER);

		setup(state);
		crew.up = up;
		boot.options.checks = CHECKSQUICK;
		assert_int_equal(run(checkpages), OK);
		says("%zu of %zu pages written and read back", npages, npages);
		assert_true(lie.mapped >= 2 * npages);
		for (size_t i = 1; i <= n; i++) {
			setup(state);
			crew.up = up;
			lie.loses = npages + i * (npages / n) - 1;
			assert_fails(checkpages, "1 of ");
		}
		crew.faulty = NCREW - (up - 1);
		crew.vector = TRAPPF;
		assert_fails(checkpages, "a fault");
	}
}

/* Each page is mapped twice: a loss at either time is a wrong one. */
static void
a_page_that_keeps_nothing_fails(void **state)
{
	const size_t last = 2 * npages;
	const size_t maps[] = {1, 2, npages / 2, npages, npages + 1, last};

	for (size_t i = 0; i < nelem(maps); i++) {
		setup(state);
		lie.loses = maps[i];
		assert_int_equal(run(checkpages), FAILED);
		says("1 of %zu pages wrong, free %zu then %zu", npages, npages,
		    npages);
	}
	setup(state);
	lie.loses = last + 1;
	assert_int_equal(run(checkpages), OK);
}

/* CPUs 0 and 2 in node 0, the others in 1; pages are of both. */
static void
upnodes(void)
{
	static const Nodes two = {.n = 2,
	    .nranges = 2,
	    .range = {{0, HEAPBASE + KERNEL + 3 * MiB, 0},
		{HEAPBASE + KERNEL + 3 * MiB, NOADDR, 1}},
	    .distance = {{10, 20}, {20, 10}}};

	nodesset(&two);
	setup(NULL);
	boot.options.directmap = NOADDR;
	for (int i = NCREW; i-- > 0;) {
		hostcpu(i);
		pagenode(thiscpu(), (uint32_t)i % 2);
	}
}

static void
pages_are_of_the_own_node_while_it_has_any(void **state)
{
	size_t own = 0;
	size_t near = 0;

	(void)state;
	upnodes();
	assert_int_equal(run(checkpages), OK);
	const char *s = strstr(hostsaid(), "mem9: local pages=");
	assert_non_null(s);
	assert_int_equal(
	    sscanf(s, "mem9: local pages=%zu of=%zu\n", &own, &near), 2);
	assert_int_equal(own, near);
	assert_in_range(own, 256, npages - 256);
	pagenode(thiscpu(), 1); /* and it says that it is in 0 */
	assert_fails(checkpages, "pages of the own node");
	boot.options.directmap = GiB;
	assert_int_equal(run(checkpages), OK);
	nodesset(NULL);
}

static void
pages_that_are_free_and_not_given_fail(void **state)
{
	(void)state;
	lie.pages = npages;
	assert_int_equal(run(checkpages), FAILED);
	says("0 of %zu pages wrong, free %zu then %zu", npages - 1, npages,
	    npages);
}

static void
a_page_that_does_not_come_back_fails(void **state)
{
	(void)state;
	lie.keeps = true;
	assert_int_equal(run(checkpages), FAILED);
	says("0 of %zu pages wrong, free %zu then %zu", npages, npages,
	    npages - 1);
}

/*
 * Half a GiB of pages, and a few of the frames that were never a page: 64 all
 * over the bank, of which those in the last part are that.
 */
static void
a_quick_check_samples_what_is_left(void **state)
{
	const size_t most = 512 * MiB / BY2PG;
	size_t n = 0;

	(void)state;
	boot.options.checks = CHECKSQUICK;
	pagesimple(640 * MiB, 1);
	hosttrust(true);
	npages = pagesfree();
	assert_int_equal(run(checkpages), OK);
	assert_int_equal(sscanf(detail, "%zu of", &n), 1);
	assert_in_range(n, most + 8, most + 64);
	assert_int_equal(lie.mapped, 2 * n);
	lie.mapped = 0;
	lie.loses = 2 * n;
	assert_int_equal(run(checkpages), FAILED);
	says("1 of %zu pages wrong, free %zu then %zu", n, npages, npages);
	lie.keeps = true;
	lie.loses = 0;
	assert_int_equal(run(checkpages), FAILED);
	says("0 of %zu pages wrong, free %zu then %zu", n, npages, npages - 1);
	hosttrust(false);
}

/* Not those that were a page once: they come from the allocator again. */
static void
a_quick_check_samples_no_page(void **state)
{
	const size_t most = 512 * MiB / BY2PG;
	size_t n = 0;

	(void)state;
	boot.options.checks = CHECKSQUICK;
	pagesimple(640 * MiB, 1);
	hosttrust(true);
	npages = pagesfree();
	freepages(pagetakeall(&n));
	assert_int_equal(n, npages);
	assert_int_equal(run(checkpages), OK);
	says("%zu of %zu pages written and read back", most, npages);
	assert_int_equal(lie.mapped, 2 * most);
	hosttrust(false);
}

/* A bank of fewer frames than samples: each is one once. */
static void
no_frame_is_sampled_twice(void **state)
{
	enum { FEW = 20 };

	(void)state;
	heapmachine(1, KERNEL, FEW);
	heappages();
	npages = pagesfree();
	lie.pages = 1;
	assert_int_equal(run(checkpages), FAILED);
	says("0 of %zu pages wrong, free %zu then %zu", npages, npages, npages);
	assert_in_range(npages, 1, FEW);
	assert_int_equal(lie.mapped, 2 * npages);
}

static void
frames_are_said_to_be_what_they_are(void **state)
{
	size_t n = 0;
	Page *chain = NULL;

	(void)state;
	lie.reserved = true;
	assert_int_equal(run(checkbytemap), FAILED);
	setup(state);
	lie.freezero = true;
	assert_int_equal(run(checkbytemap), FAILED);
	setup(state);
	palloc.count.nfree++;
	assert_panics(run(checkbytemap), "bytemapcheck: ");
	setup(state);
	chain = pagetakeall(&n);
	assert_int_equal(n, npages);
	assert_int_equal(run(checkbytemap), SKIPPED);
	freepages(chain);
}

static void
blocks_that_are_refused_shared_or_kept_fail(void **state)
{
	static Check *const checks[] = {checkxalloc, checkmalloc};

	boot.options.checks = CHECKSQUICK;
	for (size_t i = 0; i < nelem(checks); i++) {
		for (size_t none = 1; none <= 96; none += 19) {
			setup(state);
			lie.none = none;
			assert_fails(checks[i], "no memory");
		}
		setup(state);
		lie.overlap = true;
		assert_fails(checks[i], "a block was written by another");
	}
	setup(state);
	lie.leak = true;
	assert_fails(checkxalloc, "not all came back; ");
	setup(state);
	lie.cut = true;
	assert_fails(checkxalloc, "not all came back; ");
}

static void
malloc_takes_nearly_all_there_is(void **state)
{
	(void)state;
	lie.small = true;
	assert_fails(checkmalloc, "no memory while pages are free");
	boot.options.checks = CHECKSQUICK;
	assert_int_equal(run(checkmalloc), OK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_good_machine_passes),
	    TEST(who_watches_may_break_it_off),
	    TEST(all_that_malloc_gave_is_counted),
	    TEST(a_map_that_lost_something_fails),
	    TEST(banks_are_ram_that_was_taken),
	    TEST(shares_add_up),
	    TEST(pages_are_shared_out),
	    TEST(pages_are_of_the_own_node_while_it_has_any),
	    TEST(a_page_that_keeps_nothing_fails),
	    TEST(pages_that_are_free_and_not_given_fail),
	    TEST(a_page_that_does_not_come_back_fails),
	    TEST(a_quick_check_samples_what_is_left),
	    TEST(a_quick_check_samples_no_page),
	    TEST(no_frame_is_sampled_twice),
	    TEST(frames_are_said_to_be_what_they_are),
	    TEST(blocks_that_are_refused_shared_or_kept_fail),
	    TEST(malloc_takes_nearly_all_there_is),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
