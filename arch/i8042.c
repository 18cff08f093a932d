/*
 * i8042.c - the keyboard controller of a PC: see keyboard.h.
 *
 *	data 60		a byte from the keyboard, or to it
 *	status 64	read: is there one, was the last one taken
 *	command 64	written: what the controller itself is to do
 *
 * IBM Personal System/2 Hardware Interface Technical Reference, keyboard and
 * auxiliary device controller. Where nothing is, the ports read 0xff. All that
 * follows is counted in looks at the status, about a microsecond each: neither
 * a controller that is stuck nor one that talks without end holds up the
 * machine.
 *
 * The controller is asked to translate to set 1; one that does not is known by
 * that it does not keep the bit, and the keyboard's own set 2 is read.
 */
#include "keyboard.h"
#include "halt.h"
#include "hooks.h"
#include "key.h"
#include "port.h"
#include "scancode.h"

enum {
	DATA = 0x60,
	STATUS = 0x64,
	COMMAND = 0x64,
	ABSENT = 0xff,

	OUTFULL = 0x01, /* there is a byte for us ... */
	FROMAUX = 0x20, /* ... from a mouse */
	INFULL = 0x02,  /* our last one is not taken yet */

	READCONFIG = 0x20,
	WRITECONFIG = 0x60,
	AUXOFF = 0xa7,
	SELFTEST = 0xaa,
	KEYBOARDOFF = 0xad,
	KEYBOARDON = 0xae,
	WORKS = 0x55,

	INTERRUPTS = 0x03, /* bits of the configuration */
	CLOCKOFF = 0x10,
	AUXCLOCKOFF = 0x20,
	TRANSLATE = 0x40,

	ECHO = 0xee, /* for the keyboard, and what it answers */
	DEFAULTS = 0xf6,
	SCAN = 0xf4,
	RESEND = 0xfe,
	ACK = 0xfa,

	PATIENCE = 50000,
	TESTPATIENCE = 1000000,
	TRIES = 3,      /* of a byte to the keyboard */
	STRAY = 16,     /* bytes that come before the answer */
	BUFFERED = 64,  /* that may wait in all there is */
	RUBBISH = 1024, /* bytes without a pause that no fingers make */
};

static struct {
	bool works;
	bool lost;    /* and nobody has asked yet */
	unsigned run; /* bytes since there was none */
	Scan scan;
} keyboard;

/* The next byte, or -1. */
static int
receive(int looks)
{
	for (int i = 0; i < looks; i++) {
		if (portread8(STATUS) & OUTFULL)
			return portread8(DATA);
		relax();
	}
	return -1;
}

static bool
send(uint16_t port, uint8_t byte)
{
	for (int i = 0; i < PATIENCE; i++) {
		if ((portread8(STATUS) & INFULL) == 0) {
			portwrite8(port, byte);
			return true;
		}
		relax();
	}
	return false;
}

/* What firmware left in it. False: there is no end to it. */
static bool
drain(void)
{
	for (int i = 0; i < BUFFERED; i++) {
		if ((portread8(STATUS) & OUTFULL) == 0)
			return true;
		portread8(DATA);
	}
	return false;
}

/* Give the keyboard a byte: does it answer with that one? */
static bool
answers(uint8_t byte, uint8_t want)
{
	int got = RESEND;

	for (int try = 0; try < TRIES && got == RESEND; try++) {
		if (!send(DATA, byte))
			return false;
		got = receive(PATIENCE);
		for (int i = 0;
		     i < STRAY && got >= 0 && got != want && got != RESEND; i++)
			got = receive(PATIENCE);
	}
	return got == want;
}

/* Interrupts off, mouse off; -1, or what it has become. */
static int
configure(void)
{
	if (!send(COMMAND, READCONFIG))
		return -1;
	int config = receive(PATIENCE);
	if (config < 0)
		return -1;
	config = (config | TRANSLATE | AUXCLOCKOFF) & ~(INTERRUPTS | CLOCKOFF);
	if (!send(COMMAND, WRITECONFIG) || !send(DATA, (uint8_t)config) ||
	    !send(COMMAND, READCONFIG))
		return -1;
	return receive(PATIENCE);
}

/* NULL, or why there is no keyboard. */
static const char *
open(void)
{
	if (portread8(STATUS) == ABSENT)
		return "nothing is at its ports";
	if (!send(COMMAND, KEYBOARDOFF) || !send(COMMAND, AUXOFF))
		return "the controller takes no command";
	if (!drain())
		return "the controller has no end of bytes";
	if (!send(COMMAND, SELFTEST) || receive(TESTPATIENCE) != WORKS)
		return "the controller fails its test";
	int config = configure();
	if (config < 0)
		return "the controller keeps no configuration";
	if (!send(COMMAND, KEYBOARDON) || !answers(ECHO, ECHO))
		return "no keyboard answers";
	keyboard.scan.set2 = (config & TRANSLATE) == 0;
	/* One that takes neither has its own idea of them. */
	answers(DEFAULTS, ACK);
	answers(SCAN, ACK);
	return NULL;
}

bool
keyboardopen(bool denied)
{
	memset(&keyboard, 0, sizeof keyboard);
	const char *why = denied ? "firmware says that there is none" : open();

	if (why != NULL) {
		print("mem9: keyboard result=none detail=\"%s\"\n", why);
		return false;
	}
	print("mem9: keyboard result=ok set=%d\n", keyboard.scan.set2 ? 2 : 1);
	keyboard.works = true;
	return true;
}

bool
keyboardworks(void)
{
	return keyboard.works;
}

int
keyboardread(void)
{
	while (keyboard.works) {
		uint8_t status = portread8(STATUS);

		if ((status & OUTFULL) == 0) {
			keyboard.run = 0;
			return NOKEY;
		}
		uint8_t byte = portread8(DATA);
		if (++keyboard.run == RUBBISH) {
			keyboard.works = false;
			keyboard.lost = true;
			return NOKEY;
		}
		int key =
		    status & FROMAUX ? NOKEY : scankey(&keyboard.scan, byte);
		if (key != NOKEY)
			return key;
	}
	return NOKEY;
}

bool
keyboardlost(void)
{
	bool lost = keyboard.lost;

	keyboard.lost = false;
	return lost;
}
