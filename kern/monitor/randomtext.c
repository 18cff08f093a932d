/*
 * randomtext.c - see randomtext.h.
 *
 *	header
 *	ENTRY	its time is limited; each register gets something
 *		random bytes; among them, but for each fourth seed, instructions
 *		that a kernel has to be careful with
 */
#include "randomtext.h"
#include "hooks.h"
#include "mem.h"
#include "programs.h"
#include "splitmix.h"
#include "syscall.h"

typedef struct Text Text;

enum { ENTRY = 64, BSS = 4 * BY2PG, SLICES = 2, NREG = 16, RSP = 4 };

struct Text {
	uint64_t state;
	uint8_t *page;
	size_t n; /* bytes of it that there are */
};

static uint64_t
any(Text *t)
{
	return splitmix(&t->state);
}

static void
put(Text *t, const void *bytes, size_t n)
{
	n = MIN(n, BY2PG - t->n);
	memcpy(t->page + t->n, bytes, n);
	t->n += n;
}

/* Where something is, or ends, or cannot be; or a small number. */
static uint64_t
value(Text *t)
{
	static const uint64_t at[] = {0, UTZERO, UTZERO + BY2PG,
	    UTZERO + BY2PG + BSS, USTKTOP - USTKSIZE, USTKTOP - 64, USTKTOP,
	    UTOP, UTOP - 2, DMAP, KZERO, VMAP, (uint64_t)1 << 63, UINT64_MAX};
	uint64_t r = any(t);

	switch (r % 4) {
	case 0:
		return any(t);
	case 1:
		return r >> 8 & 15;
	default:
		return at[(r >> 8) % nelem(at)] + (r >> 16 & 15) - 8;
	}
}

/* SYSLIMIT, then mov $value, of each register but for the stack's. */
static void
begin(Text *t)
{
	static const uint8_t limit[] = {
	    0xb8, SYSLIMIT, 0, 0, 0, 0xbf, SLICES, 0, 0, 0, 0x0f, 0x05};

	put(t, limit, sizeof limit);
	for (uint8_t r = 0; r < NREG; r++) {
		uint8_t op[] = {
		    (uint8_t)(0x48 | r >> 3), (uint8_t)(0xb8 | (r & 7))};
		uint64_t v = value(t);

		if (r == RSP)
			continue;
		put(t, op, sizeof op);
		put(t, &v, sizeof v);
	}
}

/* Without a byte that is 0. */
static const char *const careful[] = {
    "\x0f\x05",                 /* syscall */
    "\x31\xc0\xb0",             /* mov $, %al, of what follows */
    "\xcd",                     /* int, of what follows */
    "\xcc",                     /* int3 */
    "\xf1",                     /* int1 */
    "\x0f\x34",                 /* sysenter */
    "\x48\x0f\x07",             /* sysretq */
    "\x48\xcf",                 /* iretq */
    "\x48\xcb",                 /* lretq */
    "\x50\x9d",                 /* push %rax; popfq */
    "\x9c\x81\x0c\x24",         /* pushfq; orl $, (%rsp), of what follows */
    "\x8e\xd8\x8e\xc0",         /* mov %eax, %ds; %es */
    "\x8e\xe8\x8e\xe0",         /* mov %eax, %gs; %fs */
    "\x8e\xd0\x0f\x05",         /* mov %eax, %ss; syscall */
    "\x8c\xd0\x8e\xd0\x0f\x05", /* the same, of what is in %ss */
    "\x0f\x01\xf8",             /* swapgs */
    "\x48\x94",                 /* xchg %rax, %rsp */
    "\x48\x91\x5c",             /* xchg %rax, %rcx; pop %rsp */
    "\xff\xe0",                 /* jmp *%rax */
    "\xff\xd3",                 /* call *%rbx */
    "\xfd\xf3\xaa",             /* std; rep stosb */
    "\xf3\x48\xa5",             /* rep movsq */
    "\xf4",                     /* hlt */
    "\xfa",                     /* cli */
    "\xe6",                     /* out %al, $ of what follows */
    "\x0f\x22\xd8",             /* mov %rax, %cr3 */
    "\x0f\x23\xf8",             /* mov %rax, %dr7 */
    "\x0f\x30",                 /* wrmsr */
    "\x0f\x01",                 /* lgdt and what else there is */
    "\xf3\x48\x0f\xae",         /* wrfsbase and what else there is */
    "\xdb\xe3",                 /* fninit */
    "\x0f\xae",                 /* fxsave and what else there is */
    "\x0f\x01\xd0",             /* xgetbv */
    "\xeb\xfe",                 /* jmp . */
    "\xeb",                     /* jmp, by what follows */
};

void
randomtext(uint64_t seed, uint8_t page[BY2PG])
{
	static const Userimage u = {
	    .magic = USERMAGIC, .text = BY2PG, .bss = BSS, .entry = ENTRY};
	Text t = {.state = seed, .page = page};

	memset(page, 0, ENTRY);
	put(&t, &u, sizeof u);
	t.n = ENTRY;
	begin(&t);
	while (t.n < BY2PG) {
		uint64_t r = any(&t);
		const char *c = careful[(r >> 8) % nelem(careful)];
		size_t n = 0;

		while (c[n] != '\0')
			n++;
		if (seed % 4 != 0 && r % 4 != 0)
			put(&t, c, n);
		else
			put(&t, &r, 1 + (r >> 32) % 4);
	}
}
