/*
 * replay.h - any text at all: refused with a line and a reason, or read; and
 * then, written again as that kind of text, read as the same entries, and
 * painted as the model says.
 *
 * The target defines KIND, one of tools/replay's, before including this.
 */
#include "fuzz.h"
#include "memmap.h"
#include "efimap.h"
#include "paint.h"
#include "../../tools/replay/replay.h"

enum { MAXTEXT = 4000, MAXPAINT = 40 };

static char again[1 << 17];

static void
writeentry(char *s, size_t size, const Kind *kind, const Entry *e, size_t i)
{
	const char *name = efitypename(e->type);
	uint64_t last = e->base + e->npages * BY2PG - 1;

	if (kind == &mem9log && name != NULL)
		snprintf(s, size,
		    "mem9: efi type=%s base=0x%jx pages=%ju attr=0x%jx as=x\n",
		    name, e->base, e->npages, e->attr);
	else if (kind == &mem9log)
		snprintf(s, size,
		    "mem9: efi type=0x%x base=0x%jx pages=%ju attr=0x%jx\n",
		    e->type, e->base, e->npages, e->attr);
	else if (kind == &linuxefi)
		snprintf(s, size,
		    "efi: mem%02zu: [type=%u|attr=0x%jx] range=[0x%jx-0x%jx]\n",
		    i, e->type, e->attr, e->base, last);
	else if (kind == &linuxe820)
		snprintf(s, size, "BIOS-e820: %jx - %jx (type %u)\n", e->base,
		    e->end, e->type);
	else if (kind == &shelltable)
		snprintf(s, size, "%08X %jX-%jX %jX %jX\n", e->type, e->base,
		    last, e->npages, e->attr);
	else if (kind == &shellsfo)
		snprintf(s, size,
		    "MemoryMap,\"%X\",\"%jX\",\"%jX\",\"%jX\",\"%jX\"\n",
		    e->type, e->base, last, e->npages, e->attr);
	else if (kind == &mapsefi)
		snprintf(s, size, "efi %u 0x%jx %ju 0x%jx\n", e->type, e->base,
		    e->npages, e->attr);
	else
		snprintf(
		    s, size, "e820 %u 0x%jx 0x%jx\n", e->type, e->base, e->end);
}

/* Written again and read again, it must be the same. */
static void
andback(const Map *m)
{
	size_t n = 0;
	Map m2 = {0};
	Text t;

	if (m->kind == &shelltable)
		n = (size_t)snprintf(again, sizeof again, "Type  Start  End\n");
	for (size_t i = 0; i < m->nentry; i++) {
		writeentry(
		    again + n, sizeof again - n, m->kind, &m->entry[i], i);
		n += strlen(again + n);
	}
	if (textread(&t, &m2, (uint8_t *)again, n) < 0 ||
	    mapreadas(&m2, &t, m->kind) < 0)
		panic("%s:%zu: %s", again, m2.lineno, m2.why);
	if (m2.nentry != m->nentry)
		panic("%zu entries, not %zu: %s", m2.nentry, m->nentry, again);
	for (size_t i = 0; i < m->nentry; i++)
		if (!entrysame(&m2.entry[i], &m->entry[i]))
			panic("entry %zu of %s", i, again);
	mapfree(&m2);
	textfree(&t);
}

static void
painted(Map *m)
{
	static uint64_t table[1 << 16];
	Paint p = {0};

	memmapinit(table, sizeof table);
	if (mapfeed(m, 52) < 0)
		panic("%s", m->why);
	paintdefaults(&p);
	for (size_t i = 0; i < m->nentry; i++) {
		const Entry *e = &m->entry[i];

		if (m->kind->efi)
			paintefi(&p, e->type, e->base, e->npages, e->attr, 52);
		else
			painte820(&p, e->type, e->base, e->end, 52);
	}
	paintdone(&p);
	if (paintdiffers(&p) != NULL)
		panic("%s", paintdiffers(&p));
	memmapcheck();
	paintfree(&p);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	const Kind *kind = KIND;
	Map m = {0};
	Text t;
	int result;

	if (size > MAXTEXT)
		return 0;
	hostquiet();
	stage = SMACH;
	result = textread(&t, &m, data, size);
	if (result == 0)
		result =
		    kind == NULL ? mapread(&m, &t) : mapreadas(&m, &t, kind);
	if (result < 0 && (m.why[0] == '\0' || m.lineno == 0))
		panic("refused without a line or a reason");
	if (result == 0 && m.e820 == NULL) {
		andback(&m);
		if (m.nentry <= MAXPAINT)
			painted(&m);
	}
	mapfree(&m);
	textfree(&t);
	return 0;
}
