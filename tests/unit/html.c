/*
 * html.c - the picture and the page of a saved map: of all maps in tests/maps,
 * and of texts that would like to be more than text.
 *
 * needs: efi/forms/map.c tools/replay/feed.c
 * needs: tools/replay/html.c tests/model/tags.c
 */
#include "savedmap.h"
#include "maptable.h"
#include "conf.h"
#include "picture.h"
#include "tags.h"
#include "../../tools/replay/markup.h"

enum { COLUMNS = 64, CELL = 12, RIGHT = 132 + COLUMNS * CELL };

static char *picture;
static char *page;

static void
forget(void)
{
	free(picture);
	free(page);
	picture = page = NULL;
}

/* Both, of this map of a file. */
static void
write(const File *f)
{
	size_t n;

	mapbegin(SMACH);
	assert_int_equal(mapfeed(f->m, 52), 0);
	forget();
	FILE *to = open_memstream(&picture, &n);

	putsvg(to, f->name);
	fclose(to);
	to = open_memstream(&page, &n);
	memmapdump();
	puthtml(to, f, picture, hostsaid());
	fclose(to);
	if (tagsbad(picture) != NULL)
		fail_msg("%s: %s", f->name, tagsbad(picture));
	if (tagsbad(page) != NULL)
		fail_msg("%s: %s", f->name, tagsbad(page));
}

static void
writetext(const char *name, const char *text)
{
	File f = {.name = name};
	Map why = {0};

	assert_int_equal(
	    textread(&f.t, &why, (const uint8_t *)text, strlen(text)), 0);
	assert_int_equal(listsread(&f.ls, &f.t, &why), 0);
	if (mapread(&f.m, &f.ls, &f.t, 0, &why) < 0)
		fail_msg("%s", why.why);
	write(&f);
	listsfree(&f.ls);
	textfree(&f.t);
}

static void
has(const char *where, const char *words)
{
	if (strstr(where, words) == NULL)
		fail_msg("it lacks '%s'", words);
}

static void
lacks(const char *where, const char *words)
{
	if (strstr(where, words) != NULL)
		fail_msg("it has '%s'", words);
}

/* ---- all maps ---- */

/* Cells that are drawn, in pieces of a stripe; *nstripe of those. */
static size_t
cells(size_t *nstripe)
{
	size_t n = 0;

	*nstripe = 0;
	for (const char *s = picture; (s = strstr(s, "<g class=")) != NULL;) {
		const char *end = strstr(s, "</g>");
		size_t stripe = 0;

		while ((s = strstr(s, "<rect ")) != NULL && s < end) {
			size_t x, y, width, height;

			assert_int_equal(sscanf(s,
					     "<rect x=\"%zu\" y=\"%zu\" "
					     "width=\"%zu\" height=\"%zu\"/>",
					     &x, &y, &width, &height),
			    4);
			assert_int_equal((width + 1) % CELL, 0);
			assert_int_equal(height, CELL);
			assert_true(x + width < RIGHT);
			stripe += (width + 1) / CELL;
			s++;
		}
		assert_true(stripe > 0);
		n += stripe;
		++*nstripe;
		s = end;
	}
	return n;
}

static void
countstripe(void *arg, const Stripe *stripe)
{
	char title[100];

	++*(size_t *)arg;
	snprintf(title, sizeof title, "%s 0x%jx - 0x%jx, ",
	    shown[stripe->type].name, stripe->pa, stripe->end - 1);
	has(picture, title);
}

static void
whole(Map *m)
{
	File f = {.name = "saved", .m = m};
	Picture p;
	size_t nstripe;
	size_t want = 0;
	char words[80];

	write(&f);
	size_t n = cells(&nstripe);

	picturememmap(&p, 0, countstripe, &want);
	assert_int_equal(nstripe, want);
	assert_int_equal(n % COLUMNS, 0);
	assert_true(n >= 2 * nstripe);
	has(page, picture);
	for (size_t i = 0; i < m->nentry; i++) {
		snprintf(words, sizeof words, "<td class=\"n\">0x%jx</td>",
		    m->entry[i].base);
		has(page, words);
	}
}

static void
all_of_every_map_is_there(void **state)
{
	(void)state;
	savedmaps(whole);
	forget();
}

/* ---- text that is no text ---- */

#define EVIL "</svg><script>alert(1)</script>"
#define SHOWN "&lt;/svg&gt;&lt;script&gt;alert(1)&lt;/script&gt;"
#define RAM                                                                    \
	"mem9: efi type=ConventionalMemory base=0x100000 pages=16 attr=0xf\n"

