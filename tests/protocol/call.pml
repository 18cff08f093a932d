/*
 * call.pml - parked CPUs are called, one after another.
 *
 * code: arch/amd64/callcpus.c arch/amd64/parking.S
 *
 * Three CPUs, numbers 1 to 3; each may take any time for each step, so that one
 * whose time was up may come while the next is called. INIT takes a CPU from
 * wherever it is; a startup IPI is lost on one that does not wait for it, and
 * may be lost on one that does. The caller's stores are seen in their order,
 * but later, unless it waits for that (x86: SDM volume 3A, 8.2); commands to
 * the APIC do not wait for them. In some runs the last two CPUs know themselves
 * by one id, in some nobody's patience ends.
 *
 * What must hold: a stack has one CPU, ever; one runs for us exactly if the
 * caller counts it; and with ids as they should be and no end of patience each
 * that starts finds its ticket, and is counted.
 */
#define NCPU 3

mtype = { PARKED, CALLED, HERE, LATE, STRANGE, TWICE };

mtype fate[NCPU + 1] = PARKED;
byte ticket;
byte id[NCPU + 1];	/* what CPU i takes for its id: it should be i */
byte stack[NCPU + 1];	/* who is on it */
bool runs[NCPU + 1];	/* with that number, for us */
bool judged[NCPU + 1];	/* the caller has counted it, or not */
bool left[NCPU + 1];	/* who has that id was in the page without a ticket */

bool inited[NCPU + 1];
bool waits[NCPU + 1];
bool started[NCPU + 1];

bool patient;

/* The caller's stores on their way: fate (true) or ticket, and its number. */
chan stores = [2] of { bool, byte };

/* To all that have this id: one, if ids are as they should be. */
inline sendinit(to) {
	i = 1;
	do
	:: i <= NCPU && id[i] == to ->
		inited[i] = true; waits[i] = false; started[i] = false; i++
	:: i <= NCPU && id[i] != to -> i++
	:: i > NCPU -> break
	od;
	i = 0
}

inline sendstart(to) {
	i = 1;
	do
	:: i <= NCPU && id[i] == to && waits[i] -> started[i] = true; i++
	:: i <= NCPU && (id[i] != to || !waits[i] || !patient) -> i++
	:: i > NCPU -> break
	od;
	i = 0
}

/* In the end: it is the one that is meant, and no other has its id. */
inline ours(x) {
	assert(fate[x] != HERE || (runs[x] && id[stack[x]] == x && !left[x]))
}

active proctype caller()
{
	byte c = 1;
	byte i;

	atomic {
		id[1] = 1; id[2] = 2; id[3] = 3;
		if
		:: patient = true
		:: skip
		:: id[3] = 2
		fi
	}
	do
	:: c <= NCPU ->
		/* The first command waits for what it should find, too. */
		atomic { empty(stores) -> sendinit(c) }	/* call: init */
		stores!true, c;				/* call: called */
		stores!false, c;			/* call: ticket */
		do
		:: atomic { empty(stores) -> sendstart(c) }	/* call: send */
		:: fate[c] != CALLED && empty(stores) -> break
		:: !patient && empty(stores) -> break
		od;
		ticket = 0;				/* call: back */
		atomic {				/* call: late */
			if
			:: fate[c] == CALLED -> fate[c] = LATE
			:: else
			fi;
			judged[c] = true;
			assert(runs[c] == (fate[c] == HERE))
		}
		c++
	:: else -> break
	od;
	atomic {
		c = 1;
		do
		:: c <= NCPU && fate[c] == HERE && left[id[stack[c]]] ->
			fate[c] = TWICE; c++		/* call: twice */
		:: c <= NCPU && !(fate[c] == HERE && left[id[stack[c]]]) -> c++
		:: c > NCPU -> break
		od;
		ours(1); ours(2); ours(3);
		assert(!patient || (runs[1] && runs[2] && runs[3]))
	}
}

active proctype seen()
{
	bool isfate;
	byte c;

end:	do
	:: atomic { stores?isfate, c ->
		if
		:: isfate -> fate[c] = CALLED
		:: else -> ticket = c
		fi;
		c = 0; isfate = false }
	od
}

proctype cpu(byte me)
{
	byte t;

end:	atomic { inited[me] -> inited[me] = false; waits[me] = true; t = 0 }
endwait:	{
		atomic { started[me] -> started[me] = false; waits[me] = false }
		atomic { t = ticket; ticket = 0 }	/* call: take */
		if
		:: t == 0 ->
			assert(!patient);
			left[id[me]] = true		/* call: park */
		:: else ->
			atomic {
				assert(stack[t] == 0);
				stack[t] = me
			}
			atomic {			/* call: answer */
				if
				:: fate[t] == CALLED && id[me] == t ->
					fate[t] = HERE;
					runs[t] = true;
					assert(!judged[t])
				:: fate[t] == CALLED && id[me] != t ->
					fate[t] = STRANGE
				:: else -> assert(!patient)
				fi
			}
		fi;
endpark:	false
	} unless { inited[me] };
	goto end
}

init
{
	atomic { run cpu(1); run cpu(2); run cpu(3) }
}
