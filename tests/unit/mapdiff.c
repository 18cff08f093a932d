/*
 * mapdiff.c - what changed from one map to another: small ones by hand, and
 * the real ones of tests/maps, edited by chance.
 *
 * An edit must be found again: the one region, what happened to it, where. And
 * whatever happened, taking the old regions of all changes away and putting
 * the new ones there makes one map of the other.
 *
 * needs: efi/forms/map.c tools/replay/feed.c kern/mapdiff.c kern/regionpair.c
 * needs: kern/mapchange.c kern/extents.c kern/linuxtype.c
 */
#include "savedmap.h"
#include "mapdiff.h"

enum { MAXLIST = 2000, MAXCHANGE = 4000, PG = BY2PG, NONE = 0 };

#define RUNTIME (1ull << 63)
#define SP (1ull << 18)
#define XP (1ull << 14)
#define WB (1ull << 3)

typedef struct Found Found;
typedef struct Maplist Maplist;

/* A map under test, and what mapdiff says of two. */
struct Maplist {
	Extent e[MAXLIST];
	size_t n;
	enum mapview view;
};

struct Found {
	Mapdiff d;
	Mapchange c[MAXCHANGE];
	size_t n;
};

static void
keep(void *arg, const Mapchange *c)
{
	Found *f = arg;

	assert_true(f->n < MAXCHANGE);
	f->c[f->n++] = *c;
}

static void
shuffle(Extent *e, size_t n)
{
	for (size_t i = n; i > 1; i--) {
		size_t j = rnd(i);
		Extent x = e[i - 1];

		e[i - 1] = e[j];
		e[j] = x;
	}
}

static void
ignore(void *arg, const Mapchange *c)
{
	(void)arg;
	(void)c;
}

/* Copies of both, in any order, with no memory to spare. */
static void
compare(Found *f, const Maplist *was, const Maplist *now)
{
	Extent *a = malloc(was->n * sizeof *a + 1);
	Extent *b = malloc(now->n * sizeof *b + 1);
	void *work = malloc(mapdiffneed(was->n, now->n));
	Mapside sa = {a, was->n, was->view};
	Mapside sb = {b, now->n, now->view};

	memcpy(a, was->e, was->n * sizeof *a);
	memcpy(b, now->e, now->n * sizeof *b);
	shuffle(a, was->n);
	shuffle(b, now->n);
	f->n = 0;
	mapdiff(&f->d, &sa, &sb, work, keep, f);
	free(work);
	free(a);
	free(b);
}

/* ---- by hand ---- */

/*
 * "7:0-9 1:9-a" are pages of types (all hexadecimal), with attributes after
 * another colon; those that begin with e are of e820.
 */
static Maplist *
parse(Maplist *m, const char *s)
{
	m->view = *s == 'e' ? VIEWE820 : VIEWEFI;
	s += *s == 'e';
	for (m->n = 0; *s != '\0'; m->n++) {
		Extent *e = &m->e[m->n];
		int used = 0;

		e->attr = m->view == VIEWEFI ? WB : 0;
		assert_int_equal(sscanf(s, " %x:%jx-%jx%n", &e->type, &e->pa,
				     &e->end, &used),
		    3);
		s += used;
		if (sscanf(s, ":%jx%n", &e->attr, &used) == 1)
			s += used;
		e->pa *= PG;
		e->end *= PG;
	}
	return m;
}

typedef struct Case Case;
struct Case {
	const char *was;
	const char *now;
	const char *said; /* the lines without "mem9: diff kind=" */
	const char *sum;
};

#define SAME "linux=equal"
#define DIFF "linux=different"

