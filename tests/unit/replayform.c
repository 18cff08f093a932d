/*
 * replayform.c - what replay reads in a line of each form, and what it takes
 * away in front of it.
 *
 * needs: efi/forms/map.c tools/replay/feed.c
 */
#include "unit.h"
#include "memmap.h"
#include "../../efi/forms/form.h"

#include <glob.h>

typedef struct Read Read;
struct Read {
	const char *text;
	const char *entries; /* TYPE BASE PAGES ATTR; or TYPE BASE END; ... */
};

#define GRUB "Type      Physical start  - end  #Pages  Size Attributes\n"
#define UBOOT "Type  Start  End  Attributes\n=== === ===\n"
#define BSD "Type  Physical  Virtual  #Pages Attr\n"
#define SYS "/sys/firmware/memmap/"
#define ONELINE                                                                \
	"{\"msg\":\"[    0.000000] BIOS-e820: [mem 0x0-0xfff] usable\","       \
	"\"msg\":[],\"msg\":\"y\"}"
/* Too far in for what a log puts in front of a line. */
#define LATE ZERO ZERO ZERO ZERO ZERO ZERO ZERO ZERO " kernel: x"
#define ZERO "0000000000000000"

static const Read efis[] = {
    {"mem9: efi type=0x70000001 base=0x0 pages=1 attr=0xf\n", "70000001 0 1 f"},
    {"mem9: efi type=PalCode base=0x1000 pages=10 attr=0xf as=x\n",
	"d 1000 a f"},
    {"efi 7 0x1000\t16 0xf\n", "7 1000 10 f"},
    {"mem00: type=7, attr=0xf, range=[0x0-0x1000) (0MB)\n", "7 0 1 f"},
    {"EFI: mem00: type=3, attr=0x8, range=[0x0-0x2000) (0MB)\n", "3 0 2 8"},
    {"efi: mem00: [Unaccepted  |RUN|HP|MR|CC|SP|NV|XP|RP|WP|RO|UCE|WB|WT|WC|"
     "UC|ISA] range=[0x0-0xfff] (0MB)\n",
	"f 0 1 c0000000001ff01f"},
    {"efi: mem00: [type=20|attr=0x8000000000000000] range=[0x0-0xfff]\n",
	"14 0 1 8000000000000000"},
    {"Available  " ZERO "-0000000000001FFF 0000000000000002 "
     "000000000000000F\n",
	"7 0 2 f"},
    {"MemPortIO  " ZERO "-0000000000000FFF  0000000000000001  "
     "8000000000000000\n",
	"c 0 1 8000000000000000"},
    {"80000001   " ZERO "-FFFFFFFFFFFFFFFF " ZERO " 000000000000000F\n",
	"80000001 0 0 f"},
    {"MemoryMap,\"RuntimeData\",\"0\",\"FFF\",\"1\",\"F\"\n"
     "MemoryMapSummary,\"4096\",\"0\"\n",
	"6 0 1 f"},
    {GRUB "RT-data   " ZERO "-0000000000000fff 00000001      4KiB RT WB MR\n"
	  "Unk 70000001   0000000000001000-0000000000001fff 1 4KiB\n",
	"6 0 1 8000000000010008; 70000001 1000 1 0"},
    {"conv-mem  " ZERO "-0000000000000fff 00000001      4KiB WB\n", "7 0 1 8"},
    {UBOOT "ACPI RECLAIM MEM " ZERO "-0000000000002000 WB|RT\n"
	   "IO               0000000000002000-0000000000003000 UC|REL|CRYPT|"
	   "HOTPL\n",
	"9 0 2 8000000000000008; b 2000 1 190001"},
    {BSD "Reserved 000000000000 0x0 00000001 UC\n"
	 "PersistentMemory 000000001000 000000001000 00000001\n"
	 "ConventionalMemory 000000002000 0x0 00000001 MORE_RELIABLE "
	 "RUNTIME\n",
	"0 0 1 1; e 1000 1 0; 7 2000 1 8000000000010000"},
    {"(XEN)  0000000000000-0000000000fff type=11 attr=8000000000000001\n",
	"b 0 1 8000000000000001"},
    {"0000000000000-0000000000fff type=7 attr=000000000000000f\n", "7 0 1 f"},
    {"mem9: efi type=0X7 base=0x0 pages=1 attr=0xf\nmem9: odd kind=zero\n",
	"7 0 1 f"},
    {"mem9: start version=1\nmem9: efi type=PalCode base=0x0 pages=1 attr=0x1"
     "\n",
	"d 0 1 1"},
    {"MemoryMap,\"MemoryMappedIO\",\"0\",\"FFF\",\"1\",\"0\"\n"
     "MemoryMap,\"Reserved\",\"1000\",\"1FFF\",\"1\",\"0\"\n"
     "MemoryMap,\"UnusableMemory\",\"2000\",\"2FFF\",\"1\",\"0\"\n"
     "MemoryMap,\"MemoryMappedIOPortSpace\",\"3000\",\"3FFF\",\"1\",\"0\"\n"
     "MemoryMapSummary,\"0\"\n",
	"b 0 1 0; 0 1000 1 0; 8 2000 1 0; c 3000 1 0"},
    {"(XEN) [0000001b4a3297f3] EFI memory map:\n"
     "(XEN) [0000001b4a3297f4]  0000000000000-0000000000fff type=7 "
     "attr=000000000000000f\n",
	"7 0 1 f"},
};

