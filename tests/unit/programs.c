/*
 * programs.c - processes that live: what they ask for, what they are refused,
 * who runs when, and that nothing is left of them.
 *
 * A program is played: a function that is a step further each time its process
 * is run. What it touches is looked up in its tables, as the CPU does.
 *
 * needs: tests/host/process.c proc/usercopy.c proc/exec.c proc/syscall.c
 * needs: proc/processes.c proc/sched.c arch/amd64/userevent.c
 */
#include "expect.h"
#include "procs.h"
#include "cpus.h"
#include "image.h"
#include "pool.h"
#include "scarce.h"
#include "syscall.h"
#include "../../arch/amd64/usermode.h"
#include "../../proc/process.h"

enum {
	NPROGRAM = 4,
	TOOMANY = 33,
	DATAWORD = 0x1234,
	ENTRY = 0x40,
	MOSTRAN = 4000
};

typedef Userevent Program1(Process *p);

static struct {
	Program1 *program[NPROGRAM]; /* by number: a, b, c, d */
	const char *notready;
	int ran[MOSTRAN]; /* whose turns they were */
	size_t nran;
	size_t slices, ends, idles;
	void (*meanwhile)(void); /* once, at the end of a slice */
	void (*again)(void *);   /* what each CPU does */
	size_t most;
} play;

/* Each begins with its header; its data with a word, and a part of a page. */
static _Alignas(8) uint8_t images[NPROGRAM][2 * BY2PG];
/* What proc/ has as builtins, and must not change. */
Builtin list[TOOMANY + 1] __asm__("builtins");

static void
makeimages(void)
{
	static const char *const names[NPROGRAM] = {"a", "b", "c", "d"};
	Userimage u = {
	    .magic = USERMAGIC, .text = BY2PG, .data = 16, .bss = 3 * BY2PG};
	uint64_t word = DATAWORD;

	memset(list, 0, sizeof list);
	for (size_t i = 0; i < NPROGRAM; i++) {
		u.entry = (uint32_t)(ENTRY + i);
		memcpy(images[i], &u, sizeof u);
		memcpy(images[i] + BY2PG, &word, sizeof word);
		list[i] =
		    (Builtin){names[i], images[i], images[i] + BY2PG + 16};
	}
}

const char *
userready(void)
{
	return play.notready;
}

void
userslice(void)
{
	play.slices++;
}

void
usersliceend(void)
{
	void (*fn)(void) = play.meanwhile;

	play.ends++;
	play.meanwhile = NULL;
	if (fn != NULL)
		fn();
}

static jmp_buf idle;

void
useridle(void)
{
	play.idles++;
	longjmp(idle, 1);
}

size_t
oncpus(size_t most, void (*fn)(void *), void *arg)
{
	play.most = most;
	play.again = fn;
	fn(arg);
	return 1;
}

static Process *
ofregs(Ureg *ur)
{
	return (Process *)((char *)ur - offsetof(Process, regs));
}

Userevent
userrun(Ureg *ur)
{
	Process *p = ofregs(ur);

	assert_true(play.nran < MOSTRAN);
	assert_int_equal(p->at, RUNNING);
	play.ran[play.nran++] = p->pid;
	assert_in_range(ur->pc, UTZERO + ENTRY, UTZERO + ENTRY + NPROGRAM - 1);
	return play.program[ur->pc - UTZERO - ENTRY](p);
}

/* ---- what programs do: RBX counts their steps, RAX has results ---- */

static Userevent
ask(Process *p, uint64_t n, uint64_t a, uint64_t b, uint64_t c)
{
	p->regs.rbx++;
	p->regs.rax = n;
	p->regs.rdi = a;
	p->regs.rsi = b;
	p->regs.rdx = c;
	return (Userevent){.why = USERCALL};
}

static Userevent
exits(Process *p, int64_t status)
{
	return ask(p, SYSEXIT, (uint64_t)status, 0, 0);
}

static int64_t
result(const Process *p)
{
	return (int64_t)p->regs.rax;
}

/* The word at va; NULL, and the fault that it takes. */
static uint64_t *
word(Process *p, uintptr_t va, enum access access, Userevent *e)
{
	int level = 0;
	const pte_t *pte = mmufind(&p->mem->space, va, &level);

	*e = (Userevent){.why = USERFAULT, .access = access, .addr = va};
	if (pte == NULL || (*pte & PTEVALID) == 0 ||
	    (access == FAULTWRITE && (*pte & PTEWRITE) == 0))
		return NULL;
	return (uint64_t *)kmap(papage(PTEADDR(*pte))) + va % BY2PG / 8;
}