static const Case cases[] = {
    {"7:0-9", "7:0-9", "", SAME " entries=1 was=1"},
    {"", "", "", SAME " entries=0 was=0"},
    {"", "7:1-9", "new type=RAM base=0x1000 size=0x8000", DIFF},
    {"7:1-9", "", "gone type=RAM base=0x1000 size=0x8000",
	DIFF " entries=0 was=1"},
    {"7:0-9 0:9-a", "0:9-a 7:0-4 7:4-9", "", SAME " entries=2 was=2"},
    {"6:2-4", "6:3-5",
	"moved type=RuntimeServicesData base=0x3000 size=0x2000 was=0x2000",
	DIFF},
    {"a:2-4", "a:2-5",
	"grown type=ACPIMemoryNVS base=0x2000 size=0x3000 was=0x2000 "
	"wassize=0x2000",
	DIFF},
    {"a:2-4", "a:1-4",
	"grown type=ACPIMemoryNVS base=0x1000 size=0x3000 was=0x2000 "
	"wassize=0x2000",
	DIFF},
    {"9:2-4", "9:3-4",
	"shrunk type=ACPIReclaimMemory base=0x3000 size=0x1000 was=0x2000 "
	"wassize=0x2000",
	DIFF},
    {"a:2-4", "a:8-b",
	"gone type=ACPIMemoryNVS base=0x2000 size=0x2000;"
	"new type=ACPIMemoryNVS base=0x8000 size=0x3000",
	DIFF},
    {"7:0-9", "7:0-4 4:4-6 2:6-9",
	"owner type=BootServicesData base=0x4000 size=0x2000 "
	"was=ConventionalMemory;"
	"owner type=LoaderData base=0x6000 size=0x3000 was=ConventionalMemory",
	SAME " entries=1 was=1"},
    {"3:0-4 3:4-9", "1:0-2 1:2-9:4008",
	"owner type=LoaderCode base=0x0 size=0x2000 was=BootServicesCode;"
	"owner type=LoaderCode base=0x2000 size=0x7000 was=BootServicesCode",
	SAME},
    {"b:2-4:1", "b:2-4:8000000000000001",
	"attr type=MemoryMappedIO base=0x2000 size=0x2000 "
	"attr=0x8000000000000001 was=0x1",
	SAME},
    {"3:2-4:8", "3:2-3:4008 3:3-4:23008", "", SAME},
    {"7:0-8", "7:0-4 7:4-8:40008",
	"shrunk type=RAM base=0x0 size=0x4000 was=0x0 wassize=0x8000;"
	"new type=SoftReserved base=0x4000 size=0x4000",
	DIFF},
    {"7:0-8:40008", "1:0-8:40008",
	"owner type=LoaderCode base=0x0 size=0x8000 was=ConventionalMemory",
	SAME},
    {"0:0-2 70000001:2-3", "0:0-2",
	"gone type=0x70000001 base=0x2000 size=0x1000", SAME},
    {"f:0-2", "7:0-2",
	"gone type=UnacceptedMemoryType base=0x0 size=0x2000;"
	"new type=RAM base=0x0 size=0x2000",
	SAME},
    {"8:0-1 d:1-2 c:2-3 e:3-4", "e5:0-1 2:1-3 7:3-4", "", SAME " entries=3"},
    {"5:0-1 6:1-2 b:2-3 3:3-4 9:5-6", "e2:0-3 1:3-4 3:5-6", "", SAME},
    {"e1:0-1 3:1-2 4:2-3 5:3-4", "7:0-1 9:1-2 a:2-3 8:3-4:0", "", SAME},
    {"7:0-4:40008 1:4-8:40008", "eefffffff:0-8", "", SAME},
    {"a:2-4", "a:4-7",
	"gone type=ACPIMemoryNVS base=0x2000 size=0x2000;"
	"new type=ACPIMemoryNVS base=0x4000 size=0x3000",
	DIFF},
    {"0:1-2 a:4-6", "a:5-7",
	"gone type=ReservedMemoryType base=0x1000 size=0x1000;"
	"moved type=ACPIMemoryNVS base=0x5000 size=0x2000 was=0x4000",
	DIFF},
    {"eefffffff:0-4 efffffff:4-8", "eefffffff:0-8",
	"grown type=SoftReserved base=0x0 size=0x8000 was=0x0 "
	"wassize=0x4000;gone type=SoftReserved base=0x4000 size=0x4000",
	DIFF " entries=1 was=2"},
    {"ec:0-4 c:4-8", "ec:0-2 c:2-8",
	"shrunk type=PersistentLegacy base=0x0 size=0x2000 was=0x0 "
	"wassize=0x4000;"
	"grown type=PersistentLegacy base=0x2000 size=0x6000 was=0x4000 "
	"wassize=0x4000",
	DIFF},
    {"e7:0-4 7:4-8 0:8-9", "e7:0-8 9:9-a",
	"new type=0x00000009 base=0x9000 size=0x1000", DIFF},
    {"e1:0-9 2:4-5", "e2:4-5 1:0-4 1:5-9", "", SAME " entries=3 was=3"},
    {"7:0-9 0:4-5 a:4-6", "7:0-4 a:4-6 7:6-9", "", SAME},
    {"0:1-2 0:4-5 0:7-8", "0:2-3 0:5-6 0:8-9",
	"moved type=ReservedMemoryType base=0x2000 size=0x1000 was=0x1000;"
	"moved type=ReservedMemoryType base=0x5000 size=0x1000 was=0x4000;"
	"moved type=ReservedMemoryType base=0x8000 size=0x1000 was=0x7000",
	DIFF},
    {"0:1-2 0:4-7", "0:10-13 0:20-21",
	"moved type=ReservedMemoryType base=0x10000 size=0x3000 was=0x4000;"
	"moved type=ReservedMemoryType base=0x20000 size=0x1000 was=0x1000",
	DIFF},
    {"0:10-11", "0:2-3 0:12-13 0:f0-f1",
	"new type=ReservedMemoryType base=0x2000 size=0x1000;"
	"moved type=ReservedMemoryType base=0x12000 size=0x1000 was=0x10000;"
	"new type=ReservedMemoryType base=0xf0000 size=0x1000",
	DIFF},
    {"0:2-3 0:12-13 0:f0-f1", "0:11-12",
	"gone type=ReservedMemoryType base=0x2000 size=0x1000;"
	"moved type=ReservedMemoryType base=0x11000 size=0x1000 was=0x12000;"
	"gone type=ReservedMemoryType base=0xf0000 size=0x1000",
	DIFF},
    {"0:10-14 0:16-18", "0:15-19 0:1b-1d",
	"moved type=ReservedMemoryType base=0x15000 size=0x4000 was=0x10000;"
	"moved type=ReservedMemoryType base=0x1b000 size=0x2000 was=0x16000",
	DIFF},
    {"b:2-4:1 b:2-4:9", "b:2-4:9", "", SAME},
    {"0:0-4 b:2-6", "0:0-2 b:2-6", "", SAME " entries=1 was=1"},
    {"", "e1:0-1 2:1-2 3:2-3 4:3-4 5:4-5 7:5-6",
	"new type=RAM base=0x0 size=0x1000;"
	"new type=Reserved base=0x1000 size=0x1000;"
	"new type=ACPI base=0x2000 size=0x1000;"
	"new type=NVS base=0x3000 size=0x1000;"
	"new type=Unusable base=0x4000 size=0x1000;"
	"new type=Persistent base=0x5000 size=0x1000",
	DIFF},
    {"0:1-2 a:1-2", "a:1-2 0:5-6",
	"new type=ReservedMemoryType base=0x5000 size=0x1000", DIFF},
};