static void
what_a_file_says_is_text(void **state)
{
	(void)state;
	writetext("a" EVIL "&\"'\x01\x80.txt",
	    "mem9: start version=1 firmware=\"" EVIL "\" & 'co\" "
	    "descriptors=1 stride=48\n" RAM);
	lacks(page, "<script");
	has(page, "<th>Firmware</th><td>" SHOWN "&quot; &amp; &#39;co</td>");
	has(page,
	    "<title>Memory map: a" SHOWN "&amp;&quot;&#39;??.txt</title>");
	has(picture, "<title>Memory: a" SHOWN);
	writetext("x", "Linux version 6.1\n"
		       "efi: EFI v2.7 by <b>\n"
		       "DMI: <i onclick=x>\n"
		       "efi: mem00: [Boot Data|<u>| ] range=[0x0-0xfff]\n"
		       "Linux version 6.2\n"
		       "DMI: another\n");
	has(page, "<td>EFI v2.7 by &lt;b&gt;</td>");
	has(page, "<th>Machine</th><td>&lt;i onclick=x&gt;</td>");
	has(page, "<th>Note</th><td>no attribute is known as &#39;&lt;u&gt;");
	lacks(page, "another");
	forget();
}

#define AUDIT "mem9: audit name=null-page result="

/* Of the map's own boot, whatever stands between; lines cut short are none. */
static void
an_audit_is_a_table(void **state)
{
	(void)state;
	writetext("x", RAM AUDIT "failed detail=\"" EVIL "\"\n"
				 "other words\n"
				 "mem9: audit name=identity result=ok\n"
				 "mem9: audited checks=2 failed=1 skipped=0\n"
				 "mem9: audit name=\n"
				 "mem9: audit name=cut\n"
				 "mem9: audit name=cut result=\n");
	has(page, "<h2>Audit</h2>\n");
	has(page, "<tr><td>null-page</td><td>failed</td><td>" SHOWN
		  "</td></tr>\n<tr><td>identity</td><td>ok</td><td></td>"
		  "</tr>\n</table></div>\n");
	lacks(page, "<td>cut");
	writetext("x", RAM "mem9: start version=1\n" AUDIT "ok\n");
	lacks(page, "Audit");
	writetext("x", RAM);
	lacks(page, "Audit");
	forget();
}

static void
a_line_without_a_vendor_is_none(void **state)
{
	(void)state;
	writetext("x", "mem9: start version=1 descriptors=1\n" RAM);
	lacks(page, "<th>Firmware");
	writetext("x", "mem9: start version=1 firmware=\"x\n" RAM);
	lacks(page, "<th>Firmware");
	forget();
}

/* ---- what is said of the entries ---- */

static void
rows_say_what_becomes_of_entries(void **state)
{
	(void)state;
	writetext("x", "efi 7 0x0 512 0xf\n"
		       "efi 1879048193 0x300000 1 0x8000000000000001\n"
		       "efi 4 0x400000 0 0xf\n"
		       "efi 4 0xfffffffffffff000 2 0xf\n"
		       "efi 4 0x0 0x1000000000000000 0xf\n"
		       "efi 11 0xffffffffffffe000 2 0x100000000001\n");
	has(page, "0x0</td><td class=\"n\">0x1fffff</td><td class=\"n\">2 MiB"
		  "</td><td>ConventionalMemory</td>"
		  "<td>MemReserved, MemRAM</td><td>UC WC WT WB</td>");
	has(page, "<tr class=\"hole\"><td class=\"n\">0x200000</td>"
		  "<td class=\"n\">0x2fffff</td><td class=\"n\">1 MiB</td>"
		  "<td colspan=\"3\">not in the map</td></tr>");
	has(page, "<td>type 0x70000001</td><td>MemReserved</td>"
		  "<td>UC RUN</td>");
	has(page, "0x400000</td><td></td><td>no memory</td>"
		  "<td>BootServicesData</td><td>left out</td>");
	has(page, "0xfffffffffffff000</td><td></td><td>no memory</td>");
	has(page, "0x0</td><td></td><td>no memory</td>");
	has(page, "0xffffffffffffffff</td><td class=\"n\">8 KiB</td>"
		  "<td>MemoryMappedIO</td><td>left out</td>"
		  "<td>UC 0x100000000000</td>");
	has(page, "<h2>Odd</h2>\n<pre>odd kind=zero base=0x400000 pages=0\n");
	writetext("x", "efi 7 0x0 0 0xf\nefi 7 0x100000 16 0xf\n");
	has(page, "0x0</td><td></td><td>no memory</td>");
	forget();
}

