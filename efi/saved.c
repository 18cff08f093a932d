/*
 * saved.c - see saved.h.
 *
 *	mem9: report version=0.1 log=kept id=0x...
 *	mem9: kept n=0 base=0x... size=0x...
 *	...
 *	mem9: savedlog ...
 *	mem9: home id=0x...			the last line, once it came
 *
 * The file may be forged, and memory hold anything: a place is claimed from
 * firmware before it is touched, and so is free memory of the size of a run;
 * and what is there must prove itself (keptread). Where firmware refuses,
 * nothing is read.
 *
 * A log is in memory until its report is known to be on the disk: one that has
 * its last line, while memory has the log, was not flushed. Where firmware
 * cannot undo an append that failed, a part of the log stands in the file
 * before the next try: the last savedlog is whole.
 */
#include "saved.h"
#include "filetext.h"
#include "hooks.h"
#include "log.h"
#include "reportfile.h"
#include "value.h"

enum {
	LOWEST =
	    2 << 20, /* firmware's own may look free below: U-Boot's stack */
	TAIL = 64,
	HEAD = 512,                              /* the first lines fit into */
	MOSTTEXT = 2 * KEPTPAGES * BY2PG + 4096, /* a log of empty lines does */
};

/* What a file's last line says of its log. */
enum last { LASTOTHER, LASTHOME, LASTUNREAD };

void
savedprint(const Bootinfo *b)
{
	bool any = b->keptid != 0;

	print(REPORTFIRST VERSION " log=%s id=%#jx\n", any ? "kept" : "none",
	    (uintmax_t)(any ? b->keptid : 0));
	for (size_t i = 0; any && i < KEPTRUNS; i++)
		if (b->kept[i] != NOADDR)
			print("mem9: kept n=%zu base=%#jx size=%#zx\n", i,
			    b->kept[i], KEPTSIZE);
}

/* " WORD=", a number, and what is behind it; NULL if that is not there. */
static const char *
field(const char *s, const char *word, uint64_t *v)
{
	s = s != NULL ? afterword(s, word) : NULL;
	return s != NULL ? readnumber(s, v) : NULL;
}

/* The next line; NULL if this one has no end. */
static const char *
nextline(const char *s)
{
	while (*s != '\0' && *s != '\n')
		s++;
	return *s == '\n' ? s + 1 : NULL;
}

static bool
sane(uint64_t base, uint64_t size)
{
	return base >= LOWEST && base % BY2PG == 0 && size == KEPTSIZE &&
	       base < PAMAX - size;
}

/* What stands behind log= in the first line; NULL if that is not one. */
static const char *
logword(const char *head)
{
	const char *s = afterword(head, REPORTFIRST);

	while (s != NULL && *s > ' ')
		s++;
	return s != NULL ? afterword(s, " log=") : NULL;
}

bool
savedparse(const char *head, Places *p)
{
	const char *s = logword(head);
	uint64_t n = 0;
	uint64_t base = 0;
	uint64_t size = 0;
	bool any = false;

	*p = (Places){.run = {NOADDR, NOADDR}};
	if (s == NULL)
		return false;
	s = field(afterword(s, "kept"), " id=", &p->id);
	while (s != NULL && (s = nextline(s)) != NULL) {
		const char *end = field(s, "mem9: kept n=", &n);

		end = field(end, " base=", &base);
		end = field(end, " size=", &size);
		if (end == NULL || n >= KEPTRUNS || !sane(base, size))
			break;
		p->run[n] = base;
		any = true;
	}
	return any && p->id != 0;
}

/* What firmware gives of these places, and only that. */
static void
claim(Home *h)
{
	for (size_t i = 0; i < KEPTRUNS; i++) {
		EFI_PHYSICAL_ADDRESS pa = h->at.run[i];

		h->run[i] = NULL;
		if (pa != NOADDR &&
		    !EFI_ERROR(fw.bs->AllocatePages(
			AllocateAddress, EfiLoaderData, KEPTPAGES, &pa)))
			h->run[i] = (Keptpage *)pa;
	}
}

void
savedgive(Home *h)
{
	for (size_t i = 0; i < KEPTRUNS; i++)
		if (h->run[i] != NULL) {
			fw.bs->FreePages((uintptr_t)h->run[i], KEPTPAGES);
			h->run[i] = NULL;
		}
}

static void
nowhere(const char *s, size_t n)
{
	(void)s;
	(void)n;
}