#define DATAVA (UTZERO + BY2PG)
#define BSSVA (DATAVA + BY2PG)
#define BSSEND (BSSVA + 3 * BY2PG)
#define STACKVA (USTKTOP - 16)

/* A buffer in the bss that has these bytes. */
static bool
spell(Process *p, const char *text, Userevent *e)
{
	uint64_t *w = word(p, BSSVA, FAULTWRITE, e);

	if (w != NULL)
		strcpy((char *)w, text);
	return w != NULL;
}

/* ---- runs ---- */

static int
setup(void **state)
{
	(void)state;
	memset(&play, 0, sizeof play);
	makeimages();
	procsmachine();
	return 0;
}

static int
gone(void **state)
{
	(void)state;
	scarce(SIZE_MAX);
	processtidy();
	processesgone();
	hostloud();
	return 0;
}

static Processrun
run(Program1 *a)
{
	Processrun r;

	play.program[0] = a;
	hostquiet();
	assert_null(processrun("a", 77, 1, &r));
	assert_int_equal(play.slices, play.ends);
	return r;
}

static Userevent
atonce(Process *p)
{
	assert_int_equal(p->regs.rdi, 77);
	assert_int_equal(p->regs.sp, USTKTOP - 8);
	return exits(p, 5);
}

static void
a_program_runs_and_ends_with_its_status(void **state)
{
	(void)state;
	Processrun r = run(atonce);

	assert_int_equal(r.status, 5);
	assert_int_equal(r.nprocs, 1);
	assert_int_equal(r.nended, 0);
	assert_int_equal(play.most, 1);
}

static Userevent
hugestatus(Process *p)
{
	return exits(p, -1);
}

/* A status below 0 is the kernel's word. */
static void
no_program_ends_itself_as_if_it_had_been_ended(void **state)
{
	(void)state;
	assert_int_equal(run(hugestatus).status, INT32_MAX);
}

static void
what_cannot_begin_is_said(void **state)
{
	Processrun r;

	(void)state;
	assert_ptr_equal(processrun("nobody", 0, 1, &r), Enoent);
	assert_ptr_equal(processrun("", 0, 1, &r), Enoent);
	play.notready = "no timer";
	assert_string_equal(processrun("a", 0, 1, &r), "no timer");
}

static Processrun *mine;

static Userevent
looks(Process *p)
{
	assert_int_equal(mine->status, 1234);
	return exits(p, 5);
}

/* If the caller breaks it off, other CPUs go on, and its stack is another's. */
static void
what_came_of_it_is_told_at_its_end(void **state)
{
	Processrun r = {.status = 1234};

	(void)state;
	mine = &r;
	play.program[0] = looks;
	assert_null(processrun("a", 77, 1, &r));
	assert_int_equal(r.status, 5);
	assert_int_equal(r.nprocs, 1);
}

/* Whoever reported something may have been in the midst of one. */
static void
none_begins_where_one_was_broken_off(void **state)
{
	Processrun r;
	Process *p = newprocess(NULL);

	(void)state;
	assert_non_null(p);
	play.program[0] = atonce;
	assert_string_equal(processrun("a", 77, 1, &r),
	    "processes of a run that was broken off are there still");
	assert_int_equal(play.nran, 0);
	dropprocess(p);
	assert_int_equal(run(atonce).status, 5);
}

/* What it finds in its memory, one address a step; it writes where it may. */
static Userevent
touches(Process *p)
{
	static const struct {
		uintptr_t va;
		enum access access;
		uint64_t has;
	} at[] = {
	    {DATAVA, FAULTREAD, DATAWORD},
	    {DATAVA + 16, FAULTREAD, 0},
	    {DATAVA, FAULTWRITE, DATAWORD},
	    {DATAVA, FAULTREAD, 1},
	    {BSSVA, FAULTWRITE, 0},
	    {STACKVA, FAULTWRITE, 0},
	    {UTZERO, FAULTREAD, USERMAGIC},
	};
	size_t n = p->regs.rbx;
	Userevent e;

	if (n == nelem(at))
		return ask(p, SYSGETPID, 0, 0, 0);
	if (n > nelem(at))
		return exits(p, result(p) - 1);
	uint64_t *w = word(p, at[n].va, at[n].access, &e);
	if (w == NULL)
		return e;
	assert_int_equal(*w, at[n].has);
	if (at[n].access == FAULTWRITE)
		*w = 1;
	p->regs.rbx++;
	return (Userevent){.why = USERNOTHING};
}

