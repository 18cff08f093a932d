/*
 * played.c - see played.h.
 *
 * needs: tests/host/procs.c proc/usercopy.c proc/exec.c proc/physseg.c
 * needs: proc/syscall.c
 * needs: proc/processes.c proc/events.c proc/info.c proc/sched.c
 * needs: arch/amd64/userevent.c
 */
#include "played.h"
#include "cpus.h"

Played play;

/* Each begins with its header; its data with a word, and a part of a page. */
_Alignas(8) uint8_t images[NPROGRAM][2 * BY2PG];
/* What proc/ has as builtins, and must not change. */
Builtin list[TOOMANY + 1];

void
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

size_t
cpunumber(void)
{
	return play.cpu;
}

uint64_t
clockms(void)
{
	return play.ms;
}

static jmp_buf idle;

void
useridle(void)
{
	play.idles++;
	play.ms++;
	if (play.cpu != 0)
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

Userevent
ask(Process *p, uint64_t n, uint64_t a, uint64_t b, uint64_t c)
{
	p->regs.rbx++;
	p->regs.rax = n;
	p->regs.rdi = a;
	p->regs.rsi = b;
	p->regs.rdx = c;
	return (Userevent){.why = USERCALL};
}

Userevent
exits(Process *p, int64_t status)
{
	return ask(p, SYSEXIT, (uint64_t)status, 0, 0);
}

int64_t
result(const Process *p)
{
	return (int64_t)p->regs.rax;
}

uint64_t *
word(Process *p, uintptr_t va, enum access access, Userevent *e)
{
	int level = 0;
	const pte_t *pte = mmufind(&p->mem->space, va, &level);

	*e = (Userevent){.why = USERFAULT, .access = access, .addr = va};
	if (pte == NULL || (*pte & PTEVALID) == 0 ||
	    (access == FAULTWRITE && (*pte & PTEWRITE) == 0) ||
	    papage(PTEADDR(*pte)) == NULL)
		return NULL;
	return (uint64_t *)kmap(papage(PTEADDR(*pte))) + va % BY2PG / 8;
}

bool
spell(Process *p, const char *text, Userevent *e)
{
	uint64_t *w = word(p, BSSVA, FAULTWRITE, e);

	if (w != NULL)
		strcpy((char *)w, text);
	return w != NULL;
}

int
playsetup(void **state)
{
	(void)state;
	memset(&play, 0, sizeof play);
	processwatch(NULL, RUNLIMITED);
	makeimages();
	procsmachine();
	return 0;
}

int
playgone(void **state)
{
	(void)state;
	scarce(SIZE_MAX);
	processtidy();
	processesgone();
	hostloud();
	return 0;
}

Processrun
run(Playedstep *a)
{
	Processrun r;

	play.program[0] = a;
	hostquiet();
	assert_null(processrun("a", 77, 1, &r));
	assert_int_equal(play.slices, play.ends);
	return r;
}

bool
othercpu(void)
{
	size_t was = play.cpu;

	play.cpu = 1;
	bool idles = setjmp(idle) != 0;
	if (!idles)
		play.again(NULL);
	play.cpu = was;
	return idles;
}
