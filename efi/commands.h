/*
 * commands.h - what the user can ask for while firmware is alive, and how the
 * answer is given.
 */
#ifndef COMMANDS_H
#define COMMANDS_H

#include "ink.h"
#include "options.h"

/* The shell's exit codes (UEFI Shell Specification, SHELL_STATUS). */
enum {
	SHELLOK = 0,
	SHELLERROR = 1,
	SHELLINVALID = 2,
	SHELLUNSUPPORTED = 3,
	SHELLDEVICEERROR = 7,
	SHELLNOMEMORY = 9,
	SHELLABORTED = 21,
};

/*
 * Read what was asked for; errors have been printed. Returns SHELLOK, or the
 * status to leave with.
 */
int getoptions(Options *o);

/* mem9 map, audit, diff, rehearse, e820; each returns the shell's status. */
int mapcommand(const Options *o);
int auditcommand(const Options *o);
int diffcommand(const Options *o);
int rehearsecommand(const Options *o);
int e820command(void);

/* The lines of an audit for programs, without more. */
void auditprint(void);

/* mem9 boot. Comes back, with a status, only if it has not left firmware. */
int bootcommand(const Options *o);

/* A Sink to the EFI console; people read there, and lines are not for them. */
void consolewrite(const char *s, size_t n);
void consolepeople(void);

/* Whoever shows lines there. */
const Teller *consoleteller(void);

/* Stop after each screen of output until a key is pressed; no more. */
void consolepages(void);
void consoleflows(void);

#endif
