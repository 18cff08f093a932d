/*
 * replaybad.c - texts that replay must refuse, by line and reason.
 *
 * needs: efi/forms/map.c tools/replay/feed.c
 */
#include "unit.h"
#include "memmap.h"
#include "../../tools/replay/replay.h"

typedef struct Bad Bad;
struct Bad {
	const char *text;
	size_t line;
	const char *why; /* words of the reason */
};

#define HEAD "Type       Start  End  # Pages  Attributes\n"
#define GRUB "Type      Physical start  - end  #Pages  Size Attributes\n"
#define UBOOT "Type             Start            End              Attributes\n"
#define BSD "Type     Physical      Virtual   #Pages Attr\n"
#define RAM "BIOS-e820: [mem 0x0-0xfff] usable\n"
#define MEM9 "mem9: efi type=LoaderCode base=0x0 pages=1 attr=0xf\n"
#define XENEFI                                                                 \
	"(XEN)  0000000000000-0000000000fff type=7 attr=000000000000000f\n"
#define BOOT "[    0.000000] Linux version 6.1\n"
#define PAGE0 "0000000000000000-0000000000000fff"
#define WHOLE "Available " PAGE0 " 0000000000000001 00000000000000"
#define SYS "/sys/firmware/memmap/"
#define LETTERS "ghijklmnghijklmn"
#define LETTERS64 LETTERS LETTERS LETTERS LETTERS

static const Bad mapless_texts[] = {
    {"", 1, "no memory map found"},
    {"hello\n"
     "world\n",
	2, "no memory map found"},
    {"x\n"
     "MMap[0]: 0 - 9f000\n",
	2, "looks like a log of VMware ESXi, which is"},
    {"SMAP type=01 base=0 len=9fc00\n", 1, "looks like the SMAP lines of"},
    {"x\n"
     "Physical memory chunk(s):\n",
	2, "looks like a log of FreeBSD, which is not"},
    {"MEMBLOCK configuration:\n", 1, "looks like Linux's list of memblock"},
    {"  total used free shared buff/cache available\n", 1, "table of free"},
    {"Type       Start            End              # Pages    Size   N "
     "Becomes\nAvailable  0000000000000000-000000000009FFFF      A0  640 KB   "
     "2 Reserved\n",
	1, "looks like the table of `mem9 map', which is for people"},
    {"  *-memory\n", 1, "looks like the list of lshw, which is not read"},
    {BOOT, 1, "a Linux log without its map"},
    {"efi: mem47: [Reserved| ] range=[0x0-0x0] (invalid)\n", 1,
	"a Linux log without its map"},
    {"e820 update range: 0 - 1000 (usable) ==> (reserved)\n", 1, "looks like"},
    {"BIOS-provided physical RAM map:\n", 1, "no entry"},
    {"{\n"
     "\"dmesg\": [\n"
     "{ \"msg\": \"BIOS-e820: [mem 0x0-0xfff] usable\"\n",
	3, "no end"},
    {"{\n"
     "\"msg\": \"BIOS-e820: [mem 0x0-0x\n",
	2, "a JSON string without an end"},
    {"{\"x\": \"msg\"}\n"
     "{\"y\n"
     "\"msg\"\n",
	2, "a JSON string without an end"},
};