static void
its_memory_is_its_image_and_zeros(void **state)
{
	(void)state;
	assert_int_equal(run(touches).status, 0);
}

/* ---- what the kernel ends ---- */

static Userevent strays;

static Userevent
strayer(Process *p)
{
	(void)p;
	return strays;
}

static void
whoever_does_what_it_may_not_is_ended_and_named(void **state)
{
	static const struct {
		Userevent e;
		int64_t status;
		const char *says;
	} is[] = {
	    {{USERFAULT, FAULTREAD, 0, NULL}, ENDEDADDR,
		"it may not read there"},
	    {{USERFAULT, FAULTWRITE, UTZERO, NULL}, ENDEDADDR,
		"it may not write there"},
	    {{USERFAULT, FAULTEXEC, BSSVA, NULL}, ENDEDADDR,
		"it may not run that"},
	    {{USERFAULT, FAULTREAD, KZERO, NULL}, ENDEDADDR,
		"it may not read there"},
	    {{USERWRONG, 0, 0, "it divides by zero"}, ENDEDWRONG,
		"it divides by zero"},
	};

	(void)state;
	for (size_t i = 0; i < nelem(is); i++) {
		char want[300];

		strays = is[i].e;
		Processrun r = run(strayer);
		assert_int_equal(r.status, is[i].status);
		assert_int_equal(r.nended, 1);
		snprintf(want, sizeof want,
		    "mem9: killed pid=1 name=a pc=0x200040 addr=%#jx "
		    "stack=0x7fffffeff000-0x7ffffffff000 "
		    "text=0x200000-0x201000 data=0x201000-0x202000 "
		    "bss=0x202000-0x205000 detail=\"%s\"\n",
		    (uintmax_t)is[i].e.addr, is[i].says);
		assert_mentioned(want);
	}
}

static Userevent
spins(Process *p)
{
	p->regs.rbx++;
	return (Userevent){
	    .why = p->regs.rbx % 2 == 0 ? USERTICK : USERNOTHING};
}

static void
its_time_is_limited(void **state)
{
	(void)state;
	assert_int_equal(run(spins).status, ENDEDLATE);
	assert_int_equal(play.slices, 300);
	assert_int_equal(play.nran, 600);
	assert_mentioned("detail=\"its time is over\"");
}

static Userevent
limits(Process *p)
{
	return p->regs.rbx == 0 ? ask(p, SYSLIMIT, 3, 0, 0)
	       : p->regs.rbx == 1
		   ? ask(p, SYSLIMIT, 1000, 0, 0) /* not more again */
		   : (Userevent){.why = USERTICK};
}

static void
it_may_limit_its_time(void **state)
{
	(void)state;
	assert_int_equal(run(limits).status, ENDEDLATE);
	assert_int_equal(play.nran, 5);
}

static Userevent
limitsto0(Process *p)
{
	return p->regs.rbx == 0 ? ask(p, SYSLIMIT, 0, 0, 0)
				: (Userevent){.why = USERTICK};
}

/* No time at all is not the most that there can be. */
static void
it_may_have_none_left(void **state)
{
	(void)state;
	assert_int_equal(run(limitsto0).status, ENDEDLATE);
	assert_int_equal(play.nran, 1);
}

static Userevent
yields(Process *p)
{
	play.nran = 0;
	return ask(p, SYSYIELD, 0, 0, 0);
}

static void
so_are_the_turns_of_all(void **state)
{
	(void)state;
	assert_int_equal(run(yields).status, ENDEDLATE);
	assert_int_equal(play.slices, 100000);
}

static size_t
noread(Chan *c, void *to, size_t n, uint64_t off)
{
	(void)c;
	(void)to;
	(void)n;
	(void)off;
	return 0;
}

static Userevent
unread(Process *p)
{
	Userevent e;

	p->mem->seg[DSEG]->file.chan->read = noread;
	assert_null(word(p, DATAVA, FAULTREAD, &e));
	return e;
}

static void
a_file_that_cannot_be_read_ends_it(void **state)
{
	(void)state;
	assert_int_equal(run(unread).status, ENDEDFILE);
}

/* ---- system calls ---- */

static const uintptr_t badaddrs[] = {
    0, 1, KZERO, DMAP, UTOP, UTOP - 1, UINTPTR_MAX, UTZERO - 8, BSSEND};

