/*
 * forbidden.c - what no program may do, tried, as a table; what is forgiven
 * fails.
 */
#include "asks.h"
#include "mmu.h"
#include "print.h"
#include "programs.h"
#include "forbidden.h"

typedef struct Row Row;

struct Row {
	const char *what;
	int64_t want;
};

#define ROW(what, status) {what, status},
static const Row rows[] = {FORBIDDEN(ROW)};

/* How each ended. */
static int64_t status[nelem(rows)];

static int64_t
want(size_t i)
{
	bool runs = mmuallowed(&kspace, PTENOEXEC) == 0;

	return i == RUNSDATAROW && runs ? FORGIVEN : rows[i].want;
}

static bool
holds(size_t i)
{
	return status[i] == want(i);
}

/* NULL, or why not. */
static const char *
try(void)
{
	Processrun r;
	const char *why = NULL;

	for (size_t i = 0; i < nelem(rows) && why == NULL; i++) {
		why = processrun("forbid", i, 1, &r);
		status[i] = r.status;
	}
	processtidy();
	return why;
}

static size_t
failed(void)
{
	size_t n = 0;

	for (size_t i = 0; i < nelem(rows); i++)
		n += !holds(i);
	return n;
}

static void
lines(void)
{
	for (size_t i = 0; i < nelem(rows); i++)
		print("mem9: forbid n=%zu status=%jd want=%jd result=%s "
		      "what=\"%s\"\n",
		    i, (intmax_t)status[i], (intmax_t)want(i),
		    holds(i) ? "ok" : "failed", rows[i].what);
	print("mem9: forbidden rows=%zu failed=%zu\n", nelem(rows), failed());
}

static const char *
answer(int64_t is)
{
	switch (is) {
	case 0:
		return "refused, and it goes on";
	case ENDEDADDR:
		return "ended: not its address";
	case ENDEDWRONG:
		return "ended: no program may";
	case FORGIVEN:
		return "done";
	default:
		return "ended otherwise";
	}
}

static void
table(void)
{
	for (size_t i = 0; i < nelem(rows); i++)
		print("%2zu  %-45s %s%s\n", i, rows[i].what, answer(status[i]),
		    holds(i) ? "" : ", WRONG");
	print("%zu tried, %zu not as it should be\n", nelem(rows), failed());
}

void
cmdforbidden(const char *arg)
{
	bool verbose = arg[0] == '-' && arg[1] == 'v' && arg[2] == '\0';

	if (!of0("forbidden"))
		return;
	if (*arg != '\0' && !verbose) {
		print("%s: only -v goes with it\n", arg);
		return;
	}
	const char *why = try();
	if (why != NULL)
		print("forbidden: %s\n", why);
	else if (verbose)
		lines();
	else
		table();
}
