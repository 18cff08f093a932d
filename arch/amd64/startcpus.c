/*
 * startcpus.c - the parked CPUs become ours: see cpus.h.
 *
 *	parked		real mode, in the page below 1 MiB	parking.S
 *	called		INIT, startup IPIs, a ticket		callcpus.c
 *	on the way	protected, long mode: the start space	parking.S
 *	at KZERO	its stack				cpuentry.S
 *	here		its GDT, TSS, the IDT; CR4, PAT; the
 *			kernel's space; APIC on			mach.c
 *	waiting		halts; an IPI wakes it			mach.c
 *
 * What a CPU of ours has of its own: four stacks with guards (stack.h), which
 * lie in the block as CPU 0's do and so in no direct map; a Mach and a Percpu,
 * from the pools. It finds those by where its stack is (cpuofsp), which no
 * fault can spoil. The same as CPU 0's, by machregs(): CR0, CR4, EFER; by
 * patinit: the PAT. MTRRs are made so where they are not. All is read back on
 * that CPU and compared here; what differs is said. IDT, text and the kernel's
 * half of all spaces are everybody's.
 *
 * The start space: a page is mapped where it is, to be run and read, so that
 * the jump out of it can be made; the other half is the kernel's. CR3 is loaded
 * in 32 bits, so its top lies below 4 GiB. It stays, as a CPU whose time was up
 * may still come; so do stacks and Mach of one that is not here.
 *
 * Only CPU 0 starts CPUs, and gives them work (work.c). It waits for the first
 * answer for a bounded time; a CPU that does not answer is not asked again.
 */
#include "apic.h"
#include "block.h"
#include "bootinfo.h"
#include "cpulist.h"
#include "cpus.h"
#include "hooks.h"
#include "mach.h"
#include "memmap.h"
#include "mmu.h"
#include "parkpage.h"
#include "percpu.h"
#include "../percpus.h"
#include "pool.h"
#include "stack.h"
#include "stage.h"
#include "tscoffset.h"
#include "x86.h"

typedef struct Other Other;

enum {
	ANSWERUS = 10000000,
};

/* All zero to begin with, and for good. */
struct Other {
	Mach mach;
	Percpu percpu;
};

static struct {
	paddr_t top; /* set aside; 0: none */
	Tablepages tables;
	Space space;
	size_t n; /* machs, CPU 0's too */
	Callee *callees[MOSTCPUS];
} start = {.tables = {.head = NOADDR, .more = rampage}};

static Cpulist *
list(void)
{
	return handover(bootinfo, bootinfo->cpus);
}

void
cpusreserve(void)
{
	if (list()->nparked == 0 || bootinfo->ncpus < 2)
		return;
	paddr_t pa = memmapalloc(NOADDR, BY2PG, BY2PG, MemRAM);
	if (pa == NOADDR)
		return;
	if (pa < 4 * GiB)
		start.top = pa;
	else
		memmapfree(pa, BY2PG, MemRAM);
}

/* NULL, or why nobody can be started. */
static const char *
makespace(paddr_t page)
{
	Space *s = &start.space;

	s->limits = kspace.limits;
	s->tables = &start.tables;
	tablepagesadd(&start.tables, start.top, BY2PG);
	if (spaceinit(s, &kspace, NULL) < 0 ||
	    pmap(s, page, page | PTEVALID, BY2PG) < 0)
		return "no memory for page tables";
	return NULL;
}

static const char *
prepare(paddr_t page)
{
	if (start.top == 0)
		return "there was no page below 4 GiB";
	if (!apicopen())
		return "the local APIC cannot be reached";
	apickeep();
	return makespace(page);
}

/* What they load: parking.S. Nobody has started there since. */
static void
fillpage(Parking *p)
{
	Cpuregs r = machregs();

	p->cr0 = (uint32_t)r.cr0;
	p->cr3 = (uint32_t)spacetop(&start.space);
	p->cr4 = (uint32_t)r.cr4;
	p->efer = (uint32_t)(r.efer & ~EFERLMA);
	p->entry = (uintptr_t)cpuentry;
	memset(p->id, NOID, sizeof p->id);
	__atomic_store_n(&p->count, 0, __ATOMIC_RELEASE);
}

