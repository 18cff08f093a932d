/*
 * collect.c - everything the kernel needs to know and cannot ask later.
 *
 * Where something is missing the kernel does without it; nothing here fails.
 */
#include "collect.h"
#include "tables/acpi.h"
#include "tables/buses.h"
#include "cpu.h"
#include "firmware.h"
#include "hooks.h"
#include "tables/installed.h"
#include "tables/madt.h"
#include "tables/spcr.h"
#include "tables/srat.h"

enum {
	STALL = 10000, /* microseconds the time stamp counter is watched */
	CLOCKTRIES = 3,
};

/*
 * How a pixel is made up; bytes is 0 if it cannot be stored to. A bit mask's
 * size is that of its highest bit, the reserved ones included.
 */
static void
pixelformat(Fb *fb, const EFI_GRAPHICS_OUTPUT_MODE_INFORMATION *info)
{
	const EFI_PIXEL_BITMASK *m = &info->PixelInformation;
	uint32_t all = 0;

	fb->bytes = 4;
	switch (info->PixelFormat) {
	case PixelRedGreenBlueReserved8BitPerColor:
		fb->red = 0xff;
		fb->green = 0xff00;
		fb->blue = 0xff0000;
		break;
	case PixelBlueGreenRedReserved8BitPerColor:
		fb->red = 0xff0000;
		fb->green = 0xff00;
		fb->blue = 0xff;
		break;
	case PixelBitMask:
		fb->red = m->RedMask;
		fb->green = m->GreenMask;
		fb->blue = m->BlueMask;
		all = fb->red | fb->green | fb->blue | m->ReservedMask;
		fb->bytes = all >> 24 != 0 ? 4 : all >> 16 != 0 ? 3 : 2;
		break;
	default:
		fb->bytes = 0;
	}
}

/* A framebuffer that can be drawn into by stores, or size 0. */
static Fb
framebuffer(EFI_HANDLE handle)
{
	EFI_GUID guid = EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID;
	EFI_GRAPHICS_OUTPUT_PROTOCOL *gop = protocol(handle, guid);
	Fb fb = {.size = 0};

	if (gop == NULL || gop->Mode == NULL || gop->Mode->Info == NULL)
		return fb;
	const EFI_GRAPHICS_OUTPUT_MODE_INFORMATION *info = gop->Mode->Info;
	pixelformat(&fb, info);
	if (gop->Mode->FrameBufferBase == 0 || fb.bytes == 0 ||
	    (fb.red | fb.green | fb.blue) == 0)
		return fb;
	fb.pa = gop->Mode->FrameBufferBase;
	fb.width = info->HorizontalResolution;
	fb.height = info->VerticalResolution;
	fb.pitch = MAX(info->PixelsPerScanLine, fb.width);
	fbfit(&fb, gop->Mode->FrameBufferSize, cpu.physbits);
	return fb;
}

/*
 * Firmware often has two handles for one screen: its console splitter's and
 * the device's. The console's own is the one that shows something; otherwise
 * the first that can be drawn into.
 */
static void
graphics(Bootinfo *b)
{
	EFI_GUID guid = EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID;
	EFI_HANDLE *handles = NULL;
	UINTN n = 0;

	b->fb = framebuffer(fw.st->ConsoleOutHandle);
	if (b->fb.size != 0 || EFI_ERROR(fw.bs->LocateHandleBuffer(
				   ByProtocol, &guid, NULL, &n, &handles)))
		return;
	for (UINTN i = 0; i < n && b->fb.size == 0; i++)
		b->fb = framebuffer(handles[i]);
	fwfree(handles);
}

static void
vendor(Bootinfo *b)
{
	const CHAR16 *s = fw.st->FirmwareVendor;
	size_t i = 0;

	for (; s != NULL && s[i] != 0 && i < sizeof b->firmware - 1; i++)
		b->firmware[i] = s[i] >= ' ' && s[i] < 0x7f && s[i] != '"'
				     ? (char)s[i]
				     : '?';
	b->firmware[i] = '\0';
	b->firmwarerevision = fw.st->Hdr.Revision;
}

