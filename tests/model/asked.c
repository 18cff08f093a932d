/*
 * asked.c - see asked.h.
 */
#include "asked.h"

#include <errno.h>
#include <regex.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <strings.h>

enum { GROUPS = 7, ROOM = 9000 };

/* The groups of the last text that matched. */
static char group[GROUPS][ROOM];

static bool
matches(const char *pattern, const char *text)
{
	static struct {
		const char *pattern;
		regex_t compiled;
	} known[32];
	regmatch_t m[GROUPS];
	size_t i = 0;

	while (known[i].pattern != NULL && known[i].pattern != pattern)
		i++;
	if (known[i].pattern == NULL) {
		if (regcomp(&known[i].compiled, pattern,
			REG_EXTENDED | REG_ICASE) != 0)
			abort();
		known[i].pattern = pattern;
	}
	if (regexec(&known[i].compiled, text, GROUPS, m, 0) != 0)
		return false;
	for (size_t g = 0; g < GROUPS; g++)
		snprintf(group[g], sizeof group[g], "%.*s",
		    m[g].rm_so < 0 ? 0 : (int)(m[g].rm_eo - m[g].rm_so),
		    text + (m[g].rm_so < 0 ? 0 : m[g].rm_so));
	return true;
}

/* A number in full, at most so large. */
static bool
number(const char *text, uint64_t most, uint64_t *v)
{
	const char *digits = text;

	if (!matches("^(0x[0-9a-f]+|[0-9]+)$", text))
		return false;
	/* What matters of a longer one is that it is long, or zeros. */
	if (strncasecmp(digits, "0x", 2) == 0)
		digits += 2;
	while (digits[0] == '0' && digits[1] != '\0')
		digits++;
	if (strlen(digits) > 20)
		return false;
	errno = 0;
	*v = strtoull(digits, NULL,
	    digits - text >= 2 && strncasecmp(text, "0x", 2) == 0 ? 16 : 10);
	return errno == 0 && *v <= most;
}

static bool
size(const char *text, uint64_t *v)
{
	static char copy[ROOM];
	size_t n = strlen(text);
	uint64_t unit = 1;

	if (n == 0 || n >= sizeof copy)
		return false;
	strcpy(copy, text);
	switch (copy[n - 1] | 0x20) {
	case 't':
		unit *= 1024;
		/* fall through */
	case 'g':
		unit *= 1024;
		/* fall through */
	case 'm':
		unit *= 1024;
		/* fall through */
	case 'k':
		unit *= 1024;
		copy[n - 1] = '\0';
	}
	if (!number(copy, UINT64_MAX, v) || *v > UINT64_MAX / unit)
		return false;
	*v *= unit;
	return *v >= 16 << 20;
}

static int
oneof(const char *text, const char *const *list)
{
	for (int i = 0; list[i] != NULL; i++)
		if (strcasecmp(text, list[i]) == 0)
			return i;
	return -1;
}

static bool
console(Options *o, const char *text)
{
	static const uint64_t ports[] = {0x3f8, 0x2f8, 0x3e8, 0x2e8};
	static const char *const kinds[] = {
	    "io", "mmio", "mmio16", "mmio32", NULL};
	static const uint8_t widths[] = {1, 1, 2, 4};
	static const char form[] =
	    "^((io|mmio|mmio16|mmio32),)?(0x[0-9a-f]+|[0-9]+)"
	    "([ ,]*)(b([0-9]+|0x[0-9a-f]+))?$";
	uint64_t v = 0;
	uint64_t baud = 0;
	Uart u = {.space = UARTNONE};

	if (matches("^off[ ,]*$", text) && strcasecmp(text, "off") == 0) {
		o->uart = u;
		o->uartgiven = true;
		o->baud = 0;
		return true;
	}
	if (!matches(form, text))
		return false;
	static char kind[ROOM], addr[ROOM], speed[ROOM];
	strcpy(kind, group[2]);
	strcpy(addr, group[3]);
	strcpy(speed, group[6]);
	/* A b right behind hexadecimal digits is one of them. */
	if (strncasecmp(addr, "0x", 2) == 0 && speed[0] != '\0' &&
	    group[4][0] == '\0')
		return false;
	if (!number(addr, UINT64_MAX, &v))
		return false;
	if (speed[0] != '\0' && (!number(speed, 115200, &baud) || baud < 2))
		return false;
	int k = kind[0] != '\0' ? oneof(kind, kinds) : -1;
	u.space = k > 0 ? UARTMEM : UARTPORT;
	u.width = u.stride = k > 0 ? widths[k] : 1;
	if (k < 0 && v > 3)
		return false;
	u.addr = k < 0 ? ports[v] : v;
	if (u.addr == 0 || u.addr % u.width != 0 ||
	    u.addr >= (k > 0 ? 1ull << 56 : 0xfff9))
		return false;
	o->uart = u;
	o->uartgiven = true;
	o->baud = (uint32_t)baud;
	return true;
}

static bool
flag(bool *b, const char *text, bool inverse)
{
	if (strcmp(text, "0") != 0 && strcmp(text, "1") != 0)
		return false;
	*b = (text[0] == '1') != inverse;
	return true;
}

static bool
text(char *to, size_t room, const char *from)
{
	if (strlen(from) >= room)
		return false;
	strcpy(to, from);
	return true;
}

