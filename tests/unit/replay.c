/*
 * replay.c - what replay finds in a text: lists, maps, entries, notes.
 *
 * needs: efi/forms/map.c tools/replay/feed.c
 */
#include "unit.h"
#include "memmap.h"
#include "../../tools/replay/replay.h"

#define HEAD "Type       Start  End  # Pages  Attributes\n"
#define RAM "BIOS-e820: [mem 0x0-0xfff] usable\n"
#define MEM9 "mem9: efi type=LoaderCode base=0x0 pages=1 attr=0xf\n"
#define MEM92 "mem9: efi type=LoaderCode base=0x0 pages=2 attr=0xf\n"
#define HOME "mem9: savedlog bytes=1 pages=1 lost=0\n"
#define XENEFI                                                                 \
	"(XEN)  0000000000000-0000000000fff type=7 attr=000000000000000f\n"
#define EFI "efi: mem00: type=7, attr=0xf, range=[0x0-0x2000)\n"
#define RUN "efi: mem00: type=7, attr=0x8000000000000000, range=[0x0-0x1000)\n"
#define BOOT "[    0.000000] Linux version 6.1\n"
#define TABLE                                                                  \
	"Type       Start  End  # Pages  Attributes\nAvailable  0-FFF 1 F\n"
#define RAM2 "BIOS-e820: [mem 0x0-0x1fff] usable\n"
#define XEN "(XEN)  [0000000000000000, 0000000000000fff] (usable)\n"
#define DOM0 "Xen: [mem 0x0-0xfff] usable\n"

/*
 * A text; its lists, as MAP:LINE:ENTRIES:FORM with + before one that is not
 * the main one of its map and _ for a blank; and the notes for the first map.
 */
typedef struct Several Several;
struct Several {
	const char *text;
	const char *lists;
	const char *notes;
};

#define LETTERS "ghijklmnghijklmn"
#define LETTERS64 LETTERS LETTERS LETTERS LETTERS