static void
rows_of_e820_have_its_names(void **state)
{
	static const char *const names[] = {"<td>usable</td>",
	    "<td>reserved</td>", "<td>ACPI data</td>", "<td>ACPI NVS</td>",
	    "<td>unusable</td>", "<td>persistent</td>",
	    "<td>persistent (legacy)</td>", "<td>soft reserved</td>",
	    "<td>type 0x9</td>"};

	(void)state;
	writetext("x", "e820 1 0x100000 0x200000\n"
		       "e820 2 0x200000 0x300000\n"
		       "e820 3 0x300000 0x400000\n"
		       "e820 4 0x400000 0x500000\n"
		       "e820 5 0x500000 0x600000\n"
		       "e820 7 0x600000 0x700000\n"
		       "e820 12 0x700000 0x800000\n"
		       "e820 4294967295 0x900000 0x900800\n"
		       "e820 4026531839 0x800000 0x900000\n"
		       "e820 9 0x900000 0x900000\n"
		       "e820 9 0x900000 0xa00000\n");
	for (size_t i = 0; i < nelem(names); i++)
		has(page, names[i]);
	has(page, "<td class=\"n\">0xfffff</td><td class=\"n\">1 MiB</td>"
		  "<td colspan=\"2\">not in the map</td>");
	lacks(page, "Attributes");
	writetext("x", "*e820=3 200000 300000 1 100000 200000\n");
	has(page, "0x1fffff</td><td class=\"n\">1 MiB</td><td>usable</td>"
		  "<td>MemRAM</td></tr>\n<tr><td class=\"n\">0x200000</td>");
	forget();
}

static void
banks_are_those_of_conf(void **state)
{
	Confmem bank = {0x100000, 256, 0, 0};

	(void)state;
	conf.nmem = 0;
	writetext("x", RAM);
	has(page, "There is no RAM to use");
	conf.mem = &bank;
	conf.nmem = 1;
	writetext("x", RAM);
	has(page, "0</td><td class=\"n\">0x100000</td><td class=\"n\">"
		  "0x1fffff</td><td class=\"n\">256</td><td class=\"n\">1 MiB");
	conf.nmem = 0;
	forget();
}

/* What has none of it is in no legend; one is no plural. */
static void
the_legend_has_what_there_is(void **state)
{
	(void)state;
	writetext("x", RAM);
	has(picture, "RAM: 64 KiB in 1 range (for");
	has(picture, "nothing: 3.98 GiB in 1 range (");
	has(picture, "A cell is about 64 bytes of RAM</text>");
	lacks(picture, "reserved");
	writetext("x", "efi 7 0x200000000 0x100000 0xf\n"
		       "efi 11 0x100000000000 0x10000000 0x1\n");
	has(picture, "unnamed: 15.99 TiB in 2 ranges (firmware says nothing");
	has(picture, "A cell is about 5.3");
	has(picture, " MiB of RAM, 4.03 GiB of reserved memory</text>");
	forget();
}

static void
sizes_have_units(void **state)
{
	static const struct {
		uint64_t size;
		const char *said;
	} sizes[] = {{0, "0 bytes"}, {1023, "1023 bytes"}, {1024, "1 KiB"},
	    {1536, "1.50 KiB"}, {MiB - KiB, "1023 KiB"}, {3 * GiB, "3 GiB"},
	    {5 * TiB, "5 TiB"}, {UINT64_MAX, "16.00 EiB"}};

	(void)state;
	for (size_t i = 0; i < nelem(sizes); i++) {
		char said[40] = "";
		FILE *f = fmemopen(said, sizeof said, "w");

		putsize(f, sizes[i].size);
		fclose(f);
		assert_string_equal(said, sizes[i].said);
	}
}

/* What must be found wrong is: the model itself. */
static void
bad_tags_are_seen(void **state)
{
	static const char *const bad[] = {"<script></script>", "<p>", "</p>",
	    "<p></g>", "<p onclick=\"x\"></p>", "<p class=x></p>", "a & b",
	    "&nbsp;", "<svg xmlns=\"http://a\"></svg>", "<p class=\"//a\"/>",
	    "<p class=\"url(a)\"/>", "<style>@import x</style>",
	    "<style>url(x)</style>", "a > b", "<p",
	    "<p class=\"javascript:\"/>", "\x01", "\x80", "<a href=\"x\"></a>"};

	(void)state;
	for (size_t i = 0; i < nelem(bad); i++)
		if (tagsbad(bad[i]) == NULL)
			fail_msg("'%s' is let through", bad[i]);
	assert_null(tagsbad("<p class=\"x\">a &lt; b<meta/>\n</p>"));
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(all_of_every_map_is_there),
	    cmocka_unit_test(what_a_file_says_is_text),
	    cmocka_unit_test(an_audit_is_a_table),
	    cmocka_unit_test(a_line_without_a_vendor_is_none),
	    cmocka_unit_test(rows_say_what_becomes_of_entries),
	    cmocka_unit_test(rows_of_e820_have_its_names),
	    cmocka_unit_test(banks_are_those_of_conf),
	    cmocka_unit_test(the_legend_has_what_there_is),
	    cmocka_unit_test(sizes_have_units),
	    cmocka_unit_test(bad_tags_are_seen),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
