/*
 * fault.c - a process's pages: zeros, the file's, copies; what is refused.
 *
 * needs: tests/host/procs.c
 */
#include "procs.h"
#include "image.h"
#include "pool.h"
#include "xalloc.h"

#define FLAGS(e) ((e) & ~PTEADDRMASK)

static void
memory_begins_as_zeros_that_nobody_runs(void **state)
{
	(void)state;
	pte_t flags = PTEVALID | PTEUSER | PTEWRITE | PTENOEXEC;

	assert_int_equal(get(BSS + 8), 0);
	put(BSS + 8, 7);
	put(STACK, 8);
	assert_int_equal(get(BSS + 8), 7);
	assert_int_equal(FLAGS(entry(&a, BSS)), flags);
	assert_int_equal(FLAGS(entry(&a, STACK)), flags);
	assert_int_equal(mcountseg(a.seg[BSEG]), 1);
	assert_int_equal(pageva(papage(PTEADDR(entry(&a, BSS)))), BSS);
	processcheck(&a);
	procmemfree(&a);
}

/* As the boot's last check asks: a page, and then mmuwalk shows the bits. */
static void
a_page_of_ones_own_is_put_and_found(void **state)
{
	(void)state;
	Page *pg = newpage(CLEAR, STACK + BY2PG);

	assert_int_equal(segpage(a.seg[SSEG], pg), 0);
	assert_int_equal(get(STACK + BY2PG), 0);
	pte_t *pte = mmuwalk(&a.space, STACK + BY2PG, 0, LOOKUP);
	assert_int_equal(PTEADDR(*pte), pagepa(pg));
	assert_true(*pte & PTEVALID && *pte & PTEUSER);
	assert_panics(segpage(a.seg[SSEG], pg), "no place for a page at");
	assert_panics(segpage(a.seg[BSEG], pg), "no place for a page at");
	pagesetva(pg, BSS - BY2PG);
	assert_panics(segpage(a.seg[BSEG], pg), "no place for a page at");
	assert_panics(segpage(a.seg[TSEG], pg), "no place for a page at");
	procmemfree(&a);
}

static void
text_is_shared_run_and_never_written(void **state)
{
	(void)state;
	const char *why = NULL;

	assert_non_null(processtouch(TEXT + BY2PG, FAULTEXEC, &why));
	assert_int_equal(get(TEXT + BY2PG), BY2PG ^ FILEMARK);
	assert_int_equal(FLAGS(entry(&a, TEXT + BY2PG)), PTEVALID | PTEUSER);
	assert_ptr_equal(refused(TEXT + BY2PG, FAULTWRITE), Ebadarg);
	size_t read = processread();
	startproc(&b);
	assert_ptr_equal(b.seg[TSEG], a.seg[TSEG]);
	assert_non_null(processtouch(TEXT + BY2PG, FAULTEXEC, &why));
	assert_int_equal(entry(&a, TEXT + BY2PG), entry(&b, TEXT + BY2PG));
	assert_int_equal(processread(), read);
	processcheck(&b);
	procmemfree(&a);
	processcheck(&b);
	procmemfree(&b);
}

/* Nobody runs it any more, and its pages wait for the next one. */
static void
text_stays_in_the_cache(void **state)
{
	(void)state;
	get(TEXT);
	pte_t was = entry(&a, TEXT);
	size_t read = processread();

	procmemfree(&a);
	startproc(&a);
	get(TEXT);
	assert_int_equal(entry(&a, TEXT), was);
	assert_int_equal(processread(), read);
	procmemfree(&a);
	assert_int_equal(imagereclaim(100), 1);
	startproc(&a);
	get(TEXT);
	assert_int_equal(processread(), 2 * read);
	assert_int_equal(putimages(), 0);
	procmemfree(&a);
	assert_int_equal(putimages(), 1);
	assert_int_equal(putimages(), 0);
}

/* Another part of the file, or another place, is another text. */
static void
only_the_same_text_is_shared(void **state)
{
	(void)state;
	Filepart parts[] = {textpart, textpart};

	parts[0].start = BY2PG;
	parts[1].len -= 1;
	for (size_t i = 0; i < 4; i++) {
		const Filepart *f = i < 2 ? &parts[i] : &textpart;
		bool up = i == 2; /* which ends where the other one does */
		Segment *s = attachimage(
		    SG_TEXT, f, TEXT + up * BY2PG, TEXTPAGES - up + (i == 3));

		assert_ptr_not_equal(s, a.seg[TSEG]);
		putseg(s);
	}
	Segment *same = attachimage(SG_TEXT, &textpart, TEXT, TEXTPAGES);
	assert_ptr_equal(same, a.seg[TSEG]);
	putseg(same);
	procmemfree(&a);
}

