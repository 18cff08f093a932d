/*
 * log.c - the ring of what was said, its readers, and print() into it.
 *
 * needs: kern/log.c kern/print.c kern/format.c
 */
#include "unit.h"
#include "cpus.h"
#include "log.h"
#include "patience.h"

enum { ROOM = 100, MANY = 3 * ROOM };

#define RINGSIZE (sizeof(Log) + ROOM)
static uint64_t ring[2][(RINGSIZE + MANY) / sizeof(uint64_t)];

/* Who writes; what others do while it waits for them. */
static size_t self;
static bool gone;
static size_t waits, endsat;

size_t
cpunumber(void)
{
	return self;
}

bool
cpugone(size_t n)
{
	assert_in_range(n, 0, 1);
	return gone && n != self;
}

uint64_t
rest(Patience *p)
{
	size_t me = self;

	p->spent += 100000;
	if (++waits == endsat) {
		self = 1 - me;
		print(" end\n");
		self = me;
	}
	return p->spent;
}

/* What each of two sinks was given, and in how many calls. */
static struct {
	char text[2000];
	size_t n;
	size_t calls;
} got[2];

static void
collect(size_t which, const char *s, size_t n)
{
	assert_true(got[which].n + n < sizeof got[which].text);
	memcpy(got[which].text + got[which].n, s, n);
	got[which].n += n;
	got[which].calls++;
}

static void
first(const char *s, size_t n)
{
	collect(0, s, n);
}

static void
second(const char *s, size_t n)
{
	collect(1, s, n);
}

static int
setup(void **state)
{
	(void)state;
	memset(got, 0, sizeof got);
	memset(ring, 0x55, sizeof ring);
	lognosinks();
	logcreate(ring[0], RINGSIZE);
	gone = false;
	waits = endsat = 0;
	for (self = 2; self-- > 0;)
		print("\n"); /* no line is begun */
	self = 0;
	logcreate(ring[0], RINGSIZE);
	waits = 0;
	return 0;
}

/* The text that byte number i of a long output is. */
static char
letter(size_t i)
{
	return (char)('a' + i % 26);
}

static void
say(size_t from, size_t n)
{
	char text[MANY];

	for (size_t i = 0; i < n; i++)
		text[i] = letter(from + i);
	logwrite(text, n);
}

/* got[0] is bytes [from, end) of it, and is forgotten. */
static void
assert_got(size_t from, size_t end)
{
	assert_int_equal(got[0].n, end - from);
	for (size_t i = from; i < end; i++)
		assert_int_equal(got[0].text[i - from], letter(i));
	got[0].n = 0;
}

/*
 *	text	[   second half   |   first half   ]
 *				  wrote
 */
static void
the_last_bytes_are_kept_in_order(void **state)
{
	(void)state;
	for (size_t wrote = 0; wrote < MANY; wrote++) {
		size_t kept = MIN(wrote, (size_t)ROOM);

		logreplay(first, SIZE_MAX);
		assert_got(wrote - kept, wrote);
		for (size_t last = 0; last <= ROOM; last += 9) {
			logreplay(first, last);
			assert_got(wrote - MIN(last, kept), wrote);
		}
		assert_int_equal(loglost(), wrote - kept);
		say(wrote, 1);
	}
}

static void
one_write_may_be_longer_than_the_ring(void **state)
{
	(void)state;
	say(0, 7);
	say(7, 2 * ROOM + 5);
	logreplay(first, SIZE_MAX);
	assert_got(ROOM + 12, 2 * ROOM + 12);
	assert_int_equal(loglost(), ROOM + 12);
}

/* Into rings of half the size to three times it, wrapped or not. */
static void
it_moves_with_what_it_holds(void **state)
{
	for (size_t wrote = 0; wrote < MANY; wrote += 13)
		for (size_t room = ROOM / 2; room <= MANY; room += ROOM / 2) {
			setup(state);
			say(0, wrote);
			logmove(ring[1], sizeof(Log) + room);
			memset(ring[0], 0x55, sizeof ring[0]);
			say(wrote, 2);
			logreplay(first, SIZE_MAX);
			size_t kept = MIN(MIN(wrote, (size_t)ROOM) + 2, room);
			assert_got(wrote + 2 - kept, wrote + 2);
			assert_int_equal(loglost(), wrote + 2 - kept);
			assert_int_equal(((Log *)ring[1])->size, room);
		}
}