/* What was said, without what each line begins with, ; for line ends. */
static void
checksaid(const Case *c, const char *said)
{
	char got[2000] = "";

	for (const char *s = said; (s = strstr(s, "kind=")) != NULL;) {
		s += strlen("kind=");
		strcat(got, *got != '\0' ? ";" : "");
		strncat(got, s, strcspn(s, "\n"));
	}
	if (strcmp(got, c->said) != 0)
		fail_msg(
		    "%s -> %s:\n%s\nnot\n%s", c->was, c->now, got, c->said);
	if (strstr(said, c->sum) == NULL)
		fail_msg("%s -> %s:\n%s\nnot %s", c->was, c->now, said, c->sum);
}

static void
small_maps_differ_as_they_do(void **state)
{
	static Maplist was;
	static Maplist now;
	static Found f;

	(void)state;
	for (size_t i = 0; i < nelem(cases); i++) {
		const Case *c = &cases[i];
		bool harmless = strstr(c->sum, SAME) != NULL;

		compare(&f, parse(&was, c->was), parse(&now, c->now));
		hostquiet();
		for (size_t k = 0; k < f.n; k++) {
			mapchangeprint(&f.c[k]);
			harmless &= f.c[k].kind == CHANGEOWNER;
		}
		mapdiffprint(&f.d);
		checksaid(c, hostsaid());
		assert_int_equal(mapdiffsame(&f.d), harmless);
	}
}

