/*
 * drain.pml - what waits at each CPU, and any CPU that gathers it.
 *
 * code: mm/page/stock.h mm/page/page.c mm/page/gather.c mm/page/hunt.c mm/page/pagecpu.c
 * code, but for shut open emptied no dry: mm/heap/poolparts.h mm/heap/maggather.c
 *
 * A pool's magazines are one more body: as long as somebody gathers nobody
 * makes one, and when they are empty they are gone.
 *
 * Three CPUs have and give back pages, as they like, for ever. A page is a
 * number here: what is free, what waits (n), what is had. Of n, limit and busy
 * a CPU's stores are seen by others later, and in any order, but what is stored
 * by release (busy taken back, a limit above 0, the lock) after all of those
 * before. That is arm64's order; x86's is stricter (SDM volume 3A, 8.2). One
 * that takes the lock, or answers a barrier, has all of its stores seen before.
 * It answers between any two steps, but not while it waits for the lock or has
 * it. Only its owner reads limit, and only the owner, or who has the lock,
 * reads n: what a CPU loads and stores at its stock, once it has looked at its
 * limit, is one step here; of it others see the stores, one by one.
 *
 * How much room stocks get is left open: as what can be had by opening chunks
 * counts, it may be more than is free, but not while nothing is. So that nobody
 * gathers for ever is not shown here (tests/unit/stock.c). That nothing is left
 * (dry) is read without the lock: who does not see yet that something came
 * asked before that.
 *
 * What must hold: no page is lost, or had twice; a stock is emptied only when
 * its owner is not at it; a no is given only when nothing is free and nothing
 * waits; and somebody can always go on.
 */
#define NCPU 3
#define MAX 2	/* a stock's pages; half of them are moved at a time */
#define TOTAL 2
#define NOBODY NCPU

mtype = { BUSY, COUNT, LIMIT, UNLOCK };

byte free = TOTAL;
byte had;	/* by whom does not matter: any CPU may give one back */
byte back;	/* had by nobody any more, on its way to the lock */
byte n[NCPU];
byte limit[NCPU];
bool busy[NCPU];
bool known[NCPU];
byte room = MAX;	/* in each stock; 0: they are shut */
bool emptied;	/* by one, since then */
bool dry;	/* nothing is left, for who has not taken the lock */
byte ngather;

byte owner = NOBODY;	/* of the lock */
bool masked[NCPU];	/* waits for it, or has it */
bool asked[9];		/* by CPU i / 3, that CPU i % 3 answers its barrier */

/* Stores on their way, of each CPU: what, whose, and what it becomes. */
chan stores[NCPU] = [3] of { mtype, byte, byte };
byte last[NCPU];	/* of COUNT, while one is on its way */

#define counting(i) (stores[i] ?? [COUNT, _, _])
#define waits(i) (counting(i) -> last[i] : n[i])
#define waiting (waits(0) + waits(1) + waits(2))
#define all (free + had + back + waiting)

#define cantake (owner == NOBODY && empty(stores[i]))

inline unlock() {
	stores[i]!UNLOCK, i, 0;
	masked[i] = false
}

/* Nobody but CPU j reads its limit: its own store it sees at once. */
inline setlimits(v) {
	j = 0;
	do
	:: j < NCPU && known[j] && j != i -> stores[i]!LIMIT, j, v; j++
	:: j < NCPU && known[j] && j == i -> limit[i] = v; j++
	:: j < NCPU && !known[j] -> j++
	:: j == NCPU -> break
	od;
	j = 0
}

inline open(r) {
	room = r;			/* drain: open */
	emptied = false;
	setlimits(r)
}

inline reopen() {
	if
	:: ngather == 0 && !dry && room < 1 -> open(1)
	:: ngather == 0 && !dry && room < 2 -> open(2)
	:: true
	fi
}

inline meet() {
	if
	:: !known[i] -> known[i] = true; limit[i] = room
	:: else
	fi
}

/* One of: taken from the stock, by the lock, or nothing to be had. */
inline take() {
	if
	:: n[i] == 0 && room > 0 && free > 0 -> free--; n[i]++
	:: n[i] == 0 && room > 0 && free > 0	/* the last are for tables */
	:: else
	fi;
	if
	:: n[i] == 0 && room == 0 && free > 0 -> free--; had++; got = true
	:: n[i] > 0 -> n[i]--; had++; got = true
	:: else -> got = false
	fi
}

inline put() {
	back--;
	assert(room == 0 || n[i] <= room);
	if
	:: room == 0 || n[i] == room -> free++; dry = false
	:: else -> n[i]++
	fi
}

