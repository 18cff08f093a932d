/*
 * segment.c - segments: made, grown, cut, copied; when there is no memory; and
 * the checks of them.
 *
 * needs: tests/host/procs.c
 */
#include "procs.h"
#include "image.h"
#include "pool.h"

#define BIG ((uintptr_t)0x10000000)

static int
gone(void **state)
{
	(void)state;
	for (int n = 0; n < NSEG; n++) /* a test that failed may hold one */
		if (a.seg[n] != NULL)
			a.seg[n]->lock.held = false;
	procmemfree(&a);
	return procsgone(state);
}

static void
a_segment_is_whole_pages_of_user_space(void **state)
{
	(void)state;
	assert_panics(newseg(SG_BSS, BSS + 1, 1), "are no segment");
	assert_panics(newseg(SG_BSS, 0, 1), "are no segment");
	assert_panics(newseg(SG_BSS, USTKTOP - BY2PG, 2), "are no segment");
	assert_panics(newseg(SG_BSS, USTKTOP + BY2PG, 0), "are no segment");
	assert_panics(newseg(SG_BSS, BY2PG, SEGMAXPAGES + 1), "no segment");
	Segment *s = newseg(SG_BSS, BY2PG, SEGMAXPAGES);
	assert_int_equal(s->mapsize, SEGMAPSIZE);
	putseg(s);
	s = newseg(SG_BSS, USTKTOP, 0);
	assert_int_equal(mcountseg(s), 0);
	putseg(s);
}

static void
segments_have_places_of_their_own(void **state)
{
	(void)state;
	uintptr_t end = BSS + BSSPAGES * BY2PG;
	Segment *s = newseg(SG_SHARED, end - BY2PG, 2);

	assert_ptr_equal(setseg(&a, SEG1, s), Esoverlap);
	putseg(s);
	s = newseg(SG_SHARED, end, 2);
	assert_panics(setseg(&a, BSEG, s), "is a segment 3 already");
	giveseg(&a, SEG1, s);
	assert_ptr_equal(isoverlap(&a, end + BY2PG, BY2PG), s);
	assert_ptr_equal(isoverlap(&a, end - 1, 1), a.seg[BSEG]);
	assert_ptr_equal(isoverlap(&a, BSS - BY2PG, BY2PG + 1), a.seg[BSEG]);
	assert_null(isoverlap(&a, end + 2 * BY2PG, BIG - end - 2 * BY2PG));
	assert_null(isoverlap(&a, BSS - BY2PG, BY2PG));
	assert_ptr_equal(isoverlap(&a, BIG, SIZE_MAX), a.seg[SSEG]);
	assert_ptr_equal(seg(&a, end), s);
	assert_ptr_equal(seg(&a, end - 1), a.seg[BSEG]);
	assert_panics(putseg(s), "is mapped still");
	s->ref = 1;
	put(end, 1);
	clearseg(&a, SEG1);
	assert_int_equal(entry(&a, end), 0);
	assert_null(a.seg[SEG1]);
	assert_ptr_equal(refused(end, FAULTREAD), Ebadarg);
}

static void
the_break_moves_up_and_down(void **state)
{
	(void)state;
	uintptr_t end = BSS + BSSPAGES * BY2PG;

	put(BSS, 1);
	put(end - BY2PG, 2);
	assert_null(ibrk(&a, end + 1, BSEG));
	assert_int_equal(a.seg[BSEG]->top, end + BY2PG);
	put(end, 3);
	size_t nfree = pagesfree();
	assert_null(ibrk(&a, BSS + BY2PG, BSEG));
	assert_int_equal(pagesfree(), nfree + 2);
	assert_int_equal(entry(&a, end), 0);
	assert_ptr_equal(refused(end, FAULTREAD), Ebadarg);
	assert_int_equal(get(BSS), 1);
	processcheck(&a);
	assert_null(ibrk(&a, end, BSEG));
	assert_int_equal(get(end - BY2PG), 0);
	assert_null(ibrk(&a, BSS, BSEG));
	assert_ptr_equal(refused(BSS, FAULTREAD), Ebadarg);
	assert_int_equal(mcountseg(a.seg[BSEG]), 0);
	assert_null(ibrk(&a, BSS + BY2PG, BSEG));
	assert_int_equal(get(BSS), 0);
}