static void
the_sum_counts_each_kind(void **state)
{
	Mapdiff d = {VIEWEFI, false, {3, 4}, {1, 2, 3, 4, 5, 6, 7}, false};

	(void)state;
	hostquiet();
	mapdiffprint(&d);
	assert_said("mem9: diffed linux=different entries=4 was=3 moved=1 "
		    "grown=2 shrunk=3 gone=4 new=5 attr=6 owner=7\n");
	d.crowded = true;
	hostquiet();
	mapdiffprint(&d);
	assert_mentioned("owner=7 crowded=1\n");
	assert_true(mapdiffsame(&(Mapdiff){.linuxsame = true}));
	assert_false(mapdiffsame(&(Mapdiff){.linuxsame = false}));
}

/* So many regions of one type moved that no table holds all pairs. */
static void
too_much_is_gone_and_new(void **state)
{
	enum { MANY = 4200 };
	static Extent a[MANY];
	static Extent b[MANY];
	Mapside was = {a, MANY, VIEWE820};
	Mapside now = {b, MANY, VIEWE820};
	void *work = malloc(mapdiffneed(MANY, MANY));
	static Found f;

	(void)state;
	for (paddr_t i = 0; i < MANY; i++) {
		a[i] = (Extent){4 * i * PG, (4 * i + 1) * PG, 2, 0};
		b[i] = (Extent){(4 * i + 2) * PG, (4 * i + 3) * PG, 2, 0};
	}
	b[7] = a[7];
	mapdiff(&f.d, &was, &now, work, ignore, NULL);
	assert_true(f.d.crowded);
	assert_int_equal(f.d.n[CHANGENEW], MANY - 1);
	assert_int_equal(f.d.n[CHANGEGONE], MANY - 1);
	was.n = now.n = MANY / 2;
	mapdiff(&f.d, &was, &now, work, ignore, NULL);
	assert_false(f.d.crowded);
	assert_int_equal(f.d.n[CHANGEMOVED], MANY / 2 - 1);
	free(work);
}

/* Of the other type: that moved, and nothing else happened to it. */
static void
other(void *arg, const Mapchange *c)
{
	size_t *nother = arg;

	if (c->now.type != 9)
		return;
	assert_int_equal(c->kind, CHANGEMOVED);
	*nother += 1;
}

/*
 * Regions of n sizes, their order turned around: all moved past each other, and
 * each table finds one pair. How many pairs are found? Of another type a single
 * one moved: that is found in any case.
 */
static size_t
turned(size_t n, bool *crowded)
{
	Extent *a = malloc((n + 1) * sizeof *a);
	Extent *b = malloc((n + 1) * sizeof *b);
	Mapside was = {a, n + 1, VIEWE820};
	Mapside now = {b, n + 1, VIEWE820};
	void *work = malloc(mapdiffneed(n + 1, n + 1));
	size_t far = 2 * n * PG;
	size_t nother = 0;
	Mapdiff d;

	for (size_t i = 0; i < n; i++) {
		a[i] = (Extent){i * far, i * far + (i + 1) * PG, 2, 0};
		b[i] = (Extent){(2 * n - i) * far, 0, 2, 0};
		b[i].end = b[i].pa + (i + 1) * PG;
	}
	a[n] = (Extent){3 * n * far, 3 * n * far + PG, 9, 0};
	b[n] = (Extent){4 * n * far, 4 * n * far + PG, 9, 0};
	mapdiff(&d, &was, &now, work, other, &nother);
	size_t nmoved = d.n[CHANGEMOVED] - 1;
	assert_int_equal(nother, 1);
	assert_int_equal(d.n[CHANGENEW], n - nmoved);
	assert_int_equal(d.n[CHANGEGONE], n - nmoved);
	*crowded = d.crowded;
	free(work);
	free(a);
	free(b);
	return nmoved;
}

