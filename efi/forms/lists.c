/*
 * lists.c - all the lists of a text, and which of them make a map.
 *
 * Lists of one boot whose forms explain each other are one map, and the one
 * nearest to firmware is used. A second list of the same form is another map,
 * unless it repeats the first one or is the kernel's own, made from it.
 *
 * needs: kern/extents.c kern/linuxtype.c
 */
#include "form.h"
#include "mapdiff.h"

/* Forms with the same letter can be in one boot. */
static char
family(const Form *f)
{
	static const Form *const linuxes[] = {&xenefi, &linuxefi, &xenram,
	    &linuxe820, &biosefi, &dom0, &iomem, &sysmemmap};

	for (size_t i = 0; i < nelem(linuxes); i++)
		if (f == linuxes[i])
			return 'l';
	return f == &mem9log || f == &plan9ini ? '9' : '\0';
}

static size_t
rank(const Form *f)
{
	size_t i = 0;

	while (forms[i] != f)
		i++;
	return i;
}

/* In the order of the text; of one line, in that of the forms. */
static bool
before(const Map *a, const Map *b)
{
	if (a->start != b->start)
		return a->start < b->start;
	return rank(a->form) < rank(b->form);
}

/* 1, as there may be more. */
static int
addlist(Lists *ls, List *l, Map *why)
{
	List **more = ls->list;
	size_t i = ls->nlist;

	why->lineno = l->m.first;
	if (i == MOSTLISTS)
		return mapfail(why, "more than %d lists", MOSTLISTS);
	more = formsgrow(ls->list, i, &ls->maxlist, sizeof *more);
	if (more == NULL)
		return nomemory(why);
	ls->list = more;
	for (; i > 0 && before(&l->m, &more[i - 1]->m); i--)
		more[i] = more[i - 1];
	more[i] = l;
	ls->nlist++;
	return 1;
}

static void
freelist(List *l)
{
	if (l != NULL)
		mapfree(&l->m);
	formsfree(l);
}

/* The next list of this form, as listread() says. What is bad has no entries.
 */
static int
nextlist(Lists *ls, const Text *t, const Form *form, size_t *at, Map *why)
{
	List *l = formstake(sizeof *l);
	int got = 0;

	if (l == NULL)
		return nomemory(why);
	memset(l, 0, sizeof *l);
	got = listread(&l->m, t, form, at);
	if (got == 0 && l->m.headed && ls->headless == 0)
		ls->headless = l->m.lineno;
	if (got < 0) {
		l->bad = true;
		formsfree(l->m.entry);
		l->m.entry = NULL;
	}
	if (l->m.starved)
		got = nomemory(why);
	else if (got != 0)
		got = addlist(ls, l, why);
	if (got <= 0)
		freelist(l);
	return got;
}

static int
findlists(Lists *ls, const Text *t, const Form *form, Map *why)
{
	size_t at = 0;
	int got = 1;

	while (got > 0)
		got = nextlist(ls, t, form, &at, why);
	return got;
}

static uint64_t
endof(const Form *f, const Entry *e)
{
	return f->efi ? e->base + e->npages * BY2PG : e->end;
}

static bool
same(const Entry *a, const Entry *b)
{
	return a->type == b->type && a->attr == b->attr && a->base == b->base &&
	       a->npages == b->npages && a->end == b->end;
}

/* Does one of m's entries, of the same type, hold all of this one? */
static bool
holds(const Map *m, const Entry *e)
{
	for (size_t i = 0; i < m->nentry; i++) {
		const Entry *h = &m->entry[i];

		if (h->type == e->type && h->base <= e->base &&
		    endof(m->form, e) <= endof(m->form, h))
			return true;
	}
	return false;
}

/* Is b, which came later, a once more, or the kernel's own, made from a? */
static bool
repeats(const Map *a, const Map *b)
{
	bool own = a->form == &linuxefi;

	if (a->e820 != NULL || (a->nentry != b->nentry && !own))
		return false;
	for (size_t i = 0; i < b->nentry; i++)
		if (own ? !holds(a, &b->entry[i])
			: !same(&a->entry[i], &b->entry[i]))
			return false;
	return true;
}

/* What a scan found bad stands behind the last of them. */
static void
takebad(Map *to, Map *from)
{
	Map was = *to;

	if (from->nbad == 0)
		return;
	to->bad = from->bad;
	to->nbad = from->nbad;
	from->bad = was.bad;
	from->nbad = was.nbad;
}

/* The list of this form in map n, or NULL. */
static List *
member(Lists *ls, size_t n, const Form *f)
{
	for (size_t i = 0; i < ls->nlist; i++)
		if (ls->list[i]->map == n && ls->list[i]->m.form == f)
			return ls->list[i];
	return NULL;
}

/* Is this list of the last map, made from it, or of a map of its own? */
static void
place(Lists *ls, List *l)
{
	List *first = ls->nmap > 0 ? member(ls, ls->nmap, l->m.form) : NULL;
	List *main = ls->nmap > 0 ? listsmain(ls, ls->nmap) : NULL;

	if (first != NULL && first->m.boot == l->m.boot && !first->bad &&
	    !l->bad && repeats(&first->m, &l->m)) {
		takebad(&first->m, &l->m);
		return;
	}
	if (first != NULL || main == NULL || main->m.boot != l->m.boot ||
	    family(main->m.form) == '\0' ||
	    family(main->m.form) != family(l->m.form)) {
		l->map = ++ls->nmap;
		l->main = true;
		return;
	}
	l->map = ls->nmap;
	if (rank(l->m.form) < rank(main->m.form)) {
		main->main = false;
		l->main = true;
	}
}

