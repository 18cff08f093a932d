/*
 * calls.c - processes that ask for anything, in any order, with any memory
 * refused: each byte is a step of whoever has its turn.
 *
 * What is returned is held against a model: who has which children, what range
 * is a process's, of which nothing but its segments is asked, a byte at a time.
 * What is mapped is checked after each step; at the end, when all have ended,
 * pages are back to the page, and pools to the byte.
 *
 * needs: tests/host/played.c
 */
#include "fuzz.h"
#include "played.h"
#include "image.h"

enum { MOSTPIDS = 300, MOSTSTEPS = 400, NPAGES = 600 };

/* By number: what it asked for last, and whose child it is until that waits. */
typedef struct Model Model;
struct Model {
	int parent; /* 0: nobody's, or waited for */
	uint64_t n; /* its call, or NSYSCALL: none under way */
	bool may;   /* its arguments are good */
	uint64_t a;
};

static Input *in;
static Model of[MOSTPIDS];
static int nforks;
static size_t nsteps;

/* Where a device may be attached, and it: some address, or next to another. */
#define PLACES ((uintptr_t)0x10000000)
static const Physseg device = {"a", 0xf0000000, 2, PTEUC};

/* The one that va is in of what was attached, or NULL. */
static const Segment *
attached(const Process *p, uintptr_t va)
{
	for (int n = SEG1; n < NSEG; n++) {
		const Segment *s = p->mem->seg[n];

		if (s != NULL && va >= s->base && va < s->top)
			return s;
	}
	return NULL;
}

/*
 * A byte at a time, by the segments' ends alone. Of no byte, where it is. What
 * is a device's is not looked for.
 */
static bool
has(const Process *p, uintptr_t va, size_t size, enum access access)
{
	for (size_t i = 0; i < size; i++) {
		bool is = false;

		for (int n = 0; n < NSEG; n++) {
			const Segment *s = p->mem->seg[n];

			is |= s != NULL && s->type != SG_PHYSICAL &&
			      va + i >= s->base && va + i < s->top &&
			      (access == FAULTREAD || s->type != SG_TEXT);
		}
		if (!is)
			return false;
	}
	return true;
}

static uintptr_t
address(const Process *p)
{
	const uintptr_t at[] = {UTZERO, DATAVA, BSSVA, p->mem->seg[BSEG]->top,
	    USTKTOP, USTKTOP - USTKSIZE, 0, UTOP, DMAP, KZERO, UINTPTR_MAX};
	uint8_t b = (uint8_t)take(in, 1);

	if (b < 128) /* one that it has */
		return at[b % 3] + 8 * (uintptr_t)(b / 3);
	if (b >= 240)
		return take(in, 8);
	return at[b % nelem(at)] + 16 * (uintptr_t)(b / nelem(at)) - 160;
}

/* What ends a process: or no run is long. */
static bool
seldom(void)
{
	return take(in, 1) % 16 == 1;
}

static size_t
size(void)
{
	const size_t is[] = {
	    0, 1, 8, NAMEMAX, NAMEMAX + 1, PRINTMAX, PRINTMAX + 1, SIZE_MAX};

	return is[take(in, 1) % nelem(is)];
}

/* May it? Then it fails for want of memory alone. */
static Userevent
call(Process *p, uint64_t n, uint64_t x, uint64_t y, uint64_t z, bool may)
{
	Model *m = &of[p->pid];

	m->n = n;
	m->a = x;
	m->may = may;
	return ask(p, n, x, y, z);
}

static Userevent
buffered(Process *p, uint64_t n)
{
	uintptr_t va = address(p);
	size_t s = size();
	size_t most = n == SYSPRINT ? PRINTMAX : NAMEMAX;

	return call(p, n, va, s, take(in, 1),
	    s <= most && has(p, va, MAX(s, (size_t)1), FAULTREAD));
}

/* By a name that may be one, at a place that may be free. */
static Userevent
attaches(Process *p)
{
	uintptr_t va = address(p);
	uintptr_t place = take(in, 1) % 4 == 0
			      ? address(p)
			      : PLACES + take(in, 1) % 8 * BY2PG;
	size_t s = size();

	return call(p, SYSSEGATTACH, va, s, place,
	    s <= NAMEMAX && has(p, va, MAX(s, (size_t)1), FAULTREAD));
}

static Userevent
asks(Process *p)
{
	uint64_t n = take(in, 1) % (NSYSCALL + 1);
	uintptr_t va = 0;

	switch (n) {
	case SYSEXIT:
		if (!seldom())
			return call(p, SYSGETPID, 0, 0, 0, true);
		return exits(p, (int64_t)take(in, 1));
	case SYSPRINT:
	case SYSEXEC:
		return buffered(p, n);
	case SYSBRK:
		va = address(p);
		return call(p, n, va, 0, 0,
		    va == 0 || (va >= BSSVA && va <= USTKTOP - USTKSIZE));
	case SYSWAIT:
		va = address(p);
		return call(p, n, va, 0, 0, has(p, va, 8, FAULTWRITE));
	case SYSFORK:
	case SYSRFORK:
		if (++nforks >= MOSTPIDS - 2)
			return call(p, SYSGETPID, 0, 0, 0, true);
		va = n == SYSFORK ? 0 : take(in, 1) % 4 * (RFMEM / 2);
		return call(p, n, va, 0, 0, va == 0 || va == RFMEM);
	case SYSSEGATTACH:
		return attaches(p);
	case SYSSEGDETACH:
		va = PLACES + take(in, 1) % 64 * BY2PG / 4;
		return call(p, n, va, 0, 0, attached(p, va) != NULL);
	case NSYSCALL:
		return call(p, take(in, 8) | 1ull << 40, 0, 0, 0, false);
	default:
		return call(p, n, take(in, 1), 0, 0, true);
	}
}