static Segment *meanwhile;

static void
attachtoo(void)
{
	meanwhile = attachimage(SG_TEXT, &textpart, TEXT, TEXTPAGES);
}

/* Another process begins to run it, and is quicker. */
static void
two_who_begin_at_once_share_their_text(void **state)
{
	(void)state;
	clearseg(&a, TSEG);
	scarcewhen(attachtoo);
	Segment *s = attachimage(SG_TEXT, &textpart, TEXT, TEXTPAGES);
	assert_non_null(meanwhile);
	assert_ptr_equal(s, meanwhile);
	assert_int_equal(s->ref, 2);
	putseg(meanwhile);
	putseg(s);
	procmemfree(&a);
}

/* The file's page is everybody's until it is written; zeros come after it. */
static void
data_is_the_files_until_it_is_written(void **state)
{
	(void)state;
	uintptr_t last = DATA + FILEPAGES * BY2PG;

	assert_int_equal(get(DATA), DATAOFF ^ FILEMARK);
	assert_int_equal(
	    FLAGS(entry(&a, DATA)), PTEVALID | PTEUSER | PTENOEXEC);
	startproc(&b);
	get(DATA);
	assert_int_equal(entry(&a, DATA), entry(&b, DATA));
	put(DATA, 5);
	assert_int_not_equal(entry(&a, DATA), entry(&b, DATA));
	assert_true(entry(&b, DATA) & PTEWRITE);
	put(DATA + BY2PG, 6); /* never read before */
	assert_int_equal(get(DATA + BY2PG + 8), 0xeeeeeeeeeeeeeeee);
	assert_int_equal(get(last), (DATAOFF + FILEPAGES * BY2PG) ^ FILEMARK);
	assert_int_equal(get(last + BY2PG / 2 - 8), 0xeeeeeeeeeeeeeeee);
	assert_int_equal(get(last + BY2PG / 2), 0);
	assert_int_equal(get(last + BY2PG), 0);
	assert_int_equal(get(TEXT), FILEMARK);
	assert_ptr_equal(refused(DATA, FAULTEXEC), Ebadarg);
	processcheck(&b);
	procmemfree(&b);
	processenter(&a);
	assert_int_equal(get(DATA), DATAOFF ^ FILEMARK);
	procmemfree(&a);
}

/* A page that part of the file ends in may be of another part too. */
static void
parts_of_a_file_that_share_a_page(void **state)
{
	(void)state;
	Filepart part = {&processfile, 0, BY2PG / 2};

	giveseg(&a, SEG1, attachimage(SG_DATA, &part, 0x100000, 1));
	giveseg(&a, SEG2, attachimage(SG_TEXT, &part, 0x101000, 1));
	assert_int_equal(get(0x100000 + BY2PG / 2), 0);
	assert_int_equal(get(0x101000), FILEMARK);
	assert_int_equal(get(0x101000 + BY2PG / 2), 0);
	assert_int_equal(FLAGS(entry(&a, 0x101000)), PTEVALID | PTEUSER);
	assert_int_equal(get(TEXT + BY2PG / 2), 0xeeeeeeeeeeeeeeee);
	procmemfree(&a);
}

static size_t
readelsewhere(Chan *c, void *to, size_t n, uint64_t off)
{
	processenter(&b);
	c->read = processfile.read;
	assert_int_equal(get(0x100000), off ^ FILEMARK);
	processenter(&a);
	return c->read(c, to, n, off);
}

/* While one process reads it, another has it in the cache already. */
static void
a_page_is_in_the_cache_once(void **state)
{
	(void)state;
	static Chan slow;
	Filepart part = {&slow, 0, BY2PG};

	slow = (Chan){"slow", readelsewhere};
	startproc(&b);
	giveseg(&a, SEG1, attachimage(SG_DATA, &part, 0x100000, 1));
	giveseg(&b, SEG1, attachimage(SG_DATA, &part, 0x100000, 1));
	processenter(&a);
	assert_int_equal(get(0x100000), FILEMARK);
	assert_int_equal(entry(&a, 0x100000), entry(&b, 0x100000));
	procmemfree(&a);
	procmemfree(&b);
}