static const Bad our_lists[] = {
    {"efi 7 0x0 1 0xf\n"
     "efi 7 zwei 1 0xf\n",
	2, "field 3 is not a number"},
    {"efi 7 0x0 1 0xf 9\n", 1, "'9' is too much"},
    {"efi 7 0x0 1 0xf " LETTERS64 "\n", 1, "'" LETTERS64 "' is too much"},
    {"efi 7 0x0 1 0xf " LETTERS64 "Z\n", 1, "'" LETTERS64 "...' is too much"},
    {"mem9: start\nmem9: efi type=0x7 base=0x0 pages=1 attr=0xf" LETTERS64
     "Z\n",
	2, "attr=0x... ends in '" LETTERS64 "...'"},
    {"efi 4294967296 0x0 1 0xf\n", 1, "the type has more than 32 bits"},
    {"efi 7 0x0 1\n", 1, "field 5 is not a number"},
    {"efi 7 0x10000000000000000 1 0xf\n", 1, "field 3 is not a number"},
    {"e820 7 0x0 0x1z\n", 1, "field 4 is not a number"},
    {"efi 7 0x0 1 0xf\n"
     "bla\n",
	2, "not a line of a list of 'efi' lines"},
    {"efi 7 0x0 1 0xf\n"
     "e820 1 0x0 0x1000\n",
	2, "not a line of"},
    {"mem9: efi type=Conventional base=0x0 pages=1 attr=0xf\n", 1, "type=NAME"},
    {"mem9: efi type=0x100000000 base=0x0 pages=1 attr=0xf\n", 1, "type=NAME"},
    {"mem9: efi type=LoaderCode bse=0x0 pages=1 attr=0xf\n", 1, "base=0x"},
    {"mem9: efi type=LoaderCode base=0x0 pages=x attr=0xf\n", 1, "pages=N"},
    {"mem9: efi type=LoaderCode base=0x0 pages=1 atr=0xf\n", 1, "attr=0x"},
    {"mem9: efi type=LoaderCode base=0x0 pages=1 attr=0xfz\n", 1, "ends in"},
    {MEM9 "x\n"
	  "mem9: efi type=LoaderCode base=0x1000 pages=1 attr=0xf\n",
	3, "a gap"},
    {MEM9 "mem9: odd kind=bad base=x\n", 2, "base=0x... pages=N"},
    {"mem9: start descriptors=2 stride=48\n" MEM9, 2, "not descriptors=2"},
    {"mem9: start descriptors=x stride=48\n" MEM9, 1, "is damaged"},
    {"mem9: start descriptors=1 stride=48\n" MEM9 MEM9, 3, "2 entries, not"},
    {"*e820=1 0 1000\n"
     "*e820=1 0 2000\n",
	2, "a second"},
    {"*e820=1 0 zz\n", 1, "'zz' should be a hexadecimal address"},
    {"x\n"
     "*e820=0 0 1000\n",
	2, "'0' should be a type"},
    {"*e820=\n", 1, "should be type base end"},
    {"*e820=1 0\n", 1, "should be a hexadecimal address"},

    {"mem9: efi x\n", 1, "type=NAME"},
    {"mem9: efi type=ConventionalMemory: base=0x0\n", 1, "type=NAME"},
    {"mem9: efi type=0xz base=0x0\n", 1, "type=NAME"},
    {"mem9: efi type=PalCode base=z\n", 1, "base=0x"},
    {"mem9: efi type=PalCode base=0x0 pges=1\n", 1, "pages=N"},
    {"mem9: efi type=PalCode base=0x0 pages=1 attr=z\n", 1, "attr=0x"},
    {"mem9: efi type=PalCode base=0x5000 pages=1 attr=0x1\n" MEM9
     "x\nmem9: efi type=PalCode base=0x4000 pages=1 attr=0x1\n",
	4, "a gap"},
    {MEM9 "mem9: odd kind=bad bse=0x0\n", 2, "base=0x"},
    {MEM9 "mem9: odd kind=bad base=0x0 pges=1\n", 2, "base=0x"},
    {MEM9 "mem9: odd kind=bad base=0x0 pages=x\n", 2, "base=0x"},
    {"e820 x\nefi x 1\n", 2, "no memory map"},
    {"e820=1 0 x\n", 1, "'x' should be"},
    {"*e820=1 0 xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx\n", 1,
	"'xxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxxx'"},
    {"efi 1 0Xz 1 1\n", 1, "field 3"},
};