static const Read e820s[] = {
    {"BIOS-e820: 0 - 9fc00 (usable)\n", "1 0 9fc00"},
    {"BIOS-e820: 0 - 9fc00  639   KB (usable)\n", "1 0 9fc00"},
    {"BIOS-e820: 0 - 1000 1.5 MB usable\nBIOS-e820: 1000 - 2000 4 GB usable\n"
     "BIOS-e820: 2000 - 3000 4 TB usable\nBIOS-e820: 3000 - 4000 (type 3)\n",
	"1 0 1000; 1 1000 2000; 1 2000 3000; 3 3000 4000"},
    {"BIOS-e820: [gap 0x0-0xfff]\n[Firmware Bug]: out of order E820 entry!\n"
     "BIOS-e820: [mem 0x1000-0x1fff] usable\n"
     "BIOS-e820: [gap 0x2000-0x2fff]\r\n\rXen-provided physical RAM\n",
	"1 1000 2000"},
    {"BIOS-e820: [mem 0x2000-0x2fff] usable\n"
     "BIOS-e820: [mem 0X0-0xfff] reserved\nlast_pfn = x\n",
	"1 2000 3000; 2 0 1000"},
    {"Xen-provided physical RAM map:\n Xen: [mem 0x0-0xfff] usable\n",
	"1 0 1000"},
    {"BIOS-e820: [mem 0x0-0xfff] usable\nlast_pfn = x\n", "1 0 1000"},
    {"BIOS-e820: [mem 0x0-0x9fbff] soft reserved\n", "efffffff 0 9fc00"},
    {"BIOS-e820: [mem 0x0-0x9fbff] persistent RAM (type 12)\n", "c 0 9fc00"},
    {"BIOS-e820: [mem 0x0-0xfff] type 20\n", "14 0 1000"},
    {" BIOS-EFI: 0 - 9fc00 (ACPI NVS)\n", "4 0 9fc00"},
    {" Xen: [mem 0x0-0xfff] unusable\n", "5 0 1000"},
    {"(XEN)  [" ZERO ", 0000000000000fff] (ACPI data)\n", "3 0 1000"},
    {" [" ZERO ", 0000000000000fff] (reserved)\n", "2 0 1000"},
    {"(XEN)  " ZERO " - 0000000000001000 (usable)\n", "1 0 1000"},
    {"00000000-0009fbff : System RAM\n  00000000-00000fff : Reserved\n"
     "000a0000-000fffff : PCI Bus 0000:00\n  000f0000-000fffff : Reserved\n"
     "  00100000-001fffff : ACPI Tables\n    00100000-001fffff : System RAM\n",
	"1 0 9fc00; 2 f0000 100000; 3 100000 200000"},
    {"/proc/iomem:00001000-00001fff : Persistent Memory (legacy)\n",
	"c 1000 2000"},
    {SYS "1/end:0x1fff\n" SYS "0/type:Soft Reserved\n" SYS "0/end:0xfff\n" SYS
	 "1/start:0x1000\n" SYS "1/type:reserved\n" SYS "0/start:0x0\n",
	"efffffff 0 1000; 2 1000 2000"},
    {"./0/start:0x1000\n./0/end:0x1fff\n./0/type:System RAM\n", "1 1000 2000"},
    {"e820 1 0 4096\n", "1 0 1000"},
};