static const Several several[] = {
    {RAM, "1:1:1:BIOS", ""},
    {"x\n" RAM "y\n" RAM, "1:2:1:BIOS", ""},
    {RAM "y\n" RAM2, "1:1:1:BIOS 2:3:1:BIOS", "the first of 2 maps"},
    {RAM "e820: BIOS-provided physical RAM map:\n" RAM2,
	"1:1:1:BIOS 2:3:1:BIOS", "the first of 2 maps"},
    {BOOT RAM BOOT RAM, "1:2:1:BIOS 2:4:1:BIOS", "the first of 2 maps"},
    {RAM "-- Reboot --\n" RAM, "1:1:1:BIOS 2:3:1:BIOS", "the first of 2 maps"},
    {RAM EFI, "+1:1:1:BIOS 1:2:1:efi:_mem", ""},
    {EFI RAM, "1:1:1:efi:_mem +1:2:1:BIOS", ""},
    {EFI "x\n" RUN, "1:1:1:efi:_mem", ""},
    {RUN "x\n" EFI, "1:1:1:efi:_mem 2:3:1:efi:_mem", "the first of 2 maps"},
    {RUN EFI, "1:1:1:efi:_mem 2:2:1:efi:_mem", "the first of 2 maps"},
    {"(XEN) Xen version 4.14\n" XEN XENEFI BOOT DOM0
     "00000000-0009fbff : System RAM\n",
	"+1:2:1:RAM_map 1:3:1:EFI_memory_map +1:5:1:domain +1:6:1:iomem", ""},
    {"(XEN) Xen version 4.14\n" XEN BOOT DOM0 BOOT DOM0,
	"1:2:1:RAM_map +1:4:1:domain 2:6:1:domain", "the first of 2 maps"},
    {"(XEN) Xen version 4.14\n" XEN "(XEN) Xen version 4.14\n" XEN,
	"1:2:1:RAM_map 2:4:1:RAM_map", "the first of 2 maps"},
    {MEM9 "*e820=1 0 1000\n", "1:1:1:mem9 +1:2:0:*e820=", ""},
    {TABLE RAM, "1:2:1:UEFI_Shell 2:3:1:BIOS", "the first of 2 maps"},
    {TABLE TABLE, "1:2:1:UEFI_Shell", ""},
    {TABLE HEAD "Available  0-1FFF 2 F\n", "1:2:1:UEFI_Shell 2:4:1:UEFI_Shell",
	"the first of 2 maps"},
    {TABLE "Available : 1 Pages\n"
	   "Available  0000000000000000-0000000000001FFF 0000000000000002 F\n",
	"1:2:1:UEFI_Shell 2:4:1:UEFI_Shell", "the first of 2 maps"},
    {"0/end:0xfff\n"
     "0/start:0x0\n"
     "0/type:System RAM\n"
     "0/end:0xfff\n"
     "0/start:0x0\n"
     "0/type:System RAM\n",
	"1:1:1:/sys/firmware", ""},
    {RAM "y\n" RAM2 "BIOS-e820: damage\n", "1:1:1:BIOS 2:3:1:BIOS",
	"the first of 2 maps"},
    {"efi: mem00: [Boot Data|WX|WX| |YZ] range=[0x0-0xfff]\n", "1:1:1:efi:_mem",
	"no attribute is known as 'WX'; no attribute is known as 'YZ'"},
    {"efi: mem00: [Boot Data|" LETTERS64 "Z] range=[0x0-0xfff]\n",
	"1:1:1:efi:_mem", "known as '" LETTERS64 "...'"},
    {"efi: mem00: [Boot Data|A1|A2|A3|A4|A5|A6|A7|A8|A9] range=[0x0-0xfff]\n",
	"1:1:1:efi:_mem",
	"'A1'; 'A2'; 'A3'; 'A4'; 'A5'; 'A6'; 'A7'; 'A8'; and 1 more notes"},
    {"efi 7 0x0 1 0xf", "1:1:1:'efi'", "has no end"},
    {RAM "and", "1:1:1:BIOS", "the middle of the next line"},
    {"BIOS-e820: [mem 0x0-0xfff] usable", "1:1:1:BIOS", ""},
    {"efi: mem01: type=7, attr=0xf, range=[0x0-0x1000)\n" BOOT EFI,
	"1:1:0:efi:_mem 2:3:1:efi:_mem", NULL},
    {"mem9: start descriptors=1\n" MEM9 "mem9: start descriptors=2\n" MEM9,
	"1:2:1:mem9 2:4:1:mem9", "the first of 2 maps"},
    {MEM9 HOME "mem9: start descriptors=1\n" MEM92, "1:1:1:mem9 2:4:1:mem9",
	"the boot's own of 2 maps"},
    {MEM9 HOME "mem9: start descriptors=2\n" HOME
	       "mem9: start descriptors=1\n" MEM92,
	"1:1:1:mem9 2:6:1:mem9", "the boot's own of 2 maps"},
    {MEM9 HOME "mem9: start descriptors=2\n" MEM92, "1:1:1:mem9 2:4:1:mem9!",
	"the first of 2 maps"},
    {MEM9 HOME RAM, "1:1:1:mem9 2:3:1:BIOS", "the first of 2 maps"},
    {"efi: mem00: damage\nefi: mem00: damage\n" RAM BOOT RAM,
	"1:1:0:efi:_mem +1:3:1:BIOS 2:5:1:BIOS", NULL},
    {XENEFI "(XEN) Unknown cachability for MFNs 0x1-0x2\n(XEN) Could not map "
	    "MFNs 0x1-0x2\n(XEN) No mapping for MFNs 0x1\n(XEN)  "
	    "0000000001000-0000000001fff type=7 attr=000000000000000f\n",
	"1:1:2:EFI_memory_map", ""},
    {EFI "x\nefi: mem01: type=7, attr=0xf, range=[0x2000-0x3000)\n",
	"1:1:2:efi:_mem", ""},
    {RAM "user: [mem 0x0-0x1ffff] usable\nlast_pfn = 0x20 max\n", "1:1:1:BIOS",
	""},
    {RAM "e820: last_pfn = 0x1 max\n", "1:1:1:BIOS", ""},
    {"last_pfn = 0x20 max\n" RAM, "1:2:1:BIOS", ""},
    {"# as efi 7 0x0 1 0xf\nefi 7 0x0 1 0xf\n", "1:2:1:efi'", ""},
    {"Type Physical start - end #Pages Size Attributes\n"
     "conv-mem 0000000000000000-0000000000000fff 1 4KiB WB\n"
     "--MORE--\r        \r"
     "conv-mem 0000000000001000-0000000000001fff 1 4KiB WB\n",
	"1:2:2:lsefimmap", ""},
    {TABLE "Press ENTER to continue or 'Q' break:\nPersistent 1000-1FFF 1 8\n"
	   "Available : 2 Pages\nPersistent: 0 Pages\nTotal Memory: 1 MB\n"
	   "Special : 7 Pages\n",
	"1:2:2:UEFI_Shell", ""},
    {"Available  0000000000000000-0000000000000FFF 0000000000000001 F",
	"1:1:1:UEFI_Shell", ""},
    {RAM "   ", "1:1:1:BIOS", ""},
    {"  " RAM "  B", "1:1:1:BIOS!", NULL},
    {RAM2 "efi: mem00: type=7, attr=0xf, range=[0x1000-0x2000)\n"
	  "efi: mem01: type=7, attr=0xf, range=[0x0-0x1000)\n",
	"+1:1:1:BIOS 1:2:2:efi:_mem", ""},
    {"BIOS-e820: [mem 0x0-0x4fff] reserved\n" EFI, "+1:1:1:BIOS 1:2:1:efi:_mem",
	""},
    {RAM2 "efi: mem00: damage\n" BOOT MEM9,
	"+1:1:1:BIOS 1:2:0:efi:_mem! 2:4:1:mem9", NULL},
    {EFI "BIOS-e820: damage\n", "1:1:1:efi:_mem +1:2:0:BIOS!", ""},
    {MEM9 RAM, "1:1:1:mem9 2:2:1:BIOS", "the first of 2 maps"},
    {RAM MEM9, "1:1:1:BIOS 2:2:1:mem9", "the first of 2 maps"},
    {RAM "BIOS-e820: [mem 0x2000-0x2fff] usable\ny\n" RAM,
	"1:1:2:BIOS 2:4:1:BIOS", "the first of 2 maps"},
    {"*e820=1 0 1000\n" BOOT "*e820=1 0 1000\n",
	"1:1:0:*e820= 2:3:0:*e820=", "the first of 2 maps"},
    {TABLE "BS_C", "1:2:1:UEFI_Shell", "the middle of the next line"},
    {TABLE "Available : 1 Pages\nx", "1:2:1:UEFI_Shell", ""},
    {TABLE "x\nAvailable 0000", "1:2:1:UEFI_Shell", ""},
    {RAM "[    0.000000] ", "1:1:1:BIOS!", NULL},
    {"[    0.000000] " RAM "[    0.0", "1:1:1:BIOS!", NULL},
    {TABLE "= 1\n: 2\n", "1:2:1:UEFI_Shell", ""},
    {"Available  0-FFF 1 F\nType Start End Pages\nx\nAvailable 0-FFF 1 F\n",
	"1:4:1:UEFI_Shell", ""},
    {"BIOS-e820: damage\nx\nBIOS-provided physical RAM map:\n" RAM,
	"1:1:0:BIOS! 2:4:1:BIOS", NULL},
    {"Available  0000000000000000-0000000000000FFF 0000000000000001 "
     "000000000000000F\nx\nAvailable  0000000000000000-0000000000001FFF "
     "0000000000000002 000000000000000F\n",
	"1:1:1:UEFI_Shell 2:3:1:UEFI_Shell", "the first of 2 maps"},
    {"*e820=1 0 1000\n" MEM9, "+1:1:0:*e820= 1:2:1:mem9", ""},
    {RAM "BIOS-e820: [gap 0x1000-0x1fff]\nx\n"
	 "BIOS-e820: [gap 0x0-0xfff]\nBIOS-e820: [mem 0x1000-0x1fff] usable\n",
	"1:1:1:BIOS 2:5:1:BIOS", "the first of 2 maps"},
    {EFI EFI "efi: mem01: type=7, attr=0xf, range=[0x2000-0x3000)\n"
	     "efi: mem01: type=7, attr=0xf, range=[0x2000-0x3000)\n",
	"1:1:2:efi:_mem", ""},
    {EFI "efi: mem01: type=7, attr=0xf, range=[0x2000-0x3000)\n"
	 "efi: mem00: damage\n",
	"1:1:2:efi:_mem 2:3:0:efi:_mem!", "the first of 2 maps"},
    {EFI "efi: mem00: type=7, attr=0xf, range=[0x3000-0x5000)\n",
	"1:1:1:efi:_mem 2:2:1:efi:_mem", "the first of 2 maps"},
    {TABLE TABLE "x\n" TABLE, "1:2:1:UEFI_Shell", ""},
    {TABLE "Available 1000-1FFF 1 F\n" TABLE,
	"1:2:2:UEFI_Shell 2:5:1:UEFI_Shell", "the first of 2 maps"},
    {"Foo  0000000000000000-0000000000000FFF 0000000000000001 F\n" RAM,
	"1:2:1:BIOS", ""},
    {RAM BOOT EFI, "1:1:1:BIOS 2:3:1:efi:_mem", "the first of 2 maps"},
    {"0/end:0xfff\n0/start:0x0\n0/type:reserved\n0/end:0x1fff\n"
     "0/start:0x0\n0/type:reserved\n",
	"1:1:1:/sys/ 2:4:1:/sys/", "the first of 2 maps"},
    {"# a\nefi 7 0x0 1 0xf\n# b\n\nefi 7 0x1000 1 0xf\n", "1:2:2:'efi'", ""},
    {RAM "<6>lines follow\n", "1:1:1:BIOS", ""},
    {RAM "(many lines)\n", "1:1:1:BIOS!", NULL},
    {RAM "<a line that is far too long to be a remark about lines left out>\n",
	"1:1:1:BIOS", ""},
};

