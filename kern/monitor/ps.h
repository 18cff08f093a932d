/*
 * ps.h - processes and their segments, for people and in lines.
 */
#ifndef PS_H
#define PS_H

void tableps(void);
void tablesegs(void);

/* "mem9: procs", and "mem9: proc" or "mem9: seg" for each. */
void pslines(void);
void segslines(void);

#endif