/* A CPU more, not running yet; false if there is no memory for it. */
static bool
newmach(uint32_t id, uint32_t node)
{
	size_t n = start.n;
	Other *o = mallocalign(sizeof *o, _Alignof(Other), 0, 0);

	if (o == NULL || mapcpustacks(&kspace, bootinfo, n) < 0) {
		free(o);
		return false;
	}
	o->mach.sp = cpustacktop(n, STACKMAIN) - 40;
	o->mach.n = n;
	o->mach.callee.id = id;
	machs[n] = &o->mach;
	pagenode(&o->percpu, node);
	percpuset(n, &o->percpu);
	start.callees[n - 1] = &o->mach.callee;
	o->mach.mate.id = id;
	mateadd(&o->mach.mate);
	start.n++;
	return true;
}

static void
callall(paddr_t page)
{
	Parking *p = kmapplace(page);

	fillpage(p);
	machread(&regs0);
	callcpus(
	    start.callees, start.n - 1, &p->ticket, (uint32_t)(page / BY2PG));
	size_t came = __atomic_load_n(&p->count, __ATOMIC_ACQUIRE);
	calledtwice(start.callees, start.n - 1, p->id, MIN(came, (size_t)NIDS));
	kunmap(p);
}

static bool
up(const Mach *m)
{
	return callfate(&m->callee) == FHERE && !mategone(m->n);
}

/* Nobody waits for those of another fate, or gives them anything. */
static void
leaveout(void)
{
	for (size_t n = 1; n < start.n; n++)
		if (!up(machs[n]))
			mateleft(n);
}

/* How far its time stamps are ahead of ours. */
static bool
measure(Mach *m)
{
	workgive(m->n, tscanswer, &m->ping);
	tscask(&m->ping);
	if (workawait(m->n, ANSWERUS)) {
		m->mate.ahead = m->ping.offset;
		return true;
	}
	mateleft(m->n);
	__atomic_store_n(&m->callee.fate, FLATE, __ATOMIC_RELEASE);
	return false;
}

/* What is not as on CPU 0. */
static void
differ(const char *name, uint64_t is, uint64_t should)
{
	if (is != should)
		print(", %s %#jx and not %#jx", name, (uintmax_t)is,
		    (uintmax_t)should);
}

static void
saydifferences(const Mach *m)
{
	const Cpuregs *is = &m->regs.regs;
	const Cpuregs *of0 = &regs0.regs;
	const uint64_t base = ~APICBSP;
	const uint64_t shared = ~(CR4VMXE | CR4SMXE); /* machregs */

	differ("CR0", is->cr0, of0->cr0);
	differ("CR4", is->cr4 & shared, of0->cr4 & shared);
	differ("EFER", is->efer, of0->efer);
	differ("APIC base", is->apicbase & base, of0->apicbase & base);
	differ("PAT", m->regs.pat, regs0.pat);
	if (m->othermtrrs)
		print(", MTRRs now as CPU 0's: default type was %#jx",
		    (uintmax_t)m->deftype);
}

static void
saywhynot(const Mach *m)
{
	static const char *const whys[NFATE] = {
	    [FPARKED] = "not called",
	    [FCALLED] = "not called",
	    [FLATE] = "no answer in time",
	    [FUNLIKE] = "its MTRRs are others, and cannot be made the same",
	    [FTWICE] = "it started twice",
	};
	enum fate fate = callfate(&m->callee);

	if (m->dead)
		print("vector %u error %#jx at %#jx address %#jx",
		    (unsigned)m->died.vector, (uintmax_t)m->died.error,
		    (uintmax_t)m->died.pc, (uintmax_t)m->died.addr);
	else if (fate == FSTRANGE)
		print("the CPU with APIC id %u came instead",
		    (unsigned)__atomic_load_n(
			&m->callee.came, __ATOMIC_RELAXED));
	else
		print("%s", whys[fate]);
}