/* Where that are too many tables not all are tried; or none, if too large. */
static void
no_night_is_spent_on_it(void **state)
{
	bool crowded;

	(void)state;
	assert_int_equal(turned(300, &crowded), 300);
	assert_false(crowded);
	assert_in_range(turned(1900, &crowded), 20, 100);
	assert_true(crowded);
	assert_int_equal(turned(12000, &crowded), 0);
	assert_true(crowded);
}

/* ---- the real ones ---- */

/* What Linux makes of EFI's types 0 to 15, by the table of its stub. */
static uint32_t
slowlinux(enum mapview view, const Extent *e)
{
	static const uint32_t of[] = {
	    2, 1, 1, 1, 1, 2, 2, 1, 5, 3, 4, 2, 2, 2, 7, 1};

	if (view == VIEWE820)
		return e->type;
	if (e->type >= nelem(of))
		return 0;
	return of[e->type] == 1 && e->type != 15 && e->attr & SP ? 0xefffffff
								 : of[e->type];
}

static bool
isram(enum mapview view, const Extent *e)
{
	return slowlinux(view, e) == 1 && (view == VIEWE820 || e->type != 15);
}

/* A map's entries without overlaps, by Linux's own rule. */
static void
flat(Maplist *out, const Map *m)
{
	static Extent raw[MAXLIST];
	Mapside s = {raw, 0, m->form->efi ? VIEWEFI : VIEWE820};

	for (size_t i = 0; i < m->nentry; i++) {
		const Entry *e = &m->entry[i];
		paddr_t end =
		    m->form->efi ? e->base + e->npages * BY2PG : e->end;

		assert_true(s.n < MAXLIST / 2);
		if (end > e->base)
			raw[s.n++] = (Extent){e->base, end, e->type, e->attr};
	}
	out->view = s.view;
	out->n = s.n;
	memcpy(out->e, raw, s.n * sizeof *raw);
}

/* [e->pa, e->end) becomes e; what was there is cut away. */
static void
overlay(Maplist *m, Extent e)
{
	size_t n = m->n;

	for (size_t i = 0; i < n; i++) {
		Extent *o = &m->e[i];

		if (o->end <= e.pa || e.end <= o->pa)
			continue;
		if (o->pa < e.pa && e.end < o->end) {
			assert_true(m->n < MAXLIST);
			m->e[m->n] = *o;
			m->e[m->n++].pa = e.end;
			o->end = e.pa;
		} else if (o->pa < e.pa)
			o->end = e.pa;
		else if (e.end < o->end)
			o->pa = e.end;
		else
			o->end = o->pa; /* nothing of it is left */
	}
	m->e[m->n++] = e;
	size_t kept = 0;

	for (size_t i = 0; i < m->n; i++)
		if (m->e[i].pa < m->e[i].end)
			m->e[kept++] = m->e[i];
	m->n = kept;
}

/* Pages of RAM in one extent from pa on, or below it. */
static size_t
rampages(const Maplist *m, paddr_t pa, bool below)
{
	for (size_t i = 0; i < m->n; i++) {
		const Extent *e = &m->e[i];

		if ((below ? e->end : e->pa) == pa && isram(m->view, e) &&
		    e->pa % PG == 0 && e->end % PG == 0)
			return (e->end - e->pa) / PG;
	}
	return 0;
}

/* All that is in one piece with e, of its type, counts as it. */
static bool
alone(const Maplist *m, const Extent *e)
{
	for (size_t i = 0; i < m->n; i++) {
		const Extent *o = &m->e[i];

		if (o != e && o->type == e->type && o->end >= e->pa &&
		    e->end >= o->pa)
			return false;
	}
	return e->pa % PG == 0 && e->end % PG == 0;
}

