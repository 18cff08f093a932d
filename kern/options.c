/*
 * options.c - keys and their values, one table of them: see options.h. What
 * else a command line has is optionwords.c's.
 *
 * Text comes as single-byte characters, from the shell's line or mem9.ini; a
 * word that is not understood changes nothing and is answered with what was
 * expected instead.
 */
#include "options.h"
#include "conf.h"
#include "cpulist.h"
#include "hooks.h"
#include "nearest.h"
#include "value.h"

typedef struct Key Key;

/* Takes the text behind '='; returns what is wrong with it or NULL. */
typedef const char *Setter(Options *o, const char *value);

struct Key {
	const char *name;
	Setter *set;
};

enum { MAXBAUD = 115200 };

/* Far above what any CPU can address, and sums with it do not wrap. */
#define MAXUARTADDR ((1ull << 56) - 1)

static const uint16_t uartports[] = {0x3f8, 0x2f8, 0x3e8, 0x2e8};
static const Uart uart0 = {UARTPORT, 1, 1, 0x3f8};

static const Choice ends[] = {{"monitor", ENDMONITOR},
    {"poweroff", ENDPOWEROFF}, {"reset", ENDRESET}, {"halt", ENDHALT},
    {NULL, 0}};

static const Choice checks[] = {{"none", CHECKSNONE}, {"quick", CHECKSQUICK},
    {"full", CHECKSFULL}, {NULL, 0}};

const char *
endword(enum end v)
{
	return choiceword(ends, (int)v);
}

const char *
checksword(enum checks v)
{
	return choiceword(checks, (int)v);
}

static const char *
setend(Options *o, const char *value)
{
	int v = 0;

	if (!choose(ends, value, &v))
		return "expected monitor, poweroff, reset or halt";
	o->end = (enum end)v;
	o->endgiven = true;
	return NULL;
}

static const char *
setmenu(Options *o, const char *value)
{
	uint64_t v = 0;
	const char *rest = readnumber(value, &v);

	if (rest == NULL || *rest != '\0' || v > MENUMAX)
		return "expected seconds, 0 to 3600";
	o->menu = (int)v;
	o->nomenu = v == 0;
	return NULL;
}

static const char *
setreport(Options *o, const char *value)
{
	if (!sameword(value, "off"))
		return "expected off";
	o->noreport = true;
	return NULL;
}

static const char *
setchecks(Options *o, const char *value)
{
	int v = 0;

	if (!choose(checks, value, &v))
		return "expected none, quick or full";
	o->checks = (enum checks)v;
	return NULL;
}

/* The keys that are there to be 1. */
static const char *
setbool(bool *b, const char *value)
{
	if (!sameword(value, "0") && !sameword(value, "1"))
		return "expected 0 or 1";
	*b = *value == '1';
	return NULL;
}

static const char *
setnokaslr(Options *o, const char *value)
{
	bool off = !o->kaslr;
	const char *why = setbool(&off, value);

	o->kaslr = !off;
	return why;
}

static const char *
setpoison(Options *o, const char *value)
{
	return setbool(&o->poison, value);
}

static const char *
setramscan(Options *o, const char *value)
{
	return setbool(&o->ramscan, value);
}

static const char *
setnomp(Options *o, const char *value)
{
	return setbool(&o->nomp, value);
}

static const char *
setverbose(Options *o, const char *value)
{
	return setbool(&o->verbose, value);
}

static const char *
sete820(Options *o, const char *value)
{
	return settext(o->e820, sizeof o->e820, value);
}

static const char *
setumbexclude(Options *o, const char *value)
{
	return settext(o->umbexclude, sizeof o->umbexclude, value);
}

static const char *
setscreen(Options *o, const char *value)
{
	if (!sameword(value, "off"))
		return "expected off";
	o->screen = false;
	return NULL;
}

/* A number and nothing else, from least to most. */
static bool
inrange(const char *value, uint64_t least, uint64_t most, uint64_t *v)
{
	const char *rest = readnumber(value, v);

	return rest != NULL && *rest == '\0' && *v >= least && *v <= most;
}

_Static_assert(KERNELPERCENTMAX == 90, "as the words below say");

static const char *
setkernelpercent(Options *o, const char *value)
{
	uint64_t v = 0;

	if (!inrange(value, 1, KERNELPERCENTMAX, &v))
		return "expected a number from 1 to 90";
	o->kernelpercent = (int)v;
	return NULL;
}

static const char *
setmaxmem(Options *o, const char *value)
{
	uint64_t v = 0;

	if (!readsize(value, &v) || v < 16 * MiB)
		return "expected a size of at least 16M";
	o->maxmem = v;
	return NULL;
}

