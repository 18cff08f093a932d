/*
 * account.h - where the machine's memory went: shares that add up to what is
 * installed.
 */
#ifndef ACCOUNT_H
#define ACCOUNT_H

#include "efimap.h"

typedef struct Account Account;
typedef struct Given Given;

enum share {
	SHAREUSED, /* a kernel's: banks, or what is rehearsed in */
	SHAREMEM9, /* the block, and tables of what is where */
	SHAREFREE, /* in a rehearsal: left to firmware */
	SHAREBOOT, /* likewise: firmware's and the shell's until they are left
		    */
	SHARELOW,  /* RAM below 1 MiB */
	SHAREACPI,
	SHARERUNTIME, /* firmware's for good, for its runtime services */
	SHAREKEPT,    /* and for what else it has */
	SHARESILENT,  /* no range of the map is it */
	LOSTTOLD,     /* firmware says that it cannot be used */
	LOSTSLOW,     /* not write-back */
	LOSTBAD,      /* found bad or missing */
	LOSTROOM,     /* nowhere to write down what it is */
	LOSTLIMIT,    /* *maxmem= */
	LOSTMAP,      /* *e820= does not have it */
	NSHARE
};

/* What is known beside firmware's map, in bytes. */
struct Given {
	uint64_t installed; /* 0: nobody says */
	uint64_t used;      /* banks, or what was claimed; bad RAM in them */
	uint64_t badused;
	uint64_t bad; /* and what was found before */
	uint64_t slow;
	uint64_t room;  /* that the memmap could not keep */
	paddr_t maxmem; /* NOADDR: no limit */
	uint64_t own;   /* the block, but for what became RAM again */
	bool e820;      /* a map in place of firmware's */
	bool rehearsal;
};

/*
 * The shares' sum is total + extra; extra is what the map has more than is
 * installed, or *e820= more than firmware's map.
 */
struct Account {
	bool installed; /* total is that; otherwise all memory in the map */
	uint64_t total;
	uint64_t extra;
	uint64_t share[NSHARE];
};

void account(const Efimap *map, const Given *given, Account *a);

/* The sum of those that are lost. */
uint64_t accountlost(const Account *a);

#endif
