/*
 * efimap.c - any descriptors at all become what the painting says.
 *
 * Input: the physical width, the stride, then descriptors: as firmware lays
 * them out, or short ones that collide more often.
 *
 * needs: tests/model/paint.c
 */
#include "fuzz.h"
#include "efidesc.h"
#include "efimap.h"
#include "paint.h"

enum { MAXDESC = 48, SPAN = 1 << 12 };

static uint8_t raw[MAXDESC * EFISTRIDEMAX];

typedef struct Desc Desc;
struct Desc {
	uint32_t type;
	uint64_t base, npages, attr;
};

static Desc
longdesc(Input *in)
{
	Desc d;

	d.type = (uint32_t)take(in, 4);
	d.base = take(in, 8);
	d.npages = take(in, 8);
	d.attr = take(in, 8);
	return d;
}

/* Five bytes: near an edge that matters, with usual attributes. */
static Desc
shortdesc(Input *in)
{
	static const uint64_t edge[] = {0, MiB, 16 * MiB, 4 * GiB, 1ull << 36,
	    1ull << 39, 1ull << 52, (uint64_t)-SPAN};
	static const uint64_t attr[] = {
	    0xf, 8, 0, 1ull << 63 | 0xf, 1ull << 18 | 0xf, 7};
	uint8_t how = (uint8_t)take(in, 1);
	Desc d;

	d.type = (uint32_t)take(in, 1) % 18;
	d.base = edge[how % nelem(edge)] + take(in, 1) * BY2PG;
	d.base += how & 0x40 ? 0x123 : 0;
	d.base -= how & 0x80 ? 64 * BY2PG : 0;
	d.npages = take(in, 1);
	d.attr = attr[take(in, 1) % nelem(attr)];
	return d;
}

static void
check(Paint *p)
{
	static const char *const odd[] = {
	    "kind=zero", "kind=wrap", "kind=width", "kind=align"};
	const char *differs;

	paintdone(p);
	differs = paintdiffers(p);
	if (differs != NULL)
		panic("%s", differs);
	memmapcheck();
	for (size_t i = 0; i < nelem(odd); i++)
		if (hosttimes(odd[i]) != p->odd[i])
			panic("%zu %s, not %zu", hosttimes(odd[i]), odd[i],
			    p->odd[i]);
	if (hosttimes("kind=overlap") != p->ntwice)
		panic("%zu overlaps, not %zu", hosttimes("kind=overlap"),
		    p->ntwice);
	paintfree(p);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static uint64_t table[1 << 16];
	static const size_t strides[] = {40, 48, 56, 4096, 39, 0};
	Input in = {data, size};
	Paint p = {0};
	int physbits = 32 + (int)take(&in, 1) % 21;
	size_t how = take(&in, 1);
	Efimap map = {
	    raw, 0, strides[how / 2 % nelem(strides)], physbits, 0, 0};
	size_t n = 0;

	hostquiet();
	stage = SMACH;
	memset(raw, 0xa5, sizeof raw);
	paintdefaults(&p);
	for (; in.n > 0 && n < MAXDESC; n++) {
		Desc d = how & 1 ? longdesc(&in) : shortdesc(&in);

		efidesc(raw + n * map.stride, d.type, d.base, d.npages, d.attr);
		paintefi(&p, d.type, d.base, d.npages, d.attr, physbits);
	}
	map.size = n * map.stride + (map.stride == 0 ? 1 : 0);
	memmapinit(table, sizeof table);
	if (efimapadd(&map) == 0) {
		if (n == 0 || map.stride >= 40)
			check(&p);
		else
			panic("a stride of %zu is taken", map.stride);
	} else if (map.stride >= 40)
		panic("a stride of %zu is refused", map.stride);
	efimapprint(&map);
	paintfree(&p);
	return 0;
}
