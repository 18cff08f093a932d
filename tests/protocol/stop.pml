/*
 * stop.pml - one CPU has to report something: it tells, all others stop.
 *
 * code: arch/stop.c arch/work.c
 *
 * Three CPUs; CPU 0 gives the others work, and waits for it. One of them may
 * come late, as it has just been called. Any that works may panic, at any time,
 * so that two or three do at once; and any may wait for another, for a lock
 * say. An NMI comes at any time after it was sent, between any two steps: late,
 * where a CPU is in firmware's hands, does not run, or is in another NMI's
 * handler. In some runs nobody is later than the reporter's patience allows.
 *
 * What another CPU looks at is changed by exchanges here and in the code, or
 * stored after all that belongs to it (release), and looked at before that
 * (acquire): so there is no order of stores but the one that is written, on
 * arm64 neither. An NMI comes after what was exchanged before it was sent.
 *
 * What must hold: one tells at a time; when it does no other works, but one
 * that is said not to answer, which was sent an NMI, and works only until that
 * comes; of each other it is known where it is. An NMI is taken for a fault by
 * nobody, and cuts no report short. Nobody panics because another was stopped.
 * Each CPU halts in the end, but CPU 0: it goes on when all is told, and nobody
 * else is at work, or waits for it.
 */
#define NCPU 3

mtype = { ABSENT, IDLE, BUSY, GONE };
mtype = { NOT, BYNMI, TOOLATE, DEAF, REPORTED };
mtype = { NONE, SENT, CAME };

byte stopper;		/* its number + 1 */
byte teller;		/* the same, while it tells */
mtype at[NCPU] = BUSY;
mtype stopped[NCPU] = NOT;
mtype sent[NCPU] = NONE;
bool where[NCPU];	/* it is known where that CPU is */
bool asked[NCPU];	/* has something to do */
bool nmi[NCPU];		/* is there */
bool ignored[NCPU];	/* it came, and that CPU ran on */
bool late[NCPU];	/* came when there was a reporter already */
bool patient;

#define up(i) (at[i] == IDLE || at[i] == BUSY)
#define later(i) (at[i] == ABSENT || late[i])
#define mine (stopper == me + 1)
#define stopasked (stopper != 0 && (!mine || sent[me] == SENT))
#define stops (stopasked && (stopped[me] == NOT || stopped[me] == DEAF))

/* It does something: may it? */
inline works() {
	assert(!ignored[me]);
	assert(teller == 0 || teller == me + 1 || stopped[me] == DEAF)
}

inline leave(how) {
	where[me] = true;		/* stop: where */
	atomic {			/* stop: said */
		if
		:: stopped[me] == NOT -> stopped[me] = how
		:: else
		fi
	}
	at[me] = GONE			/* stop: gone */
}

/* CPU 0 goes on after it. */
inline stay() {
	mine;
	at[me] = BUSY			/* stop: back */
}

inline goeson() {
	atomic {
		assert(at[0] == BUSY && stopper == 1 && teller == 0);
		assert(at[1] == GONE || later(1));
		assert(at[2] == GONE || later(2))
	}
}

/* To all that run; who comes when it was looked is left alone. */
inline stopall() {
	do
	:: i < NCPU && i != me && up(i) && sent[i] == NONE ->
		sent[i] = SENT;		/* stop: send */
		i++
	:: i < NCPU && (i == me || !up(i) || sent[i] != NONE) -> i++
	:: i == NCPU -> break
	od;
	i = 0;
	do
	:: i < NCPU && (sent[i] == NONE || !up(i)) -> i++	/* stop: await */
	:: i < NCPU && up(i) && sent[i] != NONE && !patient ->
		atomic {		/* stop: deaf */
			if
			:: stopped[i] == NOT -> stopped[i] = DEAF
			:: else
			fi
		}
		at[i] = GONE
	:: i == NCPU -> break
	od;
	i = 0
}

