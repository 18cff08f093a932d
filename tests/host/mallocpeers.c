/*
 * mallocpeers.c - see mallocpeers.h.
 *
 * needs: tests/host/peers.c tests/host/heap.c
 */
#include "mallocpeers.h"
#include "rename.h"
#include "pool.h"

static void *
take(size_t size)
{
	return mallocz(size, false);
}

static void *
resize(void *p, size_t size)
{
	return realloc(p, size);
}

static void
give(void *p)
{
	free(p);
}

size_t
mallocpeers(Peer peers[MALLOCPEERS])
{
	size_t n = 1;

	peers[0] = (Peer){"mem9", take, resize, give};
	n += peerload(&peers[n], "mimalloc");
	n += peerload(&peers[n], "jemalloc");
	n += peerload(&peers[n], "scudo");
	peers[n++] = glibc;
	return n;
}
