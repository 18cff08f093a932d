/*
 * shoot.pml - what one CPU unmaps, all forget, before it is used again.
 *
 * code, but for epoch settle: arch/mates.c arch/vmap.c
 * code, but for ask wake read drop pass await busy idle back free: mm/heap/visit.c mm/heap/mapped.c
 *
 * In some runs whoever unmaps asks, and has it free then (vmap); in some he has
 * a lock all the while; in some it waits in a pool, and whoever has asked all
 * CPUs since sets it free.
 *
 * Three CPUs, two addresses, each unmapped once. CPU 1 halts and begins to work
 * at any time, and answers by interrupt too, also in the midst of an answer.
 * The others answer where they wait, or let a lock go; so do all where locks
 * are held. For a pool a barrier is what is found of the others. What is mapped
 * every CPU keeps, also one that halts, and what it drops it looks up again at
 * once: to keep less would only be better. So entries are dropped right after
 * wanted was read: later it could only be more of them.
 *
 * That an entry is not there any more a CPU's look-ups see late, but before
 * what is exchanged after it (x86: SDM volume 3A, 8.2; on arm64 an exchange as
 * it is used here lets nothing pass in either direction). Between two exchanges
 * there is one such store at most. A lock that is seen free late is as one that
 * is let go late.
 *
 * In some runs patience ends: who asked reports that, and is stopped. CPU 0 may
 * be stopped for a while also by what another reports. One that is stopped does
 * nothing here; that it does is stop.pml's.
 *
 * What must hold: when an address is free no CPU at work has kept what it led
 * to, and none will; what a CPU unmapped and lost patience over is never free;
 * and else whoever asks gets an answer.
 */
#define NCPU 3
#define NVA 2
#define NOBODY NCPU

mtype = { IDLE, BUSY, GONE };
mtype = { MAPPED, UNMAPPED, FREE };
mtype = { ALONE, LOCKED, POOL };

mtype way;
bool patient;

mtype at[NCPU] = IDLE;
byte wanted;
byte passed[NCPU];
bool woken;		/* CPU 1 */
bool works[NCPU];	/* and may use what it has kept */
bool kept[6] = true;	/* by CPU i / 2, of address i % 2 */

bool entry[NVA] = true;
bool unseen[NCPU];	/* that CPU's store to an entry is on its way */
byte stored[NCPU];	/* to which one */
mtype is[NVA] = MAPPED;
byte tag[NVA];
bool lost[NVA];		/* who unmapped it has lost patience */
byte nunmapped;
byte last = NOBODY;	/* who asks last */
byte epoch;

byte owner = NOBODY;	/* of the lock */

/* CPU 2 is what 0 is: nothing is new if it asks before that one. */
#define mayask (nunmapped < NVA && (me != 2 || last == 0))
#define owes(i) (at[i] == BUSY && passed[i] < b)
#define stale(i, va) (works[i] && kept[NVA * (i) + va])

/* All that is wanted now, and until it is through. */
inline answer() {
	p = passed[me];
	do
	:: atomic { wanted > p ->
		r = wanted;				/* shoot: read */
		kept[NVA * me] = entry[0];		/* shoot: drop */
		kept[NVA * me + 1] = entry[1] }
		atomic { !unseen[me] ->			/* shoot: pass */
			passed[me] = (passed[me] == p -> r : passed[me]);
			p = passed[me];
			r = 0 }
	:: atomic { wanted <= p -> p = 0; break }
	od
}

inline takelock() {
	do
	:: atomic { owner == NOBODY && !unseen[me] -> owner = me; break }
	:: atomic { owner != NOBODY && at[owner] == GONE -> goto gone }
	:: owner != NOBODY && wanted > passed[me] -> answer()
	od
}

inline letgo() {
	atomic { !unseen[me] -> owner = NOBODY }
	answer()
}

inline unmap() {
	v = nunmapped;
	nunmapped++;
	last = me;
	is[v] = UNMAPPED;
	tag[v] = epoch;
	stored[me] = v;
	unseen[me] = true		/* shoot: unmap */
}

inline free(va) {
	is[va] = FREE;
	assert(!lost[va] && !entry[va]);
	assert(!stale(0, va) && !stale(1, va) && !stale(2, va))
}