/* What is said of the others. */
inline shown() {
	do
	:: i < NCPU && i != me && at[i] == GONE ->
		assert(stopped[i] != NOT);
		assert(stopped[i] == DEAF || where[i]);
		assert(stopped[i] != DEAF || (!patient && sent[i] != NONE));
		i++
	:: i < NCPU && i != me && at[i] != GONE -> assert(later(i)); i++
	:: i < NCPU && i == me -> i++
	:: i == NCPU -> break
	od;
	i = 0
}

proctype cpu(byte me)
{
	byte i;
	bool again, first;

	{
	if
	:: at[me] == ABSENT ->
		atomic { at[me] = IDLE; late[me] = stopper != 0 }
	:: else
	fi;

next:	i = 0;
endidle:	if
	:: atomic { me == 0 ->			/* stop: give */
		works();
		asked[1] = at[1] != ABSENT && !late[1];
		asked[2] = at[2] != ABSENT && !late[2];
		goto wait }
	:: atomic { me != 0 && asked[me] ->	/* stop: begin */
		works();
		if
		:: at[me] == IDLE -> at[me] = BUSY
		:: else -> goto halt
		fi }
	fi;
work:	if
	:: atomic { true -> works(); goto panics }
	:: atomic { true -> works(); i = (me == 1 -> 2 : 1); goto wait }
	:: atomic { true -> works(); i = 0; goto wait }
	:: atomic { true -> works();		/* stop: end */
		if
		:: at[me] == BUSY -> at[me] = IDLE
		:: else -> goto halt
		fi }
	fi;
	asked[me] = false;			/* stop: done */
	goto next;

	/* CPU 0, for work to be done; another, for one that has a lock. */
wait:	do
	:: atomic { me == 0 -> works(); goto panics }
	:: me == 0 && i < NCPU && !asked[i] -> i++
	:: atomic { me == 0 && i == NCPU -> goto next }
	:: atomic { me != 0 && at[i] != GONE -> i = 0; goto work }
	:: i < NCPU && at[i] == GONE ->		/* stop: blame */
		assert(stopasked);
		if
		:: nmi[me]
		:: !patient -> goto panics	/* it does not come in time */
		fi
	od;

panics:	i = 0;
	if
	:: mine ->				/* stop: own */
		if
		:: stopped[me] == DEAF -> stopped[me] = REPORTED; at[me] = BUSY
		:: else
		fi;
		goto tells
	:: else
	fi;
	atomic {				/* stop: first */
		if
		:: stopper == 0 -> stopper = me + 1; first = true
		:: else
		fi
	}
	if
	:: !first ->
		leave(TOOLATE);
		if
		:: me != 0 -> goto halt
		:: me == 0 -> stay(); goto goes
		fi
	:: else
	fi;
	stopall();

tells:	atomic {
		assert(teller == 0);
		teller = me + 1
	}
	if
	:: first -> shown()			/* stop: show */
	:: else
	fi;
	teller = 0;
	if
	:: me != 0 ->
		leave(REPORTED);
		stopper = 1;			/* stop: ended */
		goto halt
	:: else
	fi;

goes:	goeson();
endgoes:	if
	:: !again -> again = true; first = false; goto panics
	fi;

halt:	i = 0;
endhalt:	false
	} unless {
		atomic { nmi[me] && stops ->	/* stop: now */
			nmi[me] = false;
			sent[me] = CAME;
			assert(teller != me + 1) }
	};
	leave(BYNMI);
	if
	:: me == 0 -> stay(); goeson()
	:: else
	fi
}

/* An NMI comes; if it stops nobody it returns. */
proctype other(byte me)
{
end:	do
	:: sent[me] == SENT && !nmi[me] -> nmi[me] = true
	:: atomic { nmi[me] && !stops ->
		assert(stopasked);		/* stop: asked */
		nmi[me] = false;
		sent[me] = CAME;
		ignored[me] = true }
	od
}

init
{
	atomic {
		at[1] = IDLE;
		if
		:: at[2] = IDLE
		:: at[2] = ABSENT
		fi;
		if
		:: patient = true
		:: skip
		fi;
		run cpu(0); run cpu(1); run cpu(2);
		run other(0); run other(1); run other(2)
	}
}