static const Bad linux_logs[] = {
    {"efi: mem00: [Boot Dada|WB] range=[0x0-0xfff]\n", 1, "'Boot Dada'"},
    {"efi: mem00: [Boot Data|attr=0xz] range=[0x0-0xfff]\n", 1, "attr="},
    {"efi: mem00: [type=a|WB] range=[0x0-0xfff]\n", 1, "type=N"},
    {"efi: mem00: [Boot Data|WB range=[0x0-0xfff]\n", 1, "range="},
    {"efi: mem00: [Boot Data|WB", 1, "] is missing"},
    {"efi: mem00: [Boot Data|WB] rage=[0x0-0xfff]\n", 1, "range="},
    {"efi: mem00: [Boot Data|WB] range=[0x0-0xfff\n", 1, "neither ) nor ]"},
    {"efi: mem00: [Boot Data|WB] range=[0x0-0xffe]\n", 1, "whole pages"},
    {"efi: mem01: [Boot Data|WB] range=[0x0-0xfff]\n", 1, "mem1 follows"},
    {"efi: mem00: type=x, attr=0xf, range=[0x0-0x1000)\n", 1, "neither [type"},
    {"efi: mem00: type=7, range=[0x0-0x1000)\n", 1, "attr=0x"},
    {RAM "efi: mem00: type=7, attr=0xf, range=[0x1000-0x2000)\n", 2,
	"line 1 has RAM at 0"},
    {"BIOS-e820: [mem 0x0-0xfff usable\n", 1, "damaged"},
    {"BIOS-e820: 0-x\n", 1, "neither [mem"},
    {"BIOS-e820: [mem 0x0-0xfff] usble\n", 1, "'usble'"},
    {"BIOS-EFI: 0 - 1000 (usable\n", 1, "'(usable'"},
    {"Xen: [mem 0x0-0xfff] usble\n", 1, "'usble'"},
    {"BIOS-e820: [mem 0x0-0xffffffffffffffff] usable\n", 1, "2^64"},
    {"BIOS-e820: [mem 0x0-0xfff]  System RAM\n"
     "BIOS-e820: [gap 0x2000-0x3000]\n",
	2, "the gap is not where"},
    {RAM "BIOS-e82: x\n"
	 "BIOS-e820: [mem 0x2000-0x2fff] usable\n",
	3, "a gap"},
    {RAM "...\n", 2, "left out here"},
    {RAM "[ snip ]\n", 2, "left out here"},
    {"<lines lost>\n" RAM, 2, "left out before"},
    {RAM "BIOS-e8", 2, "in the middle of this line"},
    {RAM "\n"
	 "last_pfn = 0x100 max_arch_pfn = 0x400000000\n",
	3, "at 0x1"},
    {"00000000-0009fbff : System RAM\n"
     "00100000-00100fff\n",
	2, "the name is"},
    {"00000000-0009fbff : System RAM\n"
     "00100000-00100fff : Syst\n",
	2, "the name is cut: 'Syst'"},
    {"00000000-00000000 : System RAM\n", 1, "only root"},
    {"00000000-ffffffffffffffff : System RAM\n", 1, "2^64"},
    {SYS "0/end:0xfff\n" SYS "0/type:System RAM\n", 2, "has no start"},
    {SYS "0/start:0x0\n" SYS "0/type:System RAM\n", 2, "has no end"},
    {SYS "1/start:0x0\n", 1, "entry 0 has no start"},
    {SYS "0/end:0xfff\n" SYS "0/start:0x0\n", 2, "has no type"},
    {SYS "0/end 0xfff\n", 1, "the value is missing"},
    {SYS "0/end:fff\n", 1, "no 0x"},
    {SYS "0/type:RAM\n", 1, "'RAM'"},
    {SYS "0/end:0xffffffffffffffff\n", 1, "2^64"},
    {SYS "70000/end:0xfff\n", 1, "entry 0 has no start"},
    {SYS "0/end:0xfff\n" SYS "4294967296/start:0x0\n" SYS "0/type:System RAM\n",
	3, "entry 0 has no start"},

    {"efi: memory\nefi: mem1x\nmem0: x\nmem0\n", 4, "no memory map"},
    {"efi: mem00: [type=4294967296|WB]\n", 1, "type=N"},
    {"efi: mem00: [type=1x|WB]\n", 1, "type=N"},
    {"efi: mem00: [Boot Data|attr=0x1z]\n", 1, "attr="},
    {"efi: mem00: x\n", 1, "neither [type"},
    {"efi: mem00: type=4294967296, attr=0xf\n", 1, "neither [type"},
    {"efi: mem00: type=7, attr=z\n", 1, "attr=0x"},
    {"efi: mem00: type=7, attr=0xf range\n", 1, "attr=0x"},
    {"efi: mem00: type=7, attr=0xf, range=[0x0\n", 1, "range="},
    {"BIOS-e820: [mem 0x0\n", 1, "damaged"},
    {"BIOS-e820: z\n", 1, "neither [mem"},
    {"BIOS-e820: 0 - z\n", 1, "neither [mem"},
    {"BIOS-e820: 0 - 1000 type x\n", 1, "'type x'"},
    {"BIOS-e820: 0 - 1000 type 4294967296\n", 1, "'type 4294967296'"},
    {"BIOS-e820: 0 - 1000 " LETTERS64 "Z\n", 1, "'" LETTERS64 "...'"},
    {"BIOS-e820: 0 - 1000 (\n", 1, "'('"},
    {"BIOS-e820: [gap x]\n", 1, "the gap"},
    {"xBIOS-e820: 0 - 1000 (usable)\n", 1, "no memory map"},
    {RAM "<...>\n", 2, "left out here"},
    {RAM "(...)\n", 2, "left out here"},
    {RAM "[...]\n", 2, "left out here"},
    {"...\n00000000-00000fff : x\n00001000-00001fff : Reserved\n", 3, "before"},
    {SYS "0/end:0xz\n", 1, "no 0x"},
    {SYS "0/end:0xfx\n", 1, "no 0x"},
    {SYS "0/x\n" SYS "x\n", 2, "no memory map"},
};