inline settle(va) {
	if
	:: is[va] == UNMAPPED && tag[va] < e -> free(va)
	:: else
	fi
}

/* Returns when all have passed; or goes on at gone. */
inline barrier() {
	atomic { !unseen[me] -> wanted++; b = wanted }	/* shoot: ask */
	atomic {					/* shoot: wake */
		woken = woken || (way == ALONE && me != 1 && owes(1))
	}
	answer();
	do
	:: atomic { i < NCPU && (i == me || !owes(i)) ->
		i++ }					/* shoot: await */
	:: atomic { i == NCPU -> i = 0; b = 0; break }
	:: i < NCPU && wanted > passed[me] -> answer()
	:: atomic { i < NCPU && !patient -> lost[v] = true; goto gone }
	od
}

/* What barrier() is, in all. */
inline drop(n) {
	atomic { kept[NVA * n] = entry[0]; kept[NVA * n + 1] = entry[1] }
}

/* It may use what it has kept, from now on. */
inline work() {
	atomic {
		works[me] = true;
		assert(!stale(me, 0) || is[0] != FREE);
		assert(!stale(me, 1) || is[1] != FREE)
	}
}

proctype cpu(byte me)
{
	byte v, i, b, e, p, r;

	if
	:: me != 1 -> goto next
	:: else -> goto halts
	fi;

next:
endnext:	if
	:: atomic { me == 1 && way == ALONE && !unseen[me] ->
							/* shoot: idle */
		at[me] = IDLE;
		works[me] = false;
		goto halts }
	:: me == 1 && way == ALONE -> goto on
	:: atomic { me == 0 && !patient -> goto gone }
	:: atomic { mayask && way == ALONE -> unmap(); goto ask }
	:: mayask && way == LOCKED -> goto locked
	:: mayask && way == POOL -> goto pool
	:: (me != 1 || way == LOCKED) && wanted > passed[me] ->
		answer();
		goto next
	fi;

locked:	takelock();
	atomic {
		if
		:: nunmapped < NVA -> unmap()
		:: else -> owner = NOBODY; goto next
		fi
	}
ask:	barrier();
	atomic { free(v); v = 0 }			/* shoot: free */
	if
	:: way == LOCKED -> letgo()
	:: else
	fi;
	goto next;

pool:	atomic { owner == NOBODY -> owner = me;
		if
		:: nunmapped < NVA -> unmap()
		:: else -> owner = NOBODY; goto next
		fi
	}
	atomic { !unseen[me] -> owner = NOBODY }
	atomic { owner == NOBODY -> epoch++; e = epoch }	/* shoot: epoch */
	atomic { !unseen[me] -> drop(0) }		/* shoot: barrier */
	drop(1);
	drop(2);
	atomic { owner == NOBODY ->			/* shoot: settle */
		settle(0); settle(1); e = 0; v = 0 }
	goto next;

	/* Without an end, and waiting for nobody. */
on:
endon:	false;

halts:
endhalts:	atomic { at[me] == IDLE -> at[me] = BUSY }	/* shoot: busy */
	answer();
	work();
	goto next;

gone:	atomic {
		at[me] = GONE;
		works[me] = false;
		v = 0; b = 0; e = 0; i = 0
	}
endgone:	atomic { me == 0 && owner != me && !unseen[me] ->
		at[me] = BUSY }				/* shoot: back */
	answer();
	work();
	goto next
}

proctype interrupt(byte me)
{
	byte p, r;

end:	do
	:: woken -> woken = false; answer()
	od
}

/* An entry is seen not to be there. */
proctype seen()
{
	byte i;

end:	do
	:: atomic {
		if
		:: unseen[0] -> i = 0
		:: unseen[1] -> i = 1
		:: unseen[2] -> i = 2
		fi;
		unseen[i] = false;
		entry[stored[i]] = false;
		stored[i] = 0;
		i = 0 }
	od
}

init
{
	atomic {
		at[0] = BUSY;
		at[2] = BUSY;
		works[0] = true;
		works[2] = true;
		if
		:: way = POOL
		:: way = LOCKED
		:: way = ALONE
		fi;
		if
		:: patient = true
		:: way == ALONE
		fi;
		run cpu(0); run cpu(1); run cpu(2);
		run interrupt(1);
		run seen()
	}
}
