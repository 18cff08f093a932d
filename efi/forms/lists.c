/*
 * lists.c - all the lists of a text, and which of them make a map.
 *
 * Lists of one boot whose forms explain each other are one map, and the one
 * nearest to firmware is used. A second list of the same form is another map,
 * unless it repeats the first one or is the kernel's own, made from it.
 */
#include "forms.h"

#include <stdlib.h>
#include <string.h>

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
static int
order(const void *va, const void *vb)
{
	const Map *a = &((const List *)va)->m;
	const Map *b = &((const List *)vb)->m;

	if (a->start != b->start)
		return a->start < b->start ? -1 : 1;
	return rank(a->form) < rank(b->form) ? -1 : 1;
}

static void
addlist(Lists *ls, const Map *m, bool bad)
{
	if (ls->nlist == ls->maxlist) {
		ls->maxlist = ls->maxlist == 0 ? 8 : 2 * ls->maxlist;
		ls->list = realloc(ls->list, ls->maxlist * sizeof *ls->list);
	}
	ls->list[ls->nlist++] = (List){.m = *m, .bad = bad};
}

static void
findlists(Lists *ls, const Text *t, const Form *form)
{
	size_t at = 0;
	int got;

	do {
		Map m;

		got = listread(&m, t, form, &at);
		if (got != 0)
			addlist(ls, &m, got < 0);
		else if (m.headed && ls->headless == 0)
			ls->headless = m.lineno;
		if (got == 0)
			mapfree(&m);
	} while (got != 0);
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
		if (ls->list[i].map == n && ls->list[i].m.form == f)
			return &ls->list[i];
	return NULL;
}

/* Is this list of the last map, made from it, or of a map of its own? */
static void
place(Lists *ls, List *l)
{
	List *first = ls->nmap > 0 ? member(ls, ls->nmap, l->m.form) : NULL;
	List *main = ls->nmap > 0 ? listsmain(ls, ls->nmap) : NULL;

	if (first != NULL && first->m.boot == l->m.boot && !l->bad &&
	    repeats(&first->m, &l->m)) {
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

/* The first address from pa to end that is in no entry of m, or end. */
static uint64_t
covered(const Map *m, uint64_t pa, uint64_t end)
{
	bool more = true;

	while (more && pa < end) {
		more = false;
		for (size_t i = 0; i < m->nentry; i++) {
			const Entry *e = &m->entry[i];

			if (e->base > pa || endof(m->form, e) <= pa)
				continue;
			pa = endof(m->form, e);
			more = true;
		}
	}
	return MIN(pa, end);
}

/* RAM that is in the e820 map was in the EFI map it was made from. */
static void
compare(Lists *ls, List *l)
{
	const List *made = member(ls, l->map, &linuxe820);

	if (l->m.form != &linuxefi || l->bad || made == NULL || made->bad)
		return;
	for (size_t i = 0; i < made->m.nentry && !l->bad; i++) {
		const Entry *e = &made->m.entry[i];
		uint64_t pa = covered(&l->m, e->base, e->end);

		if (e->type != 1 || pa >= e->end)
			continue;
		l->bad = true;
		l->m.lineno = l->m.last;
		mapfail(&l->m,
		    "the list is cut: line %zu has RAM at %#jx, which is in no "
		    "entry here",
		    made->m.first, (uintmax_t)pa);
	}
}

void
listsread(Lists *ls, const Text *t)
{
	*ls = (Lists){0};
	for (size_t i = 0; i < nforms; i++)
		findlists(ls, t, forms[i]);
	if (ls->nlist > 0)
		qsort(ls->list, ls->nlist, sizeof *ls->list, order);
	for (size_t i = 0; i < ls->nlist; i++)
		place(ls, &ls->list[i]);
	for (size_t n = 1; n <= ls->nmap; n++)
		compare(ls, listsmain(ls, n));
}

void
listsfree(Lists *ls)
{
	for (size_t i = 0; i < ls->nlist; i++)
		mapfree(&ls->list[i].m);
	free(ls->list);
}

List *
listsmain(const Lists *ls, size_t n)
{
	for (size_t i = 0; i < ls->nlist; i++)
		if (ls->list[i].map == n && ls->list[i].main)
			return &ls->list[i];
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
		mapnote(&l->m,
		    "the %s of %zu maps; -l lists them, -n N takes another",
		    take == 1 ? "first" : "boot's own", ls->nmap);
	return 0;
}
