/*
 * pci.c - bus mastering off, function by function: see pci.h.
 *
 * PCI Local Bus Specification 3.0: 3.2.2.3.2 (ports), 6.1 and 6.2 (headers);
 * PCI Express Base Specification, 7.2.2 (configuration space in memory).
 * Firmware's drivers leave rings of their devices in memory that becomes RAM.
 */
#include "pci.h"
#include "hooks.h"
#include "mmu.h"
#include "port.h"

typedef struct Function Function;

enum {
	CONFADDR = 0xcf8,
	CONFDATA = 0xcfc,
	CONFON = 1 << 31,

	ID = 0x00,
	COMMAND = 0x04, /* and status, which writing 0 leaves as it is */
	CLASS = 0x08,
	HEADER = 0x0c,

	BUSMASTER = 1 << 2,
	MULTI = 1 << 23, /* of the word at HEADER */
	DISPLAY = 0x03,
	BRIDGE = 0x06,
	IOMMU = 0x0806, /* with the subclass */
	USB = 0x0c03,

	DEVICES = 32,
	FUNCTIONS = 8,
};

struct Function {
	volatile uint8_t *regs; /* of the first bus; NULL: by ports */
	uint16_t segment;
	uint8_t first;
	uint8_t bus;
	uint8_t dev;
	uint8_t fn;
};

static volatile uint32_t *
inmemory(const Function *f, unsigned reg)
{
	size_t at = (size_t)(f->bus - f->first) << 20 | f->dev << 15 |
		    f->fn << 12 | reg;

	return (volatile uint32_t *)(f->regs + at);
}

static void
address(const Function *f, unsigned reg)
{
	portwrite32(CONFADDR, (uint32_t)CONFON | (uint32_t)f->bus << 16 |
				  (uint32_t)f->dev << 11 |
				  (uint32_t)f->fn << 8 | reg);
}

static uint32_t
get(const Function *f, unsigned reg)
{
	if (f->regs != NULL)
		return *inmemory(f, reg);
	address(f, reg);
	return portread32(CONFDATA);
}

static void
put(const Function *f, unsigned reg, uint32_t v)
{
	if (f->regs != NULL) {
		*inmemory(f, reg) = v;
		return;
	}
	address(f, reg);
	portwrite32(CONFDATA, v);
}

static uint32_t
name(const Function *f)
{
	return (uint32_t)f->segment << 16 | (uint32_t)f->bus << 8 |
	       (uint32_t)f->dev << 3 | f->fn;
}

static uint32_t
classof(const Function *f)
{
	return get(f, CLASS) >> 16;
}

/* May it go on as it is? Bridges have another header, too. */
static bool
spared(const Function *f)
{
	uint32_t class = classof(f);

	return (get(f, HEADER) >> 16 & 0x7f) != 0 || class >> 8 == BRIDGE ||
	       class >> 8 == DISPLAY || class == IOMMU;
}

static void
quiet(const Function *f, Busmasters *m)
{
	uint32_t command = get(f, COMMAND) & 0xffff;

	m->functions++;
	if ((command & BUSMASTER) == 0 || spared(f))
		return;
	put(f, COMMAND, command & ~(uint32_t)BUSMASTER);
	if (m->off + m->stuck < BUSMASTERNAMES)
		m->name[m->off + m->stuck] = name(f);
	if (get(f, COMMAND) & BUSMASTER)
		m->stuck++;
	else {
		m->off++;
		m->usb += classof(f) == USB;
	}
}

static bool
there(const Function *f)
{
	uint32_t vendor = get(f, ID) & 0xffff;

	return vendor != 0xffff && vendor != 0;
}

static void
quietdevice(Function f, Busmasters *m)
{
	if (!there(&f))
		return;
	bool multi = get(&f, HEADER) & MULTI;

	for (f.fn = 0; f.fn < (multi ? FUNCTIONS : 1); f.fn++)
		if (there(&f))
			quiet(&f, m);
}

static void
quietbuses(Function f, uint8_t last, Busmasters *m)
{
	for (unsigned bus = f.first; bus <= last; bus++)
		for (unsigned dev = 0; dev < DEVICES; dev++) {
			f.bus = (uint8_t)bus;
			f.dev = (uint8_t)dev;
			quietdevice(f, m);
		}
}

static void
quietmapped(const Pcibuses *b, Busmasters *m)
{
	size_t size = ((size_t)b->last - b->first + 1) << 20;
	void *regs = vmap(b->pa + ((paddr_t)b->first << 20), size, PTEUC);

	if (regs == NULL) {
		print("no addresses to reach PCI buses %u to %u of segment %u: "
		      "their devices may still write to memory\n",
		    b->first, b->last, b->segment);
		return;
	}
	quietbuses(
	    (Function){.regs = regs, .segment = b->segment, .first = b->first},
	    b->last, m);
	vunmap(regs, size);
}

void
pciquietports(Busmasters *m)
{
	*m = (Busmasters){.functions = 0};
	quietbuses((Function){.segment = 0}, UINT8_MAX, m);
}

void
pciquietmapped(const Pcibuses *buses, size_t n, Busmasters *m)
{
	bool ports = m->functions != 0;

	for (size_t i = 0; i < n; i++)
		if (buses[i].segment != 0 || !ports)
			quietmapped(&buses[i], m);
}

/* Large, and filled before there is any allocator. */
static Busmasters found;

void
busmastersoff(void)
{
	pciquietports(&found);
}

void
busmastersrest(void)
{
	const Busmasters *m = &found;
	const char *sep = "";

	pciquietmapped(bootinfo->pci, bootinfo->npci, &found);
	print("mem9: busmaster off=%zu stuck=%zu of=%zu functions=\"", m->off,
	    m->stuck, m->functions);
	for (size_t i = 0; i < m->off + m->stuck && i < BUSMASTERNAMES; i++) {
		uint32_t f = m->name[i];

		print("%s%04x:%02x:%02x.%x", sep, (unsigned)(f >> 16),
		    (unsigned)(f >> 8 & 0xff), (unsigned)(f >> 3 & 0x1f),
		    (unsigned)(f & 7));
		sep = " ";
	}
	print("%s\"\n", m->off + m->stuck > BUSMASTERNAMES ? " ..." : "");
	if (m->usb != 0)
		print("USB controllers are off: what firmware made of a "
		      "keyboard there is dead\n");
}
