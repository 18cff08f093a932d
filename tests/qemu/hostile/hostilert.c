/*
 * hostilert.c - runtime services as a few boards have them.
 *
 *	noreset=1	ResetSystem returns
 *	gettime=1	GetTime is there, unsupported
 *	gettime=2	the same, its code in memory for data
 *	gettime=3	it says that its device is broken
 *	gettime=4	it returns the address that it was given
 *	rtmmio=PA	16 GiB of a device there, which that GetTime reads
 *	rtattr=1	no memory-attributes table
 *	rtattr=2	one by which no service may be run
 *
 * Code and tables of this program's own must outlive it: they lie in runtime
 * memory.
 */
#include "hostile.h"

enum { FORDATA = 2, BROKEN = 3, WHERE = 4 };
enum { NOTABLE = 1, NORUN = 2, MOST = 512, RET = 0xc3 };

#define XP 0x4000ull
#define RUNTIME 0x8000000000000000ull

typedef struct Attributes Attributes;
struct Attributes {
	uint32_t version;
	uint32_t n;
	uint32_t stride;
	uint32_t flags;
	EFI_MEMORY_DESCRIPTOR d[MOST];
};

static uint8_t *
take(EFI_MEMORY_TYPE type)
{
	EFI_PHYSICAL_ADDRESS pa = 0;

	if (EFI_ERROR(real->AllocatePages(AllocateAnyPages, type, 1, &pa)))
		say("no runtime memory");
	return (uint8_t *)pa;
}

static uint8_t *
movabs(uint8_t *p, uint8_t reg, uint64_t v)
{
	p[0] = 0x48;
	p[1] = reg;
	memcpy(p + 2, &v, 8);
	return p + 10;
}

/* Returns where it was asked to write the time. */
static void *
makewhere(void)
{
	uint8_t *code = take(EfiRuntimeServicesCode);

	memcpy(code, "\x48\x89\xc8\xc3", 4); /* mov %rcx, %rax; ret */
	return code;
}

/* Read the device at both ends, if there is one; return EFI_UNSUPPORTED. */
static void *
makegettime(void)
{
	if (scenario.gettime == WHERE)
		return makewhere();
	uint8_t *code =
	    take(scenario.gettime == FORDATA ? EfiRuntimeServicesData
					     : EfiRuntimeServicesCode);
	uint8_t *p = code;

	if (scenario.rtmmio != 0) {
		p = movabs(p, 0xb9, scenario.rtmmio); /* rcx */
		memcpy(p, "\x8b\x01", 2);             /* mov (%rcx), %eax */
		p = movabs(p + 2, 0xb9, scenario.rtmmio + RTMMIOSIZE - 4);
		memcpy(p, "\x8b\x01", 2);
		p += 2;
	}
	p = movabs(p, 0xb8, /* rax */
	    scenario.gettime == BROKEN ? EFI_DEVICE_ERROR : EFI_UNSUPPORTED);
	*p = RET;
	return code;
}

static void
wrapservices(EFI_SYSTEM_TABLE *st)
{
	EFI_RUNTIME_SERVICES *rt = (void *)take(EfiRuntimeServicesData);

	*rt = *st->RuntimeServices;
	if (scenario.noreset) {
		uint8_t *code = take(EfiRuntimeServicesCode);

		*code = RET;
		rt->ResetSystem = (EFI_RESET_SYSTEM)code;
	}
	if (scenario.gettime)
		rt->GetTime = (EFI_GET_TIME)makegettime();
	checksum(&rt->Hdr);
	st->RuntimeServices = rt;
	checksum(&st->Hdr);
}

/* All that the firmware's map has for its services, never to be run. */
static Attributes *
norun(void)
{
	static uint8_t map[64 * 1024];
	UINTN size = sizeof map, key = 0, stride = 0;
	UINT32 version = 0;
	Attributes *t = NULL;

	if (EFI_ERROR(real->AllocatePool(
		EfiBootServicesData, sizeof *t, (VOID **)&t)) ||
	    EFI_ERROR(real->GetMemoryMap(
		&size, (void *)map, &key, &stride, &version)))
		say("no attributes table");
	*t = (Attributes){.version = 1, .stride = sizeof t->d[0]};
	for (size_t at = 0; at < size && t->n < MOST; at += stride) {
		EFI_MEMORY_DESCRIPTOR d;

		memcpy(&d, map + at, sizeof d);
		if (d.Type != EfiRuntimeServicesCode &&
		    d.Type != EfiRuntimeServicesData)
			continue;
		d.Attribute = RUNTIME | XP;
		t->d[t->n++] = d;
	}
	return t;
}

/* Last of all: firmware makes its own anew when runtime memory is taken. */
static void
setattributes(void)
{
	static EFI_GUID guid = {0xdcfa911d, 0x26eb, 0x469f,
	    {0xa2, 0x20, 0x38, 0xb7, 0xdc, 0x46, 0x12, 0x20}};
	void *table = scenario.rtattr == NORUN ? norun() : NULL;

	real->InstallConfigurationTable(&guid, table);
}

void
wrapruntime(EFI_SYSTEM_TABLE *st)
{
	if (scenario.noreset || scenario.gettime)
		wrapservices(st);
	if (scenario.rtattr)
		setattributes();
}