static void
the_break_has_limits(void **state)
{
	(void)state;
	uintptr_t max = BSS + SEGMAXPAGES * BY2PG;

	assert_ptr_equal(ibrk(&a, BSS - 1, BSEG), Enovmem);
	assert_ptr_equal(ibrk(&a, max + 1, BSEG), Enovmem);
	assert_ptr_equal(ibrk(&a, UINTPTR_MAX, BSEG), Enovmem);
	assert_ptr_equal(ibrk(&a, USTKTOP + 1, BSEG), Enovmem);
	assert_ptr_equal(ibrk(&a, DATA, DSEG), Ebadarg);
	assert_ptr_equal(ibrk(&a, BIG, SEG1), Ebadarg);
	giveseg(&a, SEG1, newseg(SG_SHARED, BIG, 1));
	assert_ptr_equal(ibrk(&a, BIG + 1, BSEG), Esoverlap);
	assert_ptr_equal(ibrk(&a, max, BSEG), Esoverlap); /* across it */
	assert_null(ibrk(&a, BIG, BSEG));
	assert_null(ibrk(&a, BIG + 5 * BY2PG, SEG1));
	put(BIG + 4 * BY2PG, 1);
	processcheck(&a);
}

/* A thread may be about to use what it has checked. */
static void
what_is_shared_does_not_shrink(void **state)
{
	(void)state;
	uintptr_t end = BSS + BSSPAGES * BY2PG;

	dupb(SHARESEG);
	assert_ptr_equal(ibrk(&a, end - BY2PG, BSEG), Einuse);
	assert_null(ibrk(&a, end + BY2PG, BSEG));
	processenter(&b);
	put(end, 5);
	processenter(&a);
	assert_int_equal(get(end), 5);
	giveseg(&b, SEG1, newseg(SG_BSS, BIG, 1));
	assert_ptr_equal(ibrk(&a, BIG + BY2PG, BSEG), Esoverlap);
	assert_null(ibrk(&a, BIG, BSEG));
	clearseg(&b, SEG1);
	giveseg(&a, SEG1, newseg(SG_BSS, BIG, 1));
	assert_ptr_equal(ibrk(&b, BIG + BY2PG, BSEG), Esoverlap);
	clearseg(&a, SEG1);
	assert_null(ibrk(&a, BIG + BY2PG, BSEG));
	procmemfree(&b);
	assert_null(ibrk(&a, end, BSEG));
}

static void
no_page_before_there_are_pages(void **state)
{
	(void)state;
	stage = SPREALLOC;
	assert_panics(procmeminit(&b), "called too early");
	stage = SPAGES;
}

static size_t freeat;

/* When all CPUs are asked, what goes is mapped no more, and not yet free. */
static void
isthere(void)
{
	assert_int_equal(entry(&a, BSS), 0);
	freeat = pagesfree();
}

static void
pages_are_free_when_no_cpu_knows_them(void **state)
{
	(void)state;
	put(BSS, 1);
	size_t nfree = pagesfree();
	hostbarrier(isthere);
	assert_null(ibrk(&a, BSS, BSEG));
	assert_int_equal(hostbarriers(), 1);
	assert_int_equal(freeat, nfree);
	assert_int_equal(pagesfree(), nfree + 1);
	assert_null(ibrk(&a, BSS + BY2PG, BSEG));
	put(BSS, 1);
	hostbarrier(isthere);
	clearseg(&a, BSEG);
	assert_int_equal(hostbarriers(), 1);
	assert_int_equal(hostbarriersheld(), 0);
	assert_int_equal(freeat, nfree);
	hostbarrier(NULL);
}

