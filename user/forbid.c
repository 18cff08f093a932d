/*
 * forbid.c - what a program may not do, one of it each time, by number: init.c
 * says how it should end.
 */
#include "user.h"
#include "../include/forbidden.h"

#define KERNEL ((uintptr_t)0xffff800000000000)
#define IMAGE ((uintptr_t)0xffffffff80000000)
#define STACKS ((uintptr_t)0xffffff8000000000)
/* Where the lower half ends by 48 bits; canonical neither by 48 nor by 57. */
#define LOWEREND ((uintptr_t)0x0000800000000000)
#define NONCANONICAL ((uintptr_t)0x4000000000000000)
#define STACKLIMIT ((uintptr_t)0x00007fffffeff000 - PAGE)
#define TEXT ((uintptr_t)0x200000)

/* Of system calls, where there is no C. */
_Static_assert(SYSGETPID == 6, "as GETPID says");
_Static_assert(SYSYIELD == 7, "as YIELD says");
#define GETPID "mov $6, %%eax\n\t"
#define YIELD "mov $7, %%eax\n\t"

/* RET. Not static: it would be text, as nothing writes it. */
uint8_t data[] = {0xc3};

static uint8_t
get(uintptr_t va)
{
	return *(volatile uint8_t *)va;
}

static void
put(uintptr_t va)
{
	*(volatile uint8_t *)va = 1;
}

static void
run(uintptr_t va)
{
	((void (*)(void))va)();
}

static void
addresses(uint64_t n)
{
	switch (n) {
	case 0:
		get(KERNEL);
		return;
	case 1:
		put(STACKS);
		return;
	case 2:
		run(IMAGE);
		return;
	case 3:
		get(0);
		return;
	case 4:
		put(TEXT);
		return;
	case 5: /* it is there already: only that it is run may be wrong */
		get((uintptr_t)data);
		run((uintptr_t)data);
		return;
	case 6:
		get(STACKLIMIT);
	}
}

static void
instructions(uint64_t n)
{
	switch (n) {
	case 7:
		__asm__ volatile("hlt");
		return;
	case 8:
		__asm__ volatile("cli");
		return;
	case 9:
		__asm__ volatile("mov %%cr3, %%rax" : : : "rax");
		return;
	case 10:
		__asm__ volatile("outb %%al, $0x80" : : : "rax");
		return;
	case 11:
		__asm__ volatile("int $0x41");
		return;
	case 12:
		__asm__ volatile("int3");
		return;
	case 13:
		__asm__ volatile("pushfq; orl $0x100, (%rsp); popfq; nop; nop");
		return;
	case 14:
		__asm__ volatile("fninit");
		return;
	case 15:
		__asm__ volatile("xorps %xmm0, %xmm0");
		return;
	case 16:
		__asm__ volatile("ud2");
		return;
	case 17:
		__asm__ volatile("xor %%edx, %%edx; xor %%ecx, %%ecx; div %%ecx"
				 :
				 :
				 : "rax", "rcx", "rdx");
		return;
	case 18:
		get(NONCANONICAL);
		return;
	case 19: /* getpid, on a stack that is none */
		__asm__ volatile("mov $0xffff800000000000, %%rsp\n\t" GETPID
				 "syscall\n\t"
				 "mov %%rax, (%%rsp)"
				 :);
	}
}

/* TF is on from the next instruction's end on. */
#define STEP "pushfq; orl $0x100, (%%rsp); popfq\n\t"

/* What could come to the kernel while it has no stack of its own yet. */
static void
entries(uint64_t n)
{
	switch (n) {
	case 23:
		__asm__ volatile("sysenter");
		return;
	case 24:
		__asm__ volatile("int $2");
		return;
	case 25:
		__asm__ volatile("mov %%ss, %%eax; mov %%eax, %%ss; int3"
				 :
				 :
				 : "rax");
		return;
	case 26:
		__asm__ volatile(GETPID STEP "syscall; nop; nop" :);
		return;
	case 27:
		__asm__ volatile("mov %%ss, %%ecx\n\t" GETPID STEP
				 "mov %%ecx, %%ss; syscall; nop; nop"
				 :);
		return;
	case 28:
		__asm__ volatile("mov $0x8000000000000000, %%rsp\n\t" GETPID
				 "syscall; push %%rax"
				 :);
	}
}

/* What is the kernel's alone, and no program has to know the address of. */
static void
privileged(uint64_t n)
{
	static uint16_t table[5];

	switch (n) {
	case 29: /* EFER */
		__asm__ volatile("rdmsr" : : "c"(0xc0000080) : "rax", "rdx");
		return;
	case 30: /* LSTAR, the kernel's entry */
		__asm__ volatile("wrmsr" : : "c"(0xc0000082), "a"(0), "d"(0));
		return;
	case 31:
		__asm__ volatile("lgdt %0" : : "m"(table));
		return;
	case 32:
		__asm__ volatile("lidt %0" : : "m"(table));
		return;
	case 33:
		__asm__ volatile("mov %0, %%dr7" : : "r"((uint64_t)0));
		return;
	case 34:
		__asm__ volatile("invlpg (%0)" : : "r"(TEXT));
		return;
	case 35:
		__asm__ volatile("clts");
		return;
	case 36:
		__asm__ volatile("swapgs");
		return;
	case 37:
		__asm__ volatile("sysretq" : : "c"(TEXT) : "r11");
		return;
	case 38:
		__asm__ volatile("wbinvd");
		return;
	case 39:
		__asm__ volatile("inb $0x21" : : : "rax");
	}
}