/* Each call that takes an address, with each bad one; then what is no call. */
static Userevent
wild(Process *p)
{
	static const uint64_t calls[] = {SYSPRINT, SYSEXEC, SYSWAIT};
	size_t n = p->regs.rbx;

	if (n > 0)
		assert_int_equal(result(p), SYSEBADARG);
	if (n < nelem(badaddrs) * nelem(calls))
		return ask(p, calls[n % 3], badaddrs[n / 3], 8, 0);
	switch (n - nelem(badaddrs) * nelem(calls)) {
	case 0:
		return ask(p, SYSWAIT, UTZERO, 0, 0); /* not to be written */
	case 1:
		return ask(p, SYSPRINT, BSSVA, PRINTMAX + 1, 0);
	case 2:
		return ask(p, SYSEXEC, BSSVA, NAMEMAX + 1, 0);
	case 3:
		return ask(p, SYSPRINT, BSSEND - 8, 9, 0);
	case 4:
		return ask(p, SYSBRK, BSSVA - 1, 0, 0);
	case 5:
		return ask(p, SYSBRK, KZERO, 0, 0);
	case 6:
		return ask(p, SYSBRK, USTKTOP, 0, 0);
	case 7:
		return ask(p, NSYSCALL, 0, 0, 0);
	case 8:
		return ask(p, UINT64_MAX, 0, 0, 0);
	default:
		return exits(p, 0);
	}
}

static void
bad_arguments_are_errors(void **state)
{
	(void)state;
	assert_int_equal(run(wild).status, 0);
	assert_said("");
}

static Userevent
prints(Process *p)
{
	Userevent e;

	switch (p->regs.rbx) {
	case 0:
		if (!spell(p, "a \"b\"\n\x80~\x7f", &e))
			return e;
		return ask(p, SYSPRINT, BSSVA, 9, 0);
	case 1:
		assert_int_equal(result(p), 0);
		return ask(p, SYSPRINT, 0x200000, 0, 0);
	case 2:
		return ask(p, SYSPRINT, DATAVA - 1, 2, 0); /* two pages */
	default:
		assert_int_equal(result(p), 0);
		return exits(p, 0);
	}
}

static void
what_is_printed_is_a_line_of_plain_text(void **state)
{
	(void)state;
	assert_int_equal(run(prints).status, 0);
	assert_said("mem9: print pid=1 name=a text=\"a ?b???~?\"\n"
		    "mem9: print pid=1 name=a text=\"\"\n"
		    "mem9: print pid=1 name=a text=\"?4\"\n");
}

/* A device's memory is no buffer. */
static Userevent
todevice(Process *p)
{
	static const Physseg ps = {"device", 0xf0000000, 1, PTEUC};

	if (p->regs.rbx > 0)
		return exits(p, result(p) == SYSEBADARG ? 0 : 1);
	giveseg(p->mem, SEG1, newphysseg(&ps, 0x10000000));
	return ask(p, SYSPRINT, 0x10000000, 8, 0);
}

static void
a_device_is_no_buffer(void **state)
{
	(void)state;
	assert_int_equal(run(todevice).status, 0);
}

static Userevent
breaks(Process *p)
{
	Userevent e;
	uint64_t *w = NULL;

	switch (p->regs.rbx) {
	case 0:
		return ask(p, SYSBRK, 0, 0, 0);
	case 1:
		assert_int_equal(result(p), BSSEND);
		return ask(p, SYSBRK, BSSEND + BY2PG, 0, 0);
	case 2:
		assert_int_equal(p->regs.rdi, BSSEND + BY2PG);
		w = word(p, BSSEND, FAULTWRITE, &e);
		if (w == NULL)
			return e;
		*w = 1;
		return ask(p, SYSBRK, BSSEND, 0, 0);
	case 3:
		assert_int_equal(result(p), 0);
		return ask(p, SYSBRK, 0, 0, 0);
	case 4:
		assert_int_equal(result(p), BSSEND);
		assert_null(word(p, BSSEND, FAULTREAD, &e));
		return ask(p, SYSPRINT, BSSEND, 1, 0);
	default:
		assert_int_equal(result(p), SYSEBADARG);
		return exits(p, 0);
	}
}

static void
memory_ends_where_it_is_asked_to(void **state)
{
	(void)state;
	assert_int_equal(run(breaks).status, 0);
}

/* ---- forks ---- */