/* Three Ptes; pages from the middle of the first to that of the last go. */
static void
the_middle_of_a_segment_can_go(void **state)
{
	(void)state;
	Segment *s = a.seg[BSEG];
	uintptr_t end = BSS + BSSPAGES * BY2PG;

	for (uintptr_t va = BSS; va < end; va += BY2PG)
		put(va, va);
	dupb(COPYSEG);
	for (uintptr_t va = BSS; va < end; va += BY2PG)
		get(va);
	qlock(&s->lock);
	assert_panics_anyhow(mfreeseg(s, BSS - BY2PG, 1), "not all of the");
	assert_panics_anyhow(mfreeseg(s, end, 1), "not all of the");
	assert_panics_anyhow(mfreeseg(s, end + BY2PG, 0), "not all of the");
	assert_int_equal(mfreeseg(s, BSS + BY2PG, 0), 0);
	assert_int_equal(mfreeseg(s, BSS + BY2PG, BSSPAGES - 2), 0);
	qunlock(&s->lock);
	assert_int_equal(mcountseg(s), 2);
	processcheck(&a);
	assert_int_equal(get(BSS), BSS);
	assert_int_equal(get(BSS + BY2PG), 0);
	assert_int_equal(get(end - BY2PG), end - BY2PG);
	processenter(&b);
	for (uintptr_t va = BSS; va < end; va += BY2PG)
		assert_int_equal(get(va), va);
	procmemfree(&b);
	processenter(&a);
	qlock(&s->lock); /* both ends in one Pte; and where there is none */
	assert_int_equal(mfreeseg(s, BSS + BY2PG, 1), 0);
	assert_int_equal(mfreeseg(s, BSS + PTEMAPMEM + BY2PG, 1), 0);
	qunlock(&s->lock);
	assert_int_equal(mcountseg(s), 2);
}

/* The map is apart from there on, and grows. */
static void
a_segment_may_become_large(void **state)
{
	(void)state;
	giveseg(&a, SEG1, newseg(SG_BSS, BIG, 1));
	for (size_t n = SSEGMAPSIZE; n <= 8 * SSEGMAPSIZE; n += 5) {
		uintptr_t top = BIG + n * PTEMAPMEM;

		put(BIG, n);
		assert_null(ibrk(&a, top, SEG1));
		assert_int_equal(get(BIG), n);
		put(top - BY2PG, n);
	}
	dupb(COPYSEG);
	assert_null(ibrk(&a, BIG + BY2PG, SEG1)); /* its map stays large */
	Segment *copy = dupseg(a.seg[SEG1], COPYSEG);
	assert_int_equal(copy->mapsize, SSEGMAPSIZE);
	assert_int_equal(mcountseg(copy), 1);
	putseg(copy);
	processcheck(&b);
	procmemfree(&b);
}

/* Its map doubles as it grows, but for the last time. */
static void
a_segment_may_become_as_large_as_any(void **state)
{
	(void)state;
	size_t half = SEGMAXPAGES / 2 + PTEPERTAB;

	giveseg(&a, SEG1, newseg(SG_BSS, BIG, half));
	assert_int_equal(a.seg[SEG1]->mapsize, SEGMAPSIZE / 2 + 1);
	assert_null(ibrk(&a, BIG + (half + 1) * BY2PG, SEG1));
	assert_int_equal(a.seg[SEG1]->mapsize, SEGMAPSIZE);
	put(BIG + half * BY2PG, 1);
	clearseg(&a, SEG1);
}

/* ---- no memory ---- */

/* Each returns NULL, or why not. */
typedef const char *Try(void);

/*
 * The n-th thing that it asks for is refused, for every n, until nothing is:
 * whenever it fails all is as it was, but for what may be cached now. How many
 * things it asks for.
 */
static size_t
scarcely(Try *try)
{
	imagereclaim(SIZE_MAX);
	size_t nfree = pagesfree();
	size_t used = poolused(mainmem);
	const char *why = NULL;
	size_t n = 0;

	for (;; n++) {
		scarce(n);
		why = try();
		if (why == NULL)
			break;
		assert_ptr_equal(why, Enomem);
		assert_int_equal(scarcerefused(), 1);
		imagereclaim(SIZE_MAX);
		assert_int_equal(pagesfree(), nfree);
		assert_int_equal(poolused(mainmem), used);
		scarce(SIZE_MAX);
		processcheck(&a);
	}
	scarce(SIZE_MAX);
	processcheck(&a);
	return n;
}

static const char *
trytext(void)
{
	return fault(&a, TEXT, FAULTREAD);
}

static const char *
trydata(void)
{
	return fault(&a, DATA, FAULTWRITE);
}

static const char *
trytail(void)
{
	return fault(&a, DATA + FILEPAGES * BY2PG, FAULTREAD);
}

static const char *
trybss(void)
{
	return fault(&a, BSS, FAULTWRITE);
}

static const char *
trynext(void)
{
	return fault(&a, BSS + BY2PG, FAULTWRITE);
}

static const char *
tryfork(void)
{
	if (procmeminit(&b) < 0)
		return Enomem;
	const char *why = procmemdup(&b, &a, COPYSEG);
	for (int n = 0; why != NULL && n < NSEG; n++)
		assert_null(b.seg[n]);
	if (why != NULL)
		procmemfree(&b);
	return why;
}

