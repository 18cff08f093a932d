/*
 * hooks.h - everything mm/ asks of the machine below it.
 *
 * Three back ends provide these names: arch/ and kern/ on the metal, the same
 * with an identity map while firmware lives (rehearse), and tests/host on the
 * host. A kernel that lifts mm/ writes a fourth; tests/mm.allow is the list.
 *
 * What a back end may do in each, and what mm/ holds when it calls it:
 *
 *			mm/'s locks	sleep	interrupted	allocate
 *	lock		outer ones	no	while waiting	no
 *	canlock		none		no	no		no
 *	unlock		this one	no	no		no
 *	cpuenter	none, some	no	until it is in	no
 *	cpubarrier	none		yes	yes		no
 *	maprange	some		no	yes		tables
 *	unmaprange	some		no	yes		no
 *	reserverange	some		no	yes		tables
 *	kaddr cankaddr paddr canread kmap kunmap zeropages copypages probe...
 *			some		no	yes		no
 *	truerand	some		no	yes		no
 *	memwait		none		yes	yes		yes
 *	awaitzero	none		no	yes		no
 *	print		none, some	no	yes		no
 *	panicat		none *		-	-		no
 *
 * "Some" are mm/'s own locks; "interrupted" is what the back end may let happen
 * if those and cpuenter leave it the choice. mm/ itself never sleeps but in
 * memwait, and may be called with interrupts off.
 *
 * The panicat marked so may be called between cpuenter and cpuleave, and then
 * the second never comes.
 *
 * An interrupt's handler may call newpage, putpage, newhugepage, puthugepage,
 * freepages, kalloc_frame, kfree_frame, and the calls of pool.h but smalloc, if
 * lock and cpuenter keep it out as it says there: whatever it interrupts, it
 * finds nobody to wait for who could not go on. If it comes with interrupts
 * off, cpubarrier has to answer, while it waits, what other CPUs ask of this
 * one.
 */
#ifndef HOOKS_H
#define HOOKS_H

#include "types.h"

typedef struct Lock Lock;
typedef struct Page Page;
typedef struct Percpu Percpu;

/*
 * A spin lock. All zero is unlocked. What was loaded and stored before unlock
 * is done with for whoever takes the lock next; no other order is asked of it.
 * If interrupt handlers call mm/ too, a CPU is not interrupted from lock to
 * unlock; locks nest, and the innermost is let go first. What one is made of
 * the back end says.
 */
#include <lock.h>

void lock(Lock *l);
void unlock(Lock *l);

/* Take it if nobody has it, also this CPU; else false, at once. */
bool canlock(Lock *l);

/*
 * Returns after every other CPU has passed a full memory barrier since the
 * call: what each stored before it is seen here, and what was stored here
 * before the call is seen there after it; and has dropped its translations of
 * what unmaprange, or whoever unmaps of another space, had unmapped on any CPU
 * before the call. For rare use; may be
 * slow. Nothing to do on a machine that runs one CPU. Never called with a lock
 * of mm/'s held or between cpuenter and cpuleave: so a CPU may be asked by an
 * interrupt, which it takes when it is through with those.
 */
void cpubarrier(void);

/*
 * Percpu *cpuenter(void): the state of the CPU we run on, which nobody else
 * touches until void cpuleave(Percpu *): no interrupt is taken that could call
 * mm/, no other thread runs on this CPU, and this one does not move. They nest,
 * also with locks. Nothing to do in a kernel without interrupts.
 * Percpu *thiscpu(void): that state, for those who are sure of all this.
 */
#include <thiscpu.h>

/*
 * uint64_t ticks(void): a clock that ascends, on whatever CPU it is asked, in
 * units of its own; called with a lock just taken, or about to be let go. A
 * back end without one says nothing: then it is always 0. HASTICKS, a constant
 * beside it, says if there is one.
 */
#include <ticks.h>

/*
 * The direct map. kaddr panics where cankaddr is 0; paddr panics on a pointer
 * it did not hand out (image and VMAP addresses are understood).
 */