static void
a_file_that_cannot_be_read_is_said(void **state)
{
	(void)state;
	Filepart part = {&processbadfile, 0, BY2PG};

	giveseg(&a, SEG1, attachimage(SG_DATA, &part, 0x100000, 2));
	size_t nfree = pagesfree();
	assert_ptr_equal(refused(0x100000, FAULTREAD), Eioload);
	assert_int_equal(pagesfree(), nfree);
	assert_int_equal(get(0x100000 + BY2PG), 0);
	procmemfree(&a);
}

/* Nothing is copied at a fork, and then only what is written. */
static void
a_fork_copies_what_is_written(void **state)
{
	(void)state;
	put(BSS, 1);
	put(BSS + BY2PG, 2);
	put(DATA, 3);
	put(STACK, 4);
	size_t nfree = pagesfree();
	assert_int_equal(procmeminit(&b), 0);
	assert_null(procmemdup(&b, &a, COPYSEG));
	assert_int_equal(nfree - pagesfree(), 1); /* its top table */
	assert_int_equal(entry(&a, BSS), 0);
	processcheck(&a);
	put(BSS, 10);
	assert_int_equal(get(BSS + BY2PG), 2);
	assert_false(entry(&a, BSS + BY2PG) & PTEWRITE);
	processcheck(&a);
	processenter(&b);
	assert_int_equal(get(BSS), 1);
	assert_int_equal(get(BSS + BY2PG), 2);
	put(DATA, 30);
	put(STACK, 40);
	put(BSS + 2 * BY2PG, 50);
	processcheck(&b);
	processenter(&a);
	assert_int_equal(get(DATA), 3);
	assert_int_equal(get(STACK), 4);
	assert_int_equal(get(BSS + 2 * BY2PG), 0);
	procmemfree(&b);
	processcheck(&a);
	procmemfree(&a);
}

/* The page is the child's alone then, and need not be copied. */
static void
who_is_left_writes_without_a_copy(void **state)
{
	(void)state;
	put(BSS, 1);
	forkb(COPYSEG);
	assert_int_equal(get(BSS), 1);
	pte_t was = entry(&b, BSS);
	procmemfree(&a);
	put(BSS, 2);
	assert_int_equal(entry(&b, BSS), was | PTEWRITE);
	procmemfree(&b);
}

/* Threads: data and bss are one, each has its stack. */
static void
what_is_shared_is_seen_by_both(void **state)
{
	(void)state;
	put(BSS, 1);
	put(STACK, 2);
	get(DATA); /* the file's: a copy would not be seen */
	forkb(SHARESEG);
	assert_ptr_equal(a.seg[BSEG], b.seg[BSEG]);
	assert_ptr_equal(a.seg[DSEG], b.seg[DSEG]);
	assert_ptr_not_equal(a.seg[SSEG], b.seg[SSEG]);
	put(DATA, 4);
	put(BSS, 5);
	put(BSS + BY2PG, 6);
	put(STACK, 7);
	processcheck(&b);
	processenter(&a);
	assert_int_equal(get(DATA), 4);
	assert_int_equal(get(BSS), 5);
	assert_int_equal(get(BSS + BY2PG), 6);
	assert_int_equal(get(STACK), 2);
	put(BSS + BY2PG, 60);
	processenter(&b);
	assert_int_equal(get(BSS + BY2PG), 60);
	procmemfree(&a);
	procmemfree(&b);
}

/* What is made to be shared a fork does not copy. */
static void
shared_memory_stays_shared(void **state)
{
	(void)state;
	giveseg(&a, SEG1, newseg(SG_SHARED, 0x100000, 2));
	put(0x100000, 1);
	forkb(COPYSEG);
	assert_int_equal(get(0x100000), 1);
	put(0x100000, 2);
	put(0x101000, 3);
	processcheck(&b);
	processenter(&a);
	assert_int_equal(get(0x100000), 2);
	assert_int_equal(get(0x101000), 3);
	assert_int_equal(
	    FLAGS(entry(&a, 0x101000)), FLAGS(entry(&b, 0x101000)));
	procmemfree(&a);
	processenter(&b);
	assert_int_equal(get(0x101000), 3);
	procmemfree(&b);
}

