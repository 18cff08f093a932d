/*
 * tables.c - pages for the tables of a process's half: see tables.h.
 *
 *	newpage --tablestake--> p->tables' list --putmmu--> tables
 *	putpage <--tablesgive--                 <--spacefree--
 *
 * They are pages, or the kernel's if no page is near enough. They are counted
 * like the process's pages, and come back like these, which tables from
 * elsewhere (arch/rampage.c) do not. They are taken beforehand, as putmmu holds
 * a lock, under which no page can be had. Tables are only ever added by their
 * own process, and stay until its end; so what is counted first is what is used
 * then.
 */
#include "tables.h"
#include "xalloc.h"

/*
 * A page that kaddr reaches, or NOADDR. If there are pages, but all that it
 * reaches is the kernel's share, one of that.
 */
static paddr_t
newtable(void)
{
	Page *pg = newpage(NOCLEAR, 0);

	if (pg == NULL)
		return NOADDR;
	if (cankaddr(pagepa(pg)) >= BY2PG)
		return pagepa(pg);
	putpage(pg);
	if ((pg = newpagerun(1, 1, kspace.directend)) != NULL)
		return pagepa(pg);
	void *p = xspanallocfor(XRAMPAGE, BY2PG, BY2PG, 0);

	return p != NULL ? paddr(p) : NOADDR;
}

int
tablestake(Proc *p, int n)
{
	for (; n > 0; n--) {
		paddr_t pa = newtable();

		if (pa == NOADDR) {
			tablesgive(p);
			return -1;
		}
		tablepagesadd(&p->tables, pa, BY2PG);
	}
	return 0;
}

int
tablesreserve(Proc *p, uintptr_t va)
{
	int missing = 0;

	while (missing < 3 && mmuwalk(&p->space, va, missing, LOOKUP) == NULL)
		missing++;
	return tablestake(p, missing);
}

void
tablesgive(Proc *p)
{
	for (void *page; (page = tablepagestake(&p->tables)) != NULL;) {
		Page *pg = papage(paddr(page));

		if (pg != NULL)
			putpage(pg);
		else
			xfree(page);
	}
}
