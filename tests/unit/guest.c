/*
 * guest.c - encrypted guests by what their CPU says.
 *
 * needs: arch/amd64/guest.c
 */
#include "guest.h"
#include "unit.h"

/* The CPU: its highest leaves, and what is in those that matter. */
static struct {
	uint32_t most, mostext;
	Leaf4 one, sev, tdx;
	bool hasmsr;
	uint64_t status;
} machine;

static Leaf4
leaf(uint32_t n)
{
	bool extended = n >> 31;

	if (n == 0)
		return (Leaf4){.a = machine.most};
	if (n == 0x80000000)
		return (Leaf4){.a = machine.mostext};
	assert_true(n <= (extended ? machine.mostext : machine.most));
	return n == 1 ? machine.one : n == 0x21 ? machine.tdx : machine.sev;
}

static uint64_t
msr(uint32_t n)
{
	assert_int_equal(n, 0xc0010131);
	assert_true(machine.hasmsr); /* else a fault */
	return machine.status;
}

/* "Inte", "lTDX", "    " in EBX, EDX, ECX. */
static const Leaf4 tdx = {0, 0x65746e49, 0x20202020, 0x5844546c};

static int
setup(void **state)
{
	(void)state;
	memset(&machine, 0, sizeof machine);
	machine.most = 0x21;
	machine.mostext = 0x8000001f;
	machine.one.c = 1u << 31;
	return 0;
}

static void
assert_guest(enum guest want)
{
	assert_int_equal(guestkind(leaf, msr), want);
}

static void
an_open_guest_is_open(void **state)
{
	(void)state;
	assert_guest(GUESTOPEN);
	machine.sev.a = ~2u;
	assert_guest(GUESTOPEN);
}

static void
sev_is_known_by_its_register(void **state)
{
	(void)state;
	machine.sev.a = 2;
	machine.hasmsr = true;
	assert_guest(GUESTOPEN);
	machine.status = ~1ull;
	assert_guest(GUESTOPEN);
	machine.status = 1;
	assert_guest(GUESTSEV);
	machine.status = 7; /* SEV-ES and SEV-SNP as well */
	assert_guest(GUESTSEV);
}

static void
tdx_is_known_by_its_name(void **state)
{
	(void)state;
	machine.tdx = tdx;
	assert_guest(GUESTTDX);
	machine.tdx.b ^= 1;
	assert_guest(GUESTOPEN);
	machine.tdx = tdx;
	machine.tdx.c = 0;
	assert_guest(GUESTOPEN);
	machine.tdx = tdx;
	machine.tdx.d = 0;
	assert_guest(GUESTOPEN);
}

/* A host of SEV guests, and one that never heard of such things. */
static void
a_real_machine_is_asked_nothing_more(void **state)
{
	(void)state;
	machine.one.c = ~(1u << 31);
	machine.sev.a = 2;
	machine.tdx = tdx;
	assert_guest(GUESTOPEN);
}

static void
no_leaf_is_read_that_is_not_there(void **state)
{
	(void)state;
	machine.tdx = tdx;
	machine.sev.a = 2;
	machine.most = 0x20;
	machine.mostext = 0x8000001e;
	assert_guest(GUESTOPEN);
	machine.mostext = 0;
	assert_guest(GUESTOPEN);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(an_open_guest_is_open),
	    TEST(sev_is_known_by_its_register),
	    TEST(tdx_is_known_by_its_name),
	    TEST(a_real_machine_is_asked_nothing_more),
	    TEST(no_leaf_is_read_that_is_not_there),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