/*
 * The child changes what it has and ends with 9; the parent waits for it, the
 * status being written to a page that both have and it has read.
 */
static Userevent
forks(Process *p)
{
	Userevent e;
	uint64_t *w = NULL;

	switch (p->regs.rbx) {
	case 0:
		w = word(p, BSSVA, FAULTWRITE, &e);
		if (w == NULL)
			return e;
		w[0] = w[1] = 3;
		return ask(p, SYSFORK, 0, 0, 0);
	case 1:
		if (result(p) != 0) {
			assert_int_equal(result(p), 2);
			if (word(p, BSSVA, FAULTREAD, &e) == NULL)
				return e;
			return ask(p, SYSWAIT, BSSVA, 0, 0);
		}
		w = word(p, BSSVA, FAULTWRITE, &e);
		if (w == NULL)
			return e;
		assert_int_equal(w[0], 3);
		w[0] = w[1] = 4;
		return exits(p, 9);
	case 2:
		assert_int_equal(result(p), 2);
		w = word(p, BSSVA, FAULTREAD, &e);
		if (w == NULL)
			return e;
		assert_int_equal(w[0], 9);
		assert_int_equal(w[1], 3);
		return ask(p, SYSWAIT, BSSVA + 8, 0, 0);
	default:
		assert_int_equal(result(p), SYSECHILD);
		return exits(p, 0);
	}
}

static void
a_child_has_a_copy_and_its_end_is_waited_for(void **state)
{
	(void)state;
	Processrun r = run(forks);

	assert_int_equal(r.status, 0);
	assert_int_equal(r.nprocs, 2);
	assert_int_equal(r.nended, 0);
}

/* The child ends first: its status is kept. */
static Userevent
late(Process *p)
{
	Userevent e;
	uint64_t *w = NULL;

	switch (p->regs.rbx) {
	case 0:
		return ask(p, SYSFORK, 0, 0, 0);
	case 1:
		if (result(p) == 0)
			return (Userevent){USERWRONG, 0, 0, "on purpose"};
		return ask(p, SYSYIELD, 0, 0, 0);
	case 2:
		assert_int_equal(result(p), 0);
		return ask(p, SYSWAIT, BSSVA, 0, 0);
	default:
		assert_int_equal(result(p), 2);
		w = word(p, BSSVA, FAULTREAD, &e);
		if (w == NULL)
			return e;
		assert_int_equal((int64_t)*w, ENDEDWRONG);
		return exits(p, 0);
	}
}

static void
a_childs_end_is_kept_until_it_is_waited_for(void **state)
{
	(void)state;
	Processrun r = run(late);

	assert_int_equal(r.status, 0);
	assert_int_equal(r.nended, 1);
}

/* 1 has 2, which has 3: 2 ends, then 3, of whom nobody is to hear. */
static Userevent
orphans(Process *p)
{
	switch (p->regs.rbx) {
	case 0:
		return ask(p, SYSFORK, 0, 0, 0);
	case 1:
		if (result(p) != 0)
			return ask(p, SYSWAIT, STACKVA, 0, 0);
		return ask(p, SYSFORK, 0, 0, 0);
	case 2:
		if (p->pid == 3)
			return ask(p, SYSYIELD, 0, 0, 0);
		if (p->pid == 2)
			return exits(p, 0);
		return ask(p, SYSWAIT, STACKVA, 0, 0);
	case 3:
		if (p->pid == 3)
			return ask(p, SYSWAIT, STACKVA, 0, 0);
		assert_int_equal(result(p), SYSECHILD);
		return exits(p, 1);
	default:
		assert_int_equal(p->pid, 3);
		assert_int_equal(result(p), SYSECHILD);
		return exits(p, 2);
	}
}

static void
who_has_lost_its_parent_is_nobodys(void **state)
{
	(void)state;
	Processrun r = run(orphans);

	assert_int_equal(r.status, 1);
	assert_int_equal(r.nprocs, 3);
}

/* Children that have ended, whose parent ends without a look. */
static Userevent
careless(Process *p)
{
	if (p->pid != 1)
		return exits(p, 1);
	if (p->regs.rbx < 3)
		return ask(p, SYSFORK, 0, 0, 0);
	return p->regs.rbx == 3 ? ask(p, SYSYIELD, 0, 0, 0) : exits(p, 0);
}

static void
children_that_nobody_asks_for_go_with_their_parent(void **state)
{
	(void)state;
	assert_int_equal(run(careless).nprocs, 4);
}