static void
sayhead(size_t n, uint32_t id, uint32_t node, const char *result)
{
	print("mem9: cpu n=%zu apicid=%u node=%u result=%s", n, (unsigned)id,
	    (unsigned)node, result);
}

static void
saytsc(const Tscping *p)
{
	if (p->width == 0)
		print("TSC not measured");
	else
		print("TSC %s%jd within %ju", p->offset < 0 ? "" : "+",
		    (intmax_t)p->offset, (uintmax_t)p->width);
}

/* One that was called; a line for what became of it. */
static void
saycalled(const Mach *m)
{
	bool isup = up(m);

	sayhead(m->n, m->callee.id, cpunode(m->n), isup ? "up" : "dead");
	print(" detail=\"");
	if (isup) {
		saytsc(&m->ping);
		saydifferences(m);
	} else
		saywhynot(m);
	print("\"\n");
}

static bool
wascalled(uint32_t id)
{
	for (size_t n = 1; n < start.n; n++)
		if (machs[n]->callee.id == id)
			return true;
	return false;
}

/* Those that were not, with numbers behind the others'. */
static void
sayothers(const Cpulist *l, const char *why)
{
	size_t n = start.n;

	for (size_t i = 0; i < l->n; i++) {
		if (l->id[i] == machs[0]->callee.id || wascalled(l->id[i]))
			continue;
		bool skipped = l->parked[i] || l->why != NULL;
		sayhead(
		    n++, l->id[i], l->node[i], skipped ? "skipped" : "dead");
		print(" detail=\"%s\"\n", !skipped ? "it did not come" : why);
	}
}

static void
sayall(const Cpulist *l, const char *why)
{
	static const char *const modes[] = {[APICNONE] = "none",
	    [APICOFF] = "off",
	    [APICX] = "xapic",
	    [APICX2] = "x2apic"};
	size_t nup = 1;

	leaveout();
	for (size_t n = 1; n < start.n; n++)
		nup += up(machs[n]) && measure(machs[n]);
	print("mem9: cpus present=%zu up=%zu parked=%zu mode=%s wait=%s\n",
	    MAX(l->n, 1), nup, l->nparked - (start.n - 1), modes[apicmodenow()],
	    cpumwait() ? "mwait" : "hlt");
	sayhead(0, machs[0]->callee.id, cpunode(0), "up");
	print("\n");
	for (size_t n = 1; n < start.n; n++)
		saycalled(machs[n]);
	sayothers(l, why);
	if (l->offline != 0)
		print("%zu CPUs more could come later\n", l->offline);
}

/* Those that are asked for and can be; returns why not, if not all of those. */
static const char *
makemachs(const Cpulist *l)
{
	for (size_t i = 0; i < l->n && start.n < bootinfo->ncpus; i++)
		if (l->parked[i] && !newmach(l->id[i], l->node[i]))
			return "no memory";
	return NULL;
}

/* Returns why not all. */
static const char *
startall(const Cpulist *l)
{
	const char *why = NULL;

	if (l->why != NULL)
		return l->why;
	if (bootinfo->ncpus == 0)
		return "no memory for stacks";
	if (l->nparked > 0 && bootinfo->ncpus > 1) {
		if ((why = prepare(l->page)) != NULL)
			return why;
		why = makemachs(l);
		callall(l->page);
	}
	return why != NULL ? why : "not asked for";
}

/* Of the CPU with that id, which nobody need have named. */
static uint32_t
nodeof(const Cpulist *l, uint32_t id)
{
	for (size_t i = 0; i < l->n; i++)
		if (l->id[i] == id)
			return l->node[i];
	return 0;
}

void
cpusinit(void)
{
	const Cpulist *l = list();
	uint32_t self = l->why == NULL ? l->self : cpuapicid();

	needstage(SPAGES);
	pagenode(thiscpu(), nodeof(l, self));
	machs[0]->callee = (Callee){.id = self, .fate = FHERE};
	mateof(0)->id = self;
	start.n = 1;
	const char *why = startall(l);

	sayall(l, why);
}