/* And that is known where it moves to, however much of it there is room for. */
static void
a_story_begins_anew(void **state)
{
	(void)state;
	say(0, 3);
	logfresh();
	logsink(first, LOGFRESH);
	assert_int_equal(got[0].n, 0);
	say(3, 4);
	logsink(second, LOGFRESH);
	assert_memory_equal(got[1].text, "defg", 4);
	assert_int_equal(got[1].n, 4);
	got[1].n = 0;
	lognosinks();
	logmove(ring[1], RINGSIZE);
	logsink(second, LOGFRESH);
	assert_int_equal(got[1].n, 4);
	got[1].n = 0;
	lognosinks();
	logmove(ring[0], sizeof(Log) + 2);
	logsink(second, LOGFRESH);
	assert_memory_equal(got[1].text, "fg", 2);
	assert_int_equal(got[1].n, 2);
}

static void
it_goes_on_where_it_was_left(void **state)
{
	(void)state;
	say(0, ROOM + 3);
	logsink(first, LOGNEW);
	logresume(ring[0]);
	assert_int_equal(logsinks(), 0);
	say(ROOM + 3, 5);
	assert_int_equal(got[0].n, 0);
	logreplay(first, SIZE_MAX);
	assert_got(8, ROOM + 8);
}

static void
a_sink_gets_what_follows_and_if_asked_what_was(void **state)
{
	(void)state;
	say(0, 10);
	logsink(first, LOGREPLAY);
	logsink(second, LOGNEW);
	assert_int_equal(logsinks(), 2);
	say(10, 4);
	assert_int_equal(got[1].n, 4);
	assert_memory_equal(got[1].text, "klmn", 4);
	assert_got(0, 14);
	lognosinks();
	say(14, 4);
	assert_int_equal(got[0].n, 0);
	assert_int_equal(got[1].n, 4);
	assert_int_equal(logsinks(), 0);
	logsink(first, LOGNEW);
	logsink(first, LOGNEW);
	logsink(first, LOGNEW);
	assert_panics(logsink(second, LOGNEW), "more than 3 sinks");
}

static void
print_calls_a_sink_once_a_line(void **state)
{
	char lead[260], want[700];

	(void)state;
	logsink(first, LOGNEW);
	print("a %d%s %#x\n", -5, "bc", 18);
	assert_int_equal(got[0].calls, 1);
	assert_int_equal(got[0].n, 12);
	assert_memory_equal(got[0].text, "a -5bc 0x12\n", 12);
	logreplay(second, SIZE_MAX);
	assert_memory_equal(got[1].text, "a -5bc 0x12\n", 12);
	memset(lead, 'w', sizeof lead);
	for (int len = 250; len < 260; len++) {
		got[0].n = 0;
		int n = sprintf(want, "%.*s%d|%300s", len, lead, 123456, "y");
		print("%.*s%d|%300s", len, lead, 123456, "y");
		assert_int_equal(got[0].n, n);
		assert_memory_equal(got[0].text, want, (size_t)n);
	}
}

/* Lines of two CPUs are not mixed, however many pieces they are of. */
static void
a_line_is_one_cpus(void **state)
{
	(void)state;
	logsink(first, LOGNEW);
	print("a");
	print(" b");
	endsat = 5;
	self = 1;
	print("other\n");
	assert_int_equal(waits, 5);
	self = 0;
	print("c\n");
	assert_int_equal(waits, 5);
	assert_int_equal(got[0].n, 16);
	assert_memory_equal(got[0].text, "a b end\nother\nc\n", 16);
}

/* One that is written over and over is not begun. */
static void
a_line_that_begins_again_is_not_waited_for(void **state)
{
	(void)state;
	logsink(first, LOGNEW);
	print("1 of 2\r");
	self = 1;
	print("other\n");
	assert_int_equal(waits, 0);
}