proctype cpu(byte i)
{
	byte j, lim;
	bool got, seen[NCPU];

next:	atomic { empty(stores[i]) ->
		stores[i]!BUSY, i, 1;		/* drain: busy */
		lim = limit[i]			/* drain: look */
	}
	if
	:: atomic { had < TOTAL && n[i] > 0 && n[i] <= lim ->
		last[i] = n[i] - 1;
		stores[i]!COUNT, i, last[i];	/* drain: take */
		had++;
		stores[i]!BUSY, i, 0;		/* drain: leave */
		goto next }
	:: atomic { had < TOTAL && (n[i] == 0 || n[i] > lim) && dry ->
		assert(free + waiting == 0);	/* drain: dry */
		stores[i]!BUSY, i, 0;
		goto next }
	:: atomic { had < TOTAL && (n[i] == 0 || n[i] > lim) && !dry ->
		stores[i]!BUSY, i, 0;
		masked[i] = true;
		goto slowtake }
	:: atomic { had > 0 && n[i] < lim ->
		last[i] = n[i] + 1;
		stores[i]!COUNT, i, last[i];	/* drain: put */
		had--;
		stores[i]!BUSY, i, 0;
		goto next }
	:: atomic { had > 0 && n[i] >= lim ->
		stores[i]!BUSY, i, 0;
		had--;
		back++;
		masked[i] = true;
		goto slowput }
	fi;

slowtake:
	atomic { cantake ->
		meet();
		take();
		assert(all == TOTAL);
		if
		:: !got && emptied ->	/* drain: no */
			assert(free + waiting == 0);
			dry = true;
			got = true
		:: else
		fi;
		owner = i;
		unlock()
	}
	atomic {
		if
		:: got -> got = false; goto next
		:: else -> masked[i] = true
		fi
	}

	atomic { cantake ->
		owner = i;
		ngather++;
		room = 0;			/* drain: shut */
		seen[0] = known[0]; seen[1] = known[1]; seen[2] = known[2];
		setlimits(0);			/* drain: close */
		unlock()
	}
	atomic { empty(stores[i]) ->		/* drain: barrier */
		asked[i * NCPU] = i != 0;
		asked[i * NCPU + 1] = i != 1;
		asked[i * NCPU + 2] = i != 2
	}
	!asked[i * NCPU] && !asked[i * NCPU + 1] && !asked[i * NCPU + 2];
	!seen[0] || !busy[0];			/* drain: await */
	!seen[1] || !busy[1];
	!seen[2] || !busy[2];
	masked[i] = true;
	atomic { cantake ->
		owner = i;
		do				/* drain: empty */
		:: j < NCPU && seen[j] ->
			assert(!counting(j));
			free = free + n[j];
			dry = dry && n[j] == 0;
			n[j] = 0;
			seen[j] = false;
			j++
		:: j < NCPU && !seen[j] -> j++
		:: j == NCPU -> break
		od;
		j = 0;
		assert(all == TOTAL);
		emptied = true;			/* drain: emptied */
		ngather--;
		reopen();
		unlock();
		masked[i] = true;
		goto slowtake
	}

slowput:
	atomic { cantake ->
		owner = i;
		meet();
		put();
		assert(all == TOTAL);
		reopen();
		unlock();
		goto next
	}
}

/* What CPU i does at any time: a store is seen, a barrier answered. */
proctype later(byte i)
{
	mtype what;
	byte j, v;

end:	do
	:: atomic { stores[i]?what, j, v ->
		if
		:: what == BUSY -> busy[j] = v
		:: what == COUNT -> n[j] = v; last[j] = 0
		:: what == LIMIT -> limit[j] = v
		:: what == UNLOCK -> owner = NOBODY
		fi;
		what = 0; j = 0; v = 0 }
	:: atomic { stores[i] ?? COUNT, j, v -> n[j] = v; last[j] = 0; j = 0; v = 0 }
	:: atomic { stores[i] ?? LIMIT, 1, 0 -> limit[1] = 0 }
	:: atomic { stores[i] ?? LIMIT, 2, 0 -> limit[2] = 0 }
	:: atomic { !masked[i] && empty(stores[i]) && asked[i] ->
		asked[i] = false }
	:: atomic { !masked[i] && empty(stores[i]) && asked[NCPU + i] ->
		asked[NCPU + i] = false }
	:: atomic { !masked[i] && empty(stores[i]) && asked[2 * NCPU + i] ->
		asked[2 * NCPU + i] = false }
	od
}

init
{
	atomic {
		run cpu(0); run cpu(1); run cpu(2);
		run later(0); run later(1); run later(2)
	}
}
