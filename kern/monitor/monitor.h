/*
 * monitor.h - a prompt on the serial line, to look around in a running mem9.
 */
#ifndef MONITOR_H
#define MONITOR_H

/* Read and obey commands for ever. */
_Noreturn void monitor(void);

#endif