static bool
hasform(const char *name, const char *word)
{
	for (; *name != '\0'; name++) {
		size_t i = 0;

		while (
		    word[i] != '\0' &&
		    (word[i] == name[i] || (word[i] == '_' && name[i] == ' ')))
			i++;
		if (word[i] == '\0')
			return true;
	}
	return false;
}

/* One "+MAP:LINE:ENTRIES:FORM" or, of a damaged one, "...!". */
static void
checklist(const Several *s, const List *l, const char *want)
{
	char form[40];
	size_t map;
	size_t line;
	size_t entries;
	bool also = *want == '+';

	if (sscanf(want + also, "%zu:%zu:%zu:%39s", &map, &line, &entries,
		form) != 4)
		fail_msg("'%s' is no list", want);
	size_t len = strlen(form);
	bool bad = form[len - 1] == '!';

	if (bad)
		form[len - 1] = '\0';
	if (l->map != map || l->main == also || l->m.first != line ||
	    !hasform(l->m.form->name, form) || (bad && !l->bad) ||
	    (!l->bad && l->m.nentry != entries))
		fail_msg("%s: map %zu%s of line %zu, %zu entries, %s, not %s",
		    s->text, l->map, l->main ? "" : ", not used", l->m.first,
		    l->m.nentry, l->m.form->name, want);
}

