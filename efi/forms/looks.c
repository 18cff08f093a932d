/*
 * looks.c - what a text without a map may be, for the one who gave it.
 */
#include "form.h"

typedef struct Look Look;
struct Look {
	const char *word;
	const char *what;
};

/* The first of these that is found names it: the surer ones come first. */
static const Look words[] = {
    {"MMap[", "a log of VMware ESXi"},
    {"SMAP type=", "the SMAP lines of FreeBSD"},
    {"Physical memory chunk(s):", "a log of FreeBSD"},
    {"bios0: ROM", "a log of OpenBSD"},
    {"base_addr = 0x", "a list of GRUB's lsmmap"},
    {"e820 map has", "a log of SeaBIOS"},
    {"coreboot table", "a log of coreboot"},
    {"coreboot memory table", "a log of coreboot"},
    {"lmb_dump_all", "U-Boot's bdinfo"},
    {"DRAM bank", "U-Boot's bdinfo"},
    {"EfiConventionalMemory", "a log of a boot loader"},
    {"MemAvailable:", "/proc/meminfo"},
    {"MEMBLOCK configuration:", "Linux's list of memblock"},
    {"buff/cache", "the table of free"},
    {"*-memory", "the list of lshw"},
    {"Total online memory:", "the list of lsmem"},
    {"Memory Device", "the list of dmidecode"},
    {"Early memory node ranges", "the end of a Linux log, its map lost"},
    {"PM: hibernation: Registered nosave memory",
	"the end of a Linux log, its map lost"},
    {"PM: Registered nosave memory", "the end of a Linux log, its map lost"},
    {"e820 update range", "the end of a Linux log, its map lost"},
    {"e820: update [mem", "the end of a Linux log, its map lost"},
    {"e820: reserve RAM buffer", "the end of a Linux log, its map lost"},
    {"systemd[1]:", "the end of a Linux log, its map lost"},
    {"Linux version ", "a Linux log without its map"},
    {"(invalid)", "a Linux log without its map"},
    {"# Pages    Size ", "the table of `mem9 map', which is for people: -v"},
    {"<html", "a web page"},
    {"<HTML", "a web page"},
};

const char *
lookslike(const Text *t, size_t *lineno)
{
	for (size_t w = 0; w < nelem(words); w++) {
		for (size_t i = 0; i < t->nline; i++) {
			if (textfind(t->line[i].s, words[w].word) == NULL)
				continue;
			*lineno = t->line[i].no;
			return words[w].what;
		}
	}
	return NULL;
}
