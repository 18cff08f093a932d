/*
 * hostilegop.c - graphics output as a few boards have it.
 *
 *	gop=1	no such protocol on any handle
 *	gop=2	a screen without a framebuffer (PixelBltOnly)
 *	gop=3	lines longer in memory than on the screen
 *	gop=4	pixels described by masks
 *	gop=5	the same with red and blue changed
 *	gop=6	16 bits a pixel, 5 for red, 6 for green, 5 for blue
 *	gop=7	a framebuffer above 4 GiB: reserved RAM, of which a test reads
 *	gop=8	less memory than the lines of the screen need: half
 *
 * 3 to 5 say the truth in another way, and 6 makes it true by setting QEMU's
 * card, so that what is drawn can be looked at.
 */
#include "hostile.h"

enum { NONE = 1, BLTONLY, PITCH, MASKS, SWAPPED, RGB565, HIGH, SHORT };
enum { PAGE = 4096 };
#define HIGHBASE 0x108000000ull

static EFI_GUID gopguid = EFI_GRAPHICS_OUTPUT_PROTOCOL_GUID;
static EFI_BOOT_SERVICES firmware; /* as it was, for all other protocols */

static bool
isgop(const EFI_GUID *guid)
{
	const uint64_t *a = (const void *)guid, *b = (const void *)&gopguid;

	return scenario.gop == NONE && a[0] == b[0] && a[1] == b[1];
}

static EFI_STATUS EFIAPI
locateprotocol(EFI_GUID *guid, VOID *registration, VOID **interface)
{
	if (isgop(guid))
		return EFI_NOT_FOUND;
	return firmware.LocateProtocol(guid, registration, interface);
}

static EFI_STATUS EFIAPI
handleprotocol(EFI_HANDLE handle, EFI_GUID *guid, VOID **interface)
{
	if (isgop(guid))
		return EFI_UNSUPPORTED;
	return firmware.HandleProtocol(handle, guid, interface);
}

static EFI_STATUS EFIAPI
openprotocol(EFI_HANDLE handle, EFI_GUID *guid, VOID **interface,
    EFI_HANDLE agent, EFI_HANDLE controller, UINT32 attributes)
{
	if (isgop(guid))
		return EFI_UNSUPPORTED;
	return firmware.OpenProtocol(
	    handle, guid, interface, agent, controller, attributes);
}

static EFI_STATUS EFIAPI
locatehandlebuffer(EFI_LOCATE_SEARCH_TYPE type, EFI_GUID *guid, VOID *key,
    UINTN *n, EFI_HANDLE **buffer)
{
	if (type == ByProtocol && isgop(guid))
		return EFI_NOT_FOUND;
	return firmware.LocateHandleBuffer(type, guid, key, n, buffer);
}

static EFI_STATUS EFIAPI
locatehandle(EFI_LOCATE_SEARCH_TYPE type, EFI_GUID *guid, VOID *key,
    UINTN *size, EFI_HANDLE *buffer)
{
	if (type == ByProtocol && isgop(guid))
		return EFI_NOT_FOUND;
	return firmware.LocateHandle(type, guid, key, size, buffer);
}

static void
vbe(uint16_t reg, uint16_t value)
{
	__asm__ volatile("outw %0, %1" : : "a"(reg), "d"((uint16_t)0x1ce));
	__asm__ volatile("outw %0, %1" : : "a"(value), "d"((uint16_t)0x1cf));
}

/* The Bochs display interface: off, 16 bits a pixel, on with its memory. */
static void
set565(void)
{
	vbe(4, 0);
	vbe(3, 16);
	vbe(4, 0x41);
}

static void
masks(EFI_GRAPHICS_OUTPUT_MODE_INFORMATION *info, uint32_t red, uint32_t green,
    uint32_t blue, uint32_t reserved)
{
	info->PixelFormat = PixelBitMask;
	info->PixelInformation.RedMask = red;
	info->PixelInformation.GreenMask = green;
	info->PixelInformation.BlueMask = blue;
	info->PixelInformation.ReservedMask = reserved;
}

/* The same for each handle. */
static uint64_t
highmemory(uint64_t size)
{
	static EFI_PHYSICAL_ADDRESS pa;

	if (pa != 0)
		return pa;
	pa = HIGHBASE;
	if (EFI_ERROR(real->AllocatePages(AllocateAddress,
		EfiReservedMemoryType, (size + PAGE - 1) / PAGE, &pa)))
		say("no RAM above 4 GiB");
	return pa;
}

static void
spoil(EFI_GRAPHICS_OUTPUT_PROTOCOL_MODE *mode)
{
	EFI_GRAPHICS_OUTPUT_MODE_INFORMATION *info = mode->Info;

	switch (scenario.gop) {
	case BLTONLY:
		info->PixelFormat = PixelBltOnly;
		mode->FrameBufferBase = 0;
		mode->FrameBufferSize = 0;
		break;
	case PITCH:
		info->HorizontalResolution -= 240;
		break;
	case MASKS:
		masks(info, 0xff0000, 0x00ff00, 0x0000ff, 0xff000000);
		break;
	case SWAPPED:
		masks(info, 0x0000ff, 0x00ff00, 0xff0000, 0xff000000);
		break;
	case RGB565:
		masks(info, 0xf800, 0x07e0, 0x001f, 0);
		mode->FrameBufferSize /= 2;
		break;
	case HIGH:
		mode->FrameBufferBase = highmemory(mode->FrameBufferSize);
		break;
	case SHORT:
		mode->FrameBufferSize /= 2;
		break;
	}
}

void
spoilgop(EFI_BOOT_SERVICES *bs)
{
	EFI_HANDLE handles[16];
	UINTN size = sizeof handles;
	EFI_GRAPHICS_OUTPUT_PROTOCOL *gop = NULL;

	firmware = *real;
	bs->LocateProtocol = locateprotocol;
	bs->HandleProtocol = handleprotocol;
	bs->OpenProtocol = openprotocol;
	bs->LocateHandleBuffer = locatehandlebuffer;
	bs->LocateHandle = locatehandle;
	if (scenario.gop <= NONE)
		return;
	if (EFI_ERROR(real->LocateHandle(
		ByProtocol, &gopguid, NULL, &size, handles))) {
		say("no GOP to spoil");
		return;
	}
	if (scenario.gop == RGB565)
		set565();
	for (size_t i = 0; i < size / sizeof handles[0]; i++)
		if (!EFI_ERROR(real->HandleProtocol(
			handles[i], &gopguid, (VOID **)&gop)))
			spoil(gop->Mode);
}
