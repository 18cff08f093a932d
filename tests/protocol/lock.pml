/*
 * lock.pml - a lock of the metal's: who has it, who is due, who is given up.
 *
 * code: arch/lock.c
 *
 * Three CPUs, numbers 1 to 3, take a lock and let it go, as they like. A tick is
 * DUEUS, and so a rank. In some runs all who wait look at least once a tick, and
 * nobody has the lock from one tick to the one after the next. In the others it
 * is held for any time, so that ranks come to the highest there is, and CPUs 1
 * and 2 stop for good at any time, some while they wait, or have the lock.
 *
 * What is done with the lock taken is seen by others later, but before it is
 * seen to be free (unlock: release; x86 keeps stores in order anyway). All other
 * changes are exchanges. What was loaded may be old when it is used: on arm64 as
 * well, where a load may also come earlier than it is written, that is all.
 * Answers to barriers while one waits: shoot.pml.
 *
 * What must hold: one has the lock at a time, and sees what was done with it
 * before; while a claim stands, each other takes the lock before it once at
 * most, if it does not overrule that; nobody leaves a claim behind; nobody waits
 * for STARVED ticks, where all look; who gives up does so as the lock is held by
 * one that stopped, and names that one, and where it took the lock or nothing;
 * and somebody can always go on.
 */
#define NCPU 3
#define STARVED 7	/* ticks */
#define TOPRANK 2	/* where a wait has no end */

mtype = { DATA, FREE };

byte holder;
byte due;		/* whose turn it is, and that one's rank */
byte rank;
byte pc;		/* who says where he took it */

bool fair;
bool inside;
bool data, truth;	/* what others see of it, what it is */
bool before[16];	/* 4 * i + j: j has taken it while i was due */

bool gone[NCPU + 1];
bool waits[NCPU + 1];
bool looked[NCPU + 1];	/* since the last tick */
byte age[NCPU + 1];	/* of its wait */
bool held;		/* at the last tick, and ever since */

chan stores[NCPU + 1] = [2] of { mtype, bool };

#define quiet empty(stores[me])
#define another(d) (d != 0 && d != me && !gone[d])

inline setdue(d, k) {
	if
	:: due != d ->
		before[4 * due + 1] = false;
		before[4 * due + 2] = false;
		before[4 * due + 3] = false
	:: else
	fi;
	due = d;
	rank = k
}

proctype cpu(byte me)
{
	byte d, k, h, r;

	{
	skip;
look:	atomic { waits[me] = true; d = due; k = rank }	/* lock: look */
	atomic {					/* lock: take */
		if
		:: another(d) || holder != 0 || nempty(stores[me]) -> goto wait
		:: !another(d) && holder == 0 && quiet ->
			holder = me;
			if
			:: another(due) && fair ->
				assert(!before[4 * due + me]);
				before[4 * due + me] = true
			:: else
			fi
		fi;
		waits[me] = false;
		age[me] = 0;
		assert(!inside && data == truth);
		inside = true
	}
	atomic {					/* lock: clear */
		if
		:: d != 0 && due == d && rank == k -> setdue(0, 0)
		:: else
		fi;
		assert(due != me);
		d = 0; k = 0
	}
	pc = (fair -> 0 : me);				/* lock: where */
	atomic {
		if
		:: fair -> truth = !truth; stores[me]!DATA, truth
		:: else
		fi
	}
	pc = 0;						/* lock: nowhere */
	atomic { inside = false;			/* lock: free */
		if
		:: fair -> stores[me]!FREE, false
		:: else -> holder = 0
		fi;
		goto look }

wait:	atomic { d = 0; k = 0; h = (fair -> 0 : holder) }	/* lock: see */
	atomic {					/* lock: gone */
		if
		:: h != 0 && gone[h] -> goto again
		:: else -> h = 0
		fi
	}
	atomic { d = due; k = rank; r = age[me] }
	atomic {					/* lock: claim */
		if
		:: r > k && due == d && rank == k -> setdue(me, r)
		:: else
		fi;
		d = 0; k = 0; r = 0;
		looked[me] = true;
		goto look
	}

again:	atomic {					/* lock: again */
		if
		:: holder != h -> h = 0; goto look
		:: else
		fi
	}
	atomic {					/* lock: unclaim */
		if
		:: due == me -> setdue(0, 0)
		:: else
		fi
	}
	assert(holder == h && gone[h] && (pc == h || pc == 0));
	goto stop

	} unless { gone[me] };

stop:	atomic { gone[me] = true; waits[me] = false };
endstop:	false
}

proctype stops(byte me)
{
endstops:	atomic { !fair && quiet -> gone[me] = true }
}

proctype seen()
{
	mtype what;
	bool value;

end:	do
	:: atomic {
		if
		:: stores[1]?what, value
		:: stores[2]?what, value
		:: stores[3]?what, value
		fi;
		if
		:: what == DATA -> data = value
		:: else -> holder = 0; held = false
		fi;
		what = 0; value = false }
	od
}

proctype ticks()
{
end:	do
	:: atomic { fair && !held && (looked[1] || !waits[1]) &&
		(looked[2] || !waits[2]) && (looked[3] || !waits[3]) ->
		age[1] = age[1] + waits[1];
		age[2] = age[2] + waits[2];
		age[3] = age[3] + waits[3];
		assert(age[1] < STARVED && age[2] < STARVED && age[3] < STARVED);
		looked[1] = false; looked[2] = false; looked[3] = false;
		held = holder != 0 }
	:: atomic { !fair && waits[1] && age[1] < TOPRANK -> age[1]++ }
	:: atomic { !fair && waits[2] && age[2] < TOPRANK -> age[2]++ }
	:: atomic { !fair && waits[3] && age[3] < TOPRANK -> age[3]++ }
	od
}

init
{
	atomic {
		if
		:: skip
		:: fair = true
		fi;
		run cpu(1); run cpu(2); run cpu(3);
		run stops(1); run stops(2);
		run seen(); run ticks()
	}
}
