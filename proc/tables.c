/*
 * tables.c - pages for the tables of a process's half: see tables.h.
 *
 *	newpage --tablestake--> p->tables' list --putmmu--> tables
 *	putpage <--tablesgive--                 <--spacefree--
 *
 * They are counted like the process's pages, and come back like these, which
 * tables from elsewhere (arch/rampage.c) do not. They are taken beforehand, as
 * putmmu holds a lock, under which no page can be had. Tables are only ever
 * added by their own process, and stay until its end; so what is counted first
 * is what is used then.
 */
#include "tables.h"

/* A page that kaddr reaches. */
static Page *
newtable(void)
{
	Page *pg = newpage(NOCLEAR, 0);

	if (pg == NULL || cankaddr(pagepa(pg)) >= BY2PG)
		return pg;
	putpage(pg);
	return newpagerun(1, 1, kspace.directend);
}

int
tablestake(Proc *p, int n)
{
	for (; n > 0; n--) {
		Page *pg = newtable();

		if (pg == NULL) {
			tablesgive(p);
			return -1;
		}
		tablepagesadd(&p->tables, pagepa(pg), BY2PG);
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
	for (void *page; (page = tablepagestake(&p->tables)) != NULL;)
		putpage(papage(paddr(page)));
}