static const Bad other_tables[] = {
    {HEAD, 1, "no entry"},
    {HEAD "Avail 0-FFF 1 F\n", 2, "'Avail'"},
    {HEAD "Available 0-FFF 2 F\n", 2, "do not agree"},
    {HEAD "Available 0+FFF 2 F\n", 2, "START-END"},
    {HEAD "Available 0-FFF z F\n", 2, "number of pages"},
    {HEAD "Available 0-FFF 1\n", 2, "attributes"},
    {HEAD "Available 0-FFF 1 F G\n", 2, "'G' is too much"},
    {HEAD "Available 0-FFF 1 0F\n"
	  "Available 1000-1FFF 1 F\n",
	3, "1 digits"},
    {HEAD "Available 0-FFF 1 F\n"
	  "\n"
	  "Reserved : 1 Pages\n",
	4, "0 pages of Reserved, not 1"},
    {HEAD "Available 0-FFF 1 F\n"
	  "x\n"
	  "Available 0000000000001000-0000000000001FFF 0000000000000001 F\n",
	4, "a gap"},
    {"out: " WHOLE "0F\n" WHOLE "0F\n", 2, "left out before"},
    {WHOLE "0F\n=>  " WHOLE "0F\n", 2, "left out here"},
    {"MemoryMap,\"Avail\",\"0\",\"FFF\",\"1\",\"F\"\n", 1, "no such type"},
    {"MemoryMap,\"Available\",\"0\",\"FFF\",\"1\"\n", 1, "one of start"},
    {"MemoryMap,\"Available\",\"0\",\"FFF\",\"1\",\"F\",\"G\"\n", 1,
	"too much"},
    {"MemoryMap,\"Available\",\"0\",\"1FFF\",\"1\",\"F\"\n", 1, "do not agree"},
    {"MemoryMap,\"Available\",\"0\",\"FFF\",\"1\",\"F\"\n", 1, "must follow"},
    {"MemoryMap,\"Available\",\"0\",\"FFF\",\"1\",\"F\"\n"
     "MemoryMapSummary,\"8192\"\n",
	2, "4096 bytes are not in the list"},
    {"MemoryMap,\"Available\",\"0\",\"1FFF\",\"2\",\"F\"\n"
     "MemoryMapSummary,\"4096\"\n",
	2, "4096 bytes are in the list too much"},
    {"MemoryMap,\"Available\",\"0\",\"FFF\",\"1\",\"F\"\n"
     "MemoryMapSummary,\"x\"\n",
	2, "the total is missing"},
    {GRUB "conv-mem\n", 2, "START-END"},
    {GRUB "conv-men " PAGE0 " 1 4KiB WB\n", 2, "'conv-men'"},
    {GRUB "conv-mem " PAGE0 "\n", 2, "number of pages"},
    {GRUB "conv-mem " PAGE0 " 1 4K\n", 2, "the size"},
    {GRUB "conv-mem " PAGE0 " 1 4z\n", 2, "the size"},
    {GRUB "conv-mem " PAGE0 " 1 x\n", 2, "the size"},
    {GRUB "conv-mem " PAGE0 " 2 8KiB\n", 2, "do not agree"},
    {UBOOT "CONVENTIONAL\n", 2, "START-END"},
    {UBOOT "CONVENTIONEL " PAGE0 " WB\n", 2, "'CONVENTIONEL'"},
    {UBOOT "CONVENTIONAL " PAGE0 " WB\n", 2, "whole pages"},
    {UBOOT "CONVENTIONAL 0000000000000000-0000000000000\n", 2, "END is cut"},
    {BSD "<INVALID> 000000000000 0x0 00000001 WB\n", 2, "'<INVALID>'"},
    {BSD "Reserved\n", 2, "the physical"},
    {BSD "Reserved x\n", 2, "the physical"},
    {BSD "Reserved 000000000000 z\n", 2, "the virtual"},
    {BSD "Reserved 000000000000 0x0\n", 2, "the virtual"},
    {BSD "Reserved 000000000000 0x0 z\n", 2, "the number of pages"},
    {BSD "Reserved 000000000000 0x0 1z\n", 2, "the number of pages"},
    {"(XEN)  [0000000000000000, 0000000000000fff) (usable)\n", 1,
	"neither [BASE"},
    {"(XEN)  [0000000000000000,0000000000000fff] (usable)\n", 1,
	"neither [BASE"},
    {"(XEN)  [0000000000000000, 0000000000000fff] usable)\n", 1,
	"the type is missing"},
    {"(XEN)  [0000000000000000, 0000000000000fff] (usable\n", 1, "'usable'"},
    {"(XEN)  [0000000000000000, 0000000000000fff] (usble)\n", 1, "'usble)'"},
    {"(XEN)  [0000000000000000, ffffffffffffffff] (usable)\n", 1, "2^64"},
    {"(XEN)  0000000000000000 - x (usable)\n", 1, "nor BASE - END"},
    {"(XEN)  0000000000000-0000000000fff type=x attr=000000000000000f\n", 1,
	"type=N"},
    {"(XEN)  0000000000000-0000000000fff type=7 atr=000000000000000f\n", 1,
	"attr=..."},
    {"(XEN)  0000000000000-0000000000fff type=7 attr=z00000000000000f\n", 1,
	"the attributes are missing"},
    {XENEFI "(XEN)  0000000000000-0000000000ff type=7 attr=000000000000000\n",
	2, "15 digits, not 16"},
    {"(XEN)  0000000000000-0000000000fff type=7 attr=000000000000000f x\n", 1,
	"'x' is too much"},
    {"(XEN)  0000000000000-0000000000ffe type=7 attr=000000000000000f\n", 1,
	"whole pages"},
    {"(XEN) EFI memory map:\n"
     "(XEN)  00000-00fff\n",
	2, "type=N"},

    {HEAD LETTERS64 "Z 0-FFF 1 F\n", 2, "'" LETTERS64 "...'"},
    {HEAD "100000000 0-FFF 1 F\n", 2, "'100000000'"},
    {HEAD "Available 0-FFE 1 F\n", 2, "do not agree"},
    {HEAD "Available 0-FFF 1 F\nAvailable : 2 Pages\n", 3, "not 2"},
    {HEAD "Available 0-FFF 1 F\nPersistent : 1 Pages\n", 3, "not 1"},
    {"MemoryMap,\"Available\n", 1, "no such type"},
    {"MemoryMap,x\n", 1, "no such type"},
    {"MemoryMap,\"Available\",x\n", 1, "one of start"},
    {"MemoryMap,\"Available\",\"z\"\n", 1, "one of start"},
    {"MemoryMap,\"Available\",\"0\",\"1z\"\n", 1, "one of start"},
    {"MemoryMap,\"Available\",\"0\",\"FFF\",x\n", 1, "one of start"},
    {"MemoryMap,\"Available\",\"0\",\"FFF\",\"1\",\"F\"\nMemoryMapSummary,x\n",
	2, "the total is missing"},
    {GRUB "Unk z " PAGE0 " 1 4KiB\n", 2, "'Unk z'"},
    {GRUB "Unk 100000000 " PAGE0 " 1 4KiB\n", 2, "'Unk 100000000'"},
    {GRUB LETTERS64 "Z " PAGE0 " 1 4KiB\n", 2, "'" LETTERS64 "...'"},
    {GRUB "conv-mem 0000000000000000-x 1 4KiB\n", 2, "START-END"},
    {UBOOT LETTERS64 "Z " PAGE0 "\n", 2, "'" LETTERS64 "...'"},
    {BSD LETTERS64 "Z 000000000000 0x0 1\n", 2, "'" LETTERS64 "...'"},
    {BSD "Reserved 000000000000z\n", 2, "the physical"},
    {"Type Start Ende Attributes\nType x\nType Start x\n", 3, "no memory map"},
    {"(XEN)  0000000000000-0000000000fff type=4294967296 attr=0\n", 1, "type"},
    {"(XEN)  [x\n(XEN)  [0000000000000000 x\n", 2, "no memory map"},
    {"(XEN)  [0000000000000000, x\n", 1, "neither [BASE"},
    {"(XEN)  [00000000000000000, 0] (usable)\n", 1, "no memory map"},
    {"(XEN)  0000000000000000 + 1 (usable)\n", 1, "no memory map"},
    {"0000000000000-0000000000fff type=7\n", 1, "no memory map"},
    {"(XEN)  [0000000000000000, 0000000000000fff] (\n", 1, "no type is"},
};