static const char *
tryshrink(void)
{
	return ibrk(&a, BSS + 2 * BY2PG, BSEG);
}

static const char *
trygrow(void)
{
	return ibrk(&a, BSS + 20 * PTEMAPMEM, BSEG);
}

static Page *tobeput;

static const char *
tryput(void)
{
	return segpage(a.seg[SSEG], tobeput) < 0 ? Enomem : NULL;
}

static const char *
tryimage(void)
{
	static Chan other = {"other", NULL};
	Filepart part = {&other, 0, BY2PG};
	Segment *s = attachimage(SG_DATA, &part, BIG, SEGMAXPAGES);

	if (s == NULL)
		return Enomem;
	putseg(s);
	return NULL;
}

static const char *
trydevice(void)
{
	static const Physseg dev = {"dev", 4 * GiB, 4, PTEUC};
	Segment *s = newphysseg(&dev, BIG);

	if (s == NULL)
		return Enomem;
	putseg(s);
	return NULL;
}

/* Tables: three for the first page of 1 GiB, one for the next 2 MiB. */
static void
without_memory_all_is_as_it_was(void **state)
{
	(void)state;
	assert_int_equal(scarcely(trytext), 3 + 1 + 1);
	assert_int_equal(scarcely(trydata), 1 + 2 + 1);
	assert_int_equal(scarcely(trytail), 1);
	assert_int_equal(scarcely(trybss), 1 + 1 + 1);
	tobeput = newpage(CLEAR, STACK);
	assert_int_equal(scarcely(tryput), 1);
	put(BSS, 1);
	put(BSS + BY2PG, 2);
	put(BSS + 5 * BY2PG, 3);
	assert_int_equal(scarcely(tryfork), 1 + 3);
	assert_int_equal(scarcely(trynext), 1 + 1); /* page, copy of the Pte */
	procmemfree(&b);
	giveseg(&a, SEG4, newseg(SG_BSS, BIG, 1)); /* behind a gap */
	assert_int_equal(scarcely(tryfork), 1 + 4);
	assert_int_equal(scarcely(tryshrink), 1);
	assert_int_equal(scarcely(trygrow), 1);
	processenter(&b);
	assert_int_equal(get(BSS + 5 * BY2PG), 3);
	procmemfree(&b);
	processenter(&a);
	assert_int_equal(get(BSS + BY2PG), 2);
	assert_int_equal(scarcely(tryimage), 1 + 1 + 1 + 1);
	assert_int_equal(scarcely(trydevice), 1);
}

/* The second of two Ptes that both sides need a copy of is refused. */
static void
pages_that_cannot_go_stay(void **state)
{
	(void)state;
	Segment *s = a.seg[BSEG];
	size_t npages = BSSPAGES - PTEPERTAB - 2;

	for (size_t i = 0; i < BSSPAGES; i++)
		put(BSS + i * BY2PG, i);
	assert_null(tryfork());
	for (size_t n = 0; n < 2; n++) {
		scarce(n);
		qlock(&s->lock);
		assert_int_equal(mfreeseg(s, BSS + BY2PG, npages), -1);
		qunlock(&s->lock);
		assert_int_equal(mcountseg(s), BSSPAGES);
	}
	scarce(SIZE_MAX);
	for (size_t i = 0; i < BSSPAGES; i++)
		assert_int_equal(get(BSS + i * BY2PG), i);
	processcheck(&a);
	procmemfree(&b);
}

/* ---- what is private ---- */

static void
private_pages_are_cleared(void **state)
{
	(void)state;
	uint64_t *text;
	uint64_t *data;
	uint64_t *bss[3];
	const char *why = NULL;

	a.privatemem = true;
	text = processtouch(TEXT, FAULTREAD, &why);
	data = processtouch(DATA, FAULTREAD, &why);
	for (size_t i = 0; i < 3; i++)
		put(BSS + i * PTEMAPMEM, 5);
	put(BSS + PTEMAPMEM + 2 * BY2PG, 5); /* behind a gap */
	assert_null(tryfork());
	assert_true(b.privatemem);
	put(BSS + BY2PG, 5); /* now only the pages are shared here */
	put(BSS + PTEMAPMEM, 6);
	for (size_t i = 0; i < 3; i++)
		bss[i] = processtouch(BSS + i * PTEMAPMEM, FAULTREAD, &why);
	zeroprivatepages(&a);
	assert_int_equal(*text, FILEMARK);
	assert_int_equal(*data, DATAOFF ^ FILEMARK);
	assert_int_equal(*bss[0], 5);
	assert_int_equal(*bss[1], 0);
	assert_int_equal(*bss[2], 5);
	procmemfree(&b);
	assert_int_equal(*bss[2], 5);
	procmemfree(&a);
	assert_int_equal(*bss[0], 0);
	assert_int_equal(*bss[2], 0);
	startproc(&a);
	bss[0] = processtouch(BSS, FAULTWRITE, &why);
	*bss[0] = 7;
	dupb(SHARESEG);
	zeroprivatepages(&a);
	assert_int_equal(*bss[0], 7);
	procmemfree(&b);
}

