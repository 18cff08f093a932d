/*
 * srat.c - any bytes as ACPI's tables of nodes: all is one node, and why is
 * said; or what is kept is what the enabled entries say.
 *
 * The first two bytes are the size of SRAT; what is left is SLIT, if anything.
 *
 * needs: efi/tables/srat.c
 */
#include "../../efi/tables/srat.h"
#include "fuzz.h"

enum { HEAD = 48, SLITHEAD = 44, NCPUS = 64 };

static Cpulist c;
static Nodes n;

static uint64_t
get(const uint8_t *p, size_t size)
{
	uint64_t v = 0;

	while (size-- > 0)
		v = v << 8 | p[size];
	return v;
}

static void
must(bool ok, const char *what)
{
	if (!ok)
		panic("%s", what);
}

/* Is it all there, in a range of a node of that domain? */
static void
isrange(uint64_t pa, uint64_t size, uint32_t domain)
{
	for (size_t i = 0; i < n.nranges; i++)
		if (n.range[i].pa == pa && n.range[i].end == pa + size &&
		    n.domain[n.range[i].node] == domain)
			return;
	panic(
	    "[%#jx, %#jx) is left out", (uintmax_t)pa, (uintmax_t)(pa + size));
}

static void
isdomain(uint32_t domain)
{
	for (size_t i = 0; i < n.n; i++)
		if (n.domain[i] == domain)
			return;
	panic("domain %u is left out", (unsigned)domain);
}

/* Each enabled entry, by a walk of our own. */
static void
checkentries(const uint8_t *t, size_t size, uint32_t mask)
{
	for (; size >= 2 && t[1] >= 2 && t[1] <= size; size -= t[1], t += t[1])
		if (t[0] == 1 && t[1] >= 40 && (t[28] & 1)) {
			uint32_t domain = (uint32_t)get(t + 2, 4) & mask;

			isdomain(domain);
			if (get(t + 16, 8) > 0)
				isrange(get(t + 8, 8), get(t + 16, 8), domain);
		} else if (t[0] == 2 && t[1] >= 24 && (t[12] & 1))
			isdomain((uint32_t)get(t + 4, 4) & mask);
	must(size == 0, "it leads nowhere");
}

static void
checknodes(const uint8_t *slit, size_t slitsize)
{
	must(n.n <= MOSTNODES && n.nranges <= MOSTNODERANGES, "too many");
	for (size_t i = 0; i < n.nranges; i++) {
		must(n.range[i].pa < n.range[i].end, "an empty range");
		must(n.range[i].node < n.n, "a range of no node");
		must(i == 0 || n.range[i - 1].end <= n.range[i].pa,
		    "ranges overlap, or descend");
	}
	for (size_t i = 0; i < n.n; i++)
		for (size_t j = 0; j < n.n; j++) {
			uint8_t d = n.distance[i][j];
			uint64_t at = SLITHEAD + n.domain[j];

			must((d == 10) == (i == j) && d >= 10, "a distance");
			if (slit == NULL)
				continue;
			at += n.domain[i] * get(slit + 36, 8);
			must(at < slitsize && slit[at] == d, "SLIT has other");
		}
	for (size_t i = 0; i < NCPUS; i++)
		must(c.node[i] < n.n, "a CPU of no node");
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	if (size < HEAD + 2)
		return 0;
	size_t srat = HEAD + (data[0] | data[1] << 8);
	data += 2;
	size -= 2;
	srat = srat < size ? srat : size;
	const uint8_t *slit = size - srat > 36 ? data + srat : NULL;
	size_t slitsize = slit != NULL ? size - srat : 0;
	c.n = NCPUS;
	for (uint32_t i = 0; i < NCPUS; i++)
		c.id[i] = i * 5;
	Nodesaid said = sratread(data, srat, slit, slitsize, &c, &n);
	if (said.what != NULL || n.n == 0) {
		must(n.n == 0 && n.nranges == 0, "wrong, and nodes all the "
						 "same");
		return 0;
	}
	must(said.nowhere <= NCPUS && n.n > 1, "counts");
	checknodes(slit, slitsize);
	checkentries(
	    data + HEAD, srat - HEAD, data[8] >= 2 ? 0xffffffff : 0xff);
	return 0;
}