static const char *
setdirectmap(Options *o, const char *value)
{
	uint64_t v = 0;

	if (!readsize(value, &v) || v < 16 * MiB || v % BY2PG != 0)
		return "expected a size of whole pages, at least 16M";
	o->directmap = v;
	return NULL;
}

static const char *
setnswap(Options *o, const char *value)
{
	uint64_t v = 0;

	if (!inrange(value, 0, UINT32_MAX, &v))
		return "expected a number of pages";
	o->nswap = v;
	return NULL;
}

_Static_assert(MOSTCPUS == 4096, "as the words below say");

static const char *
setncpu(Options *o, const char *value)
{
	uint64_t v = 0;

	if (!inrange(value, 1, MOSTCPUS, &v))
		return "expected a number from 1 to 4096";
	o->ncpu = v;
	return NULL;
}

/* A space for a Uart, as the Linux command line names it. */
static bool
uartkind(const char **value, Uart *u)
{
	static const struct {
		const char *name;
		Uart uart;
	} kinds[] = {
	    {"io,", {UARTPORT, 1, 1, 0}},
	    {"mmio,", {UARTMEM, 1, 1, 0}},
	    {"mmio16,", {UARTMEM, 2, 2, 0}},
	    {"mmio32,", {UARTMEM, 4, 4, 0}},
	};

	for (size_t i = 0; i < nelem(kinds); i++) {
		const char *rest = afterword(*value, kinds[i].name);

		if (rest == NULL)
			continue;
		*value = rest;
		*u = kinds[i].uart;
		return true;
	}
	return false;
}

/* 0 to 3 by number, or a kind and an address. NULL if it is neither. */
static const char *
readuart(const char *value, Uart *u)
{
	bool byaddr = uartkind(&value, u);
	uint64_t v = 0;
	const char *rest = readnumber(value, &v);

	if (!byaddr) {
		*u = uart0;
		if (rest == NULL || v >= nelem(uartports))
			return NULL;
		v = uartports[v];
	}
	if (rest == NULL || v == 0 || v % u->width != 0 ||
	    v > (u->space == UARTPORT ? UINT16_MAX - 7 : MAXUARTADDR))
		return NULL;
	u->addr = v;
	return rest;
}

/* console=0 b115200, as plan9.ini has it; the speed may be left out. */
static const char *
setconsole(Options *o, const char *value)
{
	static const char *const expected =
	    "expected off, 0 to 3, or io,ADDR or mmio32,ADDR, with an "
	    "optional b115200";
	Uart u = {.space = UARTNONE};
	uint64_t baud = 0;
	const char *rest = sameword(value, "off") ? "" : readuart(value, &u);

	if (rest == NULL)
		return expected;
	while (*rest == ' ' || *rest == ',')
		rest++;
	if (lowercase(*rest) == 'b') {
		rest = readnumber(rest + 1, &baud);
		if (rest == NULL || baud < 2 || baud > MAXBAUD)
			return expected;
	}
	if (*rest != '\0')
		return expected;
	o->uart = u;
	o->uartgiven = true;
	o->baud = (uint32_t)baud;
	return NULL;
}

static const Key keys[] = {
    {"*end", setend},
    {"*menu", setmenu},
    {"*report", setreport},
    {"*verbose", setverbose},
    {"*checks", setchecks},
    {"*bootscreen", setscreen},
    {"*kernelpercent", setkernelpercent},
    {"*maxmem", setmaxmem},
    {"*directmap", setdirectmap},
    {"*nswap", setnswap},
    {"*ncpu", setncpu},
    {"*nomp", setnomp},
    {"*nokaslr", setnokaslr},
    {"*poison", setpoison},
    {"*ramscan", setramscan},
    {"*e820", sete820},
    {"umbexclude", setumbexclude},
    {"console", setconsole},
};

void
optionsinit(Options *o)
{
	memset(o, 0, sizeof *o);
	o->command = CMDBOOT;
	o->end = ENDMONITOR;
	o->menu = -1;
	o->checks = CHECKSQUICK;
	o->screen = true;
	o->kaslr = true;
	o->maxmem = NOADDR;
	o->directmap = NOADDR;
	o->uart = uart0;
}

const char *
optionsline(Options *o, const char *line)
{
	for (size_t i = 0; i < nelem(keys); i++) {
		const char *rest = afterword(line, keys[i].name);

		if (rest != NULL && *rest == '=')
			return keys[i].set(o, rest + 1);
		if (rest != NULL && (*rest == '\0' || *rest == ' '))
			return "expected = and a value behind it";
	}
	return unknownword("option", line, keys, nelem(keys), sizeof keys[0]);
}
