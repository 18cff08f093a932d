/*
 * park.c - see parking.h; the code that they stay in is parking.S.
 *
 *	INIT to each, 10 ms, startup IPI to each, 200 us, and once more
 *
 * as SDM volume 3A, 9.4.4.1 has it. A startup IPI is lost on a CPU that is not
 * waiting for one, and now and then on one that is: so it is sent again and
 * again to who has not come. INIT alone would not do: in firmware with system
 * management they would start from the reset vector at the next SMI.
 */
#include "parking.h"
#include "apic.h"
#include "bootinfo.h"
#include "callcpus.h"
#include "cpu.h"
#include "cpulist.h"
#include "desc.h"
#include "hooks.h"
#include "mmu.h"
#include "parkpage.h"
#include "patience.h"
#include "trap.h"
#include "x86.h"

typedef struct Sought Sought;

enum {
	RMFLAGS = 2, /* the bit that is always set */

	INITUS = 10000,
	STARTUS = 200,
	MOSTAGAIN = 100,

	PARKCODE32 = 3 * 8, /* beside KCODE and KDATA */
};

extern const uint8_t parkcode[], parkloop[], parkmcheck[], parkother[],
    park32[], park64[], parkend[];

/* Whom we wait for. */
struct Sought {
	Cpulist *list;
	enum apic mode;
	uint32_t self;
	size_t n;      /* of the list: those that can be sent something */
	size_t failed; /* what was to be sent and was not */
	paddr_t pa;    /* of the page */
	Parking *page;
	bool filled; /* or is to be, once nobody runs there any more */
};

static uint16_t
offset(const uint8_t *label)
{
	return (uint16_t)(label - parkcode);
}

void
parkfill(void *page, paddr_t pa)
{
	Parking *p = page;
	uint16_t cs = (uint16_t)(pa / 16);

	memset(p, 0, sizeof *p);
	memcpy(p->code, parkcode, offset(parkend));
	for (size_t v = 0; v < NVECTORS; v++) {
		p->vectors[v].ip = offset(parkother);
		p->vectors[v].cs = cs;
	}
	if (cpu.mca)
		p->vectors[TRAPMC].ip = offset(parkmcheck);
	p->idtr.limit = sizeof p->vectors - 1;
	p->idtr.base = (uint32_t)(pa + offsetof(Parking, vectors));
	p->gdt[KCODE / 8] = CODE64;
	p->gdt[KDATA / 8] = SEGMENT(0x93, SEG32);
	p->gdt[PARKCODE32 / 8] = SEGMENT(0x9b, SEG32);
	p->gdtr.limit = sizeof p->gdt - 1;
	p->gdtr.base = (uint32_t)(pa + offsetof(Parking, gdt));
	p->far32 = (Farptr){(uint32_t)pa + offset(park32), PARKCODE32};
	p->far64 = (Farptr){(uint32_t)pa + offset(park64), KCODE};
	p->mce = cpu.mce;
	p->frame.ip = offset(parkloop);
	p->frame.cs = cs;
	p->frame.flags = RMFLAGS;
	memset(p->id, NOID, sizeof p->id);
}

static bool
came(const Sought *s, uint32_t id)
{
	for (size_t i = 0; i < NIDS; i++)
		if (__atomic_load_n(&s->page->id[i], __ATOMIC_RELAXED) == id)
			return true;
	return false;
}

/* Is it another one, and has this mode of the APIC a way to name it? */
static bool
sought(const Sought *s, uint32_t id)
{
	return id != s->self && ipicommand(s->mode, id, IPIINIT) != 0;
}

static size_t
arrivals(const Sought *s)
{
	return __atomic_load_n(&s->page->count, __ATOMIC_RELAXED);
}

/*
 * How many are in the page: all, if as many have come, whatever ids they know
 * themselves by, as firmware may have given them others; else those whose ids
 * are on the list.
 */
static size_t
parked(const Sought *s)
{
	size_t here = arrivals(s);
	size_t n = 0;

	if (here >= s->n || here > NIDS)
		return MIN(here, s->n);
	for (size_t i = 0; i < s->list->n; i++)
		if (sought(s, s->list->id[i]) && came(s, s->list->id[i]))
			n++;
	return n;
}