/* One of two threads forks: what the child has too is copied as it is read. */
static void
threads_do_not_read_what_others_copy(void **state)
{
	static Proc child;

	(void)state;
	put(BSS, 1);
	forkb(SHARESEG);
	assert_int_equal(get(BSS), 1);
	assert_int_equal(procmeminit(&child), 0);
	assert_null(procmemdup(&child, &a, COPYSEG));
	assert_int_equal(entry(&a, BSS), 0);
	assert_int_equal(entry(&b, BSS), 0);
	processenter(&b);
	assert_int_equal(get(BSS), 1); /* a copy already */
	processcheck(&b);
	processenter(&a);
	put(BSS, 2);
	processcheck(&a);
	processenter(&b);
	assert_int_equal(get(BSS), 2);
	processenter(&child);
	assert_int_equal(get(BSS), 1);
	procmemfree(&child);
	procmemfree(&a);
	procmemfree(&b);
}

static bool unmapped;

/* Where all CPUs are asked: it is gone from all tables, and no lock is held. */
static void
isunmapped(void)
{
	unmapped = entry(&a, BSS) == 0 && entry(&b, BSS) == 0 &&
		   hostheld() == 0 && a.seg[BSEG]->lock.held;
}

static void
other_cpus_drop_what_is_to_be_copied(void **state)
{
	static Proc child;

	(void)state;
	forkb(SHARESEG);
	put(BSS, 1);
	processenter(&a);
	put(BSS, 2);
	assert_int_equal(procmeminit(&child), 0);
	unmapped = false;
	hostbarrier(isunmapped);
	assert_null(procmemdup(&child, &a, COPYSEG));
	hostbarrier(NULL);
	assert_true(unmapped);
	procmemfree(&a);
	procmemfree(&b);
	procmemfree(&child);
}

static void
the_stack_grows_down_to_its_limit(void **state)
{
	(void)state;
	for (uintptr_t va = USTKTOP - 8; va >= STACK; va -= BY2PG)
		put(va, va);
	assert_int_equal(mcountseg(a.seg[SSEG]), STACKPAGES);
	assert_ptr_equal(refused(STACK - 8, FAULTWRITE), Ebadarg);
	assert_ptr_equal(refused(USTKTOP, FAULTREAD), Ebadarg);
	assert_ptr_equal(refused(STACK, FAULTEXEC), Ebadarg);
	procmemfree(&a);
}

static void
what_is_in_no_segment_is_refused(void **state)
{
	(void)state;
	uintptr_t va[] = {0, 8, TEXT - 8, TEXT + TEXTPAGES * BY2PG,
	    BSS + BSSPAGES * BY2PG, UTOP, DMAP, KZERO, UINTPTR_MAX};

	for (size_t i = 0; i < nelem(va); i++) {
		assert_ptr_equal(fault(&a, va[i], FAULTREAD), Ebadarg);
		assert_false(okaddr(&a, va[i], 1, FAULTREAD));
	}
	procmemfree(&a);
}

static void
a_device_is_mapped_as_it_is_cached(void **state)
{
	static const Physseg dev = {"dev", 4 * GiB, 4, PTEUC};

	(void)state;
	giveseg(&a, SEG1, newphysseg(&dev, 0x100000));
	assert_null(fault(&a, 0x101008, FAULTWRITE));
	assert_int_equal(entry(&a, 0x101000), (4 * GiB + BY2PG) | PTEVALID |
						  PTEUSER | PTEWRITE |
						  PTENOEXEC | PTEUC);
	assert_ptr_equal(fault(&a, 0x101008, FAULTEXEC), Ebadarg);
	assert_ptr_equal(ibrk(&a, 0x105000, SEG1), Ebadarg);
	forkb(COPYSEG);
	assert_ptr_equal(b.seg[SEG1], a.seg[SEG1]);
	processcheck(&a);
	procmemfree(&b);
	procmemfree(&a);
}