/* By another of its kind; a report, or whoever comes, leaves it whole. */
static void
nothing_is_written_over_but_by_more_of_it(void **state)
{
	static const char all[] =
	    "1 of 3\r2 of 3\r\npanic: a\n3 of 3\r\nfault\n";

	(void)state;
	logsink(first, LOGNEW);
	print("1 of 3\r");
	print("2 of 3\r");
	print("panic: ");
	print("a\n");
	print("3 of 3\r");
	print("\nfault\n"); /* it begins a line itself */
	assert_int_equal(got[0].n, sizeof all - 1);
	assert_memory_equal(got[0].text, all, sizeof all - 1);
	/* What is moved is as it was. */
	logwrite("a\rb", 3);
	size_t wrote = logwrote();
	got[0].n = 0;
	logmove(ring[1], RINGSIZE);
	assert_int_equal(logwrote(), wrote);
	logresume(NULL);
}

/* After 30 s: what is left begun is not the end of all that is said. */
static void
who_waits_long_breaks_in(void **state)
{
	(void)state;
	logsink(first, LOGNEW);
	print("a");
	self = 1;
	print("other");
	print(" of it\n");
	assert_int_equal(waits, 300);
	self = 0;
	print("b\n");
	assert_int_equal(got[0].n, 16);
	assert_memory_equal(got[0].text, "a\nother of it\nb\n", 16);
	print("c");
	self = 1;
	print("d");
	self = 0;
	print("e\n"); /* the line is CPU 1's now */
	assert_int_equal(waits, 900);
	assert_memory_equal(got[0].text + 16, "c\nd\ne\n", 6);
}

static void
who_ends_at_last_is_not_broken_into(void **state)
{
	(void)state;
	logsink(first, LOGNEW);
	print("a");
	self = 1;
	endsat = 300;
	print("other\n");
	assert_int_equal(waits, 300);
	assert_memory_equal(got[0].text, "a end\nother\n", 12);
	assert_int_equal(got[0].n, 12);
}

/* CPU 0 is stopped in the midst of writing this. */
static void
stuck(const char *s, size_t n)
{
	collect(0, s, n);
	if (self != 0 || s[0] != 'a')
		return;
	self = 1;
	print("other\n");
	self = 0;
}

static void
who_breaks_in_between_lines_leaves_none_empty(void **state)
{
	(void)state;
	logsink(stuck, LOGNEW);
	print("whole\n");
	print("a\n");
	assert_int_equal(waits, 300);
	assert_int_equal(got[0].n, 14);
	assert_memory_equal(got[0].text, "whole\na\nother\n", 14);
}

static void
nobody_waits_for_one_that_has_stopped(void **state)
{
	(void)state;
	logsink(first, LOGNEW);
	print("a");
	self = 1;
	gone = true;
	print("panic\n");
	assert_int_equal(waits, 0);
	assert_memory_equal(got[0].text, "a\npanic\n", 8);
}

static bool paused;

/* Waits for a person, and CPU 1 says something meanwhile. */
static void
asking(const char *s, size_t n)
{
	collect(0, s, n);
	if (self != 0 || s[0] != 'a')
		return;
	paused = logpause();
	self = 1;
	assert_false(logpause()); /* it does not write */
	print("other\n");
	self = 0;
	if (paused)
		loggoon();
}

/* Then the line goes on, and nobody comes in between. */
static void
who_waits_for_a_person_keeps_nobody_waiting(void **state)
{
	(void)state;
	logsink(asking, LOGNEW);
	print("a");
	assert_true(paused);
	assert_int_equal(waits, 0);
	endsat = 5;
	self = 1;
	print("late\n");
	assert_int_equal(waits, 5);
	self = 0;
	assert_int_equal(got[0].n, 17);
	assert_memory_equal(got[0].text, "aother\n end\nlate\n", 17);
}

/* Before there is a ring: the first test of all. */
static void
without_a_ring_only_sinks_hear(void **state)
{
	(void)state;
	logwrite("x", 1);
	logreplay(first, SIZE_MAX);
	assert_int_equal(loglost(), 0);
	assert_int_equal(got[0].calls, 0);
	logsink(first, LOGREPLAY);
	logwrite("yz", 2);
	assert_memory_equal(got[0].text, "yz", 2);
	logmove(ring[0], RINGSIZE);
	logreplay(first, SIZE_MAX);
	assert_int_equal(got[0].n, 2);
}

