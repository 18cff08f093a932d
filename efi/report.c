/*
 * report.c - see report.h.
 *
 *	mem9: report ...	whose file this is; where the log is kept
 *	...			what mem9 has said so far
 *	mem9: start, efi ...	firmware's map, as it is now
 *	mem9: machine ...	what else it told
 */
#include "report.h"
#include "collect.h"
#include "commands.h"
#include "cpu.h"
#include "cpulist.h"
#include "filetext.h"
#include "hooks.h"
#include "keep.h"
#include "log.h"
#include "reportfile.h"
#include "volume.h"

/* Of any map that there is; what is longer is cut, and says so. */
enum { MOSTTEXT = 1024 * 1024 };

static EFI_FILE_HANDLE
root(void)
{
	EFI_GUID loaded = EFI_LOADED_IMAGE_PROTOCOL_GUID;
	EFI_LOADED_IMAGE *li = protocol(fw.image, loaded);

	return li != NULL ? volumeroot(li) : NULL;
}

static void
said(const char *path, const char *why, size_t n)
{
	if (why == NULL) {
		print(
		    "mem9: report file=\"%s\" result=ok bytes=%zu\n", path, n);
		return;
	}
	print("mem9: report file=\"%s\" result=failed detail=\"%s\"\n", path,
	    why);
	print("report: %s is not written: %s\n", path, why);
}

/* The names that mem9 gives by itself. */
static void
ownname(unsigned i, char name[REPORTMAX])
{
	static const char first[] = REPORTFILE;
	static const char later[] = "\\MEM9-N.TXT";

	if (i == 0) {
		memcpy(name, first, sizeof first);
		return;
	}
	memcpy(name, later, sizeof later);
	name[sizeof "\\MEM9-" - 1] = (char)('1' + i);
}

void
reportown(Options *o)
{
	ownname(0, o->report);
	o->reportown = true;
}

void
reporthome(const Options *o, Home *h)
{
	EFI_FILE_HANDLE r = o->report[0] != '\0' ? root() : NULL;
	unsigned n = o->reportown ? MOSTREPORTS : 1;

	if (r == NULL) {
		if (h->what == HOMESTUCK)
			print("report: its volume is not there any more; the "
			      "log stays in memory\n");
		return;
	}
	cpuidentify();
	if (h->what == HOMESTUCK)
		savedhome(r, h);
	for (unsigned i = 0; i < n && h->what == HOMENONE; i++) {
		if (o->reportown)
			ownname(i, h->path);
		else
			memcpy(h->path, o->report, sizeof h->path);
		savedhome(r, h);
	}
	r->Close(r);
}

/* Into path, which has a name already; false if there is none. */
static bool
choosename(EFI_FILE_HANDLE r, char path[REPORTMAX])
{
	for (unsigned i = 0; i < MOSTREPORTS; i++) {
		ownname(i, path);
		if (savedfree(r, path))
			return true;
	}
	ownname(0, path);
	return false;
}

static void
mapprint(const Bootinfo *b)
{
	Rawmap m;

	if (!getmap(&m))
		return;
	Efimap map = efimapof(&m);
	map.block = b->block.pa;
	map.blocksize = b->block.size;
	print("mem9: start version=" VERSION " command=%s firmware=\"%s\" "
	      "descriptors=%zu stride=%zu\n",
	    commandword(b->options.command), b->firmware, efimapcount(&map),
	    map.stride);
	efimapprint(&map);
	fwfree(m.desc);
}

static void
machineprint(const Bootinfo *b)
{
	const Cpulist *cpus = handover(b, b->cpus);
	const Fb *fb = &b->fb;

	print("mem9: machine installed=%ju cpus=%zu hz=%ju uefi=%u.%u\n",
	    (uintmax_t)b->installed, cpus->n, (uintmax_t)b->tschz,
	    b->firmwarerevision >> 16, (b->firmwarerevision & 0xffff) / 10);
	if (b->block.size != 0)
		print("mem9: block base=%#jx size=%#zx\n", b->block.pa,
		    b->block.size);
	if (fb->size != 0)
		print("mem9: screen base=%#jx size=%#zx width=%u height=%u "
		      "pitch=%u bytes=%u\n",
		    fb->pa, fb->size, fb->width, fb->height, fb->pitch,
		    fb->bytes);
	if (b->uart.space != UARTNONE)
		print("mem9: uart space=%s addr=%#jx width=%u stride=%u\n",
		    b->uart.space == UARTPORT ? "port" : "memory", b->uart.addr,
		    b->uart.width, b->uart.stride);
	for (size_t i = 0; i < b->npci; i++)
		print("mem9: pcibuses base=%#jx segment=%u first=%u last=%u\n",
		    b->pci[i].pa, b->pci[i].segment, b->pci[i].first,
		    b->pci[i].last);
}

/* All of it. From here on what is said is news. */
static const char *
compose(Bootinfo *b, size_t *n)
{
	logaside(filetextwrite);
	savedprint(b);
	logreplay(filetextwrite, SIZE_MAX);
	if (loglost() != 0)
		print("mem9: forgotten bytes=%ju\n", (uintmax_t)loglost());
	mapprint(b);
	machineprint(b);
	if (b->options.command == CMDREPORT)
		auditprint();
	logaside(NULL);
	b->reported = logwrote();
	return filetextend(n);
}

/* NULL, or what is wrong. */
static const char *
writefile(EFI_FILE_HANDLE r, Bootinfo *b, size_t *n)
{
	if (r == NULL)
		return "mem9 comes from no volume that has files";
	if (b->options.reportown && !choosename(r, b->options.report))
		return "it is complete, or not mem9's, and so are all up to "
		       "\\MEM9-9.TXT: take them home first";
	if (!filetextopen(MOSTTEXT))
		return "no memory";
	const char *text = compose(b, n);
	const char *why = reportreplace(r, b->options.report, text, *n);
	filetextclose();
	return why;
}

/* That much is in the file then. */
static bool
report(Bootinfo *b)
{
	EFI_FILE_HANDLE r = root();
	size_t n = 0;
	const char *why = writefile(r, b, &n);

	if (r != NULL)
		r->Close(r);
	said(b->options.report, why, n);
	return why == NULL;
}

void
reportleaving(Bootinfo *b)
{
	const char *path = b->options.report;

	b->keptid = 0;
	if (path[0] == '\0')
		return;
	size_t runs = keeptake(b);
	if (!report(b)) {
		keepgive(b);
		return;
	}
	if (runs > 0)
		print("report: %s has what is known so far; after a reset "
		      "mem9 adds the rest\n",
		    path);
	else
		print("report: %s has what is known so far; there is no memory "
		      "to keep the rest in over a reset\n",
		    path);
}

/* There is no hand-over: as far as it goes it is made up here. */
bool
reportwrite(const Options *o)
{
	if (o->report[0] == '\0')
		return true;
	Bootinfo *b = fwtake(sizeof *b + sizeof(Cpulist));
	if (b == NULL) {
		said(o->report, "no memory", 0);
		return false;
	}
	memset(b, 0, sizeof *b);
	b->options = *o;
	b->cpus = sizeof *b;
	cpuidentify();
	collect(b);
	bool good = report(b);
	if (good)
		print("report: it is in %s\n", b->options.report);
	fwfree(b);
	return good;
}