static int64_t bombs;

static Userevent
bomb(Process *p)
{
	if (p->pid != 1)
		return exits(p, 0);
	if (p->regs.rbx == 0 || result(p) > 0)
		return ask(p, SYSFORK, 0, 0, 0);
	bombs = result(p);
	return exits(p, 0);
}

static void
there_are_only_so_many_processes(void **state)
{
	(void)state;
	processesgone();
	processmachine((Processes){8000, 8000, 4, 1});
	Processrun r = run(bomb);

	assert_int_equal(bombs, SYSENOPROC);
	assert_int_equal(r.nprocs, NPROCESS);
}

/* Turns go round, a slice's end or a yield being alike. */
static Userevent
round3(Process *p)
{
	if (p->regs.rbx < 2 && p->pid == 1)
		return ask(p, SYSFORK, 0, 0, 0);
	p->regs.rbx++;
	if (p->regs.rbx > 5)
		return exits(p, 0);
	return (Userevent){.why = USERTICK};
}

static void
turns_go_round(void **state)
{
	static const int want[] = {1, 1, 1, 2, 3, 1, 2, 3, 1, 2, 3};

	(void)state;
	run(round3);
	assert_memory_equal(play.ran, want, sizeof want);
}

/* ---- exec ---- */

static Userevent
execs(Process *p)
{
	Userevent e;

	if (!spell(p, "bzzz", &e))
		return e;
	switch (p->regs.rbx) {
	case 0:
		return ask(p, SYSEXEC, BSSVA, 2, 5);
	case 1:
		assert_int_equal(result(p), SYSENOENT);
		return ask(p, SYSEXEC, BSSVA, NAMEMAX, 5);
	case 2:
		assert_int_equal(result(p), SYSENOENT);
		return ask(p, SYSEXEC, BSSVA, 1, 88);
	default:
		fail_msg("it goes on");
		return exits(p, 0);
	}
}

static Userevent
second(Process *p)
{
	Userevent e;
	uint64_t *w = word(p, BSSVA, FAULTWRITE, &e);

	assert_int_equal(p->regs.rdi, 88);
	assert_int_equal(p->regs.rbx, 0);
	assert_string_equal(p->program->name, "b");
	if (w == NULL)
		return e;
	assert_int_equal(*w, 0);
	*w = 1;
	return exits(p, 6);
}

static void
another_program_goes_on_in_new_memory(void **state)
{
	(void)state;
	play.program[1] = second;
	assert_int_equal(run(execs).status, 6);
	assert_int_equal(run(execs).status, 6);
}

/* ---- no memory ---- */

/* All of it, with less and less refused; each time, nothing is left. */
static Userevent
thrifty(Process *p)
{
	Userevent e;

	switch (p->regs.rbx) {
	case 0:
		return ask(p, SYSFORK, 0, 0, 0);
	case 1:
		if (result(p) < 0)
			return exits(p, 50);
		if (result(p) > 0)
			return ask(p, SYSWAIT, STACKVA, 0, 0);
		if (!spell(p, "b", &e))
			return e;
		return ask(p, SYSEXEC, BSSVA, 1, 88);
	case 2:
		if (result(p) < 0) {
			if (result(p) == SYSENOMEM)
				return exits(p, 51);
			fail_msg("%jd", (intmax_t)result(p));
		}
		return exits(p, 0);
	default:
		return exits(p, 0);
	}
}

static void
without_memory_calls_fail_and_nothing_is_lost(void **state)
{
	size_t ngood = 0;

	(void)state;
	play.program[1] = second;
	play.program[0] = thrifty;
	hostquiet();
	for (size_t n = 0; ngood < 3; n++) {
		Processrun r;

		assert_true(n < 200);
		play.nran = 0;
		scarce(n);
		const char *why = processrun("a", 0, 1, &r);
		ngood += scarcerefused() == 0;
		assert_true(why == NULL || why == Enomem);
		scarce(SIZE_MAX);
		processtidy();
		processesgone();
	}
}

static size_t eaten;

