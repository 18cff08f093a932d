/*
 * user.c - a program is run: with which registers, until what, and how a CPU
 * is made ready for it. Instructions and the program itself are played.
 *
 * covers: arch/amd64/user.c
 * needs: arch/amd64/userevent.c
 */
#include "unit.h"
#include "apic.h"
#include "hooks.h"
#include "patience.h"
#include "port.h"
#include "user.h"
#include "../../arch/amd64/mach.h"
#include "../../arch/amd64/x86.h"

static Mach machine;

static struct {
	uint64_t flags; /* of the CPU */
	uint64_t cr0;
	bool noapic, nocount, notick;
	uint64_t vector; /* how the program ends, and its flags then */
	size_t entered, done, answers, halts, ports, msrs;
	uint32_t count;
	Ureg ur; /* as it was entered with */
} play;

static uint64_t
playedflags(void)
{
	return play.flags;
}

static void
playedoff(void)
{
	play.flags &= ~FLAGIF;
}

/* What waits comes at once. */
static void
playedon(void)
{
	play.flags |= FLAGIF;
	machine.ticks += !play.notick && play.count != 0;
	play.count = 0;
}

static void
playedhalt(void)
{
	assert_true(machine.open);
	assert_int_equal(play.flags & FLAGIF, 0);
	play.halts++;
}

static uint64_t
playedcr0(void)
{
	return play.cr0;
}

static void
playedputcr0(uint64_t v)
{
	play.cr0 = v;
}

static void
playedmsr(uint32_t msr, uint64_t v)
{
	(void)msr;
	(void)v;
	play.msrs++;
}

static void
playeddr7(uint64_t v)
{
	assert_int_equal(v, DR7NONE);
}

#define getflags playedflags
#define splhi playedoff
#define spllo playedon
#define haltonce playedhalt
#define getcr0 playedcr0
#define putcr0 playedputcr0
#define wrmsr playedmsr
#define putdr7 playeddr7
#include "../../arch/amd64/user.c"

Mach *
mach(void)
{
	return &machine;
}

static Tss tss0;

Tss *
desctss0(void)
{
	return &tss0;
}

void
syscallentry(void)
{
}

void
userenter(const Ureg *ur, Userstack *u, Tss *tss)
{
	assert_ptr_equal(u, &machine.userstack);
	assert_ptr_equal(tss, machine.n == 0 ? &tss0 : &machine.desc.tss);
	assert_ptr_equal(machine.user, ur);
	assert_int_equal(play.flags & FLAGIF, 0);
	assert_true(play.cr0 & CR0TS);
	play.ur = *ur;
	play.entered++;
	machine.user->vector = play.vector;
	machine.usercr2 = 0x5000;
}

void
barrieranswer(void)
{
	play.answers++;
}

void
apicdone(void)
{
	play.done++;
}

bool
apicopen(void)
{
	return !play.noapic;
}

void
apickeep(void)
{
}

uint32_t
apictimerinit(void)
{
	return play.nocount ? 0 : 7;
}

void
apictimer(uint32_t count)
{
	play.count = count;
}

void
portwrite8(uint16_t port, uint8_t v)
{
	assert_true(port == 0x21 || port == 0xa1);
	assert_int_equal(v, 0xff);
	play.ports++;
}

uint64_t
waited(Patience *p)
{
	return p->spent += 1000;
}

static int
setup(void **state)
{
	(void)state;
	memset(&play, 0, sizeof play);
	memset(&machine, 0, sizeof machine);
	play.vector = SYSCALLVECTOR;
	return 0;
}

static void
a_cpu_is_made_ready_once(void **state)
{
	(void)state;
	assert_null(userready());
	assert_int_equal(machine.tickms, 7);
	assert_int_equal(play.ports, 2);
	assert_int_equal(play.flags & FLAGIF, 0);
	assert_false(machine.open);
	assert_null(userready());
	assert_int_equal(play.ports, 2);
	setup(state);
	machine.n = 1;
	play.flags = FLAGIF;
	assert_null(userready());
	assert_int_equal(play.ports, 0);
	assert_int_equal(play.flags, FLAGIF);
}

static void
or_it_is_said_why_not(void **state)
{
	(void)state;
	play.noapic = true;
	assert_string_equal(userready(), "there is no local APIC");
	play.noapic = false;
	play.nocount = true;
	assert_string_equal(
	    userready(), "the local APIC's timer does not count");
	play.nocount = false;
	play.notick = true;
	assert_string_equal(
	    userready(), "the local APIC's timer does not interrupt");
	assert_int_equal(machine.tickms, 0);
	play.notick = false;
	assert_null(userready());
}

