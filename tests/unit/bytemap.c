/*
 * bytemapcheck sees what is broken: each test breaks one thing.
 */
#include "unit.h"
#include "../../mm/page/where.h"
#include "bytemap.h"
#include "pagemachine.h"

static Page *pg;
static Page *idle; /* free, in the same chunk */
static Chunk *chunk;

/* Chunk 0 is cut, 1 whole, 2 taken; one page is handed out, none wait. */
static void
up(void)
{
	pagesimple(32 * MiB, 1);
	pg = newpage(NOCLEAR, 0);
	Page *whole = newhugepage(2 * MiB, NOCLEAR, 0);
	assert_non_null(newhugepage(2 * MiB, NOCLEAR, 0));
	puthugepage(whole);
	pagepoison(false); /* empties the stocks */
	chunk = &palloc.chunks[chunkof(pg)];
	idle = &palloc.pages[chunkof(pg) * CHUNKPAGES + 500];
	bytemapcheck();
}

/* The same, and pages wait. */
static void
upwaiting(void)
{
	up();
	putpage(newpage(NOCLEAR, 0));
	bytemapcheck();
}

static void
a_lost_byte_is_seen(void **state)
{
	(void)state;
	up();
	*pagebyte(pg) = FRAMEFREE;
	assert_panics(bytemapcheck(), "is free, but has 1 references");
	up();
	*pagebyte(pg) = FRAMERESERVED;
	assert_panics(bytemapcheck(), "is reserved, but has 1 references");
	up();
	*pagebyte(idle) = FRAMEALLOCATED;
	assert_panics(bytemapcheck(), "bytes say");
}

static void
a_wrong_chunk_word_is_seen(void **state)
{
	(void)state;
	up();
	chunk->nfree++;
	assert_panics(bytemapcheck(), "bytes say");
	up();
	chunk->groups ^= 1ull << 63;
	assert_panics(bytemapcheck(), "bytes say");
	up();
	chunk->state = CHUNKWHOLE;
	assert_panics(bytemapcheck(), "state 1 with");
	up();
	chunk->state = CHUNKTAKEN;
	assert_panics(bytemapcheck(), "state 2 with");
	up();
	palloc.chunks[1].state = CHUNKCUT;
	assert_panics(bytemapcheck(), "state 0 with 512 free");
}

static void
a_wrong_bucket_is_seen(void **state)
{
	(void)state;
	up();
	palloc.node[0].buckets ^= 1;
	assert_panics(bytemapcheck(), "bucket 0: first");
	up();
	palloc.node[0].bucket[3] = palloc.node[0].bucket[8];
	palloc.node[0].buckets |= 1 << 3;
	assert_panics(bytemapcheck(), "in bucket 3");
	up();
	palloc.node[0].bucket[19] =
	    palloc.node[0].bucket[9]; /* of near ones: none is */
	palloc.node[0].buckets ^= 1u << 9 | 1u << 19;
	palloc.node[0].bucket[9] = NOCHUNK;
	assert_panics(bytemapcheck(), "in bucket 19");
	up();
	chunk->prev = 1;
	assert_panics(bytemapcheck(), "after 1");
	up();
	palloc.chunks[palloc.node[0].bucket[9]].state = CHUNKTAKEN;
	assert_panics(bytemapcheck(), "in bucket 9");
	up();
	palloc.node[0].bucket[8] = NOCHUNK;
	palloc.node[0].buckets &= ~(1u << 8);
	assert_panics(bytemapcheck(), "chunks are listed");
}

static void
a_wrong_magazine_is_seen(void **state)
{
	(void)state;
	upwaiting();
	palloc.cpus->n--;
	assert_panics(bytemapcheck(), "wait at CPUs");
	upwaiting();
	palloc.cpus->small[0] = pg;
	assert_panics(bytemapcheck(), "waits at a CPU with 1 references");
	upwaiting();
	palloc.cpus->small[0] = &palloc.pages[CHUNKPAGES + 100];
	assert_panics(bytemapcheck(), "waits at a CPU with 0 references");
}

