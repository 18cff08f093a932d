/*
 * hostile.c - start \TARGET.EFI under firmware that lies.
 *
 *	firmware --LoadImage--> hostile.efi --LoadImage--> target.efi
 *	                        wraps the tables that the target is given
 *
 * Stock firmware is too good to show what real boards do. This program reads
 * from \HOSTILE.INI which lies to tell (hostile.h has the words, `word=number'
 * each), gives the target a table of boot services of its own and the options
 * that were meant for this program, and reports on QEMU's debug console
 * (-debugcon), port 0xE9:
 *
 *	hostile: refused 3		ExitBootServices failed for the 3rd time
 *	hostile: forbidden 27		boot service 27 was called after that
 *	hostile: watchdog on		the target did not switch it off
 *	hostile: exit			the firmware is asked to go
 *
 * After a first ExitBootServices only that and GetMemoryMap may be called.
 */
#include "hostile.h"

#define WORD(name)                                                             \
	{                                                                      \
#name, &scenario.name                                          \
	}
#define SERVICES                                                               \
	((sizeof(EFI_BOOT_SERVICES) - sizeof(EFI_TABLE_HEADER)) /              \
	    sizeof(void *))

enum { THUNK = 16, THUNKS = 48, MAXTEXT = 4096 };

typedef struct Word Word;
struct Word {
	const char *name;
	uint64_t *value;
};

Scenario scenario;
EFI_BOOT_SERVICES *real;
uint64_t refused;
uint32_t watching; /* for thunk.S: report every call */

extern uint8_t thunks[];
EFI_STATUS onstack(void *top, EFI_HANDLE image, EFI_IMAGE_START start);
void forbidden(uint32_t service);

static EFI_SYSTEM_TABLE *st;
static EFI_BOOT_SERVICES bs;                 /* the target's */
static SIMPLE_TEXT_OUTPUT_INTERFACE console; /* the firmware's, as it was */
static bool watchdogoff;

static const Word words[] = {
    WORD(stride),
    WORD(refuse),
    WORD(restride),
    WORD(grow),
    WORD(split),
    WORD(holes),
    WORD(reverse),
    WORD(zero),
    WORD(wrap),
    WORD(width),
    WORD(phantom),
    WORD(nested),
    WORD(overlap),
    WORD(type),
    WORD(sp),
    WORD(nowb),
    WORD(runtime),
    WORD(rtnoattr),
    WORD(gop),
    WORD(junk),
    WORD(options),
    WORD(cr4),
    WORD(la57),
    WORD(noreset),
    WORD(stall),
    WORD(mtrrnone),
    WORD(mtrrbase),
    WORD(mtrrmask),
    WORD(mtrrbase2),
    WORD(mtrrmask2),
    WORD(mtrrdef),
    WORD(rtattr),
    WORD(gettime),
    WORD(rtmmio),
    WORD(nx),
    WORD(stack),
    WORD(noacpi),
    WORD(nosmbios),
    WORD(rsdp),
};

void *
memset(void *p, int c, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((volatile uint8_t *)p)[i] = (uint8_t)c;
	return p;
}

void *
memcpy(void *to, const void *from, size_t n)
{
	for (size_t i = 0; i < n; i++)
		((volatile uint8_t *)to)[i] = ((const uint8_t *)from)[i];
	return to;
}

/* ---- the debug console ---- */

static void
put(char c)
{
	__asm__ volatile("outb %0, $0xe9" : : "a"(c));
}

static void
putnumber(uint64_t n, unsigned base)
{
	char digits[24];
	size_t i = 0;

	do {
		digits[i++] = "0123456789abcdef"[n % base];
		n /= base;
	} while (n != 0);
	while (i > 0)
		put(digits[--i]);
}

