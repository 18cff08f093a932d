/*
 * callcpus.h - parked CPUs are called, one after another: who calls, and who
 * comes. The protocol and why it holds: callcpus.c.
 */
#ifndef CALLCPUS_H
#define CALLCPUS_H

#include "types.h"

typedef struct Callee Callee;

/* What became of a CPU. */
enum fate {
	FPARKED,  /* nobody has called it */
	FCALLED,  /* and nobody knows yet */
	FHERE,    /* it runs for us */
	FLATE,    /* not here in time: it stays away if it still comes */
	FSTRANGE, /* one came that knows itself by another id */
	FUNLIKE,  /* it came, but memory is cached in another way there */
	FTWICE,   /* it was here, and started once more from the page */
	NFATE
};

/* fate and came are of both sides, and by atomic operations only. */
struct Callee {
	uint32_t id;      /* of its local APIC, by which it is called */
	uint32_t fate;    /* enum fate */
	uint32_t came;    /* FSTRANGE: the id of who came */
	uint32_t startid; /* FHERE: what the page calls it (parking.S) */
};

/*
 * Call n CPUs, whose numbers are 1 to n in this order, with tickets at
 * *ticket in the page that a startup IPI of number page starts them in. Returns
 * how many are here; for the rest, fate says why not. Between apicopen and
 * apicclose.
 */
size_t callcpus(
    Callee *const *callees, size_t n, uint32_t *ticket, uint32_t page);

/*
 * Of n ids that started in the page and had no ticket: who was here is not any
 * more. Returns how many those are.
 */
size_t calledtwice(
    Callee *const *callees, size_t n, const uint32_t *ids, size_t nids);

/*
 * By the CPU that had the ticket, whose own id this is: may it stay? Not if it
 * is not alike, and caches memory in another way than the caller. What it
 * stored before is seen by whoever sees that it is here.
 */
bool callanswer(Callee *c, uint32_t id, bool alike);

enum fate callfate(const Callee *c);

#endif