static void
third(const char *s, size_t n)
{
	assert_int_equal(n, 3);
	assert_memory_equal(s, "new", 3);
	got[1].calls++;
}

/* Whoever keeps a copy is no reader, and gets what is new. */
static void
a_keeper_is_no_sink(void **state)
{
	(void)state;
	logwrite("old", 3);
	logsink(first, LOGNEW);
	logkeep(third);
	logwrite("new", 3);
	assert_int_equal(logsinks(), 1);
	assert_int_equal(got[0].n, 3);
	assert_int_equal(got[1].calls, 1);
	assert_int_equal(logwrote(), 6);
	logkeep(NULL);
	logwrite("none", 4);
	logkeep(third);
	logresume(ring[0]);
	logwrite("none", 4);
	assert_int_equal(got[1].calls, 1);
	assert_int_equal(logwrote(), 14);
	logresume(NULL);
	assert_int_equal(logwrote(), 0);
}

/* Sinks show each, and a log of hours is not full of them. */
static void
only_the_last_of_lines_that_go_over_is_kept(void **state)
{
	static char row[200];

	(void)state;
	logsink(first, LOGNEW);
	print("1\r");
	print("2\r");
	print("3\r");
	assert_int_equal(logwrote(), 0);
	assert_memory_equal(got[0].text, "1\r2\r3\r", 6);
	print("\n");
	assert_int_equal(logwrote(), 3);
	print("4\r");
	logmove(ring[1], RINGSIZE);
	assert_int_equal(logwrote(), 5);
	print("x\n");
	logreplay(second, SIZE_MAX);
	assert_memory_equal(got[1].text, "3\r\n4\r\nx\n", 8);
	memset(row, 'x', sizeof row); /* one that there is no room to hold */
	row[sizeof row - 1] = '\r';
	uint64_t was = logwrote();
	logwrite(row, sizeof row);
	assert_int_equal(logwrote(), was + sizeof row);
	print("5\r");
	logresume(ring[1]);
	print("new\n");
	assert_int_equal(logwrote(), was + sizeof row + 5); /* a line end */
}

static void
what_goes_aside_is_not_logged(void **state)
{
	(void)state;
	logsink(first, LOGNEW);
	logkeep(first);
	logaside(second);
	logwrite("aside", 5);
	assert_int_equal(got[0].n, 0);
	assert_int_equal(got[1].n, 5);
	assert_int_equal(logwrote(), 0);
	logaside(NULL);
	logkeep(NULL);
	logwrite("logged", 6);
	assert_int_equal(got[0].n, 6);
	assert_int_equal(logwrote(), 6);
	logaside(second);
	logresume(ring[0]);
	logwrite("x", 1);
	assert_int_equal(got[1].n, 5);
	assert_int_equal(logwrote(), 7);
}

#define TEST(name) cmocka_unit_test_setup(name, setup)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(without_a_ring_only_sinks_hear),
	    TEST(the_last_bytes_are_kept_in_order),
	    TEST(one_write_may_be_longer_than_the_ring),
	    TEST(it_moves_with_what_it_holds),
	    TEST(a_story_begins_anew),
	    TEST(it_goes_on_where_it_was_left),
	    TEST(a_sink_gets_what_follows_and_if_asked_what_was),
	    TEST(print_calls_a_sink_once_a_line),
	    TEST(a_line_is_one_cpus),
	    TEST(a_line_that_begins_again_is_not_waited_for),
	    TEST(nothing_is_written_over_but_by_more_of_it),
	    TEST(who_waits_long_breaks_in),
	    TEST(who_ends_at_last_is_not_broken_into),
	    TEST(who_breaks_in_between_lines_leaves_none_empty),
	    TEST(nobody_waits_for_one_that_has_stopped),
	    TEST(who_waits_for_a_person_keeps_nobody_waiting),
	    TEST(a_keeper_is_no_sink),
	    TEST(only_the_last_of_lines_that_go_over_is_kept),
	    TEST(what_goes_aside_is_not_logged),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