void
say(const char *format, ...)
{
	va_list arg;

	va_start(arg, format);
	for (const char *p = "hostile: "; *p != 0; p++)
		put(*p);
	for (; *format != 0; format++) {
		if (*format != '%') {
			put(*format);
			continue;
		}
		format++;
		putnumber(va_arg(arg, uint64_t), *format == 'x' ? 16 : 10);
	}
	put('\n');
	va_end(arg);
}

/* ---- what the target calls ---- */

void
forbidden(uint32_t service)
{
	say("forbidden %d", (uint64_t)service);
}

static EFI_STATUS EFIAPI
exitbootservices(EFI_HANDLE image, UINTN key)
{
	EFI_STATUS r = EFI_INVALID_PARAMETER;

	if (!watchdogoff)
		say("watchdog on");
	watching = 1;
	if (refused < scenario.refuse) {
		refused++;
		say("refused %d", refused);
		return r;
	}
	say("exit");
	r = real->ExitBootServices(image, key);
	if (EFI_ERROR(r))
		say("firmware refuses: %x", (uint64_t)r);
	return r;
}

static EFI_STATUS EFIAPI
setwatchdogtimer(UINTN seconds, UINT64 code, UINTN size, CHAR16 *data)
{
	watchdogoff = seconds == 0;
	return real->SetWatchdogTimer(seconds, code, size, data);
}

/* As if system management had come between. */
static EFI_STATUS EFIAPI
stall(UINTN microseconds)
{
	UINTN times = scenario.stall;

	if (watching)
		say("forbidden stall");
	scenario.stall = 0;
	return real->Stall(times > 0 ? times * microseconds : microseconds);
}

static EFI_STATUS EFIAPI
outputstring(SIMPLE_TEXT_OUTPUT_INTERFACE *this, CHAR16 *string)
{
	if (watching)
		say("forbidden console output");
	return console.OutputString(this, string);
}

/* ---- the tables ---- */

void
checksum(EFI_TABLE_HEADER *header)
{
	UINT32 crc = 0;

	header->CRC32 = 0;
	real->CalculateCrc32(header, header->HeaderSize, &crc);
	header->CRC32 = crc;
}

static void
wrapbootservices(void)
{
	void **service = (void **)((uint8_t *)&bs + sizeof bs.Hdr);

	bs = *real;
	for (size_t i = 0; i < SERVICES; i++)
		service[i] = thunks + i * THUNK;
	spoilgop(&bs);
	bs.GetMemoryMap = liedmap;
	bs.ExitBootServices = exitbootservices;
	bs.SetWatchdogTimer = setwatchdogtimer;
	bs.Stall = stall;
	checksum(&bs.Hdr);
	console = *st->ConOut;
	st->ConOut->OutputString = outputstring;
	st->BootServices = &bs;
	checksum(&st->Hdr);
}

static void
setcr4(uint64_t bits)
{
	uint64_t cr4 = 0;

	__asm__ volatile("movq %%cr4, %0" : "=r"(cr4));
	__asm__ volatile("movq %0, %%cr4" : : "r"(cr4 | bits));
}

/* ---- the scenario ---- */

/* If text starts with the word and `=', the number after it. */
static bool
parse(const char *text, const Word *w)
{
	size_t n = 0;
	uint64_t value = 0, base = 10;

	for (; w->name[n] != 0; n++)
		if (text[n] != w->name[n])
			return false;
	if (text[n++] != '=')
		return false;
	if (text[n] == '0' && text[n + 1] == 'x') {
		base = 16;
		n += 2;
	}
	for (;; n++) {
		char c = text[n];
		uint64_t digit = c <= '9' ? c - '0' : c - 'a' + 10;

		if (c < '0' || digit >= base)
			break;
		value = value * base + digit;
	}
	*w->value = value;
	return true;
}

static void
parselines(const char *text)
{
	bool known = false;

	for (; *text != 0; text++) {
		if (*text <= ' ')
			continue;
		known = false;
		for (size_t i = 0; i < sizeof words / sizeof words[0]; i++)
			if (parse(text, &words[i]))
				known = true;
		if (!known)
			say("a word of HOSTILE.INI is unknown");
		while (text[1] > ' ')
			text++;
	}
}

