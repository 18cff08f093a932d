/*
 * interrupts.c - interrupts by the processor's trap flag, and by signals to
 * threads: see interrupts.h.
 */
#include "interrupts.h"
#include "hooks.h"
#include "host.h"

#include <pthread.h>
#include <signal.h>
#include <ucontext.h>
#include <unistd.h>

enum { NCPU = 2, PATIENCE = 60 /* seconds */ };

#define TRAPFLAG 0x100ll

/* The instruction after which the interrupt comes, and how many there were. */
static volatile size_t when;
static volatile size_t steps;

/* Once it has interrupted there is no need to stop at each instruction. */
static void
trap(int sig, siginfo_t *info, void *context)
{
	ucontext_t *c = context;

	(void)sig;
	(void)info;
	if (++steps < when)
		return;
	c->uc_mcontext.gregs[REG_EFL] &= ~TRAPFLAG;
	hostinterrupt();
}

__attribute__((noinline)) static void
traced(void (*fn)(void))
{
	__asm__ volatile("pushfq; orq $0x100, (%%rsp); popfq" ::: "memory");
	fn();
	__asm__ volatile("pushfq; andq $~0x100, (%%rsp); popfq" ::: "memory");
}

bool
interruptat(size_t n, void (*fn)(void), void (*handler)(void))
{
	struct sigaction a = {.sa_sigaction = trap, .sa_flags = SA_SIGINFO};

	sigaction(SIGTRAP, &a, NULL);
	hostsignal(handler);
	when = n;
	steps = 0;
	traced(fn);
	hostsignal(NULL);
	return steps == n;
}

bool
interruptbetween(size_t n, void (*fn)(void), void (*handler)(void))
{
	hostsignal(handler);
	hostpoints(n);
	fn();
	hostsignal(NULL);
	return hostpoints(0) >= n;
}

/* Who is asked, and what was asked last and answered last. */
static struct {
	pthread_t id;
	_Atomic bool there;
	_Atomic unsigned asked;
	_Atomic unsigned answered;
} cpus[NCPU];
static _Thread_local int self;
static void (*work)(int self);

static void
answer(void)
{
	cpus[self].answered = cpus[self].asked;
}

static void
onsignal(int sig)
{
	(void)sig;
	hostinterrupt();
}

/* Ask the other CPU, and wait for it; our own interrupts are as they are. */
static void
ask(void)
{
	int c = 1 - self;
	unsigned n = ++cpus[c].asked;

	if (!cpus[c].there)
		return;
	pthread_kill(cpus[c].id, SIGUSR1);
	while (cpus[c].there && (int)(cpus[c].answered - n) < 0)
		;
}

static void *
run(void *arg)
{
	self = (int)(intptr_t)arg;
	hostcpu(self);
	cpus[self].id = pthread_self();
	cpus[self].there = true;
	while (!cpus[1 - self].there)
		;
	work(self);
	cpus[self].there = false;
	return NULL;
}

void
askingcpus(void (*fn)(int self))
{
	struct sigaction a = {.sa_handler = onsignal};
	pthread_t id[NCPU];

	sigaction(SIGUSR1, &a, NULL);
	work = fn;
	hostsignal(answer);
	hostbarrier(ask);
	alarm(PATIENCE);
	for (int i = 0; i < NCPU; i++)
		if (pthread_create(&id[i], NULL, run, (void *)(intptr_t)i) != 0)
			panic("no thread for CPU %d", i);
	for (int i = 0; i < NCPU; i++)
		pthread_join(id[i], NULL);
	alarm(0);
	hostsignal(NULL);
}