static bool
disjoint(const Maplist *m, const Extent *e)
{
	for (size_t i = 0; i < m->n; i++) {
		const Extent *o = &m->e[i];

		if (o != e && o->end > e->pa && e->end > o->pa)
			return false;
	}
	return true;
}

/*
 * Do this to one region or RAM of the map, if it can be: what is to be found,
 * or a kind of NCHANGE.
 */
static Mapchange
edit(Maplist *m, enum changekind kind)
{
	Extent *e = &m->e[rnd(m->n)];
	Mapchange c = {kind, m->view, *e, *e};
	Extent ram = {
	    0, 0, m->view == VIEWEFI ? 7 : 1, m->view == VIEWEFI ? WB : 0};
	size_t room = rampages(m, e->end, false);
	paddr_t k = room > 3 ? (1 + rnd(MIN(room - 2, 40))) * PG : 0;
	bool region = !isram(m->view, e);

	c.kind = NCHANGE;
	if (!alone(m, e) || !disjoint(m, e))
		return c;
	if (kind == CHANGEMOVED && region && k > 0) {
		ram.pa = e->pa;
		ram.end = MIN(e->end, e->pa + k);
		c.now.pa += k;
		c.now.end += k;
		overlay(m, c.now);
		overlay(m, ram);
	} else if (kind == CHANGEGROWN && region && k > 0) {
		c.now.end += k;
		overlay(m, c.now);
	} else if (kind == CHANGESHRUNK && region && e->end - e->pa > PG) {
		c.now.pa += PG;
		ram.pa = e->pa;
		ram.end = c.now.pa;
		overlay(m, ram);
	} else if (kind == CHANGEGONE && region) {
		ram.pa = e->pa;
		ram.end = e->end;
		overlay(m, ram);
	} else if (kind == CHANGENEW && !region && e->end - e->pa > 4 * PG) {
		c.now.type = m->view == VIEWEFI ? 10 : 4;
		c.now.pa += 2 * PG;
		c.now.end = c.now.pa + PG;
		overlay(m, c.now);
		c.was = c.now;
	} else if (kind == CHANGEOWNER && !region && m->view == VIEWEFI &&
		   e->end - e->pa > 4 * PG) {
		c.now.pa += 2 * PG;
		c.now.end = c.now.pa + PG;
		c.was = c.now;
		c.now.type = e->type == 2 ? 4 : 2;
		overlay(m, c.now);
	} else
		return c;
	c.kind = kind;
	return c;
}

static bool
sameplace(const Extent *a, const Extent *b)
{
	return a->pa == b->pa && a->end == b->end && a->type == b->type;
}

/* Linux's tables, point by point: is one map to it as the other? */
static bool
slowsame(const Maplist *a, const Maplist *b)
{
	for (int side = 0; side < 2; side++) {
		const Maplist *m = side == 0 ? a : b;

		for (size_t i = 0; i < 2 * m->n; i++) {
			paddr_t pa = i % 2 ? m->e[i / 2].end : m->e[i / 2].pa;
			uint32_t type[2] = {NONE, NONE};

			for (int k = 0; k < 2; k++) {
				const Maplist *o = k == 0 ? a : b;

				for (size_t j = 0; j < o->n; j++)
					if (o->e[j].pa <= pa &&
					    pa < o->e[j].end)
						type[k] = MAX(
						    type[k], slowlinux(o->view,
								 &o->e[j]));
			}
			if (type[0] != type[1])
				return false;
		}
	}
	return true;
}

/* Found: this change, and beside it nothing but what became of the RAM. */
static void
checkfound(const Found *f, const Mapchange *want)
{
	size_t found = 0;

	for (size_t i = 0; i < f->n; i++) {
		const Mapchange *c = &f->c[i];
		uint32_t ram = c->view == VIEWEFI ? TYPERAM : 1;

		if (c->kind == want->kind && sameplace(&c->now, &want->now) &&
		    sameplace(&c->was, &want->was))
			found++;
		else if (c->kind == CHANGEOWNER || c->kind == CHANGEATTR ||
			 c->now.type != ram)
			fail_msg("kind %d of type %x at %#jx, not %d of %x at "
				 "%#jx",
			    c->kind, c->now.type, c->now.pa, want->kind,
			    want->now.type, want->now.pa);
	}
	assert_int_equal(found, 1);
}