static void
readscenario(EFI_HANDLE volume)
{
	static EFI_GUID guid = SIMPLE_FILE_SYSTEM_PROTOCOL;
	static char text[MAXTEXT];
	EFI_FILE_IO_INTERFACE *fs = NULL;
	EFI_FILE *root = NULL, *file = NULL;
	UINTN size = sizeof text - 1;

	if (EFI_ERROR(real->HandleProtocol(volume, &guid, (VOID **)&fs)) ||
	    EFI_ERROR(fs->OpenVolume(fs, &root)) ||
	    EFI_ERROR(root->Open(
		root, &file, L"\\HOSTILE.INI", EFI_FILE_MODE_READ, 0)) ||
	    EFI_ERROR(file->Read(file, &size, text))) {
		say("no HOSTILE.INI");
		return;
	}
	text[size] = 0;
	parselines(text);
}

/* ---- the target ---- */

/* The device path of \TARGET.EFI on the volume, in a buffer of its own. */
static EFI_DEVICE_PATH *
targetpath(EFI_HANDLE volume)
{
	static EFI_GUID guid = DEVICE_PATH_PROTOCOL;
	static const CHAR16 name[] = L"\\TARGET.EFI";
	static uint8_t path[1024];
	uint8_t *from = NULL;
	size_t n = 0, size = 4 + sizeof name;

	if (EFI_ERROR(real->HandleProtocol(volume, &guid, (VOID **)&from)))
		return NULL;
	while ((from[n] & 0x7f) != END_DEVICE_PATH_TYPE &&
	       n + size + 4 < sizeof path)
		n += from[n + 2] | from[n + 3] << 8;
	memcpy(path, from, n);
	path[n] = MEDIA_DEVICE_PATH;
	path[n + 1] = MEDIA_FILEPATH_DP;
	path[n + 2] = (uint8_t)size;
	path[n + 3] = 0;
	memcpy(path + n + 4, name, sizeof name);
	memcpy(path + n + size, "\x7f\xff\x04", 4);
	return (EFI_DEVICE_PATH *)path;
}

static EFI_STATUS
start(EFI_HANDLE target)
{
	if (scenario.stack != 0)
		return onstack(smallstack(), target, real->StartImage);
	return real->StartImage(target, NULL, NULL);
}

EFI_STATUS EFIAPI
efi_main(EFI_HANDLE image, EFI_SYSTEM_TABLE *systemtable)
{
	static EFI_GUID guid = LOADED_IMAGE_PROTOCOL;
	EFI_LOADED_IMAGE *self = NULL, *target = NULL;
	EFI_HANDLE handle = NULL;
	EFI_STATUS r = EFI_SUCCESS;

	st = systemtable;
	real = st->BootServices;
	real->HandleProtocol(image, &guid, (VOID **)&self);
	readscenario(self->DeviceHandle);
	r = real->LoadImage(
	    FALSE, image, targetpath(self->DeviceHandle), NULL, 0, &handle);
	if (EFI_ERROR(r)) {
		say("no TARGET.EFI: %x", (uint64_t)r);
		return r;
	}
	real->HandleProtocol(handle, &guid, (VOID **)&target);
	target->LoadOptions = self->LoadOptions;
	target->LoadOptionsSize = self->LoadOptionsSize;
	spoiloptions(target);
	wrapruntime(st);
	wrapbootservices();
	if (scenario.cr4 != 0)
		setcr4(scenario.cr4);
	if (scenario.la57 != 0)
		addlevel();
	spoilmtrrs();
	spoiltables(st);
	if (scenario.nx != 0)
		strictmemory(target);
	say("start");
	r = start(handle);
	watching = 0;
	say("target returned %x", (uint64_t)r);
	return r;
}
