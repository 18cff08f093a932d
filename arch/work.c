/*
 * work.c - work for other CPUs: given by CPU 0, one piece each at a time; and
 * what mm/ waits for while others are at work.
 *
 *	CPU 0				CPU n
 *	-----				-----
 *	workgive: fn, arg; asked + 1;	halts
 *	  wakes it			work: asked is not done: BUSY, fn(arg),
 *	workdone: done = asked		  IDLE; done = asked; halts
 *
 * It looks with interrupts off, and halts as it lets them on: so it is never
 * both asked and asleep. Idle before done: whoever sees it done may ask again,
 * and no barrier waits for it.
 *
 * A CPU that CPU 0 does not wait for any more is GONE, by an exchange: if it
 * still comes, it finds that out before it begins, or before it says that it is
 * done, and stops. Whoever waits for one that has been stopped is about to be
 * (stop.c): it waits for that, and blames nobody; unless it does not hear what
 * should stop it, as an NMI is taken for lost some time after that was due.
 *
 * Modelled in tests/protocol/stop.pml: its steps are named.
 */
#include "cpu.h"
#include "cpus.h"
#include "halt.h"
#include "hooks.h"
#include "mates.h"
#include "patience.h"
#include "stop.h"

enum {
	MEMLOOKUS = 1000,   /* until it is worth trying again */
	MEMTRIES = 60000,   /* for memory, in all */
	ASKEDUS = 10000000, /* for the NMI of a report, which may never come */
};

void
workgive(size_t n, void (*fn)(void *), void *arg)
{
	Mate *p = mateof(n);

	p->fn = fn;
	p->arg = arg;
	__atomic_store_n(
	    &p->asked, p->asked + 1, __ATOMIC_RELEASE); /* stop: give */
	matewake(p);
}

bool
workdone(size_t n)
{
	const Mate *p = mateof(n);

	return __atomic_load_n(&p->done, __ATOMIC_ACQUIRE) == p->asked;
}

bool
work(void)
{
	Mate *me = mateof(cpunumber());
	uint32_t asked = __atomic_load_n(&me->asked, __ATOMIC_ACQUIRE);

	if (asked == me->done)
		return false;
	if (!matebusy(me)) /* stop: begin */
		haltforever();
	runopen(me->fn, me->arg);
	if (!mateidle(me)) /* stop: end */
		haltforever();
	__atomic_store_n(&me->done, asked, __ATOMIC_RELEASE); /* stop: done */
	return true;
}

/* It is gone, and so will be who waits, unless it was not asked, or is deaf. */
static bool
blamed(size_t n, uint64_t is, uint64_t *gone)
{
	if (!mategone(n))
		return false;
	*gone = MIN(*gone, is); /* stop: blame */
	return !stopasked() || is - *gone >= ASKEDUS;
}

/*
 * It is woken again now and then: an NMI that comes as it is about to halt
 * costs it an interrupt.
 */
bool
workawait(size_t n, uint64_t us)
{
	Patience p = {.last = 0};
	uint64_t gone = UINT64_MAX; /* when it was seen to be */

	for (uint64_t is, again = AGAINUS; !workdone(n);) {
		if ((is = rest(&p)) >= us || blamed(n, is, &gone))
			return workdone(n);
		if (is >= again) {
			matewake(mateof(n));
			again += AGAINUS;
		}
	}
	return true;
}

bool
cpuup(size_t n)
{
	return n < nmates() &&
	       (n == 0 || (workdone(n) && !mategone(n) &&
			      __atomic_load_n(&mateof(n)->at,
				  __ATOMIC_ACQUIRE) != MATEABSENT));
}

size_t
ncpus(void)
{
	return nmates();
}

bool
cpugone(size_t n)
{
	return mategone(n);
}

static void
await(size_t n, uint64_t us)
{
	if (!workawait(n, us))
		panic("CPU %zu does not end what it was given", n);
}

bool
oncpu(size_t n, void (*fn)(void *), void *arg, uint64_t us)
{
	if (cpunumber() != 0)
		panic("CPU %zu may not give work to %zu", cpunumber(), n);
	if (!cpuup(n))
		return false;
	if (n == 0) {
		fn(arg);
		return true;
	}
	workgive(n, fn, arg);
	await(n, us);
	return true;
}

size_t
oncpus(size_t most, void (*fn)(void *), void *arg)
{
	size_t given = 1;
	size_t n = 1;

	if (cpunumber() != 0)
		panic("CPU %zu may not give work to all", cpunumber());
	for (; n < nmates() && given < most; n++)
		if (cpuup(n)) {
			workgive(n, fn, arg);
			given++;
		}
	fn(arg);
	for (size_t i = 1; i < n; i++)
		if (!mategone(i) && mateof(i)->asked != 0)
			await(i, WORKUS);
	return given;
}

void
memwait(const char *what, size_t tries)
{
	Patience p = {.last = 0};

	if (!matesbusy())
		panic("%s: no memory, and nobody left to free any", what);
	if (tries >= MEMTRIES)
		panic("%s: no memory for so long, and other CPUs free none",
		    what);
	while (rest(&p) < MEMLOOKUS)
		;
}

void
awaitzero(const uint32_t *word)
{
	Patience p = {.last = 0};
	uint32_t is;

	while ((is = __atomic_load_n(word, __ATOMIC_ACQUIRE)) != 0)
		if (rest(&p) >= PATIENCEUS)
			panic(
			    "%p is still %u", (const void *)word, (unsigned)is);
}

/* Is it gone, and has said where it stopped? A deaf one may yet do so. */
static bool
stoppedsomewhere(const Mate *p)
{
	uint32_t how = __atomic_load_n(&p->stopped, __ATOMIC_ACQUIRE);

	return __atomic_load_n(&p->at, __ATOMIC_ACQUIRE) == MATEGONE &&
	       how != NOTSTOPPED && how != DEAF;
}

enum reader { PEOPLE, PROGRAMS };

static void
printeach(enum reader reader)
{
	static const char *const words[][MATEGONE + 1] = {
	    [PEOPLE] = {"not there", "idle", "busy", "gone"},
	    [PROGRAMS] = {"absent", "idle", "busy", "gone"},
	};
	bool people = reader == PEOPLE;

	for (size_t i = 0; i < nmates(); i++) {
		const Mate *p = mateof(i);
		uint32_t at = __atomic_load_n(&p->at, __ATOMIC_ACQUIRE);

		print(people ? "CPU %zu: %s" : "mem9: cpuat n=%zu at=%s", i,
		    words[reader][at]);
		if (stoppedsomewhere(p))
			print(people ? ", stopped at %#jx" : " pc=%#jx",
			    (uintmax_t)p->where.pc);
		print("\n");
	}
}

void
cpuslines(void)
{
	printeach(PROGRAMS);
}

void
cpusprint(void)
{
	printeach(PEOPLE);
}
