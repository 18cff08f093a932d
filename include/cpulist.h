/*
 * cpulist.h - the CPUs that firmware names, by the id of their local APIC.
 *
 * Ids are sparse: nothing is ever indexed by one.
 */
#ifndef CPULIST_H
#define CPULIST_H

#include "types.h"

typedef struct Cpulist Cpulist;

enum { MOSTCPUS = 4096 };

struct Cpulist {
	bool told;      /* there was a table */
	bool cut;       /* in the middle of it an entry that makes no sense */
	bool mailbox;   /* they wait for orders in firmware's own way */
	size_t n;       /* that can be used now */
	size_t offline; /* that could come later */
	size_t lost;    /* more than fit */
	uint32_t id[MOSTCPUS];
	uint8_t node[MOSTCPUS]; /* by nodes.h; 0 where nobody says */

	/* Filled in when firmware is gone: parking.h. */
	paddr_t page;    /* where they are */
	const char *why; /* nobody could be sent there, or NULL */
	uint32_t self;   /* the id of CPU 0, if why is NULL */
	size_t nparked;
	bool parked[MOSTCPUS]; /* is that one, and can it be called? */
};

#endif
