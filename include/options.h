/*
 * options.h - what the user asked for: command line, mem9.ini, defaults.
 *
 *	mem9 [-h] [-v] [-b] [-a] [-r] [-sfo] [-o FILE]
 *	    [boot|map|audit|diff FILE|rehearse|report|e820] [key=value ...]
 */
#ifndef OPTIONS_H
#define OPTIONS_H

#include "types.h"

typedef struct Options Options;
typedef struct Uart Uart;

enum command {
	CMDBOOT,
	CMDMAP,
	CMDAUDIT,
	CMDDIFF,
	CMDREHEARSE,
	CMDREPORT,
	CMDE820
};
enum end { ENDMONITOR, ENDPOWEROFF, ENDRESET, ENDHALT };
enum checks { CHECKSNONE, CHECKSQUICK, CHECKSFULL };

enum {
	E820MAX = 8192,
	UMBMAX = 256,
	MENUMAX = 3600,
	REPORTMAX = 64,
	PATHMAX = 256
};

/* Where the report is written to if nobody names a file: the first of them. */
#define REPORTFILE "\\MEM9.TXT"

/* Where a serial port's registers are. */
enum uartspace { UARTNONE, UARTPORT, UARTMEM };
struct Uart {
	enum uartspace space;
	uint8_t width;  /* bytes of one access: 1, 2 or 4 */
	uint8_t stride; /* bytes from one register to the next */
	paddr_t addr;
};

struct Options {
	enum command command;
	bool help;
	bool verbose;
	bool pagebreak;
	bool all; /* map: each descriptor is a row; diff: each owner, too */
	bool raw; /* map: in firmware's order */
	bool sfo; /* map: lines as the shell's memmap -sfo */
	enum end end;
	bool endgiven; /* asked for */
	int menu;      /* seconds that it waits; 0: none, -1: nothing said */
	bool nomenu;   /* not even for a log that was kept */
	bool shell;    /* it was started by one, whose user waits */
	bool noreport; /* none that nobody has asked for */
	bool filenext; /* the next word is the file of -o */
	bool diffnext; /* the next word that is no flag is the file of diff */
	char diff[PATHMAX];     /* a path, as the shell has them */
	char report[REPORTMAX]; /* a path on mem9's own volume; "": none */
	bool reportown; /* mem9 chose it, and writes over none that is complete
			 */
	enum checks checks;
	bool screen;
	bool kaslr;        /* slide image and direct map */
	bool poison;       /* fill what firmware left with junk */
	bool ramscan;      /* try the RAM before it is used */
	int kernelpercent; /* 0: 9front's default */
	paddr_t maxmem;    /* NOADDR: all */
	paddr_t directmap; /* NOADDR: all */
	size_t nswap;
	size_t ncpu;    /* so many CPUs at most; 0: all */
	bool nomp;      /* one, whatever that says */
	Uart uart;      /* the serial line */
	bool uartgiven; /* asked for: it and no other */
	uint32_t baud;  /* 0: as firmware set it */
	char umbexclude[UMBMAX];
	char e820[E820MAX]; /* in place of firmware's map; may be "" */
};

void optionsinit(Options *o);

/*
 * Take one word of a command line or one line of mem9.ini. NULL if it was
 * understood; otherwise what is wrong with it, in words, and *o is unchanged.
 */
const char *optionsword(Options *o, const char *word);
const char *optionsline(Options *o, const char *line);

/* The word that asks for it. */
const char *commandword(enum command v);
const char *endword(enum end v);
const char *checksword(enum checks v);

#endif