/* No privilege, and what it is never asked for is not kept. */
static void
it_runs_as_a_program(void **state)
{
	Ureg ur = {.pc = 0x1000, .sp = 3, .flags = ~0ull, .rdi = 4};

	(void)state;
	assert_int_equal(userrun(&ur).why, USERCALL);
	assert_int_equal(play.ur.pc, 0x1000);
	assert_int_equal(play.ur.cs, 0x2b);
	assert_int_equal(play.ur.ss, 0x23);
	assert_int_equal(play.ur.flags, 0x240fd7);
	assert_int_equal(play.ur.rdi, 4);
	assert_int_equal(play.cr0 & CR0TS, 0);
	assert_int_equal(play.done + play.answers, 0);
	play.vector = TRAPPF;
	ur.error = PFUSER;
	Userevent e = userrun(&ur);
	assert_int_equal(e.why, USERFAULT);
	assert_int_equal(e.addr, 0x5000);
}

/* IRETQ would fault in the kernel. */
static void
an_address_of_the_kernels_half_is_not_gone_to(void **state)
{
	Ureg ur = {.pc = UTOP};

	(void)state;
	Userevent e = userrun(&ur);
	assert_int_equal(e.why, USERFAULT);
	assert_int_equal(e.access, FAULTEXEC);
	assert_int_equal(e.addr, UTOP);
	ur.pc = UINTPTR_MAX;
	assert_int_equal(userrun(&ur).why, USERFAULT);
	assert_int_equal(play.entered, 0);
	ur.pc = UTOP - 1;
	assert_int_equal(userrun(&ur).why, USERCALL);
}

static void
interrupts_are_acknowledged_and_barriers_answered(void **state)
{
	static const uint64_t vectors[] = {
	    NEXCEPTION, WAKEVECTOR, TIMERVECTOR, SPURIOUSVECTOR};
	Ureg ur = {.pc = 0x1000};

	(void)state;
	for (size_t i = 0; i < nelem(vectors); i++) {
		size_t n = vectors[i] == SPURIOUSVECTOR ? 0 : 1;

		play.done = play.answers = 0;
		play.vector = vectors[i];
		assert_int_equal(userrun(&ur).why,
		    vectors[i] == TIMERVECTOR ? USERTICK : USERNOTHING);
		assert_int_equal(play.done, n);
		assert_int_equal(play.answers, n);
	}
}

/*
 * On other CPUs than the first interrupts are on while the kernel does what a
 * program asked for: there a tick may come, and no other one does.
 */
static void
a_tick_that_came_to_the_kernel_ends_the_slice(void **state)
{
	Ureg ur = {.pc = 0x1000};

	(void)state;
	machine.n = 1;
	play.flags = FLAGIF;
	machine.ticks = 5;
	userslice();
	assert_int_equal(userrun(&ur).why, USERCALL);
	assert_int_equal(play.flags, FLAGIF);
	machine.ticks++;
	assert_int_equal(userrun(&ur).why, USERTICK);
	assert_int_equal(play.entered, 1);
	assert_int_equal(play.flags, FLAGIF);
	userslice();
	assert_int_equal(userrun(&ur).why, USERCALL);
	assert_int_equal(play.entered, 2);
}

static void
a_slice_and_its_end(void **state)
{
	(void)state;
	machine.tickms = 7;
	userslice();
	assert_int_equal(play.count, 7 * SLICEMS);
	usersliceend();
	assert_int_equal(play.count, 0);
	useridle();
	assert_int_equal(play.halts, 1);
	assert_int_equal(play.count, 7 * IDLEMS);
	assert_int_equal(play.flags & FLAGIF, 0);
	assert_false(machine.open);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test_setup(a_cpu_is_made_ready_once, setup),
	    cmocka_unit_test_setup(or_it_is_said_why_not, setup),
	    cmocka_unit_test_setup(it_runs_as_a_program, setup),
	    cmocka_unit_test_setup(
		an_address_of_the_kernels_half_is_not_gone_to, setup),
	    cmocka_unit_test_setup(
		interrupts_are_acknowledged_and_barriers_answered, setup),
	    cmocka_unit_test_setup(
		a_tick_that_came_to_the_kernel_ends_the_slice, setup),
	    cmocka_unit_test_setup(a_slice_and_its_end, setup),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