/* The text of the log, behind a line that says what is there of it. */
static void
compose(const Home *h, const Keptlog *found)
{
	Keptlog same;

	logaside(filetextwrite);
	print("\nmem9: savedlog bytes=%ju pages=%zu lost=%zu\n",
	    (uintmax_t)found->bytes, found->pages, found->lost);
	logaside(NULL);
	keptread(h->run, h->at.id, filetextwrite, &same);
	logaside(filetextwrite);
	print("\nmem9: home id=%#jx\n", (uintmax_t)h->at.id);
	logaside(NULL);
}

/* Is that the last line of the file? */
static enum last
lastline(EFI_FILE_HANDLE root, const char *path, uint64_t id)
{
	char tail[TAIL];
	uint64_t last = 0;

	if (reportread(root, path, REPORTTAIL, tail, sizeof tail) != REPORTREAD)
		return LASTUNREAD;
	for (const char *s = tail; s != NULL; s = nextline(s))
		if (field(s, "mem9: home id=", &last) != NULL && last == id)
			return LASTHOME;
	return LASTOTHER;
}

bool
savedfree(EFI_FILE_HANDLE root, const char *path)
{
	char head[HEAD];
	Places p;
	enum reportgot got =
	    reportread(root, path, REPORTHEAD, head, sizeof head);

	if (got != REPORTREAD)
		return got == REPORTNONE;
	const char *log = logword(head);
	if (log != NULL && afterword(log, "none ") != NULL)
		return false;
	return !savedparse(head, &p) || lastline(root, path, p.id) == LASTOTHER;
}

/* NULL, or why it is not on the disk; there: it is in the file already. */
static const char *
append(EFI_FILE_HANDLE root, const Home *h, const Keptlog *found, bool there)
{
	size_t n = 0;

	if (there)
		return reportappend(root, h->path, "", 0);
	if (!filetextopen(MOSTTEXT))
		return "no memory";
	compose(h, found);
	const char *text = filetextend(&n);
	const char *why = reportappend(root, h->path, text, n);
	filetextclose();
	return why;
}

static enum home
bring(EFI_FILE_HANDLE root, const Home *h, const Keptlog *found, bool there)
{
	const char *why = append(root, h, found, there);

	print("mem9: savedlog file=\"%s\" result=%s bytes=%ju pages=%zu "
	      "lost=%zu\n",
	    h->path, why == NULL ? "ok" : "failed", (uintmax_t)found->bytes,
	    found->pages, found->lost);
	if (why != NULL) {
		print("report: the last boot's log is in memory, but not in "
		      "%s: %s\n",
		    h->path, why);
		return HOMESTUCK;
	}
	keptforget(h->run, h->at.id);
	print("report: %s is complete: it has the last boot's log, up to the "
	      "reset\n",
	    h->path);
	return HOMECAME;
}

/* Not even a look is taken there. */
static void
refusals(const Home *h)
{
	for (size_t i = 0; i < KEPTRUNS; i++)
		if (h->at.run[i] != NOADDR && h->run[i] == NULL)
			print("report: firmware uses %#jx itself now: nothing "
			      "is read there\n",
			    h->at.run[i]);
}

/* Its memory, and whether the report had it already. */
static void
find(EFI_FILE_HANDLE root, const Places *p, Home *h)
{
	Keptlog found;
	enum last last = lastline(root, h->path, p->id);

	if (h->what == HOMENONE) {
		h->at = *p;
		claim(h);
		if (last != LASTHOME)
			refusals(h);
	}
	h->what = HOMENONE;
	if (keptread(h->run, p->id, nowhere, &found))
		h->what = bring(root, h, &found, last == LASTHOME);
	else if (last != LASTHOME)
		print("report: %s %s for a log that is not in memory any "
		      "more\n",
		    h->path,
		    last == LASTOTHER ? "waits" : "cannot be read, or waits");
	if (h->what != HOMESTUCK)
		savedgive(h);
}

void
savedhome(EFI_FILE_HANDLE root, Home *h)
{
	char head[HEAD];
	Places p;
	enum reportgot got =
	    reportread(root, h->path, REPORTHEAD, head, sizeof head);
	bool stuck = h->what == HOMESTUCK;

	if (got == REPORTUNREAD)
		print("report: %s cannot be read: its log stays in memory%s\n",
		    h->path, stuck ? "" : ", if there is one");
	else if (savedparse(head, &p) && (!stuck || p.id == h->at.id))
		find(root, &p, h);
	else if (stuck)
		print("report: %s is not there any more; the log stays in "
		      "memory\n",
		    h->path);
}