/* Ways into the kernel's ring; and what would have to be saved (user.c). */
static void
rings(uint64_t n)
{
	switch (n) {
	case 40:
		__asm__ volatile("push $0x10; push %%rsp; pushfq; push $8\n\t"
				 "push %0; iretq"
				 :
				 : "r"(TEXT));
		return;
	case 41:
		__asm__ volatile("push $8; push %0; lretq" : : "r"(TEXT));
		return;
	case 42:
		__asm__ volatile("mov %0, %%ss" : : "r"(0x10));
		return;
	case 43:
		run(LOWEREND - 2);
		return;
	case 44:
		__asm__ volatile("mov %0, %%cr4" : : "r"((uint64_t)0));
		return;
	case 45:
		__asm__ volatile("movd %%mm0, %%eax" : : : "rax");
		return;
	case 46:
		__asm__ volatile("xgetbv" : : "c"(0) : "rax", "rdx");
		return;
	case 47:
		__asm__ volatile(".byte 0xf1");
	}
}

/* IF stays, and IOPL 0. */
static int
rights(void)
{
	uint64_t is = 0;

	__asm__ volatile("push $0x3002; popfq; pushfq; pop %0; push $0x202\n\t"
			 "popfq"
			 : "=r"(is)
			 :
			 : "cc", "memory");
	return (is & 0x3200) == 0x200 ? 0 : 1;
}

/* Each is refused, and nothing happens. */
static int
wild(void)
{
	static const uintptr_t bad[] = {0, 1, KERNEL, IMAGE, STACKS, LOWEREND,
	    LOWEREND - 4, NONCANONICAL, UINTPTR_MAX, UINTPTR_MAX - 7, TEXT - 8};

	for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++) {
		if (ask(SYSPRINT, bad[i], 8, 0) != SYSEBADARG ||
		    ask(SYSEXEC, bad[i], 8, 0) != SYSEBADARG ||
		    ask(SYSWAIT, bad[i], 0, 0) != SYSEBADARG)
			return 1;
		if (i > 0 && ask(SYSBRK, bad[i], 0, 0) >= 0)
			return 2;
	}
	if (ask(SYSWAIT, TEXT, 0, 0) != SYSEBADARG ||
	    ask(SYSPRINT, TEXT, UINT64_MAX, 0) != SYSEBADARG ||
	    ask(SYSEXEC, TEXT, UINT64_MAX, 0) != SYSEBADARG)
		return 3;
	if (ask(NSYSCALL, 0, 0, 0) != SYSEBADARG ||
	    ask(UINT64_MAX, 0, 0, 0) != SYSEBADARG)
		return 4;
	if (exec("nobody", 0) != SYSENOENT)
		return 5;
	return 0;
}

/* DF, NT, AC and ID stay as they were; NT the kernel may drop. */
static int
flags(void)
{
	uint64_t was = 0x244402; /* ID AC NT DF */
	uint64_t is = 0;

	__asm__ volatile("push %1\n\t"
			 "popfq\n\t" YIELD "syscall\n\t"
			 "pushfq\n\t"
			 "pop %0\n\t"
			 "push $0x202\n\t"
			 "popfq"
			 : "=&r"(is)
			 : "r"(was)
			 : "rax", "rcx", "r11", "memory", "cc");
	return (is & ~0x4000ull) == ((was | 0x200) & ~0x4000ull) ? 0 : 1;
}

/* After a system call there is in no register what was not there before. */
static int
registers(void)
{
	uint64_t seen = 0;

	__asm__ volatile(
	    "xor %%esi, %%esi; xor %%edi, %%edi; xor %%edx, %%edx\n\t"
	    "xor %%r8d, %%r8d; xor %%r9d, %%r9d; xor %%r10d, %%r10d\n\t"
	    "xor %%r12d, %%r12d; xor %%r13d, %%r13d; xor %%r14d, %%r14d\n\t"
	    "xor %%r15d, %%r15d; xor %%ebx, %%ebx\n\t" YIELD "syscall\n\t"
	    "or %%rsi, %%rax; or %%rdi, %%rax; or %%rdx, %%rax\n\t"
	    "or %%r8, %%rax; or %%r9, %%rax; or %%r10, %%rax\n\t"
	    "or %%r12, %%rax; or %%r13, %%rax; or %%r14, %%rax\n\t"
	    "or %%r15, %%rax; or %%rbx, %%rax\n\t"
	    "mov %%fs, %%ecx; or %%rcx, %%rax\n\t"
	    : "=&a"(seen)
	    :
	    : "rbx", "rcx", "rdx", "rsi", "rdi", "r8", "r9", "r10", "r11",
	    "r12", "r13", "r14", "r15", "cc", "memory");
	return seen == 0x23 ? 0 : 1; /* the data segment's selector */
}

int
main(uint64_t n)
{
	switch (n) {
	case 20:
		return wild();
	case 21:
		return flags();
	case 22:
		return registers();
	case 48:
		return rights();
	}
	addresses(n);
	instructions(n);
	entries(n);
	privileged(n);
	rings(n);
	return FORGIVEN;
}