/* ---- the check ---- */

static void
wrong(uintptr_t va, pte_t set, pte_t clear, const char *words)
{
	pte_t *pte = mmuwalk(&a.space, va, 0, LOOKUP);
	pte_t was = *pte;

	*pte = (was | set) & ~clear;
	assert_panics(procmemcheck(&a), words);
	a.seg[TSEG]->lock.held = a.seg[BSEG]->lock.held = false;
	a.seg[DSEG]->lock.held = false;
	*pte = was;
	procmemcheck(&a);
}

static void
what_is_mapped_wrongly_is_found(void **state)
{
	(void)state;
	const char *mapped = "is mapped as";
	pte_t *pte;

	get(TEXT);
	get(DATA);
	put(BSS, 1);
	wrong(TEXT, PTEWRITE, 0, mapped);
	wrong(TEXT, PTENOEXEC, 0, mapped);
	wrong(BSS, 0, PTENOEXEC, mapped);
	wrong(BSS, 0, PTEUSER, mapped);
	wrong(DATA, PTEWRITE, 0, mapped);
	wrong(BSS, 1 * GiB, 0, "which is not its page");
	wrong(BSS + BY2PG, BY2PG | PTEVALID | PTEUSER, 0, "not its page");
	a.seg[DSEG]->ref++;
	assert_panics(procmemcheck(&a), mapped);
	a.seg[DSEG]->lock.held = false;
	a.seg[DSEG]->ref--;
	pte = mmuwalk(&a.space, BSS, 1, LOOKUP);
	pte_t was = *pte;
	*pte = PTEADDR(entry(&a, BSS)) | PTELARGE | PTEVALID | PTEUSER;
	assert_panics(procmemcheck(&a), "which is not its page");
	a.seg[BSEG]->lock.held = false;
	*pte = was;
}

/* ---- QLock ---- */

static QLock q;

static void
letgo(void)
{
	qunlock(&q);
}

static void
a_qlock_waits_for_its_holder(void **state)
{
	(void)state;
	assert_panics(qunlock(&q), "is not held");
	qlock(&q);
	hostunlocked(0, letgo); /* as the one who waits looks again */
	qlock(&q);
	assert_true(qheld(&q));
	qunlock(&q);
	assert_false(qheld(&q));
}

#define T(f) cmocka_unit_test_setup_teardown(f, procssetup, gone)

/* As a panic may leave it: nobody waits for who asks. */
static void
a_qlock_that_is_being_taken_is_held(void **state)
{
	QLock q = {.held = false};

	(void)state;
	assert_false(qheld(&q));
	lock(&q.lock);
	assert_true(qheld(&q));
	unlock(&q.lock);
	assert_false(qheld(&q));
	qlock(&q);
	assert_true(qheld(&q));
	qunlock(&q);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    T(a_segment_is_whole_pages_of_user_space),
	    T(segments_have_places_of_their_own),
	    T(the_break_moves_up_and_down),
	    T(the_break_has_limits),
	    T(what_is_shared_does_not_shrink),
	    T(no_page_before_there_are_pages),
	    T(pages_are_free_when_no_cpu_knows_them),
	    T(the_middle_of_a_segment_can_go),
	    T(a_segment_may_become_large),
	    T(a_segment_may_become_as_large_as_any),
	    T(without_memory_all_is_as_it_was),
	    T(pages_that_cannot_go_stay),
	    T(private_pages_are_cleared),
	    T(what_is_mapped_wrongly_is_found),
	    cmocka_unit_test(a_qlock_waits_for_its_holder),
	    cmocka_unit_test(a_qlock_that_is_being_taken_is_held),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