/* 2 eats all, 1 waits: 2 is ended. */
static Userevent
eater(Process *p)
{
	Userevent e;
	uint64_t *w = NULL;

	switch (p->regs.rbx) {
	case 0:
		return ask(p, SYSFORK, 0, 0, 0);
	case 1:
		if (result(p) == 0)
			return ask(p, SYSBRK, BSSEND + 3000 * BY2PG, 0, 0);
		return ask(p, SYSWAIT, STACKVA, 0, 0);
	case 2:
		if (p->pid == 2) {
			w = word(p, BSSEND + eaten * BY2PG, FAULTWRITE, &e);
			if (w == NULL)
				return e;
			eaten++;
			play.nran = 0;
			return (Userevent){.why = USERNOTHING};
		}
		w = word(p, STACKVA, FAULTREAD, &e);
		if (w == NULL)
			return e;
		assert_int_equal((int64_t)*w, ENDEDMEM);
		return exits(p, 0);
	default:
		fail_msg("it goes on");
		return exits(p, 0);
	}
}

static void
who_takes_all_memory_is_ended(void **state)
{
	(void)state;
	eaten = 0;
	assert_int_equal(run(eater).status, 0);
	assert_true(eaten > 50);
	assert_mentioned("detail=\"no memory is left\"");
}

/* 1 finds no memory while 2 is there: it has its page when 2 has ended. */
static bool fed;

static Userevent
patient(Process *p)
{
	Userevent e;

	switch (p->regs.rbx) {
	case 0:
		return ask(p, SYSFORK, 0, 0, 0);
	case 1:
		if (p->pid == 2) {
			p->regs.rbx++;
			return (Userevent){.why = USERTICK};
		}
		if (!fed)
			scarce(0);
		if (word(p, BSSVA, FAULTWRITE, &e) == NULL)
			return e;
		return exits(p, 0);
	default:
		assert_int_equal(p->pid, 2);
		if (p->regs.rbx++ < 4)
			return (Userevent){.why = USERTICK};
		scarce(SIZE_MAX);
		fed = true;
		return (Userevent){USERWRONG, 0, 0, "on purpose"};
	}
}

static void
who_is_short_of_memory_waits_for_others(void **state)
{
	(void)state;
	fed = false;
	Processrun r = run(patient);

	assert_int_equal(r.status, 0);
	assert_int_equal(r.nended, 1);
	assert_int_equal(hosttimes("no memory"), 0);
	assert_true(hosttimes("on purpose") == 1);
}

/* 1 and 2 find none, and there is nobody else: 2 is ended, then 1. */
static Userevent
starved(Process *p)
{
	Userevent e;

	if (p->regs.rbx == 0)
		return ask(p, SYSFORK, 0, 0, 0);
	scarce(0);
	assert_null(word(p, BSSVA, FAULTWRITE, &e));
	return e;
}

static void
they_do_not_wait_for_each_other(void **state)
{
	(void)state;
	assert_int_equal(run(starved).status, ENDEDMEM);
	assert_int_equal(hosttimes("no memory is left"), 2);
}

/* ---- more CPUs ---- */

static bool
othercpu(void)
{
	if (setjmp(idle) != 0)
		return true;
	play.again(NULL);
	return false;
}

/* While 1 runs, another CPU takes 2 and has nothing to do then. */
static Userevent
together(Process *p)
{
	switch (p->regs.rbx) {
	case 0:
		return ask(p, SYSFORK, 0, 0, 0);
	case 1:
		if (p->pid == 2)
			return exits(p, 4);
		assert_true(othercpu());
		assert_int_equal(play.idles, 1);
		return ask(p, SYSWAIT, STACKVA, 0, 0);
	default:
		assert_int_equal(result(p), 2);
		return exits(p, 0);
	}
}

static void
another_cpu_takes_who_is_ready(void **state)
{
	static const int want[] = {1, 1, 2, 1};

	(void)state;
	assert_int_equal(run(together).status, 0);
	assert_memory_equal(play.ran, want, sizeof want);
}

/* While 1 runs, 2, on another CPU, finds no memory: 1 may give some. */
static bool tried;

static Userevent
hopeful(Process *p)
{
	Userevent e;

	if (p->regs.rbx == 0)
		return ask(p, SYSFORK, 0, 0, 0);
	if (p->pid == 1 && p->regs.rbx == 1)
		assert_true(othercpu());
	if (p->pid == 1 || tried)
		return exits(p, 0);
	tried = true;
	scarce(0);
	assert_null(word(p, BSSVA, FAULTWRITE, &e));
	return e;
}

static void
who_runs_may_give_memory(void **state)
{
	(void)state;
	tried = false;
	assert_int_equal(run(hopeful).nended, 0);
}

/* Another CPU ends 2 after 1 has looked for it, before 1 waits. */
static void
endchild(void)
{
	assert_true(othercpu());
}

