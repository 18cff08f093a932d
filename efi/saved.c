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
 *and what is there must prove itself (keptread). Where firmware refuses,
 *nothing is read.
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

void
savedprint(const Bootinfo *b)
{
	bool any = b != NULL && b->keptid != 0;

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

bool
savedparse(const char *head, Places *p)
{
	const char *s = afterword(head, REPORTFIRST);
	uint64_t n = 0;
	uint64_t base = 0;
	uint64_t size = 0;
	bool any = false;

	*p = (Places){.run = {NOADDR, NOADDR}};
	while (s != NULL && *s > ' ')
		s++;
	s = s != NULL ? afterword(s, " log=") : NULL;
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
claim(const Places *p, Keptpage *run[KEPTRUNS])
{
	for (size_t i = 0; i < KEPTRUNS; i++) {
		EFI_PHYSICAL_ADDRESS pa = p->run[i];

		run[i] = NULL;
		if (pa == NOADDR)
			continue;
		if (EFI_ERROR(fw.bs->AllocatePages(
			AllocateAddress, EfiLoaderData, KEPTPAGES, &pa)))
			print("report: firmware uses %#jx itself now: nothing "
			      "is read there\n",
			    p->run[i]);
		else
			run[i] = (Keptpage *)pa;
	}
}

static void
giveback(Keptpage *const run[KEPTRUNS])
{
	for (size_t i = 0; i < KEPTRUNS; i++)
		if (run[i] != NULL)
			fw.bs->FreePages((uintptr_t)run[i], KEPTPAGES);
}

static void
nowhere(const char *s, size_t n)
{
	(void)s;
	(void)n;
}

/* The text of the log, behind a line that says what is there of it. */
static bool
compose(Keptpage *const run[KEPTRUNS], uint64_t id, Keptlog *found)
{
	if (!keptread(run, id, nowhere, found))
		return false;
	logaside(filetextwrite);
	print("\nmem9: savedlog bytes=%ju pages=%zu lost=%zu\n",
	    (uintmax_t)found->bytes, found->pages, found->lost);
	logaside(NULL);
	keptread(run, id, filetextwrite, found);
	logaside(filetextwrite);
	print("\nmem9: home id=%#jx\n", (uintmax_t)id);
	logaside(NULL);
	return true;
}

/* Is that the last line of the file? */
static bool
ishome(EFI_FILE_HANDLE root, const char *path, uint64_t id)
{
	char tail[TAIL];
	uint64_t last = 0;

	if (!reportread(root, path, REPORTTAIL, tail, sizeof tail))
		return false;
	for (const char *s = tail; s != NULL; s = nextline(s))
		if (field(s, "mem9: home id=", &last) != NULL && last == id)
			return true;
	return false;
}

static enum home
bring(EFI_FILE_HANDLE root, const char *path, const Places *p,
    Keptpage *const run[KEPTRUNS])
{
	Keptlog found;
	size_t n = 0;

	if (!compose(run, p->id, &found)) {
		print("report: %s waits for a log that is not in memory any "
		      "more\n",
		    path);
		return HOMENONE;
	}
	const char *text = filetextend(&n);
	const char *why = reportappend(root, path, text, n);
	print("mem9: savedlog file=\"%s\" result=%s bytes=%ju pages=%zu "
	      "lost=%zu\n",
	    path, why == NULL ? "ok" : "failed", (uintmax_t)found.bytes,
	    found.pages, found.lost);
	if (why != NULL) {
		print("report: the last boot's log is in memory, but not in "
		      "%s: %s\n",
		    path, why);
		return HOMESTUCK;
	}
	keptforget(run, p->id);
	print("report: %s is complete: it has the last boot's log, up to the "
	      "reset\n",
	    path);
	return HOMECAME;
}

enum home
savedhome(EFI_FILE_HANDLE root, const char *path)
{
	enum home home = HOMENONE;
	char head[HEAD];
	Places p;
	Keptpage *run[KEPTRUNS];

	if (!reportread(root, path, REPORTHEAD, head, sizeof head) ||
	    !savedparse(head, &p) || ishome(root, path, p.id))
		return HOMENONE;
	claim(&p, run);
	if (filetextopen(MOSTTEXT)) {
		home = bring(root, path, &p, run);
		filetextclose();
	} else
		print("report: no memory to read the last boot's log\n");
	giveback(run);
	return home;
}