/* ---- what it was answered ---- */

static bool
hasachild(int pid)
{
	for (int c = 1; c < MOSTPIDS; c++)
		if (of[c].parent == pid)
			return true;
	return false;
}

static void
forked(const Process *p, int64_t r)
{
	if (r <= p->pid || r >= MOSTPIDS || of[r].parent != 0)
		panic("a fork returned %jd", (intmax_t)r);
	of[r].parent = p->pid;
}

/* What is there may have been written by others, if its memory is shared. */
static void
waited(const Process *p, int64_t r)
{
	if (r >= MOSTPIDS || of[r].parent != p->pid)
		panic("%d waited for %jd", p->pid, (intmax_t)r);
	of[r].parent = 0;
}

/* Where it was to be, as a whole; or the name, or the place, was none. */
static void
wasattached(const Process *p, int64_t r)
{
	uintptr_t va = p->regs.rdx;
	const Segment *s = attached(p, va);

	if (r == SYSENOENT || r == SYSEBADARG)
		return;
	if (r != (int64_t)(device.npages * BY2PG) || s == NULL ||
	    s->base != va || s->top != va + (uintptr_t)r || s->pseg != &device)
		panic(
		    "attach at %#jx returned %jd", (uintmax_t)va, (intmax_t)r);
}

static void
good(Process *p, uint64_t n, int64_t r)
{
	switch (n) {
	case SYSGETPID:
		if (r != p->pid)
			panic("%d is told %jd", p->pid, (intmax_t)r);
		return;
	case SYSFORK:
	case SYSRFORK:
		forked(p, r);
		return;
	case SYSWAIT:
		if (r > 0)
			waited(p, r);
		else if (r != SYSECHILD || hasachild(p->pid))
			panic("wait returned %jd", (intmax_t)r);
		return;
	case SYSSEGATTACH:
		wasattached(p, r);
		return;
	case SYSEXEC:
		if (r != SYSENOENT)
			panic("exec returned %jd", (intmax_t)r);
		return;
	case SYSBRK: /* in the way may be what others who share it have */
		return;
	default:
		if (r != 0)
			panic(
			    "call %ju returned %jd", (uintmax_t)n, (intmax_t)r);
	}
}

/* The result of what it asked for, if it did. RBX: it is not another now. */
static void
answered(Process *p)
{
	Model *m = &of[p->pid];
	int64_t r = result(p);
	uint64_t n = m->n;

	m->n = NSYSCALL;
	if (n == NSYSCALL || p->regs.rbx == 0)
		return;
	if (!m->may && r != SYSEBADARG)
		panic("call %ju of %#jx returned %jd", (uintmax_t)n,
		    (uintmax_t)m->a, (intmax_t)r);
	if (m->may && r != SYSENOMEM)
		good(p, n, r);
}

/* ---- what else may happen ---- */

static Userevent
writes(Process *p)
{
	uintptr_t va = address(p) & ~7ull;
	Userevent e = {.why = USERFAULT, .access = FAULTWRITE, .addr = va};

	if (!has(p, va, 8, FAULTWRITE) && !seldom())
		return (Userevent){.why = USERNOTHING};
	uint64_t *w = va < UTOP ? word(p, va, FAULTWRITE, &e) : NULL;

	if (w == NULL)
		return e;
	if (!has(p, va, 8, FAULTWRITE))
		panic("%#jx is mapped", (uintmax_t)va);
	*w = 'a' + take(in, 1) % (NPROGRAM + 1); /* a program's name */
	return (Userevent){.why = USERNOTHING};
}

static void
checked(Process *p)
{
	const Segment *s = p->mem->seg[BSEG];

	if (s->top - s->base < 4096 * BY2PG)
		procmemcheck(p->mem);
}

static Userevent
step(Process *p)
{
	play.nran = 0;
	answered(p);
	checked(p);
	if (++nsteps > MOSTSTEPS || in->n == 0)
		return exits(p, 0);
	switch (take(in, 1) % 16) {
	case 0:
		if (!seldom())
			return (Userevent){.why = USERNOTHING};
		return (Userevent){.why = USERFAULT,
		    .access = take(in, 1) % 3,
		    .addr = address(p)};
	case 1:
	case 2:
		return writes(p);
	case 3:
		return (Userevent){.why = USERTICK};
	case 4:
		if (!seldom())
			return (Userevent){.why = USERTICK};
		return (Userevent){
		    USERWRONG, FAULTREAD, 0, "that is on purpose"};
	case 5:
		scarce(take(in, 1) % 32);
		return (Userevent){.why = USERNOTHING};
	case 6:
		scarce(SIZE_MAX);
		return (Userevent){.why = USERNOTHING};
	case 7:
		if (play.cpu == 0)
			othercpu();
		return (Userevent){.why = USERTICK};
	default:
		return asks(p);
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t n)
{
	static bool up; /* each leaves the machine as it was */
	Input input = {data, n};
	Processrun r;

	in = &input;
	memset(&play, 0, sizeof play);
	makeimages();
	if (!up)
		processmachine((Processes){NPAGES, NPAGES, 4, 2});
	addphysseg(&device);
	up = true;
	for (int i = 0; i < NPROGRAM; i++)
		play.program[i] = step;
	memset(of, 0, sizeof of);
	for (int i = 0; i < MOSTPIDS; i++)
		of[i].n = NSYSCALL;
	nforks = 0;
	nsteps = 0;
	hostquiet();
	processrun("a", 0, 1, &r);
	playgone(NULL);
	return 0;
}
