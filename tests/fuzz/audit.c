/*
 * audit.c - what `mem9 audit' reads where firmware's pointers lead: images, the
 * attributes table, the list of hand-off blocks, SMBIOS's structures; of any
 * bytes, and some where the map knows nothing.
 *
 * Each piece ends where a page does, and what follows cannot be read; nor can
 * a page that the map does not know.
 *
 * needs: efi/audit/read.c efi/audit/readpages.c efi/audit/readimages.c
 * needs: efi/tables/attributes.c
 * needs: efi/audit/readmemory.c efi/maprows.c efi/tables/installed.c
 * needs: efi/tables/smbios.c tests/host/fakeaudit.c tests/host/fakefw.c
 */
#include "fuzz.h"
#include "fakeaudit.h"
#include "../../efi/audit/read.h"
#include "../../efi/firmware.h"
#include "../../efi/tables/smbios.h"

#include <sys/mman.h>

enum { MOST = 8, SLOT = 2 << PGSHIFT, PE = 0x40, OPTHEAD = 24 };

/* What is a piece of. */
enum kind { IMAGE, ATTRIBUTES, BLOCKS, ENTRY3, STRUCTURES, ENTRY2, NKIND };

typedef struct Piece Piece;

struct Piece {
	enum kind kind;
	uint8_t *p;
	size_t size; /* up to the end of the page */
	size_t room; /* that the map knows */
	uint64_t imagesize;
};

static uint8_t *memory; /* a slot for each, a page of it readable */
static Piece pieces[MOST];
static size_t npieces;
static Evidence e;

static uint64_t
word(const uint8_t *p, size_t at, size_t n)
{
	uint64_t v = 0;

	memcpy(&v, p + at, n);
	return v;
}

static void
put(Piece *x, size_t at, const void *p, size_t n)
{
	if (at + n <= x->size)
		memcpy(x->p + at, p, n);
}

/* What the fuzzer would not find soon. */
static void
dress(Piece *x, unsigned how, size_t where)
{
	static const EFI_GUID stack = STACKHOB;
	static const uint8_t block[] = {2, 0, 48, 0};
	uint32_t pe = PE;

	switch (x->kind) {
	case IMAGE:
		put(x, 0, "MZ", 2);
		put(x, 0x3c, &pe, 4);
		put(x, PE, "PE\0\0", 4);
		if (how & 32)
			put(x, PE + OPTHEAD + 32, "\0\x10\0\0", 4);
		break;
	case BLOCKS:
		put(x, where, block, sizeof block);
		put(x, where + 8, &stack, sizeof stack);
		break;
	case ENTRY3:
	case ENTRY2:
		put(x, 0, how & 32 ? "_SM3_\0\x18" : "_SM_\0\x1f\x18", 7);
		break;
	default:
		break;
	}
}

static void
piece(Input *in)
{
	unsigned how = (unsigned)take(in, 1);
	size_t size = 1 + take(in, 2) % (how & 64 ? BY2PG : 128);
	size_t where = take(in, 1);
	Piece *x = &pieces[npieces];
	uint8_t *page = memory + npieces * SLOT;
	bool known = (how & 8) == 0;

	npieces++;
	*x = (Piece){.kind = how % 8 % NKIND,
	    .p = page + BY2PG - size,
	    .size = size,
	    .room = known ? size : 0};
	x->imagesize = how & 128 ? take(in, 8) : size * where;
	mprotect(page, BY2PG, PROT_READ | PROT_WRITE);
	for (size_t i = 0; i < size; i++)
		x->p[i] = (uint8_t)take(in, 1);
	if (how & 16)
		dress(x, how, where);
	if (known)
		fakedesc(4, (uintptr_t)page, 1, 8);
}

/* The first of its kind is the one that firmware names. */
static const Piece *
first(enum kind kind)
{
	for (size_t i = 0; i < npieces; i++)
		if (pieces[i].kind == kind)
			return &pieces[i];
	return NULL;
}

static const Piece *
last(enum kind kind)
{
	const Piece *x = NULL;

	for (size_t i = 0; i < npieces; i++)
		if (pieces[i].kind == kind)
			x = &pieces[i];
	return x;
}

/* The structures that an entry point leads to: of two it need not be one. */
static const Piece *
target(const Piece *x)
{
	return x->kind == ENTRY3 ? first(STRUCTURES) : last(STRUCTURES);
}

