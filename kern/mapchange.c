/*
 * mapchange.c - the changes between two maps as lines for programs.
 *
 *	mem9: diff kind=moved type=T base=A size=N was=A
 *	mem9: diff kind=grown type=T base=A size=N was=A wassize=N
 *	mem9: diff kind=shrunk, the same
 *	mem9: diff kind=gone type=T base=A size=N
 *	mem9: diff kind=new, the same
 *	mem9: diff kind=owner type=T base=A size=N was=T
 *	mem9: diff kind=attr type=T base=A size=N attr=N was=N
 *	mem9: diffed linux=different entries=20 was=21 moved=1 ...
 */
#include "extents.h"
#include "efimap.h"
#include "hooks.h"

static const char *const kinds[NCHANGE] = {
    [CHANGEMOVED] = "moved",
    [CHANGEGROWN] = "grown",
    [CHANGESHRUNK] = "shrunk",
    [CHANGEGONE] = "gone",
    [CHANGENEW] = "new",
    [CHANGEATTR] = "attr",
    [CHANGEOWNER] = "owner",
};

/* NULL: it has no name. */
static const char *
linuxname(uint32_t type)
{
	switch (type) {
	case E820RAM:
		return "RAM";
	case E820RESERVED:
		return "Reserved";
	case E820ACPI:
		return "ACPI";
	case E820NVS:
		return "NVS";
	case E820UNUSABLE:
		return "Unusable";
	case E820PMEM:
		return "Persistent";
	case E820PRAM:
		return "PersistentLegacy";
	case E820SOFT:
		return "SoftReserved";
	default:
		return NULL;
	}
}

const char *
changekindname(enum changekind kind)
{
	return kinds[kind];
}

/* Of a region, in EFI's view, two numbers of owners mean all of them. */
const char *
changetypename(
    const Mapchange *c, uint32_t type, const char *(*efiname)(uint32_t type))
{
	bool owner = c->kind == CHANGEOWNER || c->kind == CHANGEATTR;

	if (c->view == VIEWE820)
		return linuxname(type);
	if (!owner && type == TYPERAM)
		return "RAM";
	if (!owner && type == TYPESOFT)
		return "SoftReserved";
	return efiname(type);
}

static void
printtype(const char *key, const Mapchange *c, uint32_t type)
{
	const char *name = changetypename(c, type, efitypename);

	if (name != NULL)
		print(" %s=%s", key, name);
	else
		print(" %s=0x%08x", key, type);
}

void
mapchangeprint(const Mapchange *c)
{
	print("mem9: diff kind=%s", kinds[c->kind]);
	printtype("type", c, c->now.type);
	print(" base=0x%jx size=0x%zx", c->now.pa, c->now.end - c->now.pa);
	switch (c->kind) {
	case CHANGEGROWN:
	case CHANGESHRUNK:
		print(" was=0x%jx wassize=0x%zx", c->was.pa,
		    c->was.end - c->was.pa);
		break;
	case CHANGEMOVED:
		print(" was=0x%jx", c->was.pa);
		break;
	case CHANGEATTR:
		print(" attr=0x%jx was=0x%jx", (uintmax_t)c->now.attr,
		    (uintmax_t)c->was.attr);
		break;
	case CHANGEOWNER:
		printtype("was", c, c->was.type);
		break;
	default:
		break;
	}
	print("\n");
}

void
mapdiffprint(const Mapdiff *d)
{
	print("mem9: diffed linux=%s entries=%zu was=%zu",
	    d->linuxsame ? "equal" : "different", d->nlinux[1], d->nlinux[0]);
	for (int i = 0; i < NCHANGE; i++)
		print(" %s=%zu", kinds[i], d->n[i]);
	print("%s\n", d->crowded ? " crowded=1" : "");
}

const char *
mapdiffwords(const Mapdiff *d)
{
	if (!d->linuxsame)
		return "A hibernated Linux would not resume: it compares these "
		       "maps, and they differ.";
	if (!mapdiffsame(d))
		return "To Linux's hibernation the maps are the same, but not "
		       "all regions are.";
	if (d->n[CHANGEOWNER] > 0)
		return "The maps are the same, but for who owned some of the "
		       "RAM.";
	return "The maps are the same.";
}

bool
mapdiffsame(const Mapdiff *d)
{
	for (int i = 0; i < NCHANGE; i++)
		if (i != CHANGEOWNER && d->n[i] != 0)
			return false;
	return d->linuxsame;
}