/* The entries of a map by address, what is empty left out; NULL: no memory. */
static Extent *
byaddress(const Map *m, size_t *n)
{
	Extent *e = formstake((m->nentry + 1) * sizeof *e);

	*n = 0;
	for (size_t i = 0; e != NULL && i < m->nentry; i++) {
		const Entry *en = &m->entry[i];

		if (en->base < endof(m->form, en))
			e[(*n)++] = (Extent){
			    en->base, endof(m->form, en), en->type, en->attr};
	}
	if (e != NULL)
		extentssort(e, *n);
	return e;
}

/* The first address from pa to end that is in none of them, or end. */
static uint64_t
covered(const Extent *e, size_t n, uint64_t pa, uint64_t end)
{
	for (size_t i = 0; i < n && e[i].pa <= pa && pa < end; i++)
		pa = MAX(pa, e[i].end);
	return MIN(pa, end);
}

/* RAM that is in the e820 map was in the EFI map it was made from. */
static int
compare(Lists *ls, List *l, Map *why)
{
	const List *made = member(ls, l->map, &linuxe820);
	size_t n = 0;

	if (l->m.form != &linuxefi || l->bad || made == NULL || made->bad)
		return 0;
	Extent *efi = byaddress(&l->m, &n);
	if (efi == NULL)
		return nomemory(why);
	for (size_t i = 0; i < made->m.nentry && !l->bad; i++) {
		const Entry *e = &made->m.entry[i];
		uint64_t pa = covered(efi, n, e->base, e->end);

		if (e->type != 1 || pa >= e->end)
			continue;
		l->bad = true;
		l->m.lineno = l->m.last;
		mapfail(&l->m,
		    "the list is cut: line %zu has RAM at %#jx, which is in no "
		    "entry here",
		    made->m.first, (uintmax_t)pa);
	}
	formsfree(efi);
	return 0;
}

int
listsread(Lists *ls, const Text *t, Map *why)
{
	*ls = (Lists){0};
	why->lineno = 1;
	for (size_t i = 0; i < nforms; i++)
		if (findlists(ls, t, forms[i], why) < 0)
			return -1;
	for (size_t i = 0; i < ls->nlist; i++)
		place(ls, ls->list[i]);
	for (size_t n = 1; n <= ls->nmap; n++)
		if (compare(ls, listsmain(ls, n), why) < 0)
			return -1;
	return 0;
}

void
listsfree(Lists *ls)
{
	for (size_t i = 0; i < ls->nlist; i++)
		freelist(ls->list[i]);
	formsfree(ls->list);
}

List *
listsmain(const Lists *ls, size_t n)
{
	for (size_t i = 0; i < ls->nlist; i++)
		if (ls->list[i]->map == n && ls->list[i]->main)
			return ls->list[i];
	return NULL;
}

static int
nomap(const Lists *ls, const Text *t, Map *why)
{
	const char *what = lookslike(t, &why->lineno);

	if (ls->headless != 0) {
		why->lineno = ls->headless;
		return mapfail(why, "no entry in this map");
	}
	if (what != NULL)
		return mapfail(why,
		    "no memory map found: this looks like %s, which is not "
		    "read",
		    what);
	why->lineno = t->nline > 0 ? t->line[t->nline - 1].no : 1;
	return mapfail(why, "no memory map found");
}

/*
 * The map that is meant if nobody says which: the first, but of a report of
 * mem9's that came home the boot's own, which has what it found out later.
 */
static size_t
meant(const Lists *ls, const Text *t)
{
	const char *s;
	size_t from = 0;

	for (size_t i = 0; i < t->nline; i++)
		if (s = t->line[i].s, scanword(&s, "mem9: savedlog bytes="))
			from = t->line[i].no;
	for (size_t n = 1; n <= ls->nmap && from > 0; n++) {
		const List *l = listsmain(ls, n);

		if (l->m.form == &mem9log && l->m.first > from && !l->bad)
			return n;
	}
	return 1;
}

int
mapread(Map **m, Lists *ls, const Text *t, size_t n, Map *why)
{
	List *l;
	size_t take = n > 0 ? n : meant(ls, t);

	if (ls->nmap == 0)
		return nomap(ls, t, why);
	if (n > ls->nmap) {
		why->lineno = t->line[t->nline - 1].no;
		return mapfail(
		    why, "there is no map %zu: they end at %zu", n, ls->nmap);
	}
	l = listsmain(ls, take);
	*m = &l->m;
	if (l->bad) {
		*why = (Map){.lineno = l->m.lineno};
		return mapfail(why, "%s", l->m.why);
	}
	if (n == 0 && ls->nmap > 1)
		mapnote(&l->m, "the %s of %zu maps",
		    take == 1 ? "first" : "boot's own", ls->nmap);
	return 0;
}
