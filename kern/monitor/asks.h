/*
 * asks.h - the monitor's commands, given what was typed behind each.
 */
#ifndef ASKS_H
#define ASKS_H

#include "types.h"

/* Firmware is called by CPU 0 alone, and so are the others: said, if it is not.
 */
bool of0(const char *name);

void cmdsummary(const char *arg);
void cmdmap(const char *arg);
void cmdconf(const char *arg);
void cmdxsummary(const char *arg);
void cmdpalloc(const char *arg);
void cmdpages(const char *arg);
void cmdwalk(const char *arg);
void cmdfind(const char *arg);
void cmddump(const char *arg);
void cmdramscan(const char *arg);
void cmdbench(const char *arg);
void cmde820(const char *arg);
void cmdoptions(const char *arg);
void cmdcheck(const char *arg);
void cmdefi(const char *arg);
void cmdpicture(const char *arg);
void cmdlog(const char *arg);
void cmdfault(const char *arg);
void cmdcpus(const char *arg);
void cmdnodes(const char *arg);
void cmdps(const char *arg);
void cmdsegs(const char *arg);
void cmdrun(const char *arg);       /* run.c */
void cmdforbidden(const char *arg); /* forbidden.c */
void cmdfuzz(const char *arg);      /* userfuzz.c */
void cmdreset(const char *arg);
void cmdpoweroff(const char *arg);

#endif
