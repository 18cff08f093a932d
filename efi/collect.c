/*
 * collect.c - everything the kernel needs to know and cannot ask later.
 *
 * Where something is missing the kernel does without it; nothing here fails.
 */
#include "cpu.h"
#include "hooks.h"
#include "uefi.h"

enum { STALL = 10000 }; /* microseconds the time stamp counter is watched */

static bool
sameguid(const EFI_GUID *a, EFI_GUID b)
{
	return memcmp(a, &b, sizeof b) == 0;
}

void *
configtable(EFI_GUID guid)
{
	EFI_CONFIGURATION_TABLE *t = fw.st->ConfigurationTable;

	for (UINTN i = 0; i < fw.st->NumberOfTableEntries; i++)
		if (sameguid(&t[i].VendorGuid, guid))
			return t[i].VendorTable;
	return NULL;
}

static void
tables(Bootinfo *b)
{
	EFI_GUID acpi2 = ACPI_20_TABLE_GUID;
	EFI_GUID acpi1 = ACPI_TABLE_GUID;
	EFI_GUID smbios3 = SMBIOS3_TABLE_GUID;
	EFI_GUID smbios = SMBIOS_TABLE_GUID;

	b->rsdp = (uintptr_t)configtable(acpi2);
	if (b->rsdp == 0)
		b->rsdp = (uintptr_t)configtable(acpi1);
	b->smbios = (uintptr_t)configtable(smbios3);
	if (b->smbios == 0)
		b->smbios = (uintptr_t)configtable(smbios);
}

/* The masks of a pixel's colours; all 0 if it is not 4 bytes of colour. */
static void
pixelmasks(Fb *fb, const EFI_GRAPHICS_OUTPUT_MODE_INFORMATION *info)
{
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
		fb->red = info->PixelInformation.RedMask;
		fb->green = info->PixelInformation.GreenMask;
		fb->blue = info->PixelInformation.BlueMask;
		break;
	default:
		break;
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
	pixelmasks(&fb, info);
	if (gop->Mode->FrameBufferBase == 0 ||
	    (fb.red | fb.green | fb.blue) == 0)
		return fb;
	fb.pa = gop->Mode->FrameBufferBase;
	fb.width = info->HorizontalResolution;
	fb.height = info->VerticalResolution;
	fb.pitch = MAX(info->PixelsPerScanLine, fb.width);
	fb.size = MIN((uint64_t)gop->Mode->FrameBufferSize,
	    (uint64_t)fb.pitch * fb.height * 4);
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

static void
clock(Bootinfo *b)
{
	uint64_t start = cycles();

	fw.bs->Stall(STALL);
	b->tschz = (cycles() - start) * (1000000 / STALL);
}

void
collect(Bootinfo *b)
{
	vendor(b);
	tables(b);
	graphics(b);
	acpipoweroff(b);
	clock(b);
}
