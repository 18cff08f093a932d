/*
 * apic.c - the local APIC in both modes: what is written where; and how fast
 * its timer counts, by a clock that a virtual CPU looks at too late.
 *
 *	clock    put the count        look at it    clock
 *	  |--------|----- counts -------|-------------|
 *	   before        within              after		stalls
 *
 * Registers in memory are an array, those of x2APIC too; the timer is played.
 *
 * covers: arch/amd64/apic.c
 */
#include "unit.h"
#include "apic.h"
#include "hooks.h"
#include "mmu.h"
#include "patience.h"
#include "stage.h"
#include "../../arch/amd64/x86.h"

enum {
	IDREG = 0x20 / 4,
	TPRREG = 0x80 / 4,
	EOIREG = 0xb0 / 4,
	SPURIOUSREG = 0xf0 / 4,
	ICRLOWREG = 0x300 / 4,
	ICRHIGHREG = 0x310 / 4,
	TIMERREG = 0x320 / 4,
	LINT0REG = 0x350 / 4,
	COUNTREG = 0x380 / 4,
	NOWREG = 0x390 / 4,
	DIVIDEREG = 0x3e0 / 4,
	MSRS = 0x800, /* of x2APIC: register n is number MSRS + n / 4 */
	ROUND = 3,
	ROUNDUS = 1000,
	SENDING = 1 << 12,
};

typedef struct Stall Stall;
struct Stall {
	uint64_t before, within, after; /* microseconds */
};

static struct {
	uint32_t reg[BY2PG / 4]; /* in memory */
	uint64_t msr[BY2PG / 16];
	enum apic mode;
	bool nomap, nounmap;
	size_t maps, unmaps;
	uint64_t us;           /* by the clock */
	uint64_t rate;         /* counts of a millisecond */
	size_t looks;          /* at the clock */
	Stall of[ROUND];       /* each round's */
	uint32_t timer[ROUND]; /* its vector while it is measured */
	bool busy;             /* it never gets away */
	bool stands;           /* the clock */
} play;

static uint64_t
readmsr(uint32_t msr)
{
	return play.msr[msr - MSRS];
}

static void
writemsr(uint32_t msr, uint64_t v)
{
	play.msr[msr - MSRS] = v;
}

static void
nofence(void)
{
}

#define rdmsr readmsr
#define wrmsr writemsr
#define mfence nofence
#define lfence nofence
#include "../../arch/amd64/apic.c"

Cpu cpu;
Space kspace;
_Static_assert(RATES == ROUND, "each has its stalls");

Cpuregs
cpuregsnow(void)
{
	return (Cpuregs){.apic = play.mode};
}

Cpuregs
cpuregs(const Cpu *c, const Cpuregs *was)
{
	assert_ptr_equal(c, &cpu);
	return (Cpuregs){.apic = was->apic, .apicbase = 0xfee00900};
}

void *
vmap(paddr_t pa, size_t size, pte_t memtype)
{
	assert_int_equal(pa, 0xfee00000);
	assert_int_equal(size, BY2PG);
	assert_int_equal(memtype, PTEUC);
	play.maps++;
	return play.nomap ? NULL : play.reg;
}

void
vunmap(void *p, size_t size)
{
	assert_ptr_equal(p, play.reg);
	assert_int_equal(size, BY2PG);
	play.unmaps++;
}

pte_t
mmuallowed(const Space *s, pte_t flags)
{
	(void)s;
	return flags;
}

int
pmap(Space *s, uintptr_t va, paddr_t pa, size_t size)
{
	(void)s;
	assert_int_equal(va, EARLY);
	assert_int_equal(
	    pa, 0xfee00000 | PTEVALID | PTEWRITE | PTENOEXEC | PTEUC);
	assert_int_equal(size, BY2PG);
	play.maps++;
	return play.nomap ? -1 : 0;
}

int
punmap(Space *s, uintptr_t va, size_t size)
{
	(void)s;
	assert_int_equal(va, EARLY);
	assert_int_equal(size, BY2PG);
	play.unmaps++;
	return play.nounmap ? -1 : 0;
}

