/*
 * userfuzz.c - see userfuzz.h.
 */
#include "userfuzz.h"
#include "asks.h"
#include "cpus.h"
#include "print.h"
#include "../check/proccounts.h"
#include "programs.h"
#include "progress.h"
#include "randomtext.h"
#include "syscall.h"
#include "value.h"

typedef struct Tally Tally;

/* How many ended how. */
struct Tally {
	uint64_t nseeds;
	uint64_t exit;
	uint64_t killed;
	uint64_t late;
	uint64_t wrong; /* where a system call returned what it cannot */
	uint64_t lost;  /* after which memory was not what it had been */
	uint64_t nprocs;
};

static _Alignas(Userimage) uint8_t image[BY2PG];
static const Builtin random = {"random", image, image + sizeof image};

static const char *
runseed(uint64_t seed, Processrun *r)
{
	if (seed % 2 == 0)
		return processrun("calls", seed, ncpus(), r);
	randomtext(seed / 2, image);
	return processrunimage(&random, seed, ncpus(), r);
}

static void
ended(Tally *t, uint64_t seed, const Processrun *r)
{
	bool wrong = seed % 2 == 0 && r->nwrong > 0;

	t->nseeds++;
	t->nprocs += r->nprocs;
	t->exit += r->status >= 0;
	t->late += r->status == ENDEDLATE;
	t->killed += r->status < 0 && r->status != ENDEDLATE;
	t->wrong += wrong;
	if (wrong)
		print("fuzz: seed %ju: a system call returned what it cannot\n",
		    (uintmax_t)seed);
}

/* And what is counted next begins with what is there now. */
static void
returned(Tally *t, uint64_t seed, Proccounts *was)
{
	Proccounts is = proccounts();
	Procloss l = proclosses(was, &is);

	if (anyloss(&l)) {
		t->lost++;
		print("fuzz: seed %ju: lost: %jd pages, %jd bytes of the "
		      "pools, which keep %jd more, %jd bytes of xalloc\n",
		    (uintmax_t)seed, l.pages, l.bytes, l.arenas, l.xalloc);
	}
	*was = is;
}

static void
say(const Tally *t, uint64_t first)
{
	print("mem9: userfuzz seeds=%ju first=%ju exit=%ju killed=%ju late=%ju "
	      "wrong=%ju lost=%ju processes=%ju\n",
	    (uintmax_t)t->nseeds, (uintmax_t)first, (uintmax_t)t->exit,
	    (uintmax_t)t->killed, (uintmax_t)t->late, (uintmax_t)t->wrong,
	    (uintmax_t)t->lost, (uintmax_t)t->nprocs);
	print("fuzz: %ju programs: %ju exited, %ju were killed, %ju had no "
	      "time left; after %ju memory was missing\n",
	    (uintmax_t)t->nseeds, (uintmax_t)t->exit, (uintmax_t)t->killed,
	    (uintmax_t)t->late, (uintmax_t)t->lost);
}

/* One that was ended by who watches has not ended as it would: not counted. */
static const char *
runseeds(Tally *t, uint64_t nseeds, uint64_t first)
{
	Proccounts was = proccounts();
	Processrun r;

	while (t->nseeds < nseeds && !progressbroken()) {
		uint64_t seed = first + t->nseeds;
		const char *why = runseed(seed, &r);

		if (why != NULL)
			return why;
		returned(t, seed, &was);
		if (!progressbroken())
			ended(t, seed, &r);
	}
	return NULL;
}

static enum runasked
watch(void)
{
	return progressbroken() ? RUNEND : RUNGOON;
}

void
userfuzz(uint64_t nseeds, uint64_t first)
{
	const char *why = userready(); /* what that maps stays */
	Tally t = {0};

	progressanew();
	processwatch(watch, RUNLIMITED);
	if (why == NULL)
		why = runseeds(&t, nseeds, first);
	processwatch(NULL, RUNLIMITED);
	if (why != NULL)
		print("fuzz: %s\n", why);
	else
		say(&t, first);
}

static const char *
afterblank(const char *s)
{
	while (*s == ' ')
		s++;
	return s;
}

/* Numbers, and nothing else, up to n of them: how many, or -1. */
static int
numbers(const char *s, uint64_t *v, int n)
{
	int got = 0;

	for (s = afterblank(s); *s != '\0'; s = afterblank(s)) {
		if (got == n || (s = readnumber(s, &v[got++])) == NULL ||
		    (*s != ' ' && *s != '\0'))
			return -1;
	}
	return got;
}

void
cmdfuzz(const char *arg)
{
	uint64_t v[] = {0, 1};

	if (!of0("fuzz"))
		return;
	if (numbers(arg, v, nelem(v)) < 1 || v[0] == 0)
		print(
		    "fuzz: %s: expected how many, and maybe the first\n", arg);
	else
		userfuzz(v[0], v[1]);
}
