/*
 * log.h - one in-memory log, and the places that show it.
 *
 * All output of mem9, from its first line under firmware on, is in one ring of
 * bytes in the hand-over memory; the EFI console, the serial line and the
 * screen each get a copy as it is written. When the ring is full the oldest
 * bytes go, and loglost() counts them.
 *
 * Of lines that are written one over another (they end in '\r') the ring gets
 * the last, when something else follows it. So a machine that dies meanwhile
 * leaves in its ring, and in a report made of that, nothing of how far it was.
 */
#ifndef LOG_H
#define LOG_H

#include "types.h"

/*
 * Shows n bytes somewhere; newlines are '\n'. Must not print. What it waits for
 * is a device, for a bounded time; or a person, between logpause and loggoon.
 */
typedef void Sink(const char *s, size_t n);

/* The log as it stands in its own memory, so that a takeover can go on. */
typedef struct Log Log;
struct Log {
	size_t size;    /* bytes in text */
	uint64_t wrote; /* ever; the next goes to text[wrote % size] */
	uint64_t lost;  /* before it moved here */
	uint64_t fresh; /* of wrote, when logfresh was called last; or 0 */
	char text[];
};

/* Log into mem, which is given as new (logcreate) or as left (logresume). */
void logcreate(void *mem, size_t size);
void logresume(void *mem);

/* Go on in other memory, with what has been logged so far. */
void logmove(void *mem, size_t size);

/*
 * Show all further output there too; with replay, first what is in the log, or
 * what of that is fresh.
 */
enum logreplay { LOGNEW, LOGREPLAY, LOGFRESH };
void logsink(Sink *sink, enum logreplay how);

/* Another story begins: what is in the log now has been read already. */
void logfresh(void);

/* No sink gets anything any more; how many do. */
void lognosinks(void);
size_t logsinks(void);

/*
 * Append; print() ends here. From any CPU: what others write waits until a line
 * of this one has ended, for a while.
 */
void logwrite(const char *s, size_t n);

/*
 * By a sink, which waits for a person from here to there: whoever writes
 * meanwhile does not wait for that. False, and then there is nothing to go on
 * with, if it is not called by logwrite.
 */
bool logpause(void);
void loggoon(void);

/* Call sink with what the log holds, oldest first, last bytes of it only. */
void logreplay(Sink *sink, size_t last);

uint64_t loglost(void);

/* Bytes ever logged, as far as this memory knows. */
uint64_t logwrote(void);

/*
 * Who keeps a copy of all further output, and is no place that shows it; NULL:
 * nobody. Gone with logresume.
 */
void logkeep(Sink *sink);

/*
 * All further output goes there, and neither into the log nor to its sinks;
 * NULL: as before.
 */
void logaside(Sink *sink);

#endif