static void
a_wrong_huge_page_is_seen(void **state)
{
	(void)state;
	up();
	Page *huge = newhugepage(2 * MiB, NOCLEAR, 0);
	puthugepage(huge);
	bytemapcheck();
	huge->held++;
	assert_panics(bytemapcheck(), "waits at a CPU with 1 references");
	up();
	palloc.cpus->nhuge = 1;
	palloc.cpus->huge[0] = pg - (pg - palloc.pages) % CHUNKPAGES;
	assert_panics(bytemapcheck(), "waits at a CPU with 0 references");
}

static void
a_wrong_total_is_seen(void **state)
{
	(void)state;
	up();
	palloc.count.nfree--;
	assert_panics(bytemapcheck(), "are free, counted as");
	up();
	palloc.count.npages++;
	assert_panics(bytemapcheck(), "are ours, counted as");
}

/* As upwaiting(), in node 0 of two; pages of node 1 wait too. */
static void
upnodes(void)
{
	pagemachine(0, 32 * MiB, 1);
	pagenodes(2, 16 * MiB);
	pagebank(0, 32 * MiB / BY2PG, 0);
	pagesup();
	Page *own = newpage(NOCLEAR, 0);
	pagenode(thiscpu(), 1);
	Page *other = newpage(NOCLEAR, 0);
	pagenode(thiscpu(), 0);
	pg = newpage(NOCLEAR, 0);
	putpage(own);
	putpage(other);
	bytemapcheck();
	assert_int_equal(palloc.cpus->naway, 1);
}

static void
a_wrong_node_is_seen(void **state)
{
	(void)state;
	upnodes();
	palloc.node[1].nfree++;
	assert_panics(bytemapcheck(), "node 1: ");
	upnodes();
	palloc.node[0].npages--;
	assert_panics(bytemapcheck(), "node 0: ");
	upnodes();
	palloc.chunks[chunkof(pg)].node = 1;
	assert_panics(bytemapcheck(), ": of node 1");
	upnodes();
	palloc.chunks[chunkof(pg)].number += 16 * MiB >> CHUNKSHIFT;
	assert_panics(bytemapcheck(), ": of node 0");
	upnodes();
	palloc.node[0].bucket[0] = (uint32_t)palloc.node[1].first;
	palloc.node[0].buckets |= 1 << 0;
	Chunk *other = &palloc.chunks[palloc.node[1].first];
	other->prev = other->next = NOCHUNK;
	other->nfree = 1;
	assert_panics(bytemapcheck(), "in bucket 0 after");
	upnodes();
	palloc.cpus->small[0] = palloc.cpus->away[0];
	assert_panics(bytemapcheck(), "of node 1 waits in the wrong place");
	upnodes();
	palloc.cpus->away[0] = palloc.cpus->small[0];
	assert_panics(bytemapcheck(), "of node 0 waits in the wrong place");
	pagesimple(32 * MiB, 1);
}

/* A page in the stock whose byte says otherwise: seen when it goes back. */
static void
a_page_that_comes_back_twice_is_seen(void **state)
{
	(void)state;
	upwaiting();
	*pagebyte(palloc.cpus->small[0]) = FRAMEFREE;
	assert_panics(pagecpugather(), "goes back, but its byte is 0");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(a_lost_byte_is_seen),
	    cmocka_unit_test(a_wrong_chunk_word_is_seen),
	    cmocka_unit_test(a_wrong_bucket_is_seen),
	    cmocka_unit_test(a_wrong_magazine_is_seen),
	    cmocka_unit_test(a_wrong_huge_page_is_seen),
	    cmocka_unit_test(a_wrong_total_is_seen),
	    cmocka_unit_test(a_wrong_node_is_seen),
	    cmocka_unit_test(a_page_that_comes_back_twice_is_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
