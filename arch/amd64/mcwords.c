/*
 * mcwords.c - a bank's bits in words: see mcheck.h.
 *
 *	63  61  59 58 57 56 55     52......38   31......16   15......0
 *	VAL UC  ..V   PCC S  AR    corrected    the model's  error code
 *
 * No instruction here, so that the host tests it.
 */
#include "mcheck.h"
#include "hooks.h"

typedef struct Bitword Bitword;
typedef struct Mccode Mccode;
typedef struct Mcfield Mcfield;

/* A bit, the words for it on and off (NULL: nothing), IA32_MCG_CAP's leave. */
struct Bitword {
	int bit;
	int capbit; /* 0: always there */
	const char *on;
	const char *off;
};

/* A part of an error code: so many bits from this one on, and their words. */
struct Mcfield {
	unsigned shift;
	unsigned bits;
	const char *const *words;
};

/* Error codes that are value under mask, and what their other bits are. */
struct Mccode {
	uint16_t mask;
	uint16_t value;
	const char *what;
	const Mcfield *fields; /* ends with bits 0; NULL: none */
};

enum { CAPCMCI = 10, CAPSER = 24 };

static const Bitword bankbits[] = {
    {61, 0, "uncorrected", "corrected"},
    {60, 0, NULL, "not enabled"},
    {57, 0, "processor context corrupt", NULL},
    {56, CAPSER, "signaled", NULL},
    {55, CAPSER, "action required", NULL},
    {62, 0, "another error before it is lost", NULL},
};

static const Bitword statusbits[] = {
    {0, 0, "can go on where it was", "cannot go on where it was"},
    {1, 0, "caused by the instruction there", NULL},
    {2, 0, "in progress", NULL},
    {3, 0, "sent to one CPU only", NULL},
};

static const char *const levels[] = {
    "level 0", "level 1", "level 2", "any level"};
static const char *const kinds[] = {"instruction", "data", "generic", NULL};
static const char *const requests[16] = {"error", "read", "write", "data read",
    "data write", "instruction fetch", "prefetch", "eviction", "snoop"};
static const char *const parties[] = {
    "by this CPU", "to this CPU", "seen by this CPU", NULL};
static const char *const timeouts[] = {NULL, "timed out"};
static const char *const places[] = {"memory", NULL, "I/O", "other"};
static const char *const accesses[8] = {
    "generic", "read", "write", "address or command", "scrub"};
static const char *const channels[16] = {"channel 0", "channel 1", "channel 2",
    "channel 3", "channel 4", "channel 5", "channel 6", "channel 7",
    "channel 8", "channel 9", "channel 10", "channel 11", "channel 12",
    "channel 13", "channel 14", "some channel"};

static const Mcfield justlevel[] = {{0, 2, levels}, {0, 0, NULL}};
static const Mcfield tlb[] = {{2, 2, kinds}, {0, 2, levels}, {0, 0, NULL}};
static const Mcfield cache[] = {
    {4, 4, requests}, {2, 2, kinds}, {0, 2, levels}, {0, 0, NULL}};
static const Mcfield memory[] = {
    {4, 3, accesses}, {0, 4, channels}, {0, 0, NULL}};
static const Mcfield bus[] = {{9, 2, parties}, {8, 1, timeouts},
    {4, 4, requests}, {2, 2, places}, {0, 2, levels}, {0, 0, NULL}};

/* The first that fits; bit 12 of a compound code is about filtering only. */
static const Mccode codes[] = {
    {0xffff, 0x0000, "no error", NULL},
    {0xffff, 0x0001, "unclassified", NULL},
    {0xffff, 0x0002, "microcode ROM parity", NULL},
    {0xffff, 0x0003, "signal from outside", NULL},
    {0xffff, 0x0004, "functional redundancy check", NULL},
    {0xffff, 0x0005, "internal parity", NULL},
    {0xffff, 0x0006, "SMM ran code outside its range", NULL},
    {0xffff, 0x0400, "internal timer", NULL},
    {0xffff, 0x0e0b, "I/O", NULL},
    {0xfc00, 0x0400, "internal", NULL},
    {0xeffc, 0x000c, "cache", justlevel},
    {0xeff0, 0x0010, "TLB", tlb},
    {0xef80, 0x0080, "memory controller", memory},
    {0xef00, 0x0100, "cache", cache},
    {0xef80, 0x0280, "memory used as a cache", memory},
    {0xe800, 0x0800, "bus", bus},
    {0x0000, 0x0000, "of this CPU model", NULL},
};

/* How the address in a bank is meant: bits 6 to 8 of its misc. */
static const char *const modes[8] = {"segment offset", "linear", "physical",
    "of a memory module", NULL, NULL, NULL, "generic"};

static bool
isset(uint64_t v, int n)
{
	return v >> n & 1;
}

/* The words of these bits, with commas between. */
static void
bitsprint(uint64_t v, uint64_t cap, const Bitword *words, size_t n)
{
	const char *comma = "";

	for (size_t i = 0; i < n; i++) {
		const Bitword *w = &words[i];
		const char *word = isset(v, w->bit) ? w->on : w->off;

		if (word == NULL || (w->capbit != 0 && !isset(cap, w->capbit)))
			continue;
		print("%s%s", comma, word);
		comma = ", ";
	}
}

static void
codeprint(uint16_t code)
{
	const Mccode *c = codes;

	while ((code & c->mask) != c->value)
		c++;
	print("  error code %#x: %s", code, c->what);
	for (const Mcfield *f = c->fields; f != NULL && f->bits != 0; f++) {
		const char *w =
		    f->words[code >> f->shift & ((1 << f->bits) - 1)];

		if (w != NULL)
			print(", %s", w);
	}
	print("\n");
}

static void
whereprint(const Mcbank *b, uint64_t cap)
{
	bool addr = b->status & MCADDRV;
	bool misc = b->status & MCMISCV;
	const char *mode = modes[b->misc >> 6 & 7];

	if (!addr && !misc)
		return;
	if (addr)
		print("  address %#jx", (uintmax_t)b->addr);
	if (addr && misc && isset(cap, CAPSER))
		print(" (%s, in units of 2^%u bytes)",
		    mode != NULL ? mode : "of an unknown kind",
		    (unsigned)(b->misc & 0x3f));
	if (misc)
		print("  misc %#jx", (uintmax_t)b->misc);
	print("\n");
}

void
mcbankprint(size_t n, const Mcbank *b, uint64_t cap)
{
	print("bank %zu: status %#.16jx: ", n, (uintmax_t)b->status);
	bitsprint(b->status, cap, bankbits, nelem(bankbits));
	if (isset(cap, CAPCMCI))
		print(", %u corrected", (unsigned)(b->status >> 38 & 0x7fff));
	print("\n");
	codeprint((uint16_t)b->status);
	whereprint(b, cap);
}

void
mcstatusprint(uint64_t status)
{
	print("machine check status %#jx: ", (uintmax_t)status);
	bitsprint(status, 0, statusbits, nelem(statusbits));
	print("\n");
}