/*
 * What comes between (system management, another machine on this CPU) only ever
 * makes a stall longer: the shortest of a few is the one to believe.
 */
static void
clock(Bootinfo *b)
{
	uint64_t best = UINT64_MAX;

	for (int i = 0; i < CLOCKTRIES; i++) {
		uint64_t start = cycles();

		fw.bs->Stall(STALL);
		uint64_t took = cycles() - start;
		best = MIN(best, took);
	}
	b->tschz = best * (1000000 / STALL);
}

/* Is there RAM at the registers? Then nothing else is. */
static bool
inram(const Uart *u)
{
	bool found = false;
	Rawmap m;

	if (!getmap(&m))
		return true;
	Efimap map = efimapof(&m);
	for (size_t i = 0; i < efimapcount(&map); i++) {
		Efidesc d = efimapdesc(&map, i);
		enum memtype t = efitypeof(d.type, d.attr);

		found |= (t == MemRAM || t == MemACPI) && u->addr >= d.base &&
			 (u->addr - d.base) / BY2PG < d.npages;
	}
	fwfree(m.desc);
	return found;
}

/* What was asked for; if nothing was, what ACPI names. */
static void
serialport(Bootinfo *b)
{
	size_t n = 0;
	const uint8_t *spcr = acpitable("SPCR", &n);
	Uart *u = &b->uart;

	*u = b->options.uart;
	if (!b->options.uartgiven && spcr != NULL && !spcrread(spcr, n, u))
		*u = b->options.uart;
	if (u->space == UARTNONE ||
	    (uartsane(u, cpu.physbits) && (u->space == UARTPORT || !inram(u))))
		return;
	print("no serial port can be at %#jx\n", u->addr);
	u->space = UARTNONE;
}

static void
buses(Bootinfo *b)
{
	size_t n = 0;
	const uint8_t *t = acpitable("MCFG", &n);

	if (t != NULL)
		b->npci = mcfgread(t, n, b->pci);
	if ((t = acpitable("DMAR", &n)) != NULL)
		dmarread(t, n, &b->iommus);
	else if ((t = acpitable("IVRS", &n)) != NULL)
		ivrsread(t, n, &b->iommus);
}

static void
cpus(Cpulist *list)
{
	size_t n = 0;
	const uint8_t *t = acpitable("APIC", &n);

	memset(list, 0, sizeof *list);
	if (t != NULL)
		madtread(t, n, list);
}

size_t
countcpus(void)
{
	static Cpulist list; /* large */

	acpiopen();
	cpus(&list);
	acpiclose();
	return list.n;
}

/* Which CPUs and which RAM are near each other. */
static void
nearness(Cpulist *list, Nodes *nodes)
{
	size_t size = 0;
	size_t slitsize = 0;
	const uint8_t *srat = acpitable("SRAT", &size);
	const uint8_t *slit = acpitable("SLIT", &slitsize);

	memset(nodes, 0, sizeof *nodes);
	if (srat == NULL)
		return;
	Nodesaid said = sratread(srat, size, slit, slitsize, list, nodes);
	if (said.what != NULL)
		print("one node: %s (%#jx, %#jx)\n", said.what,
		    (uintmax_t)said.a, (uintmax_t)said.b);
	if (said.nowhere > 0)
		print("%zu CPUs are in no entry of SRAT: of node 0\n",
		    said.nowhere);
}

static void
acpi(Bootinfo *b)
{
	acpiopen();
	cpus(handover(b, b->cpus));
	nearness(handover(b, b->cpus), &b->nodes);
	acpipoweroff(&b->poweroff);
	b->no8042 = acpino8042();
	serialport(b);
	buses(b);
	acpiclose();
}

void
collect(Bootinfo *b)
{
	vendor(b);
	b->installed = installedmemory();
	collectchance();
	graphics(b);
	acpi(b);
	clock(b);
}