static const char *
entries(const Map *m)
{
	static char s[400];
	size_t n = 0;

	for (size_t i = 0; i < m->nentry; i++) {
		const Entry *e = &m->entry[i];

		n += (size_t)snprintf(s + n, sizeof s - n, "%s%x %jx ",
		    i > 0 ? "; " : "", e->type, (uintmax_t)e->base);
		n +=
		    (size_t)(m->form->efi
				 ? snprintf(s + n, sizeof s - n, "%jx %jx",
				       (uintmax_t)e->npages, (uintmax_t)e->attr)
				 : snprintf(s + n, sizeof s - n, "%jx",
				       (uintmax_t)e->end));
	}
	return s;
}

/* One map, these entries, nothing odd. */
static void
isread(const char *text, size_t size, const char *want, bool efi)
{
	Map why = {0};
	Map *m;
	Lists ls;
	Text t;

	if (textread(&t, &why, (const uint8_t *)text, size) < 0)
		fail_msg("%s: %s", text, why.why);
	assert_int_equal(listsread(&ls, &t, &why), 0);
	if (mapread(&m, &ls, &t, 0, &why) < 0)
		fail_msg("%s: %zu: %s", text, why.lineno, why.why);
	assert_int_equal(m->form->efi, efi);
	assert_string_equal(entries(m), want);
	assert_int_equal(m->nnote, 0);
	assert_int_equal(ls.nmap, 1);
	listsfree(&ls);
	textfree(&t);
}

static void
every_form_is_read(void **state)
{
	(void)state;
	for (size_t i = 0; i < nelem(efis); i++)
		isread(
		    efis[i].text, strlen(efis[i].text), efis[i].entries, true);
	for (size_t i = 0; i < nelem(e820s); i++)
		isread(e820s[i].text, strlen(e820s[i].text), e820s[i].entries,
		    false);
}

/* The list of this text is refused here; or, with no line, it is whole. */
static void
iscut(const char *text, size_t line)
{
	Map m = {0};
	Text t;
	size_t at = 0;

	textread(&t, &m, (const uint8_t *)text, strlen(text));
	assert_int_equal(listread(&m, &t, &linuxe820, &at), line > 0 ? -1 : 1);
	if (line > 0)
		assert_int_equal(m.lineno, line);
	mapfree(&m);
	textfree(&t);
}

/* A loader hands over 128; the rest is in the kernel's own list. */
static void
a_list_of_128_may_go_on(void **state)
{
	static char text[200 * 80];
	size_t n = 0;

	(void)state;
	for (int i = 0; i < 128; i++)
		n += (size_t)sprintf(text + n, "BIOS-e820: %x - %x (usable)\n",
		    i << 13, (i << 13) + 4096);
	strcpy(text + n, "extended: [mem 0x0-0xfff] usable\n"
			 "extended: [mem 0x0-0x1fff] usable\n");
	iscut(text, 130);
	strcpy(text + n, "extended: [mem 0x1000-0xfff] usable\n");
	iscut(text, 129);
	strcpy(text + n, "extended: x\n");
	iscut(text, 129);
	strcpy(text + n, "extended: [mem 0x0-0xfff] usable\n"
			 "last_pfn = 0xff\n");
	iscut(text, 0);
	strcpy(text + n, "extended: [mem 0x0-0xfff] usable\n"
			 "last_pfn = 0x100\n");
	iscut(text, 130);
	iscut("BIOS-e820: 0 - 1000 (usable)\nextended: x\n", 0);
}