static void
checklists(const Several *s, const Lists *ls)
{
	const char *want = s->lists;

	for (size_t i = 0; i < ls->nlist; i++) {
		if (ls->list[i]->map == 0)
			continue;
		if (want == NULL)
			fail_msg("%s: line %zu is a list, too", s->text,
			    ls->list[i]->m.first);
		checklist(s, ls->list[i], want);
		want = strchr(want, ' ');
		want = want != NULL ? want + 1 : NULL;
	}
	if (want != NULL)
		fail_msg("%s: no list %s", s->text, want);
}

/* All of the notes, in this order, "; " between them; NULL: it is refused. */
static void
checknotes(const Several *s, Lists *ls, const Text *t)
{
	Map why = {0};
	Map *m;
	const char *want = s->notes;
	int result = mapread(&m, ls, t, 0, &why);

	if ((result < 0) != (want == NULL))
		fail_msg("%s: %s", s->text, why.why);
	if (result < 0)
		return;
	for (size_t i = 0; i < MIN(m->nnote, NOTES); i++) {
		size_t len = strcspn(want, ";");
		char words[WORDS] = "";

		memcpy(words, want, len);
		if (len == 0 || strstr(m->note[i], words) == NULL)
			fail_msg(
			    "%s: '%s', not '%s'", s->text, m->note[i], words);
		want += want[len] == ';' ? len + 2 : len;
	}
	if (m->nnote > NOTES)
		assert_string_equal(want, "and 1 more notes");
	else if (*want != '\0')
		fail_msg("%s: not noted: '%s'", s->text, want);
}

