/*
 * host.h - the machine below mm/, played by a Linux process.
 *
 * Physical memory is one sparse file: kaddr() finds its bytes in one mapping
 * of it, maprange() maps the same bytes again elsewhere, so aliases are real.
 */
#ifndef HOST_H
#define HOST_H

#include <setjmp.h>

#include "types.h"

/*
 * The machine has size bytes of zeroed RAM from pa on (both page aligned),
 * kaddr reaching the first cap of them, and ncpu CPUs. Any earlier machine is
 * gone. Costs nothing until touched.
 */
void hostmachine(paddr_t pa, size_t size, size_t cap, int ncpu);

/* Readers of saved maps (forms.h) get memory so often, and then not, once. */
void hostforms(size_t n);

/* The calling thread is this CPU from now on (threads start as CPU 0). */
void hostcpu(int cpu);

/*
 * hostinterrupt, called by a handler of signals, is an interrupt: fn runs, or
 * runs later if the thread's interrupts are masked now (cpuenter, lock). Not in
 * benchmarks, where cpuenter is nothing.
 */
void hostsignal(void (*fn)(void));
void hostinterrupt(void);

/*
 * An interrupt comes where this thread is about to mask its own for the n-th
 * time from now; 0: none. How often that was since the last call.
 */
size_t hostpoints(size_t n);

/*
 * fn is what cpubarrier does; NULL, the machine's own, after hostmachine. How
 * many there were since, and how many with a lock held by the thread that
 * asked. What was unmapped must not be mapped again before one.
 */
void hostbarrier(void (*fn)(void));
size_t hostbarriers(void);
size_t hostbarriersheld(void);

/* mm/'s clock goes on by so much now, and by step each time it is asked; step
 * is 0 after hostmachine. Not in benchmarks. */
void hostclock(uint64_t now, uint64_t step);

/* How many locks this thread has taken. */
size_t hostlocked(void);

/* And how many it holds. */
int hostheld(void);

/* After so many more unlocks that leave this thread without a lock, fn runs
 * once: what another CPU may do just there. Not in benchmarks. */
void hostunlocked(size_t n, void (*fn)(void));

/* Pages from pa on that hold nothing written to them; add to those set. */
void hostbad(paddr_t pa, size_t npages);

/*
 * Memory of another kind under probewrite and probecheck: what they do for a
 * page. NULL, NULL is the machine's own again.
 */
void hostprobe(void (*write)(paddr_t pa), bool (*check)(paddr_t pa));

/* While on, memory is not probed: benchmarks of large machines need not wait.
 */
void hosttrust(bool on);

/* After so many more, reserverange and maprange fail; until hostmachine. */
void hostrefuse(size_t n);

/* No range of addresses is had that is larger; SIZE_MAX: any. */
void hostwidest(size_t size);

/* What another CPU does while this one waits in cpubarrier; NULL: nothing. */
void hostmeanwhile(void (*f)(void));

/* The same in awaitzero, until the word is 0. */
void hostawaited(void (*fn)(void));

/* Each maprange needs a page for a table, from fn, or fails; NULL, as after
 * hostmachine: none. */
void hosttables(paddr_t (*fn)(void));

/* What zeropages was told last. */
int hostheat(void);

/* How many pages maprange has mapped and unmaprange has not unmapped. */
size_t hostmapped(void);

/*
 * What print said since the last hostquiet(), for tests of messages; hostquiet
 * also keeps it off stdout until hostloud().
 */
const char *hostsaid(void);
size_t hosttimes(const char *words); /* how often these are in it */
void hostquiet(void);
void hostloud(void);

/*
 * Run the statement; true if it panicked, with the message in hostpanic(). A
 * panic outside aborts the program.
 */
#define panics(statement)                                                      \
	(sigsetjmp(*hostcatch(), 0) == 0                                       \
		? ((void)(statement), hostrelease(), false)                    \
		: true)
const char *hostpanic(void);
int hostpanicheld(void); /* locks it was holding */
sigjmp_buf *hostcatch(void);
void hostrelease(void);

#endif