/* The same line in many wraps. */
static void
what_a_log_adds_is_taken_away(void **state)
{
	static const char *const before[] = {"> ", ">>\t> ", "| ", "   \t",
	    "<6>", "[    0.000000] ", "[    T0] ", "[    0.000000][    C12] ",
	    "[Thu Jan  1 00:00:00 2026] ", "kern  :info  : [    0.000000] ",
	    "2026-01-01T00:00:00,000000+01:00 ", "12:[    0.000000] ",
	    "3: ", "Jan  1 00:00:00 host kernel: [    0.000000] ",
	    "> [    0.000000] host kernel: ", "\x1b[32m[    0.000000] \x1b[0m",
	    "^[[1;33m", "[0m", "\x1b(", "\x1b[2J\x1b[01;01H",
	    "(XEN) [2026-01-01 00:00:00.123] ", "[code]", "> [QUOTE=x]",
	    "<pre><code>", "<Pre class=\"x\"> <code>[    0.000000] "};
	static const char *const behind[] = {" \t", "[/code]", "</code></pre>",
	    " <br/> ", "<BR />\t</code> [/quote] "};
	static const char row[] = "BIOS-e820: [mem 0x0-0xfff] usable";
	char text[200];

	(void)state;
	for (size_t i = 0; i < nelem(before); i++) {
		snprintf(text, sizeof text, "%s%s%s", before[i], row,
		    behind[i % nelem(behind)]);
		Line l = {.s = text};

		linestrip(&l);
		assert_string_equal(l.s, row);
		assert_int_equal(l.xen, before[i][0] == '(');
	}
}

static void
what_is_no_log_stays(void **state)
{
	static const char *const lines[] = {"[0000000000000000, fff] (usable)",
	    "[mem 0x0-0xfff]", "[ snip ]", "[12]", "[T]", "[]", "[", "<>", "<6",
	    "1234567:[x", "12:x", "kern", "kern :info x", "kernel: x",
	    "2026-01-01T00:00:00", "[0000001b4a3297f3] x", "[1.5: x",
	    "{\" kernel: \"}", "[32x", "^[", "1.5", "[Thu Jan  1 00:00:00 202]",
	    "[x.1]", "2026-01-01 00:00:00 x", "2026-01-01T00:00:00.1", "^[x",
	    "[Thu.Jan  1 00:00:00 2026]", "[Thu Jan  1 00.00:00 2026]",
	    "[Thu Jan  1 00:00.00 2026]", "[code", "<pre", "[codec] x",
	    "[Code |x]", "<preen>", "x [code] y", "<b>", LATE};
	char text[200];

	(void)state;
	for (size_t i = 0; i < nelem(lines); i++) {
		snprintf(text, sizeof text, "%s", lines[i]);
		Line l = {.s = text};

		linestrip(&l);
		assert_string_equal(l.s, lines[i]);
	}
}

/* Columns count from the quoting; a tab goes to the next eighth. */
static void
indentation_is_counted(void **state)
{
	static const struct {
		const char *line;
		int indent;
	} rows[] = {{"x", 0}, {"  x", 2}, {"\tx", 8}, {"  \tx", 8},
	    {"> \t x", 9}, {">   x", 3}, {"[1.0]   x", 3}, {"", 0},
	    {"\x1b[0m  x", 2}, {"\x1b", 0}, {"  \x1b[1", 2}};
	char text[20];

	(void)state;
	for (size_t i = 0; i < nelem(rows); i++) {
		snprintf(text, sizeof text, "%s", rows[i].line);
		Line l = {.s = text};

		linestrip(&l);
		assert_int_equal(l.indent, rows[i].indent);
	}
}