static void
lists_and_maps_are_told_apart(void **state)
{
	(void)state;
	for (size_t i = 0; i < nelem(several); i++) {
		const Several *s = &several[i];
		Map why = {0};
		Lists ls;
		Text t;

		if (textread(&t, &why, (const uint8_t *)s->text,
			strlen(s->text)) < 0)
			fail_msg("%s: %s", s->text, why.why);
		assert_int_equal(listsread(&ls, &t, &why), 0);
		checklists(s, &ls);
		checknotes(s, &ls, &t);
		listsfree(&ls);
		textfree(&t);
	}
}

/* The second map is taken when it is asked for, and there is no third. */
static void
a_map_is_taken_by_its_number(void **state)
{
	static const char text[] = RAM BOOT RAM2;
	Map why = {0};
	Map *m;
	Lists ls;
	Text t;

	(void)state;
	assert_int_equal(
	    textread(&t, &why, (const uint8_t *)text, strlen(text)), 0);
	assert_int_equal(listsread(&ls, &t, &why), 0);
	assert_int_equal(mapread(&m, &ls, &t, 2, &why), 0);
	assert_int_equal(m->entry[0].end, 0x2000);
	assert_int_equal(m->nnote, 0);
	assert_int_equal(mapread(&m, &ls, &t, 1, &why), 0);
	assert_int_equal(m->entry[0].end, 0x1000);
	assert_int_equal(mapread(&m, &ls, &t, 3, &why), -1);
	assert_non_null(strstr(why.why, "there is no map 3: they end at 2"));
	assert_int_equal(why.lineno, 3);
	listsfree(&ls);
	textfree(&t);
}

/* As many boots as there are, in as many lines or in one. */
static void
maps_are_as_many_as_there_are(void **state)
{
	enum { BOOTS = 100 };
	static char text[BOOTS * 100];

	(void)state;
	for (int json = 0; json < 2; json++) {
		size_t n = (size_t)sprintf(text, "%s", json ? "{" : "");
		Map why = {0};
		Map *m;
		Lists ls;
		Text t;

		for (int i = 0; i < BOOTS; i++)
			n += (size_t)sprintf(text + n,
			    json ? "\"msg\":\"-- Boot x\",\"msg\":\"e820 1 0 "
				   "%d\","
				 : "-- Boot x\ne820 1 0 %d\n",
			    (i + 1) * 4096);
		strcpy(text + n, json ? "}" : "");
		assert_int_equal(
		    textread(&t, &why, (const uint8_t *)text, strlen(text)), 0);
		assert_int_equal(listsread(&ls, &t, &why), 0);
		assert_int_equal(ls.nmap, BOOTS);
		for (size_t i = 1; i <= BOOTS; i++) {
			assert_int_equal(mapread(&m, &ls, &t, i, &why), 0);
			assert_int_equal(m->entry[0].end, i * BY2PG);
		}
		listsfree(&ls);
		textfree(&t);
	}
}

