/*
 * collect.c - everything the kernel needs to know and cannot ask later.
 *
 * Where something is missing the kernel does without it; nothing here fails.
 */
#include "collect.h"
#include "cpu.h"
#include "firmware.h"

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
	if (gop->Mode->FrameBufferBase >> cpu.physbits != 0)
		return fb; /* no CPU of this kind can reach it */
	fb.pa = gop->Mode->FrameBufferBase;
	fb.width = info->HorizontalResolution;
	fb.height = info->VerticalResolution;
	fb.pitch = MAX(info->PixelsPerScanLine, fb.width);
	fb.size = MIN((uint64_t)gop->Mode->FrameBufferSize,
	    (uint64_t)fb.pitch * fb.height * fb.bytes);
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
		best = MIN(best, cycles() - start);
	}
	b->tschz = best * (1000000 / STALL);
}

void
collect(Bootinfo *b)
{
	b->uart = b->options.uart;
	vendor(b);
	graphics(b);
	acpipoweroff(b);
	clock(b);
}
