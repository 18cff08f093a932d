/*
 * user.c - this CPU in user mode: see user.h.
 *
 * A program has general registers only: TS is set while it runs, so the first
 * x87 or SSE instruction is its end, and no program finds there what another
 * one, or firmware, left. Whatever it loads into DS to GS is lost when the
 * kernel comes back.
 *
 * The interrupts of firmware's devices are kept out: CPU 0 has never had
 * interrupts on before. What comes all the same is acknowledged and forgotten.
 */
#include "user.h"
#include "apic.h"
#include "hooks.h"
#include "mach.h"
#include "patience.h"
#include "port.h"
#include "usermode.h"
#include "x86.h"

enum {
	PIC1DATA = 0x21,
	PIC2DATA = 0xa1,
	PICNONE = 0xff,
	TICKUS = 2000000, /* a tick that has not come by then does not come */
};

/* CF PF AF ZF SF TF DF OF AC ID: what a program may set. */
#define USERFLAGS 0x240dd5ull
#define FLAGSON 0x202ull     /* and what is always set, interrupts too */
#define FLAGSMASK 0x57700ull /* what SYSCALL clears: RF NT IOPL DF IF TF AC */

/* SYSCALL's code and stack; SYSRET's base, which nobody uses. */
#define STAR ((uint64_t)KCODE << 32 | (uint64_t)(UCODE - 16) << 48)

static void
setregisters(Mach *m)
{
	wrmsr(MSRSTAR, STAR);
	wrmsr(MSRLSTAR, (uintptr_t)syscallentry);
	wrmsr(MSRCSTAR, (uintptr_t)syscallentry);
	wrmsr(MSRSFMASK, FLAGSMASK);
	wrmsr(MSRSYSENTERCS, 0); /* SYSENTER faults */
	wrmsr(MSRFSBASE, 0);
	wrmsr(MSRGSBASE, 0);
	wrmsr(MSRKERNELGSBASE, (uintptr_t)&m->userstack);
	putdr7(DR7NONE);
}

/* Run with interrupts on, as they then were again. */
static void
opened(Mach *m, void (*fn)(void))
{
	uint64_t flags = getflags();

	splhi();
	m->open = true;
	fn();
	m->open = false;
	if (flags & FLAGIF)
		spllo();
}

static void
awaittick(void)
{
	Mach *m = mach();
	Patience p = {.last = 0};

	spllo();
	while (m->ticks == 0 && waited(&p) < TICKUS)
		;
	splhi();
}

const char *
userready(void)
{
	Mach *m = mach();

	if (m->tickms != 0)
		return NULL;
	if (!apicopen())
		return "there is no local APIC";
	apickeep();
	if (m->n == 0) {
		portwrite8(PIC1DATA, PICNONE);
		portwrite8(PIC2DATA, PICNONE);
	}
	setregisters(m);
	uint32_t n = apictimerinit();
	if (n == 0)
		return "the local APIC's timer does not count";
	apictimer(n * IDLEMS);
	opened(m, awaittick);
	if (m->ticks == 0)
		return "the local APIC's timer does not interrupt";
	m->tickms = n;
	return NULL;
}

/* In this order: a tick too early is better than one that is not seen. */
void
userslice(void)
{
	Mach *m = mach();

	m->sliceticks = m->ticks;
	apictimer(m->tickms * SLICEMS);
}

void
usersliceend(void)
{
	apictimer(0);
}

static void
haltopen(void)
{
	apictimer(mach()->tickms * IDLEMS);
	haltonce();
}

void
useridle(void)
{
	opened(mach(), haltopen);
}

/* Interrupts are off. */
static Userevent
enter(Mach *m, Ureg *ur)
{
	ur->cs = UCODE | RING3;
	ur->ss = UDATA | RING3;
	ur->flags = (ur->flags & USERFLAGS) | FLAGSON;
	m->user = ur;
	putcr0(getcr0() | CR0TS);
	userenter(ur, &m->userstack, m->n == 0 ? desctss0() : &m->desc.tss);
	putcr0(getcr0() & ~CR0TS);
	if (ur->vector >= NEXCEPTION && ur->vector < SPURIOUSVECTOR) {
		apicdone();
		barrieranswer();
	}
	return userevent(ur, m->usercr2);
}

/*
 * The tick that ends a slice comes once, and to the kernel if that has
 * interrupts on then: so that is looked at when none can come any more.
 */
Userevent
userrun(Ureg *ur)
{
	Mach *m = mach();
	uint64_t flags = getflags();
	Userevent e = {.why = USERTICK};

	if (ur->pc >= UTOP)
		return (Userevent){
		    .why = USERFAULT, .access = FAULTEXEC, .addr = ur->pc};
	splhi();
	if (m->ticks == m->sliceticks)
		e = enter(m, ur);
	if (flags & FLAGIF)
		spllo();
	return e;
}