/* To all of them, or to those only who have not come. */
static void
sendall(Sought *s, uint32_t what, bool all)
{
	for (size_t i = 0; i < s->list->n; i++) {
		uint32_t id = s->list->id[i];

		if (sought(s, id) && (all || !came(s, id)) &&
		    !apicsend(id, what))
			s->failed++;
	}
}

static size_t
fetch(Sought *s)
{
	uint32_t start = IPISTART | (uint32_t)(s->pa / BY2PG);

	sendall(s, IPIINIT, true);
	pausefor(INITUS);
	if (!s->filled)
		parkfill(s->page, s->pa);
	storefence();
	sendall(s, start, true);
	pausefor(STARTUS);
	sendall(s, start, false);
	for (size_t i = 0; i < MOSTAGAIN && parked(s) < s->n; i++) {
		pausefor(AGAINUS);
		sendall(s, start, false);
	}
	return parked(s);
}

/* By name, as long as the page has room for the names of those that came. */
static void
saymissing(const Sought *s, size_t missing)
{
	bool named = arrivals(s) <= NIDS;

	if (s->failed != 0)
		print("%zu commands did not get away from the local APIC\n",
		    s->failed);
	if (!named)
		print("%zu CPUs did not come: they may still be in firmware's "
		      "code\n",
		    missing);
	for (size_t i = 0; named && i < s->list->n; i++)
		if (sought(s, s->list->id[i]) && !came(s, s->list->id[i]))
			print("the CPU with APIC id %u did not come: it may "
			      "still be in firmware's code\n",
			    (unsigned)s->list->id[i]);
}

/* Why they cannot be fetched, or NULL. */
static const char *
cannot(const Cpulist *list, paddr_t pa)
{
	if (!list->told)
		return "firmware has no table of CPUs";
	if (list->mailbox)
		return "they take orders by a mailbox of firmware's";
	if (pa == NOADDR)
		return "there was no page for them below 1 MiB";
	return apicopen() ? NULL : "the local APIC cannot be reached";
}

/* Which of them can be called from there, for the rest of the kernel. */
static void
note(Sought *s)
{
	bool all = arrivals(s) >= s->n;
	Cpulist *l = s->list;

	l->self = s->self;
	for (size_t i = 0; i < l->n; i++) {
		l->parked[i] =
		    sought(s, l->id[i]) && (all || came(s, l->id[i]));
		l->nparked += l->parked[i];
	}
}

static void
park(Cpulist *list, paddr_t pa, bool filled)
{
	Sought s = {.list = list,
	    .mode = apicmodenow(),
	    .self = apicid(),
	    .pa = pa,
	    .page = kmapplace(pa),
	    .filled = filled};
	size_t others = 0;

	for (size_t i = 0; i < list->n; i++) {
		others += list->id[i] != s.self;
		s.n += sought(&s, list->id[i]);
	}
	size_t n = s.n == 0 ? 0 : fetch(&s);
	if (n < s.n)
		saymissing(&s, s.n - n);
	if (others > s.n)
		print("%zu CPUs have ids that this mode of the local APIC "
		      "cannot name: they stay in firmware's code\n",
		    others - s.n);
	note(&s);
	kunmap(s.page);
}

void
parkcpus(paddr_t spare)
{
	bool filled = bootinfo->lowpage != NOADDR;
	paddr_t pa = filled ? bootinfo->lowpage : spare;
	Cpulist *list = handover(bootinfo, bootinfo->cpus);
	const char *why = cannot(list, pa);

	if (list->cut)
		print("firmware's table of CPUs ends in the middle of an "
		      "entry\n");
	if (list->lost != 0)
		print("%zu CPUs are more than are counted here\n", list->lost);
	list->page = pa;
	list->why = why;
	if (why == NULL) {
		park(list, pa, filled);
		apicclose();
	} else if (list->n != 1)
		print("other CPUs stay where firmware has them: %s\n", why);
}