static size_t nedit[NCHANGE];

static void
editonce(Map *m)
{
	enum { TRIES = 60 };
	static Maplist was;
	static Maplist now;
	static Found f;

	flat(&was, m);
	compare(&f, &was, &was);
	assert_int_equal(f.n, 0);
	assert_true(mapdiffsame(&f.d));
	for (int i = 0; i < TRIES; i++) {
		now = was;
		Mapchange c = edit(&now, (enum changekind)(i % NCHANGE));

		if (c.kind == NCHANGE)
			continue;
		compare(&f, &was, &now);
		checkfound(&f, &c);
		assert_int_equal(f.d.linuxsame, slowsame(&was, &now));
		assert_int_equal(mapdiffsame(&f.d), c.kind == CHANGEOWNER);
		nedit[c.kind]++;
	}
}

static void
an_edit_of_a_real_map_is_found_again(void **state)
{
	(void)state;
	memset(nedit, 0, sizeof nedit);
	savedmaps(editonce);
	for (int i = 0; i < NCHANGE; i++)
		if (i != CHANGEATTR)
			assert_true(nedit[i] > 20);
}

/* The regions of a map, from what mapdiff says of it beside an empty one. */
static size_t
regions(const Maplist *m, Extent *out)
{
	static Found f;
	static Maplist empty;

	empty.view = m->view;
	compare(&f, &empty, m);
	for (size_t i = 0; i < f.n; i++) {
		assert_int_equal(f.c[i].kind, CHANGENEW);
		out[i] = f.c[i].now;
	}
	return f.n;
}

static void
take(Extent *e, size_t *n, const Extent *gone)
{
	for (size_t i = 0; i < *n; i++)
		if (sameplace(&e[i], gone)) {
			e[i] = e[--*n];
			return;
		}
	fail_msg("nothing of type %x at %#jx", gone->type, gone->pa);
}

/* One map's regions without and with those of the changes: the other's. */
static void
checkexplained(const Maplist *was, const Maplist *now, const Found *f)
{
	static Extent a[2 * MAXLIST + MAXCHANGE];
	static Extent b[2 * MAXLIST];
	size_t n = regions(was, a);
	size_t m = regions(now, b);

	for (size_t i = 0; i < f->n; i++) {
		const Mapchange *c = &f->c[i];

		if (c->kind < CHANGEATTR && c->kind != CHANGENEW)
			take(a, &n, &c->was);
		if (c->kind < CHANGEATTR && c->kind != CHANGEGONE)
			a[n++] = c->now;
	}
	assert_int_equal(n, m);
	for (size_t i = 0; i < m; i++)
		take(a, &n, &b[i]);
}

static void
editmuch(Map *m)
{
	enum { TRIES = 8, EDITS = 12 };
	static Maplist was;
	static Maplist now;
	static Found f;

	flat(&was, m);
	for (int i = 0; i < TRIES; i++) {
		now = was;
		for (int k = 0; k < EDITS; k++) {
			Extent e = now.e[rnd(now.n)];

			e.pa += rnd(9) * PG;
			e.end = e.pa + (1 + rnd(9)) * PG;
			e.type = (uint32_t)rnd(now.view == VIEWEFI ? 18 : 9);
			overlay(&now, e);
		}
		compare(&f, &was, &now);
		checkexplained(&was, &now, &f);
		assert_int_equal(f.d.linuxsame, slowsame(&was, &now));
		compare(&f, &now, &was);
		checkexplained(&now, &was, &f);
	}
}

static void
many_edits_are_explained(void **state)
{
	(void)state;
	savedmaps(editmuch);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(small_maps_differ_as_they_do),
	    cmocka_unit_test(the_sum_counts_each_kind),
	    cmocka_unit_test(too_much_is_gone_and_new),
	    cmocka_unit_test(no_night_is_spent_on_it),
	    cmocka_unit_test(an_edit_of_a_real_map_is_found_again),
	    cmocka_unit_test(many_edits_are_explained),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