void *kaddr(paddr_t pa);
paddr_t paddr(const void *p);

/*
 * How many bytes from pa on kaddr may reach; 0 if not even pa. Only what is RAM
 * there is reached.
 */
size_t cankaddr(paddr_t pa);

/*
 * Is RAM mapped at p, which may be anything? For who looks at what may be
 * damaged; once the direct map is all there.
 */
bool canread(const void *p);

/*
 * A page of RAM, wherever it lies: by the direct map, or by a place in the KMAP
 * window when it is above the direct map's cap. Places are few: unmap soon.
 */
void *kmap(Page *pg);
void kunmap(void *p);

/*
 * Reserve size bytes of kernel address space (page aligned, nothing mapped
 * yet), or NULL. unreserverange gives back exactly what one call returned;
 * nothing may be mapped there any more.
 */
void *reserverange(size_t size);
void unreserverange(void *p, size_t size);

/*
 * Map npages pages of RAM from pa at p, inside a reserved range: read, write,
 * never execute, write-back. -1 if a page table cannot be had (nothing is
 * mapped then). unmaprange undoes any page-aligned part, for this CPU and for
 * whoever looks it up from now on; it asks nobody. What other CPUs have kept of
 * it, they drop at the next cpubarrier: until then neither the addresses nor
 * the pages are used for anything else.
 */
int maprange(void *p, paddr_t pa, size_t npages);
void unmaprange(void *p, size_t npages);

/*
 * Does memory hold what is written to it? probewrite writes every word of
 * npages pages from pa with a pattern made of its own address, and pushes it
 * out of the caches. probecheck reads back and returns how many pages do not
 * hold it; bad[i], if bad is not NULL, is set to 1 for each of those and left
 * alone for the others. Write everything before checking anything and aliases
 * show. Contents are lost. Needs no mapping by the caller.
 */
void probewrite(paddr_t pa, size_t npages);
size_t probecheck(paddr_t pa, size_t npages, uint8_t *bad);

/*
 * Clear or copy npages pages of RAM, by the fastest method the CPU has; which
 * one that is depends on whether the memory is likely to be in the caches.
 */
enum heat { COLD, HOT };
void zeropages(paddr_t pa, size_t npages, enum heat heat);
void copypages(paddr_t to, paddr_t from, size_t npages);

/*
 * A number that nobody else can guess, another one at each call: as far as the
 * machine has such. Called by xinit, for secrets of this boot; may be slow.
 */
uint64_t truerand(void);

/*
 * Called by those who may wait for memory (smalloc, a page fault) when there
 * is none, and they have tried so often in a row: returns when it is worth
 * trying again, panics naming what if nobody is left that could free anything.
 */
void memwait(const char *what, size_t tries);

/*
 * Returns when *word is 0, which another CPU sets with release, soon: it is in
 * the midst of something that mm/ has to see the end of. Where CPUs are asked
 * for barriers with interrupts off, it answers meanwhile. It may give up, by a
 * panic.
 */
void awaitzero(const uint32_t *word);

/* Who called this function: the owner recorded in a block. */
#define callerpc() ((uintptr_t)__builtin_return_address(0))

/*
 * printf's %d %u %x %X %p %s %c %% with #, 0, -, width, precision and the
 * sizes hh h l ll j z t. No floating point.
 */
void print(const char *fmt, ...) __attribute__((format(printf, 1, 2)));

/*
 * "Cannot be": says which function, with values, and never returns. Return an
 * error for "no memory" instead.
 */
#define panic(...) panicat(__func__, __VA_ARGS__)
_Noreturn void panicat(const char *func, const char *fmt, ...)
    __attribute__((format(printf, 2, 3)));

/* The C library's, as far as the compiler itself needs them. */
void *memcpy(void *restrict to, const void *restrict from, size_t n);
void *memmove(void *to, const void *from, size_t n);
void *memset(void *p, int c, size_t n);
int memcmp(const void *a, const void *b, size_t n);

#endif