static void
json_is_read(void **state)
{
	static const char *const texts[] = {
	    "{\n  \"dmesg\": [\n {\n\"pri\": 6,\n\"time\": 0.0,\n\"msg\": "
	    "\"BIOS-e820: [mem 0x0-0xfff] \\u0075sable\"\n},{\n\"msg\": "
	    "\"x\\\\\\\"y\\t\\n\\u00e4\\u12\\u0000\"\n}]}\n",
	    "\n[\n{\"MESSAGE\" : \"BIOS-e820: [mem 0x0-0xfff] usable\"}\n]\n",
	    ONELINE,
	};

	(void)state;
	for (size_t i = 0; i < nelem(texts); i++)
		isread(texts[i], strlen(texts[i]), "1 0 1000", false);
}

static void
encodings_are_read(void **state)
{
	static const char row[] = "e820 1 0x0 0x1000\n";
	char two[2 * sizeof row]; /* its mark where the last zero would be */
	char marked[sizeof row + 4] = "\xef\xbb\xbf";

	(void)state;
	for (size_t big = 0; big < 2; big++) {
		memset(two, 0, sizeof two);
		two[big] = '\xff';
		two[1 - big] = '\xfe';
		for (size_t i = 0; i < sizeof row - 1; i++)
			two[2 + 2 * i + big] = row[i];
		isread(two, sizeof two, "1 0 1000", false);
		isread(two + 2, sizeof two - 2, "1 0 1000", false);
	}
	strcat(marked, row);
	isread(marked, strlen(marked), "1 0 1000", false);
}

static void
same_entries(const Map *a, const Map *b)
{
	assert_int_equal(a->nentry, b->nentry);
	for (size_t i = 0; i < a->nentry; i++) {
		assert_int_equal(a->entry[i].type, b->entry[i].type);
		assert_int_equal(a->entry[i].base, b->entry[i].base);
		assert_int_equal(a->entry[i].npages, b->entry[i].npages);
		assert_int_equal(a->entry[i].attr, b->entry[i].attr);
		assert_int_equal(a->entry[i].end, b->entry[i].end);
	}
}

/* The texts that people posted, and those made of real maps. */
static void
posted_maps_are_read(void **state)
{
	static uint8_t bytes[1 << 17];
	glob_t files;

	(void)state;
	assert_int_equal(glob("tests/replay/[pm]*/*.txt", 0, NULL, &files), 0);
	assert_true(files.gl_pathc >= 17);
	for (size_t i = 0; i < files.gl_pathc; i++) {
		Map why = {0};
		Map *m[2];
		Lists ls[2];
		Text t[2];
		char *name = files.gl_pathv[i];

		for (int k = 0; k < 2; k++) {
			FILE *f = fopen(name, "r");

			assert_non_null(f);
			size_t n = fread(bytes, 1, sizeof bytes, f);

			fclose(f);
			assert_int_equal(textread(&t[k], &why, bytes, n), 0);
			assert_int_equal(listsread(&ls[k], &t[k], &why), 0);
			if (mapread(&m[k], &ls[k], &t[k], 0, &why) < 0)
				fail_msg(
				    "%s:%zu: %s", name, why.lineno, why.why);
			strcpy(name + strlen(name) - 3, "map");
		}
		same_entries(m[0], m[1]);
		/* A report that came home has its first one, and the boot's. */
		assert_int_equal(
		    ls[0].nmap, strstr(name, "report") == NULL ? 1 : 2);
		for (int k = 0; k < 2; k++) {
			listsfree(&ls[k]);
			textfree(&t[k]);
		}
	}
	globfree(&files);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(every_form_is_read),
	    cmocka_unit_test(a_list_of_128_may_go_on),
	    cmocka_unit_test(what_a_log_adds_is_taken_away),
	    cmocka_unit_test(what_is_no_log_stays),
	    cmocka_unit_test(indentation_is_counted),
	    cmocka_unit_test(json_is_read),
	    cmocka_unit_test(encodings_are_read),
	    cmocka_unit_test(posted_maps_are_read),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
