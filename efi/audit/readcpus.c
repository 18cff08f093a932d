/*
 * readcpus.c - what all CPUs should have alike, and where nothing is cached.
 *
 * Other CPUs are asked by firmware's EFI_MP_SERVICES_PROTOCOL (PI Specification
 * 1.7, volume 2, 13.4), one after another: each reads its registers and is
 * compared at once. Firmware that does not answer in time is not asked again.
 */
#include "../firmware.h"
#include "cpu.h"
#include "hooks.h"
#include "read.h"

enum { PATIENCE = 1000000 }; /* microseconds, for all of them */

#define APICON (1ull << 11)
#define APICADDR 0x000ffffffffff000ull

/* As the one that asks has them; it stays while a CPU is late. */
static struct {
	Cpusseen seen;
	Cpustate other;
} asked;

static void
stateread(Cpustate *s)
{
	memset(s, 0, sizeof *s);
	if (cpu.mtrr)
		mtrrsnow(&s->mtrrs);
	s->pat = patnow();
}

void
cpucompare(Cpusseen *seen, const Cpustate *other)
{
	const Mtrrs *a = &seen->own.mtrrs;
	const Mtrrs *b = &other->mtrrs;

	seen->n++;
	seen->differ[CPUFIXED] +=
	    memcmp(a->fixed, b->fixed, sizeof a->fixed) != 0;
	seen->differ[CPUVARIABLE] +=
	    a->cap != b->cap || memcmp(a->var, b->var, sizeof a->var) != 0;
	seen->differ[CPUDEFTYPE] += a->deftype != b->deftype;
	seen->differ[CPUPAT] += seen->own.pat != other->pat;
}

/* Runs on each of the others. */
static VOID EFIAPI
answer(VOID *arg)
{
	(void)arg;
	stateread(&asked.other);
	cpucompare(&asked.seen, &asked.other);
}

/* NULL, or why there is nobody to be asked. */
static const char *
askothers(size_t *enabled)
{
	EFI_GUID guid = MPSERVICES;
	Mpservices *mp = NULL;
	UINTN n = 0;
	UINTN on = 0;

	if (EFI_ERROR(fw.bs->LocateProtocol(&guid, NULL, (VOID **)&mp)))
		return "firmware does not let other CPUs be asked";
	if (EFI_ERROR(mp->getnumber(mp, &n, &on)))
		return "firmware does not say how many CPUs there are";
	*enabled = on;
	if (on < 2)
		return "there is one CPU";
	if (EFI_ERROR(
		mp->startall(mp, answer, TRUE, NULL, PATIENCE, NULL, NULL)))
		return "firmware could not ask the other CPUs";
	return NULL;
}

void
cpusread(Cpusseen *seen)
{
	size_t enabled = 0;

	memset(&asked, 0, sizeof asked);
	stateread(&asked.seen.own);
	asked.seen.nomtrr = cpu.mtrr ? NULL : "this CPU has none";
	const char *why = askothers(&enabled);
	*seen = asked.seen;
	seen->why = why;
	seen->enabled = enabled;
}

static void
adddevice(Evidence *e, const char *name, paddr_t pa, uint64_t size)
{
	if (pa != 0 && size != 0 && size <= NOADDR - pa &&
	    e->ndevice < MOSTDEVICES)
		e->device[e->ndevice++] = (Device){name, pa, pa + size};
}

void
devicesread(Evidence *e)
{
	EFI_GUID guid = EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID;
	EFI_GRAPHICS_OUTPUT_PROTOCOL *gop = NULL;
	uint64_t apic = cpuregsnow().apicbase;

	if (apic & APICON)
		adddevice(e, "the local APIC, cached", apic & APICADDR, BY2PG);
	if (!EFI_ERROR(fw.bs->LocateProtocol(&guid, NULL, (VOID **)&gop)) &&
	    gop->Mode != NULL)
		adddevice(e, "the framebuffer, cached",
		    gop->Mode->FrameBufferBase, gop->Mode->FrameBufferSize);
	for (size_t i = 0; i < e->acpi.necam; i++) {
		const Pcibuses *b = &e->acpi.ecam[i];

		adddevice(e, "PCI's configuration space, cached",
		    b->pa + b->first * MiB, (b->last - b->first + 1) * MiB);
	}
}
