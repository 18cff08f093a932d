/*
 * syscall.c - what programs ask for, one by one, and are refused.
 *
 * needs: tests/host/played.c
 */
#include "played.h"

static const uintptr_t badaddrs[] = {
    0, 1, KZERO, DMAP, UTOP, UTOP - 1, UINTPTR_MAX, UTZERO - 8, BSSEND};

/* Each call that takes an address, with each bad one; then what is no call. */
static Userevent
wild(Process *p)
{
	static const uint64_t calls[] = {SYSPRINT, SYSEXEC, SYSWAIT};
	size_t n = p->regs.rbx;

	if (n > 0)
		assert_int_equal(result(p), SYSEBADARG);
	if (n < nelem(badaddrs) * nelem(calls))
		return ask(p, calls[n % 3], badaddrs[n / 3], 8, 0);
	switch (n - nelem(badaddrs) * nelem(calls)) {
	case 0:
		return ask(p, SYSWAIT, UTZERO, 0, 0); /* not to be written */
	case 1:
		return ask(p, SYSPRINT, BSSVA, PRINTMAX + 1, 0);
	case 2:
		return ask(p, SYSEXEC, BSSVA, NAMEMAX + 1, 0);
	case 3:
		return ask(p, SYSPRINT, BSSEND - 8, 9, 0);
	case 4:
		return ask(p, SYSBRK, BSSVA - 1, 0, 0);
	case 5:
		return ask(p, SYSBRK, KZERO, 0, 0);
	case 6:
		return ask(p, SYSBRK, USTKTOP, 0, 0);
	case 7:
		return ask(p, NSYSCALL, 0, 0, 0);
	case 8:
		return ask(p, UINT64_MAX, 0, 0, 0);
	default:
		return exits(p, 0);
	}
}

static void
bad_arguments_are_errors(void **state)
{
	(void)state;
	assert_int_equal(run(wild).status, 0);
	assert_said("");
}

static Userevent
prints(Process *p)
{
	Userevent e;

	switch (p->regs.rbx) {
	case 0:
		if (!spell(p, "a \"b\"\n\x80~\x7f", &e))
			return e;
		return ask(p, SYSPRINT, BSSVA, 9, 0);
	case 1:
		assert_int_equal(result(p), 0);
		return ask(p, SYSPRINT, 0x200000, 0, 0);
	case 2:
		return ask(p, SYSPRINT, DATAVA - 1, 2, 0); /* two pages */
	default:
		assert_int_equal(result(p), 0);
		return exits(p, 0);
	}
}

static void
what_is_printed_is_a_line_of_plain_text(void **state)
{
	(void)state;
	assert_int_equal(run(prints).status, 0);
	assert_said("mem9: print pid=1 name=a text=\"a ?b???~?\"\n"
		    "mem9: print pid=1 name=a text=\"\"\n"
		    "mem9: print pid=1 name=a text=\"?4\"\n");
}

/* A device's memory is no buffer. */
static Userevent
todevice(Process *p)
{
	static const Physseg ps = {"device", 0xf0000000, 1, PTEUC};

	if (p->regs.rbx > 0)
		return exits(p, result(p) == SYSEBADARG ? 0 : 1);
	giveseg(p->mem, SEG1, newphysseg(&ps, 0x10000000));
	return ask(p, SYSPRINT, 0x10000000, 8, 0);
}

static void
a_device_is_no_buffer(void **state)
{
	(void)state;
	assert_int_equal(run(todevice).status, 0);
}

static Userevent
breaks(Process *p)
{
	Userevent e;
	uint64_t *w = NULL;

	switch (p->regs.rbx) {
	case 0:
		return ask(p, SYSBRK, 0, 0, 0);
	case 1:
		assert_int_equal(result(p), BSSEND);
		return ask(p, SYSBRK, BSSEND + BY2PG, 0, 0);
	case 2:
		assert_int_equal(p->regs.rdi, BSSEND + BY2PG);
		w = word(p, BSSEND, FAULTWRITE, &e);
		if (w == NULL)
			return e;
		*w = 1;
		return ask(p, SYSBRK, BSSEND, 0, 0);
	case 3:
		assert_int_equal(result(p), 0);
		return ask(p, SYSBRK, 0, 0, 0);
	case 4:
		assert_int_equal(result(p), BSSEND);
		assert_null(word(p, BSSEND, FAULTREAD, &e));
		return ask(p, SYSPRINT, BSSEND, 1, 0);
	default:
		assert_int_equal(result(p), SYSEBADARG);
		return exits(p, 0);
	}
}

static void
memory_ends_where_it_is_asked_to(void **state)
{
	(void)state;
	assert_int_equal(run(breaks).status, 0);
}

/* One that has no memory for another is not told that there are too many. */
static Userevent
starves(Process *p)
{
	int64_t r = result(p);

	if (p->regs.rbx > 0) {
		scarce(SIZE_MAX);
		return exits(p, r == SYSENOMEM ? 0 : 1);
	}
	scarce(0);
	return ask(p, SYSFORK, 0, 0, 0);
}

static void
a_fork_without_memory_says_so(void **state)
{
	(void)state;
	assert_int_equal(run(starves).status, 0);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    PLAYED(bad_arguments_are_errors),
	    PLAYED(what_is_printed_is_a_line_of_plain_text),
	    PLAYED(a_device_is_no_buffer),
	    PLAYED(memory_ends_where_it_is_asked_to),
	    PLAYED(a_fork_without_memory_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