uint64_t
ipicommand(enum apic mode, uint32_t id, uint32_t what)
{
	assert_int_equal(mode, play.mode);
	if (id == 0xff)
		return 0;
	return (uint64_t)id << 32 | what | (play.busy ? SENDING : 0);
}

/* Twice a round: a stall comes after the first look, and before the second. */
uint64_t
clockus(void)
{
	const Stall *s = &play.of[play.looks / 2 % ROUND];
	uint64_t us = play.us;

	if (play.looks++ % 2 == 0) {
		play.us += s->before;
		return us;
	}
	return play.us += s->after;
}

static uint32_t
reg(size_t n)
{
	if (play.mode == APICX2)
		return (uint32_t)play.msr[n / 4];
	return play.reg[n];
}

/* The count goes down from all that there is; at 0 it stays. */
void
pausefor(uint64_t us)
{
	size_t round = play.looks / 2 % ROUND;
	uint64_t passed = us + play.of[round].within;
	uint64_t counts = passed * play.rate / 1000;

	assert_int_equal(us, ROUNDUS);
	assert_int_equal(reg(COUNTREG), UINT32_MAX);
	play.us += play.stands ? 0 : passed;
	uint32_t left =
	    UINT32_MAX - (uint32_t)MIN(counts, (uint64_t)UINT32_MAX);
	play.reg[NOWREG] = left;
	play.msr[NOWREG / 4] = left;
	play.timer[round] = reg(TIMERREG);
}

static int
setup(void **state)
{
	(void)state;
	memset(&play, 0, sizeof play);
	play.mode = APICX;
	play.rate = 62500;
	stage = SLAST;
	kept = false;
	regs = NULL;
	return 0;
}

/* ---- the timer ---- */

static void
its_rate_is_what_it_counts_in_a_millisecond(void **state)
{
	static const enum apic modes[] = {APICX, APICX2};

	for (size_t i = 0; i < nelem(modes); i++) {
		setup(state);
		play.mode = modes[i];
		assert_true(apicopen());
		assert_int_equal(apictimerinit(), 62500);
		for (size_t n = 0; n < ROUND; n++) /* masked meanwhile */
			assert_int_equal(play.timer[n], 0x10041);
		assert_int_equal(reg(TIMERREG), TIMERVECTOR);
		assert_int_equal(reg(COUNTREG), 0);
		assert_int_equal(reg(DIVIDEREG), 3);
		assert_int_equal(reg(TPRREG), 0);
		assert_int_equal(reg(LINT0REG), 0x10000);
		assert_int_equal(reg(SPURIOUSREG), 0x1ff);
		assert_int_equal(play.looks, 2 * ROUND);
		apictimer(1000);
		assert_int_equal(reg(COUNTREG), 1000);
	}
}

/* One round of the three in which nobody was late is enough. */
static void
who_is_late_does_not_slow_the_timer(void **state)
{
	static const Stall stalls[] = {
	    {500, 0, 0}, {0, 0, 500}, {2000000, 0, 3000000}, {1, 0, 1}};

	for (size_t good = 0; good < ROUND; good++)
		for (size_t i = 0; i < nelem(stalls); i++) {
			setup(state);
			for (size_t n = 0; n < ROUND; n++)
				if (n != good)
					play.of[n] = stalls[i];
			assert_true(apicopen());
			assert_int_equal(apictimerinit(), 62500);
		}
}

/* The timer and the clock go on both: that is no error. */
static void
a_stall_while_it_counts_is_none(void **state)
{
	setup(state);
	for (size_t n = 0; n < ROUND; n++)
		play.of[n] = (Stall){0, 777 * (n + 1), 0};
	assert_true(apicopen());
	assert_int_equal(apictimerinit(), 62500);
}

/* The least wrong one, and never more than it is: ticks are not late. */
static void
if_all_are_late_the_least_counts(void **state)
{
	setup(state);
	play.of[0] = (Stall){1000, 0, 0};
	play.of[1] = (Stall){0, 0, 250};
	play.of[2] = (Stall){500, 0, 500};
	assert_true(apicopen());
	assert_int_equal(apictimerinit(), 50000);
}

