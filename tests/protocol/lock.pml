/*
 * lock.pml - a lock of the metal's: who has it, who is due, who is given up.
 *
 * code: arch/lock.c
 *
 * Three CPUs, numbers 1 to 3, take a lock and let it go, as they like. Time is
 * counted in DUEUS, up to the highest rank that matters. In some runs all who
 * wait look at least once in that time. In the others any that waits may have
 * waited for any time, and CPUs 1 and 2 stop for good at any time, also as they
 * wait, or have the lock.
 *
 * Changes are exchanges, or stores by the one that has the lock. What was
 * loaded may be old when it is used: on arm64 as well, where a load may also
 * come earlier than it is written, that is all. That who takes the lock sees
 * what was done with it before is not shown here. A lock that is seen to be
 * free late is as one that is let go late. Answers to barriers: shoot.pml.
 *
 * What must hold: one has the lock at a time; while a claim stands, each other
 * takes the lock before it once at most, if it does not overrule that; since
 * CPU 1 claimed it first, each other takes it MOSTBEFORE times at most before
 * that one, where all look; nobody leaves a claim behind; who gives up does so
 * as the lock is held by one that stopped, and names that one, and where it
 * took the lock or nothing; and somebody can always go on.
 */
#define NCPU 3
#define TOPRANK (fair -> 3 : 2)

byte holder;
byte due;		/* whose turn it is, and that one's rank */
byte rank;
byte pc;		/* who says where he took it */

bool fair;
bool inside;
bool before[16];	/* 4 * i + j: j has taken it while i was due */
bool overruled[NCPU + 1];	/* CPU 1's claim, by that one, as it waits */

bool gone[NCPU + 1];
bool waits[NCPU + 1];
bool looked[NCPU + 1];	/* since the last tick */
byte age[NCPU + 1];	/* of its wait */

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

inline took() {
	if
	:: another(due) ->
		assert(!before[4 * due + me]);
		before[4 * due + me] = true
	:: else
	fi;
	if
	:: me == 1 -> overruled[2] = false; overruled[3] = false
	:: else
	fi;
	waits[me] = false;
	looked[me] = false;
	age[me] = 0;
	assert(!inside);
	inside = true
}

proctype cpu(byte me)
{
	byte d, k, h;

	{
	skip;
look:	atomic { waits[me] = fair; d = due; k = rank }	/* lock: look */
	atomic {					/* lock: take */
		if
		:: another(d) || holder != 0 -> goto wait
		:: !another(d) && holder == 0 -> holder = me; took()
		fi
	}
	atomic {					/* lock: clear */
		if
		:: d != 0 && due == d && rank == k -> setdue(0, 0)
		:: else
		fi;
		assert(due != me);
		d = 0; k = 0;
		if
		:: fair -> goto free
		:: else
		fi
	}
	pc = me;					/* lock: where */
	pc = 0;						/* lock: nowhere */
free:	atomic { inside = false; holder = 0;		/* lock: free */
		goto look }

wait:	atomic {					/* lock: see */
		d = 0; k = 0;
		if
		:: fair -> goto claim
		:: else -> h = holder
		fi
	}
	atomic {					/* lock: gone */
		if
		:: h != 0 && gone[h] -> goto again
		:: else -> h = 0
		fi
	}
claim:	atomic { d = due; k = rank }
	atomic {					/* lock: claim */
		if
		:: !fair && k < TOPRANK && due == d && rank == k ->
			setdue(me, k + 1)
		:: !fair
		:: fair && age[me] > k && due == d && rank == k ->
			if
			:: due == 1 && me != 1 && waits[1] ->
				assert(!overruled[me]);
				overruled[me] = true
			:: else
			fi;
			setdue(me, age[me])
		:: fair && !(age[me] > k && due == d && rank == k)
		fi;
		d = 0; k = 0;
		looked[me] = fair;
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
	assert(holder == h && gone[h] && due != me && (pc == h || pc == 0));
	goto stop

	} unless { gone[me] };

stop:	atomic { gone[me] = true; d = 0; k = 0; h = 0 };
endstop:	false
}

proctype stops(byte me)
{
endstops:	atomic { !fair -> gone[me] = true }
}

proctype ticks()
{
end:	do
	:: atomic { fair && (looked[1] || !waits[1]) &&
		(looked[2] || !waits[2]) && (looked[3] || !waits[3]) ->
		age[1] = (age[1] < TOPRANK -> age[1] + waits[1] : age[1]);
		age[2] = (age[2] < TOPRANK -> age[2] + waits[2] : age[2]);
		age[3] = (age[3] < TOPRANK -> age[3] + waits[3] : age[3]);
		looked[1] = false; looked[2] = false; looked[3] = false }
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
		run ticks()
	}
}
