/*
 * nodelines.h - the nodes: which RAM each has, what of it are pages, how far
 * they are apart.
 */
#ifndef NODELINES_H
#define NODELINES_H

/*
 * "mem9: node n=… base=… size=… ram=… domain=…" for each range of each node,
 * cut to where the memmap has RAM, of which there are ram bytes in it. A node
 * without RAM has a line too, with base 0.
 */
void nodesprint(void);

/* "mem9: nodepages n=… pages=… free=… cpus=… distance="…"" for each node. */
void nodepagesprint(void);

/* The same as a table, for people. */
void tablenodes(void);

#endif