static void
one_that_does_not_count_has_no_rate(void **state)
{
	setup(state);
	play.rate = 0;
	assert_true(apicopen());
	assert_int_equal(apictimerinit(), 0);
}

/* A count of 32 bits, gone in the first round: it was not a millisecond. */
static void
a_count_that_is_at_its_end_is_not_believed(void **state)
{
	setup(state);
	play.of[0] = (Stall){0, 100000000, 0};
	assert_true(apicopen());
	assert_int_equal(apictimerinit(), 62500);
}

/* Whatever that is worth: nothing is divided by 0. */
static void
a_clock_that_stands_is_survived(void **state)
{
	setup(state);
	play.stands = true;
	assert_true(apicopen());
	assert_int_equal(apictimerinit(), 62500 * 1000);
}

/* ---- the rest of it ---- */

static void
it_is_open_in_either_mode(void **state)
{
	(void)state;
	assert_int_equal(apicmodenow(), APICX);
	assert_true(apicopen());
	assert_true(apicopen());
	assert_int_equal(play.maps, 1);
	play.reg[IDREG] = 5u << 24;
	assert_int_equal(apicid(), 5);
	apicdone();
	assert_int_equal(play.reg[EOIREG], 0);
	apicclose();
	apicclose();
	assert_int_equal(play.unmaps, 1);
	play.mode = APICX2;
	assert_true(apicopen());
	assert_int_equal(play.maps, 1);
	play.msr[IDREG / 4] = 0x12345;
	assert_int_equal(apicid(), 0x12345);
	play.mode = APICOFF;
	assert_false(apicopen());
}

static void
it_is_mapped_before_there_are_windows(void **state)
{
	(void)state;
	stage = SMACH;
	assert_true(apicopen());
	assert_int_equal(play.maps, 1);
	apicclose();
	assert_int_equal(play.unmaps, 1);
	assert_true(apicopen());
	play.nounmap = true;
	assert_panics(apicclose(), "the local APIC stays mapped");
	regs = NULL;
	play.nomap = true;
	assert_false(apicopen());
	stage = SLAST;
	assert_false(apicopen());
}

static void
it_stays_open_once_others_need_it(void **state)
{
	(void)state;
	assert_true(apicopen());
	apickeep();
	apicclose();
	assert_int_equal(play.unmaps, 0);
	play.reg[IDREG] = 7u << 24;
	assert_int_equal(apicid(), 7);
}

static void
it_sends_if_it_can(void **state)
{
	(void)state;
	assert_true(apicopen());
	assert_true(apicsend(3, IPINMI));
	assert_int_equal(play.reg[ICRHIGHREG], 3);
	assert_int_equal(play.reg[ICRLOWREG], IPINMI);
	assert_false(apicsend(0xff, IPINMI)); /* that cannot be named */
	play.busy = true;
	assert_false(apicsend(3, IPINMI));
	setup(state);
	play.mode = APICX2;
	assert_true(apicopen());
	assert_true(apicsend(3, IPINMI));
	assert_int_equal(play.msr[ICRLOWREG / 4], 3ull << 32 | IPINMI);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(its_rate_is_what_it_counts_in_a_millisecond),
	    cmocka_unit_test(who_is_late_does_not_slow_the_timer),
	    cmocka_unit_test(a_stall_while_it_counts_is_none),
	    cmocka_unit_test(if_all_are_late_the_least_counts),
	    cmocka_unit_test(one_that_does_not_count_has_no_rate),
	    cmocka_unit_test(a_count_that_is_at_its_end_is_not_believed),
	    cmocka_unit_test(a_clock_that_stands_is_survived),
	    cmocka_unit_test_setup(it_is_open_in_either_mode, setup),
	    cmocka_unit_test_setup(
		it_is_mapped_before_there_are_windows, setup),
	    cmocka_unit_test_setup(it_stays_open_once_others_need_it, setup),
	    cmocka_unit_test_setup(it_sends_if_it_can, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