/* An entry point's structures, and its sum. */
static void
lead(Piece *x)
{
	bool three = x->size > 7 && x->p[3] == '3';
	uint64_t to = 0;
	uint8_t sum = 0;

	if (target(x) != NULL)
		to = (uintptr_t)target(x)->p;
	if (x->size < (three ? 24u : 28u))
		return;
	memcpy(x->p + (three ? 16 : 24), &to, three ? 8 : 4);
	for (size_t i = 0; i < x->p[5 + three] && i < x->size; i++)
		sum += x->p[i];
	x->p[three ? 5 : 4] -= sum;
}

static void
names(void)
{
	static EFI_LOADED_IMAGE loaded[MOST];
	static EFI_GUID guids[NKIND] = {
	    [ATTRIBUTES] = MEMORYATTRIBUTES,
	    [BLOCKS] = HOBLIST,
	    [ENTRY3] = SMBIOS3_TABLE_GUID,
	    [ENTRY2] = SMBIOS_TABLE_GUID,
	};
	EFI_GUID image = EFI_LOADED_IMAGE_PROTOCOL_GUID;

	for (size_t i = 0; i < npieces; i++) {
		Piece *x = &pieces[i];

		loaded[i] = (EFI_LOADED_IMAGE){
		    .ImageBase = x->p, .ImageSize = x->imagesize};
		if (x->kind == IMAGE)
			fakeprotocol((EFI_HANDLE)(10 + i), image, &loaded[i]);
		else if (x->kind != STRUCTURES)
			fakeconfig(guids[x->kind], x->p);
		if (x->kind == ENTRY3 || x->kind == ENTRY2)
			lead(x);
	}
}

/* ---- the model ---- */

/* The sections of an image, their headers at *at; -1 if it is none. */
static int
sections(const Piece *x, size_t *at, bool *unpaged)
{
	size_t head = MIN(x->room, x->imagesize);
	const uint8_t *p = x->p;

	if (head < 64 || memcmp(p, "MZ", 2) != 0)
		return -1;
	size_t pe = word(p, 0x3c, 4);
	if (pe + OPTHEAD + 36 > head || memcmp(p + pe, "PE\0\0", 4) != 0)
		return -1;
	size_t n = word(p, pe + 6, 2);
	*at = pe + OPTHEAD + word(p, pe + 20, 2);
	*unpaged = word(p, pe + OPTHEAD + 32, 4) % BY2PG != 0;
	if (n == 0 || *at + n * 40 > head)
		return -1;
	for (size_t i = 0; i < n; i++)
		if (word(p, *at + i * 40 + 12, 4) > x->imagesize)
			return -1;
	return (int)n;
}

static void
issection(const Imagepart *part, const Piece *x, size_t at)
{
	uint64_t rva = word(x->p, at + 12, 4);
	uint64_t size = word(x->p, at + 8, 4);
	uint64_t raw = word(x->p, at + 16, 4);
	uint64_t flags = word(x->p, at + 36, 4);
	uint64_t end = MIN(rva + MAX(size, raw), x->imagesize);
	paddr_t pa = (uintptr_t)x->p;

	if (part->image != pa || part->pa != (pa + rva) / BY2PG * BY2PG ||
	    part->end != (pa + end + BY2PG - 1) / BY2PG * BY2PG ||
	    part->exec != (flags >> 29 & 1) || part->write != flags >> 31)
		panic("[%#jx, %#jx) of %#jx", part->pa, part->end, pa);
}

static void
images(const Images *im)
{
	size_t n = 0, nimage = 0, unread = 0, unpagedones = 0;

	for (size_t i = 0; i < npieces; i++) {
		bool unpaged = false;
		size_t at = 0;

		if (pieces[i].kind != IMAGE)
			continue;
		int k = sections(&pieces[i], &at, &unpaged);
		nimage++;
		unread += k < 0;
		unpagedones += k >= 0 && unpaged;
		for (int s = 0; s < k && !unpaged; s++, at += 40)
			if (n < im->n)
				issection(&im->part[n++], &pieces[i], at);
	}
	if (im->why != NULL || im->n != n || im->nimage != nimage ||
	    im->unread != unread || im->unpaged != unpagedones)
		panic("%zu sections of %zu images, %zu unread, %zu unpaged",
		    im->n, im->nimage, im->unread, im->unpaged);
}