bool
asked(Options *o, const char *line)
{
	static const char *const keys[] = {"*end", "*checks", "*bootscreen",
	    "*kernelpercent", "*maxmem", "*directmap", "*nswap", "*nokaslr",
	    "*poison", "*ramscan", "*e820", "umbexclude", "console", "*ncpu",
	    "*nomp", "*verbose", "*menu", "*report", NULL};
	static const char *const ends[] = {
	    "monitor", "poweroff", "reset", "halt", NULL};
	static const char *const checks[] = {"none", "quick", "full", NULL};
	const char *eq = strchr(line, '=');
	char key[32];
	uint64_t v = 0;
	int i = 0;

	if (eq == NULL || eq - line >= (ptrdiff_t)sizeof key)
		return false;
	snprintf(key, sizeof key, "%.*s", (int)(eq - line), line);
	const char *value = eq + 1;
	switch (oneof(key, keys)) {
	case 0:
		if ((i = oneof(value, ends)) < 0)
			return false;
		o->end = (enum end)i;
		o->endgiven = true;
		return true;
	case 1:
		if ((i = oneof(value, checks)) >= 0)
			o->checks = (enum checks)i;
		return i >= 0;
	case 2:
		if (strcasecmp(value, "off") != 0)
			return false;
		o->screen = false;
		return true;
	case 3:
		if (!number(value, 90, &v) || v == 0)
			return false;
		o->kernelpercent = (int)v;
		return true;
	case 4:
		if (!size(value, &v))
			return false;
		o->maxmem = v;
		return true;
	case 5:
		if (!size(value, &v) || v % 4096 != 0)
			return false;
		o->directmap = v;
		return true;
	case 6:
		if (!number(value, UINT32_MAX, &v))
			return false;
		o->nswap = v;
		return true;
	case 7:
		return flag(&o->kaslr, value, true);
	case 8:
		return flag(&o->poison, value, false);
	case 9:
		return flag(&o->ramscan, value, false);
	case 10:
		return text(o->e820, sizeof o->e820, value);
	case 11:
		return text(o->umbexclude, sizeof o->umbexclude, value);
	case 12:
		return console(o, value);
	case 13:
		if (!number(value, 4096, &v) || v == 0)
			return false;
		o->ncpu = v;
		return true;
	case 14:
		return flag(&o->nomp, value, false);
	case 15:
		return flag(&o->verbose, value, false);
	case 16:
		if (!number(value, 3600, &v))
			return false;
		o->menu = (int)v;
		o->nomenu = v == 0;
		return true;
	case 17:
		if (strcasecmp(value, "off") != 0)
			return false;
		o->noreport = true;
		return true;
	}
	return false;
}

/* A path, from the root on, of names that FAT knows. */
static bool
file(Options *o, const char *word)
{
	char path[ROOM + 2] = "\\";

	if (!matches("^[^\"*:<>?|\001-\037]*[^\"*:<>?|\001-\037/\\]$", word))
		return false;
	strcpy(path + (word[0] != '/' && word[0] != '\\'), word);
	if (strlen(path) >= sizeof o->report)
		return false;
	for (char *p = path; *p != '\0'; p++)
		if (*p == '/')
			*p = '\\';
	strcpy(o->report, path);
	return true;
}

bool
askedword(Options *o, const char *word)
{
	static const char *const commands[] = {
	    "boot", "map", "audit", "diff", "rehearse", "report", "e820", NULL};
	int i = oneof(word, commands);
	bool flag = word[0] != '\0' && strchr("-/+", word[0]) != NULL;

	if (o->filenext) {
		o->filenext = false;
		return file(o, word);
	}
	if (o->diffnext && !flag) {
		o->diffnext = false;
		return strlen(word) < PATHMAX && strcpy(o->diff, word) != NULL;
	}
	if (i >= 0) {
		o->command = (enum command)i;
		o->diffnext = o->command == CMDDIFF;
		return true;
	}
	if (flag) {
		if (matches("^.(h|-help|\\?)$", word))
			o->help = true;
		else if (matches("^.v$", word))
			o->verbose = true;
		else if (matches("^.b$", word))
			o->pagebreak = true;
		else if (matches("^.a$", word))
			o->all = true;
		else if (matches("^.r$", word))
			o->raw = true;
		else if (matches("^.sfo$", word))
			o->sfo = true;
		else if (matches("^.o$", word))
			o->filenext = true;
		else
			return false;
		return true;
	}
	return asked(o, word);
}

const char *
askeddiffers(const Options *a, const Options *b)
{
#define SAME(field)                                                            \
	if (a->field != b->field)                                              \
		return #field;
	SAME(command)
	SAME(help)
	SAME(verbose)
	SAME(pagebreak)
	SAME(all)
	SAME(raw)
	SAME(sfo)
	SAME(end)
	SAME(endgiven)
	SAME(menu)
	SAME(nomenu)
	SAME(noreport)
	SAME(filenext)
	SAME(diffnext)
	if (strcmp(a->diff, b->diff) != 0)
		return "diff";
	SAME(checks)
	SAME(screen)
	SAME(kaslr)
	SAME(poison)
	SAME(ramscan)
	SAME(kernelpercent)
	SAME(maxmem)
	SAME(directmap)
	SAME(nswap)
	SAME(ncpu)
	SAME(nomp)
	SAME(uart.space)
	SAME(uart.width)
	SAME(uart.stride)
	SAME(uart.addr)
	SAME(uartgiven)
	SAME(baud)
#undef SAME
	if (strcmp(a->umbexclude, b->umbexclude) != 0)
		return "umbexclude";
	if (strcmp(a->report, b->report) != 0)
		return "report";
	return strcmp(a->e820, b->e820) != 0 ? "e820" : NULL;
}
