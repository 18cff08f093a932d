/*
 * hostilenx.c - memory with no more rights than it needs, as strict firmware
 * maps it, and a stack that is no larger than it must be.
 *
 *	nx=1	the target's sections have the rights that their headers ask
 *		for; what is for data, on the stack, or free may not be run
 *	stack=N	the target's stack has N bytes, and below it nothing is mapped
 *
 * Firmware's own tables are changed for that, all memory to pages of 4 KiB. A
 * loader that cannot do it stops: what runs then would show nothing.
 */
#include "hostile.h"

enum {
	PRESENT = 1,
	WRITE = 2,
	LARGE = 0x80,
	FLAGS = 0xfff,
	TOP = 3,
	ENTRIES = 512,
	PAGE = 4096,
	TABLES = 700, /* enough for 1 GiB */
	PEOFFSET = 0x3c,
	SECTIONSIZE = 40,
};

#define ADDRESS 0x000ffffffffff000ull
#define NOEXEC (1ull << 63)
#define CR0WP (1ull << 16)
#define EFER 0xc0000080u
#define NXE (1u << 11)
#define SCNEXEC (1u << 29)
#define SCNWRITE (1u << 31)

static uint64_t pool; /* free pages for tables, */
static size_t left;   /* so many */

static uint64_t
cr0(void)
{
	uint64_t v = 0;

	__asm__ volatile("movq %%cr0, %0" : "=r"(v));
	return v;
}

static void
setcr0(uint64_t v)
{
	__asm__ volatile("movq %0, %%cr0" : : "r"(v) : "memory");
}

static uint64_t
cr3(void)
{
	uint64_t v = 0;

	__asm__ volatile("movq %%cr3, %0" : "=r"(v));
	return v;
}

static void
setcr3(uint64_t v)
{
	__asm__ volatile("movq %0, %%cr3" : : "r"(v) : "memory");
}

static void
allownoexec(void)
{
	uint32_t low = 0, high = 0;

	__asm__ volatile("rdmsr" : "=a"(low), "=d"(high) : "c"(EFER));
	__asm__ volatile("wrmsr" : : "a"(low | NXE), "d"(high), "c"(EFER));
}

static _Noreturn void
stop(const char *why)
{
	say(why);
	for (;;)
		__asm__ volatile("cli; hlt");
}

static uint64_t
take(EFI_MEMORY_TYPE type, UINTN npages)
{
	EFI_PHYSICAL_ADDRESS pa = 0;

	if (EFI_ERROR(real->AllocatePages(AllocateAnyPages, type, npages, &pa)))
		stop("no pages");
	return pa;
}

/* Smaller pages in place of a large one of that level. */
static void
split(uint64_t *e, int level)
{
	uint64_t size = 1ull << (12 + 9 * (level - 1));
	uint64_t flags = *e & (FLAGS | NOEXEC);
	uint64_t base = *e & ADDRESS & ~(size * ENTRIES - 1);
	uint64_t *table = (uint64_t *)pool;

	if (left-- == 0)
		stop("no more tables");
	pool += PAGE;
	if (level == 1)
		flags &= ~(uint64_t)LARGE;
	for (size_t i = 0; i < ENTRIES; i++)
		table[i] = (base + i * size) | flags;
	*e = (uint64_t)table | (flags & (FLAGS & ~LARGE));
}

/* The entry of a page of 4 KiB; NULL if nothing is mapped there. */
static uint64_t *
entry(uint64_t pa)
{
	uint64_t *table = (uint64_t *)(cr3() & ADDRESS);

	for (int level = TOP; level > 0; level--) {
		uint64_t *e = &table[pa >> (12 + 9 * level) & (ENTRIES - 1)];

		if ((*e & PRESENT) == 0)
			return NULL;
		if (*e & LARGE)
			split(e, level);
		table = (uint64_t *)(*e & ADDRESS);
	}
	return &table[pa >> 12 & (ENTRIES - 1)];
}

static void
change(uint64_t pa, uint64_t end, uint64_t set, uint64_t clear)
{
	for (; pa < end; pa += PAGE) {
		uint64_t *e = entry(pa);

		if (e != NULL)
			*e = (*e & ~clear) | set;
	}
}

static bool
isdata(uint32_t type)
{
	return type == EfiLoaderData || type == EfiBootServicesData ||
	       type == EfiRuntimeServicesData ||
	       type == EfiConventionalMemory || type == EfiACPIReclaimMemory ||
	       type == EfiACPIMemoryNVS;
}

static void
norundata(void)
{
	static uint8_t map[64 * 1024];
	UINTN size = sizeof map, key = 0, stride = 0;
	UINT32 version = 0;

	if (EFI_ERROR(real->GetMemoryMap(
		&size, (void *)map, &key, &stride, &version)))
		stop("no memory map");
	for (size_t at = 0; at < size; at += stride) {
		EFI_MEMORY_DESCRIPTOR *d = (void *)(map + at);

		if (isdata(d->Type))
			change(d->PhysicalStart,
			    d->PhysicalStart + d->NumberOfPages * PAGE, NOEXEC,
			    0);
	}
}

static uint32_t
get(const uint8_t *p, size_t size)
{
	uint32_t v = 0;

	memcpy(&v, p, size);
	return v;
}

/* Headers and gaps may only be read; then each section as it asks. */
static void
sectionsof(const EFI_LOADED_IMAGE *target)
{
	const uint8_t *image = target->ImageBase;
	const uint8_t *pe = image + get(image + PEOFFSET, 4);
	const uint8_t *section = pe + 24 + get(pe + 20, 2);
	uint64_t base = (uint64_t)image;

	change(base, base + target->ImageSize, NOEXEC, WRITE);
	for (size_t n = get(pe + 6, 2); n > 0; n--, section += SECTIONSIZE) {
		uint64_t from = base + get(section + 12, 4);
		uint32_t flags = get(section + 36, 4);

		change(from, from + get(section + 8, 4),
		    flags & SCNWRITE ? WRITE : 0, flags & SCNEXEC ? NOEXEC : 0);
		say("section %x write %d run %d", from,
		    (uint64_t)((flags & SCNWRITE) != 0),
		    (uint64_t)((flags & SCNEXEC) != 0));
	}
}

/* Between these two the tables may be written. */
static uint64_t
opentables(void)
{
	uint64_t was = cr0();

	if (pool == 0) {
		pool = take(EfiBootServicesData, TABLES);
		left = TABLES;
	}
	setcr0(was & ~CR0WP);
	return was;
}

static void
closetables(uint64_t was)
{
	setcr3(cr3());
	setcr0(was);
}

/* What the CPU will do there, by the tables as they are now. */
static void
readback(const char *format, uint64_t pa)
{
	const uint64_t *e = entry(pa);

	if (e == NULL)
		stop("no entry");
	say(format, (uint64_t)((*e & PRESENT) != 0),
	    (uint64_t)((*e & NOEXEC) != 0));
}

void
strictmemory(const EFI_LOADED_IMAGE *target)
{
	uint64_t was = opentables();

	allownoexec();
	norundata();
	sectionsof(target);
	closetables(was | CR0WP);
	readback("data there %d noexec %d", take(EfiLoaderData, 1));
	readback("stack there %d noexec %d", (uint64_t)&was);
}

void *
smallstack(void)
{
	uint64_t npages = scenario.stack / PAGE;
	uint64_t pa = take(EfiBootServicesData, npages + 1);
	uint64_t was = opentables();

	change(pa, pa + PAGE, 0, PRESENT);
	closetables(was);
	say("stack %x", pa + PAGE);
	return (void *)(pa + (npages + 1) * PAGE);
}