static Userevent
justmissed(Process *p)
{
	switch (p->regs.rbx) {
	case 0:
		return ask(p, SYSFORK, 0, 0, 0);
	case 1:
		if (p->pid == 2)
			return exits(p, 4);
		play.meanwhile = endchild;
		return ask(p, SYSWAIT, STACKVA, 0, 0);
	default:
		assert_int_equal(result(p), 2);
		return exits(p, 0);
	}
}

static void
the_end_of_a_child_is_not_missed(void **state)
{
	(void)state;
	assert_int_equal(run(justmissed).status, 0);
}

static void
notready(void *arg)
{
	play.notready = "no timer";
	play.again(arg);
	play.notready = NULL;
}

static Userevent
lonely(Process *p)
{
	notready(NULL);
	return exits(p, 0);
}

static void
a_cpu_that_is_not_ready_stays_away(void **state)
{
	(void)state;
	assert_int_equal(run(lonely).status, 0);
	assert_mentioned("processes go without a CPU: no timer\n");
}

/* ---- images ---- */

static void
an_image_that_is_none_is_refused(void **state)
{
	static const Userimage bad[] = {
	    {USERMAGIC + 1, BY2PG, 16, 0, 64},
	    {USERMAGIC, BY2PG - 8, 16, 0, 64},
	    {USERMAGIC, BY2PG, 16, 0, BY2PG},
	    {USERMAGIC, BY2PG, 17, 0, 64},
	    {USERMAGIC, 2 * BY2PG, 16, 0, 64},
	};
	Processrun r;

	(void)state;
	for (size_t i = 0; i < nelem(bad); i++) {
		memcpy(images[1], &bad[i], sizeof bad[i]);
		expectpanic(processrun("a", 0, 1, &r), "b is no program");
	}
	makeimages();
	for (size_t i = NPROGRAM; i < TOOMANY; i++)
		list[i] = list[0];
	expectpanic(processrun("a", 0, 1, &r), "a is one program too many");
}

/* Without data and bss: two segments less that take memory. */
static void
an_image_may_be_all_text(void **state)
{
	Userimage u = {USERMAGIC, BY2PG, 0, 0, ENTRY};

	(void)state;
	memcpy(images[0], &u, sizeof u);
	list[0].end = images[0] + BY2PG;
	assert_int_equal(run(atonce).status, 5);
	strays = (Userevent){USERFAULT, FAULTREAD, 0, NULL};
	assert_int_equal(run(strayer).status, ENDEDADDR);
	assert_mentioned("text=0x200000-0x201000 bss=0x201000-0x201000");
}

int
main(void)
{
#define T(f) cmocka_unit_test_setup_teardown(f, setup, gone)
	const struct CMUnitTest tests[] = {
	    T(a_program_runs_and_ends_with_its_status),
	    T(no_program_ends_itself_as_if_it_had_been_ended),
	    T(what_cannot_begin_is_said),
	    T(what_came_of_it_is_told_at_its_end),
	    T(none_begins_where_one_was_broken_off),
	    T(its_memory_is_its_image_and_zeros),
	    T(whoever_does_what_it_may_not_is_ended_and_named),
	    T(its_time_is_limited),
	    T(it_may_limit_its_time),
	    T(it_may_have_none_left),
	    T(so_are_the_turns_of_all),
	    T(a_file_that_cannot_be_read_ends_it),
	    T(bad_arguments_are_errors),
	    T(what_is_printed_is_a_line_of_plain_text),
	    T(a_device_is_no_buffer),
	    T(memory_ends_where_it_is_asked_to),
	    T(a_child_has_a_copy_and_its_end_is_waited_for),
	    T(a_childs_end_is_kept_until_it_is_waited_for),
	    T(who_has_lost_its_parent_is_nobodys),
	    T(children_that_nobody_asks_for_go_with_their_parent),
	    T(there_are_only_so_many_processes),
	    T(turns_go_round),
	    T(another_program_goes_on_in_new_memory),
	    T(without_memory_calls_fail_and_nothing_is_lost),
	    T(who_takes_all_memory_is_ended),
	    T(who_is_short_of_memory_waits_for_others),
	    T(they_do_not_wait_for_each_other),
	    T(another_cpu_takes_who_is_ready),
	    T(who_runs_may_give_memory),
	    T(the_end_of_a_child_is_not_missed),
	    T(a_cpu_that_is_not_ready_stays_away),
	    T(an_image_that_is_none_is_refused),
	    T(an_image_may_be_all_text),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