static void
attributes(const Protections *t)
{
	const Piece *x = first(ATTRIBUTES);
	size_t room = x != NULL ? x->room : 0;
	uint64_t n = room >= 16 ? word(x->p, 4, 4) : 0;
	uint64_t stride = room >= 16 ? word(x->p, 8, 4) : 0;
	bool good = room >= 16 && stride >= 40 && stride <= 4096 &&
		    n * stride <= room - 16;
	uint64_t sum = 0;
	paddr_t last = 0;

	if (t->is.there != (x != NULL) || t->is.head != (room >= 16) ||
	    (t->why == NULL) != (good || x == NULL) ||
	    efimapcount(&t->sorted) != (good ? n : 0))
		panic("%ju entries of %ju: %s", (uintmax_t)n, (uintmax_t)stride,
		    t->why != NULL ? t->why : "good");
	for (size_t i = 0; i < efimapcount(&t->sorted); i++) {
		paddr_t base = efimapdesc(&t->sorted, i).base;

		if (base < last)
			panic("%#jx after %#jx", base, last);
		last = base;
		sum += base - word(x->p, 16 + i * stride + 8, 8);
	}
	if (sum != 0)
		panic("other entries than there are");
}

static void
blocks(void)
{
	static const EFI_GUID stack = STACKHOB;
	const Piece *x = first(BLOCKS);
	const uint8_t *p = x != NULL ? x->p : NULL;
	size_t left = x != NULL ? x->room : 0;
	uintptr_t base = 0;
	size_t size = 0;
	size_t n = 0;
	bool found = false;

	for (; left >= 8 && !found; p += n, left -= n) {
		n = word(p, 2, 2);
		if (word(p, 0, 2) == 0xffff || n < 8 || n > left)
			break;
		found = word(p, 0, 2) == 2 && n >= 48 &&
			memcmp(p + 8, &stack, sizeof stack) == 0;
	}
	if (x == NULL || x->room == 0)
		return;
	if (hobstack(x->p, x->room, &base, &size) != found)
		panic("a stack of %zu bytes", size);
	if (found && (base != word(p - n, 24, 8) || size != word(p - n, 32, 8)))
		panic("a stack at %#jx", (uintmax_t)base);
}

/* Can the structures be read that this entry point leads to? */
static bool
leads(const Piece *x)
{
	const Piece *to = target(x);
	Smbios s;

	if (x->room == 0 || !smbiosentry(x->p, x->room, &s) || to == NULL ||
	    to->room == 0 || s.table != (uintptr_t)to->p)
		return false;
	return s.size <= to->room || (!s.exact && smbiosends(to->p, to->room));
}

/* What can be read is, as far as it is known; of what cannot be, the first. */
static void
installed(void)
{
	const Piece *entry[] = {first(ENTRY3), first(ENTRY2)};
	Installed in = installedread(&e.map);
	Installed want = {.there = false};

	for (size_t i = 0; i < nelem(entry); i++) {
		Smbios s;

		if (entry[i] == NULL)
			continue;
		want.there = true;
		if (!leads(entry[i])) {
			if (want.wrong == 0)
				want.wrong = (uintptr_t)entry[i]->p;
			continue;
		}
		const Piece *to = target(entry[i]);
		smbiosentry(entry[i]->p, entry[i]->room, &s);
		uint64_t bytes = smbiosmemory(to->p, MIN(s.size, to->room));
		if (!want.good || (want.bytes == 0 && bytes != 0))
			want.table = s.table;
		if (want.bytes == 0)
			want.bytes = bytes;
		want.good = true;
	}
	if (in.there != want.there || in.good != want.good ||
	    (in.why != NULL) != (want.wrong != 0) || in.wrong != want.wrong ||
	    in.table != want.table || in.bytes != want.bytes)
		panic("good %d, %s at %#jx, %ju bytes at %#jx", in.good,
		    in.why != NULL ? in.why : "nothing", in.wrong,
		    (uintmax_t)in.bytes, in.table);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	Input in = {data, size};

	if (memory == NULL)
		memory = mmap(NULL, MOST * SLOT, PROT_NONE,
		    MAP_PRIVATE | MAP_ANONYMOUS | MAP_32BIT, -1, 0);
	if (memory == MAP_FAILED)
		panic("no memory below 4 GiB");
	hostquiet();
	fakeauditstart();
	npieces = 0;
	while (in.n > 0 && npieces < MOST)
		piece(&in);
	names();
	for (size_t i = 0; i < npieces; i++)
		if (pieces[i].room == 0)
			mprotect(memory + i * SLOT, BY2PG, PROT_NONE);
	if (!evidenceread(&e))
		panic("there is a map");
	images(&e.images);
	attributes(&e.table);
	blocks();
	installed();
	evidencefree();
	if (fakefw.pool != 0 || fakeaudit.npages != 0)
		panic("something was not given back");
	return 0;
}