/* 0, or -1 and why: as main() goes about it. */
static int
refuse(const char *text, size_t size, Map *why)
{
	static uint64_t table[1 << 12];
	Lists ls = {0};
	Text t;
	Map *m;
	int result = textread(&t, why, (const uint8_t *)text, size);

	if (result == 0)
		result = listsread(&ls, &t, why);
	if (result == 0)
		result = mapread(&m, &ls, &t, 0, why);
	if (result == 0) {
		hostquiet();
		stage = SMACH;
		memmapinit(table, sizeof table);
		result = mapfeed(m, 52);
		why->lineno = m->lineno;
		memcpy(why->why, m->why, sizeof why->why);
	}
	listsfree(&ls);
	textfree(&t);
	return result;
}

static void
check(const char *text, size_t size, size_t line, const char *words)
{
	Map why = {0};

	if (refuse(text, size, &why) == 0)
		fail_msg("is read: %s", text);
	if (why.lineno != line || strstr(why.why, words) == NULL)
		fail_msg("%s: line %zu, '%s', not line %zu, '%s'", text,
		    why.lineno, why.why, line, words);
}

#define REFUSED(table)                                                         \
	static void table##_are_refused(void **state)                          \
	{                                                                      \
		(void)state;                                                   \
		for (size_t i = 0; i < nelem(table); i++)                      \
			check(table[i].text, strlen(table[i].text),            \
			    table[i].line, table[i].why);                      \
	}

REFUSED(mapless_texts)
REFUSED(our_lists)
REFUSED(linux_logs)
REFUSED(other_tables)

static void
bytes_are_refused(void **state)
{
	(void)state;
	check("\0\0\0", 3, 1, "zero byte");
	check("x\0\0", 3, 1, "half a UTF-16");
	check("x\0y\0z", 5, 1, "half a UTF-16");
	check("\xff", 1, 1, "no memory map");
	check("\xff\xfex", 3, 1, "half a UTF-16");
	check("\xfe\xffx", 3, 1, "half a UTF-16");
	check("\xff\xfe\x65\x01"
	      "8\0002\0000\0 \0001\0 \0000\0 \0001\0",
	    22, 1, "no memory map");
	check("x\0\n\0y\0\0\0", 8, 2, "zero byte");
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    cmocka_unit_test(mapless_texts_are_refused),
	    cmocka_unit_test(our_lists_are_refused),
	    cmocka_unit_test(linux_logs_are_refused),
	    cmocka_unit_test(other_tables_are_refused),
	    cmocka_unit_test(bytes_are_refused),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