static void
addresses_are_checked_across_segments(void **state)
{
	(void)state;
	uintptr_t end = BSS + BSSPAGES * BY2PG;

	giveseg(&a, SEG1, newseg(SG_SHARED, end, 2));
	assert_true(okaddr(&a, BSS, BSSPAGES * BY2PG, FAULTWRITE));
	assert_true(okaddr(&a, end - 1, 2 * BY2PG + 1, FAULTWRITE));
	assert_false(okaddr(&a, end - 1, 2 * BY2PG + 2, FAULTREAD));
	assert_true(okaddr(&a, TEXT, 0, FAULTREAD));
	assert_false(okaddr(&a, TEXT, 1, FAULTWRITE));
	assert_true(okaddr(&a, TEXT, TEXTPAGES * BY2PG, FAULTEXEC));
	assert_false(okaddr(&a, TEXT, TEXTPAGES * BY2PG + 1, FAULTREAD));
	assert_true(okaddr(&a, STACK, STACKPAGES * BY2PG, FAULTREAD));
	assert_false(okaddr(&a, STACK, STACKPAGES * BY2PG + 1, FAULTREAD));
	assert_false(okaddr(&a, STACK, SIZE_MAX, FAULTREAD));
	assert_false(okaddr(&a, BSS, -BSS, FAULTREAD));
	assert_null(validaddr(&a, BSS, 8, FAULTWRITE));
	assert_ptr_equal(validaddr(&a, 0, 8, FAULTREAD), Ebadarg);
	procmemfree(&a);
}

/* Five levels: the half has a table of its own more. */
static void
with_five_levels_it_is_the_same(void **state)
{
	(void)state;
	procmemfree(&a);
	processesgone();
	processmachine((Processes){2048, 2048, 5, 2});
	startproc(&a);
	put(BSS, 1);
	put(STACK, 2);
	processcheck(&a);
	forkb(COPYSEG);
	put(BSS, 3);
	processcheck(&b);
	procmemfree(&a);
	procmemfree(&b);
}

/* Tables are where kaddr reaches them, pages anywhere. */
static void
tables_are_taken_from_near_pages(void **state)
{
	(void)state;
	procmemfree(&a);
	processmachine((Processes){4096, 1024, 4, 2});
	startproc(&a);
	for (size_t i = 0; i < BSSPAGES; i++)
		put(BSS + i * BY2PG, i);
	for (size_t i = 0; i < BSSPAGES; i++)
		assert_int_equal(get(BSS + i * BY2PG), i);
	processcheck(&a);
	procmemfree(&a);
}

/* Where the direct map is cut so low that no page is under its end. */
static void
or_of_the_kernels_share(void **state)
{
	size_t left[2]; /* the first time pools come to have an arena */

	(void)state;
	procmemfree(&a);
	processmachine((Processes){4096, 0, 4, 2});
	for (int i = 0; i < 2; i++) {
		startproc(&a);
		put(BSS, 1);
		assert_int_equal(get(BSS), 1);
		processcheck(&a);
		procmemfree(&a);
		left[i] = xfreebytes();
	}
	assert_int_equal(left[0], left[1]);
	processesgone();
}

/* And if that is used up, there is none for a process. */
static void
or_there_are_none(void **state)
{
	void *taken[1 << 13];
	size_t n = 0;

	(void)state;
	procmemfree(&a);
	processmachine((Processes){4096, 0, 4, 2});
	for (;;) {
		assert_in_range(n, 0, nelem(taken) - 1);
		taken[n] = xspanallocfor(XRAMPAGE, BY2PG, BY2PG, 0);
		if (taken[n] == NULL)
			break;
		n++;
	}
	assert_int_equal(procmeminit(&a), -1);
	while (n > 0)
		xfree(taken[--n]);
	assert_int_equal(procmeminit(&a), 0);
	procmemfree(&a);
	processesgone();
}

#define T(f) cmocka_unit_test_setup_teardown(f, procssetup, procsgone)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(memory_begins_as_zeros_that_nobody_runs),
	    T(a_page_of_ones_own_is_put_and_found),
	    T(text_is_shared_run_and_never_written),
	    T(text_stays_in_the_cache),
	    T(only_the_same_text_is_shared),
	    T(two_who_begin_at_once_share_their_text),
	    T(data_is_the_files_until_it_is_written),
	    T(parts_of_a_file_that_share_a_page),
	    T(a_page_is_in_the_cache_once),
	    T(a_file_that_cannot_be_read_is_said),
	    T(a_fork_copies_what_is_written),
	    T(who_is_left_writes_without_a_copy),
	    T(what_is_shared_is_seen_by_both),
	    T(shared_memory_stays_shared),
	    T(threads_do_not_read_what_others_copy),
	    T(other_cpus_drop_what_is_to_be_copied),
	    T(the_stack_grows_down_to_its_limit),
	    T(what_is_in_no_segment_is_refused),
	    T(a_device_is_mapped_as_it_is_cached),
	    T(addresses_are_checked_across_segments),
	    T(with_five_levels_it_is_the_same),
	    T(tables_are_taken_from_near_pages),
	    T(or_of_the_kernels_share),
	    T(or_there_are_none),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
