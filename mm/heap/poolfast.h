/*
 * poolfast.h - the common path: a block from and to this CPU's magazine.
 *
 * In line, so that malloc and free are one function each, which touch the
 * magazine, the block's two ends, and nothing else. Private to pool.c and
 * alloc.c.
 */
#ifndef POOLFAST_H
#define POOLFAST_H

#include "mempoison.h"
#include "poolparts.h"

extern Pool pools[NPOOL];

/* pool.c: poolallocfast of a block that no magazine had. */
void *poolallocslow(Pool *pool, size_t size, uintptr_t pc);

/* pool.c: poolfreefast of what is not for a magazine, or that is full. */
void poolfreeslow(const char *func, Pool *pool, void *p);

/*
 * pool.c: the rest of poolfreefast for a p that takes a call to be wiped:
 * apart, and last, so that what is short needs no registers saved.
 */
void poolfreelong(Percpu *me, Magazine *m, uint32_t n, void *p, uint64_t key);

/* pool.c: stop, somebody wrote this byte of p while p was free. */
_Noreturn void poolwasfree(const void *p, const uint8_t *byte);

/* pool.c: stop, p is no live block of the pool. */
_Noreturn void poolnotablock(const char *func, const void *p);

static inline bool
iswithin(int which, uintptr_t p)
{
	p -= __atomic_load_n(&arenabounds[which].low, __ATOMIC_ACQUIRE);
	return p < __atomic_load_n(&arenabounds[which].size, __ATOMIC_RELAXED);
}

/* Stop unless p may be looked at: in an arena, and not between blocks. */
static inline void
mustbewithin(const char *func, const void *p)
{
	uintptr_t at = (uintptr_t)p;

	if (at % GRAIN != 0 || (!iswithin(0, at) && !iswithin(1, at)))
		poolnotablock(func, p);
}

/* Stop unless p, free until now, has the tag that it was left with. */
static inline void
mustberest(const void *p, uint64_t live)
{
	if (!tagrestsas(tagparts(p), live))
		tagwasfree("malloc", p);
}

/* Stop if somebody wrote to what becomes room bytes and a canary at p. */
static inline void
mustbewiped(void *p, size_t room)
{
	const uint8_t *byte = slotreuse(p, room + CANARYSIZE);

	if (byte != NULL)
		poolwasfree(p, byte);
}

/*
 * Make p, which waited in m, a block of size bytes. Its slack is the room of
 * m's class, which is in m->parts, less the size.
 */
static inline void *
handout(const Magazine *m, void *p, size_t size, uintptr_t pc)
{
	uint64_t parts = m->parts - ((uint64_t)size << SLACKSHIFT);

	mustberest(p, m->parts);
	mustbewiped(p, m->room);
	tagset(p, parts | tagowner(pc), size);
	return p;
}

/*
 * size bytes from this CPU's magazine for the caller at pc, or NULL. In line
 * always: each call that saves registers around it is a tenth of it.
 */
__attribute__((always_inline)) static inline void *
poolpop(enum kind kind, size_t size, uintptr_t pc)
{
	if (size > MAXSMALL)
		return NULL;
	Percpu *me = cpuenter();
	Magazine *m = &me->pool.magazines[kind - KMAIN][classof(size)];
	void *p = magazinepop(&me->pool, m);
	cpuleave(me);
	return p == NULL ? NULL : handout(m, p, size, pc);
}

/* size bytes for the caller at pc, or NULL. */
static inline void *
poolallocfast(Pool *pool, enum kind kind, size_t size, uintptr_t pc)
{
	void *p = poolpop(kind, size, pc);

	return p != NULL ? p : poolallocslow(pool, size, pc);
}

/*
 * p, which must be a live block of the pool, is free. The size comes out of
 * the difference between its tag and that of a block of 0 bytes; of a tag that
 * is no live block's of the pool and class, it comes out too large.
 */
static inline void
poolfreefast(const char *func, Pool *pool, enum kind kind, void *p)
{
	mustbewithin(func, p);
	const uint64_t key = keyof((uintptr_t)p);
	const uint64_t tag = tagraw(p);
	const uint64_t parts = tag ^ key;
	Percpu *me = cpuenter();
	Poolcpu *cpu = &me->pool;
	Magazine *m = &cpu->magazines[kind - KMAIN][tagclass(parts) % NCLASS];
	uint32_t limit = magazineenter(cpu, m);
	uint32_t n = magazinen(m);
	size_t size = (m->parts - (parts & ~OWNERMASK)) >> SLACKSHIFT;
	if (n >= limit || size > m->room || !canaryfits(p, size, tag)) {
		magazineleave(cpu);
		cpuleave(me);
		poolfreeslow(func, pool, p);
		return;
	}
	if (!tagrelease(p, parts, key)) {
		magazineleave(cpu);
		tagtwice(func, p, parts);
	}
	if (m->room + CANARYSIZE > SLOTSHORT) {
		poolfreelong(me, m, n, p, key);
		return;
	}
	slotwipeshort(p, m->room + CANARYSIZE);
	magazinepush(m, n, p, key);
	magazineleave(cpu);
	cpuleave(me);
}

#endif