/* What is printed of a map that must not be used: "memmap=..." of each. */
static void
avoids(const char *text, const char *want)
{
	static uint64_t table[1 << 12];
	char got[400] = "";
	Map why = {0};
	Map *m;
	Lists ls;
	Text t;

	assert_int_equal(
	    textread(&t, &why, (const uint8_t *)text, strlen(text)), 0);
	assert_int_equal(listsread(&ls, &t, &why), 0);
	assert_int_equal(mapread(&m, &ls, &t, 0, &why), 0);
	hostquiet();
	stage = SMACH;
	memmapinit(table, sizeof table);
	assert_int_equal(mapfeed(m, 52), 0);
	mapavoid(m, 52);
	for (const char *s = hostsaid(); (s = strstr(s, "memmap=")) != NULL;) {
		s += strlen("memmap=");
		strncat(got, s, strcspn(s, "\n"));
		strcat(got, " ");
	}
	assert_string_equal(got, want);
	listsfree(&ls);
	textfree(&t);
}

static void
bad_ram_is_to_be_avoided(void **state)
{
	(void)state;
	avoids("efi 8 0x1000 2 0xf\nefi 7 0x4000 1 0xf\nefi 8 0x5800 1 0xf\n",
	    "0x2000$0x1000 0x2000$0x5000 ");
	avoids("efi 8 0xffffffff00000 2 0\nefi 8 0x10000000000000 1 0\n",
	    "0x2000$0xffffffff00000 ");
	avoids("efi 8 0xffffffffff000 2 0\n", "0x1000$0xffffffffff000 ");
	avoids("efi 8 0x1000 0 0\nefi 8 0x1000 0x10000000000001 0\n"
	       "efi 8 0xfffffffffffff000 2 0\n",
	    "");
	avoids("efi 8 0x0 0x10000000000000 0\n", "0x10000000000000$0x0 ");
	avoids("e820 5 0x1800 0x2800\ne820 4 0x0 0x1000\ne820 5 0x0 0x0\n"
	       "e820 5 0x9000 0x9000\n",
	    "0x2000$0x1000 ");
	avoids("*e820=1 0 1000 5 1000 3000\t5 0 0 4 5000 6000\n",
	    "0x2000$0x1000 ");
	avoids("*e820=00 1000 2000 3000\n", "");
	avoids(MEM9 "mem9: odd kind=bad base=0x4000 pages=2\n"
		    "mem9: odd kind=bad base=0x8000 pages=1\n",
	    "0x2000$0x4000 0x1000$0x8000 ");
	/* Of a report that came home, what the boot found. */
	avoids(MEM9 HOME MEM92 "mem9: odd kind=bad base=0x8000 pages=1\n",
	    "0x1000$0x8000 ");
	avoids(MEM9 HOME MEM9 "mem9: odd kind=bad base=0x8000 pages=1\n",
	    "0x1000$0x8000 ");
	avoids(MEM9 "mem9: odd kind=bad base=0x4000 pages=1\n" HOME MEM9,
	    "0x1000$0x4000 ");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(lists_and_maps_are_told_apart),
	    cmocka_unit_test(a_map_is_taken_by_its_number),
	    cmocka_unit_test(maps_are_as_many_as_there_are),
	    cmocka_unit_test(bad_ram_is_to_be_avoided),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
