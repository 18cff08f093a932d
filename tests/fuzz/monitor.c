/*
 * monitor.c - any keys: what a terminal shows of the line, and what each line
 * that they make is answered. Where the first byte is odd, any bytes at all, of
 * which nothing is known but that they do no harm.
 *
 * Bytes choose from the keys that matter more often than others do. Commands
 * that print the state of mm/ are not typed: that is not up here.
 *
 * needs: tests/host/monitored.c tests/host/terminal.c tests/model/typed.c
 */
#include "fuzz.h"
#include "cpulist.h"
#include "key.h"
#include "monitored.h"
#include "terminal.h"
#include "typed.h"
#include "../../kern/nearest.h"

enum { MOST = 2000, ROOM = 1 << 18, WIDTH = 73 };

static char want[ROOM];
static size_t nwant;

__attribute__((format(printf, 1, 2))) static void
expect(const char *fmt, ...)
{
	va_list ap;

	va_start(ap, fmt);
	nwant += (size_t)vsnprintf(want + nwant, ROOM - nwant, fmt, ap);
	va_end(ap);
	if (nwant >= ROOM)
		panic("more than %d bytes are expected", ROOM);
}

/* Hexadecimal digits and no more than sixteen that count. */
static bool
address(const char *arg, uintptr_t *va)
{
	const char *digits = arg;

	if (strncmp(arg, "0x", 2) == 0 || strncmp(arg, "0X", 2) == 0)
		digits += 2;
	if (*digits == '\0' ||
	    digits[strspn(digits, "0123456789abcdefABCDEF")] != '\0')
		return false;
	digits += strspn(digits, "0");
	if (strlen(digits) > 16)
		return false;
	*va = strtoull(digits, NULL, 16);
	return true;
}

static void
unknown(const char *name)
{
	static const char *const names[] = {"help", "summary", "map", "conf",
	    "xsummary", "palloc", "pages", "walk", "find", "dump", "ramscan",
	    "check", "efi", "e820", "options", "bench", "picture", "log",
	    "fault", "cpus", "nodes", "more", "run", "ps", "segs", "forbidden",
	    "fuzz", "on", "reset", "poweroff"};
	const char *meant = nearest(name, names, nelem(names), sizeof names[0]);

	if (meant != NULL)
		expect("%s: unknown, or is it %s? help lists the commands\n",
		    name, meant);
	else
		expect("%s: unknown; help lists the commands\n", name);
}

/* The CPU that does it. */
static size_t on;

static void answer(char *line, size_t *walks, uintptr_t *walked);

/* A number, a space, and what is done on that CPU. */
static void
answeron(char *arg, size_t *walks, uintptr_t *walked)
{
	size_t was = on;
	char *command = arg + strspn(arg, "0123456789");
	uint64_t n = strtoull(arg, NULL, 10); /* UINT64_MAX if larger */

	if (on != 0)
		expect("on: by CPU 0 alone\n");
	else if (command == arg || *command != ' ')
		expect("on: %s is no number and command\n", arg);
	else if (n >= MONITOREDCPUS)
		expect("on: CPU %ju is not up\n",
		    (uintmax_t)MIN(n, (uint64_t)MOSTCPUS));
	else {
		expect("<on %zu>", (size_t)n);
		on = n;
		answer(command + strspn(command, " "), walks, walked);
		on = was;
	}
}

/* Is there -v, and then what is behind it? */
static bool
flag(const char **arg)
{
	bool v = strcmp(*arg, "-v") == 0 || strncmp(*arg, "-v ", 3) == 0;

	if (v)
		*arg += 2 + strspn(*arg + 2, " ");
	return v;
}

static void
table(const char *arg, const char *lines, const char *people)
{
	bool v = flag(&arg);

	if (*arg != '\0')
		expect("%s: only -v goes with it\n", arg);
	else
		expect("%s", v ? lines : people);
}

static void
walk(const char *arg, size_t *walks, uintptr_t *walked)
{
	uintptr_t va = 0;
	bool v = flag(&arg);

	if (v && *arg == '\0')
		expect("walk -v needs ADDRESS\n");
	else if (strcmp(arg, "same") == 0)
		expect("walk: same is the name of more than one "
		       "function: which, only an address can tell\n");
	else if (!address(arg, &va))
		expect("walk: %s is no hexadecimal address and no function\n",
		    arg);
	else if (v)
		expect("<walk lines %#jx>", (uintmax_t)va);
	else {
		*walked = va;
		(*walks)++;
	}
}

/* Those that nothing may stand behind. */
static void
plain(const char *line, const char *arg)
{
	static const struct {
		const char *name;
		const char *answer;
		bool by0;
	} all[] = {{"reset", "<reset>", true}, {"poweroff", "<off>", true},
	    {"log", "<log>", false}, {"summary", "<told>", false}};

	for (size_t i = 0; i < nelem(all); i++) {
		if (strcmp(line, all[i].name) != 0)
			continue;
		if (*arg != '\0')
			expect("%s: nothing goes with %s\n", arg, line);
		else if (all[i].by0 && on != 0)
			expect("%s: by CPU 0 alone\n", line);
		else
			expect("%s", all[i].answer);
		return;
	}
	unknown(line);
}

/* What pages says of how it is to be shown. */
static bool anywhere;

/* What a whole line is answered with; an address is asked for, or none. */
static void
answer(char *line, size_t *walks, uintptr_t *walked)
{
	line += strspn(line, " ");
	char *arg = line + strcspn(line, " ");
	bool was = anywhere;

	anywhere = false;
	while (*arg == ' ')
		*arg++ = '\0';
	if (*line == '\0')
		return;
	if (strcmp(line, "walk") == 0 && *arg == '\0')
		expect("walk needs ADDRESS\n");
	else if (strcmp(line, "fault") == 0 && *arg == '\0')
		expect("fault needs KIND\n");
	else if (strcmp(line, "on") == 0 && *arg == '\0')
		expect("on needs N COMMAND\n");
	else if (strcmp(line, "on") == 0)
		answeron(arg, walks, walked);
	else if (strcmp(line, "more") == 0 && *arg == '\0')
		expect("more needs COMMAND\n");
	else if (strcmp(line, "more") == 0) {
		anywhere = true;
		answer(arg, walks, walked);
	} else if (strcmp(line, "cpus") == 0)
		table(arg, "<cpu lines>", "<cpus>");
	else if (strcmp(line, "walk") == 0)
		walk(arg, walks, walked);
	else if (strcmp(line, "fault") == 0) {
		expect("<fault %s>", arg);
		if (strcmp(arg, "null") != 0)
			expect("fault: one of null\n");
	} else if (strcmp(line, "pages") == 0)
		table(
		    arg, "<page lines>", was ? "<pages, stopping>" : "<pages>");
	else
		plain(line, arg);
}

static bool
aboutmemory(const char *line)
{
	static const char *const names[] = {"map", "conf", "xsummary", "palloc",
	    "picture", "help", "find", "dump", "ramscan", "check", "efi",
	    "e820", "options", "bench", "nodes", "run", "ps", "segs", "fuzz"};

	for (line += strspn(line, " ");;)
		if (strncmp(line, "on ", 3) == 0)
			line += 3 + strspn(line + 3, " 0123456789");
		else if (strncmp(line, "more ", 5) == 0)
			line += 5 + strspn(line + 5, " ");
		else
			break;
	for (size_t i = 0; i < nelem(names); i++)
		if (strncmp(line, names[i], strlen(names[i])) == 0)
			return true;
	return false;
}

/* The blanks at its end are no part of a line. */
static void
trim(char *line)
{
	size_t n = strlen(line);

	while (n > 0 && line[n - 1] == ' ')
		line[--n] = '\0';
}

/* The line editor; what is left unfinished is in *t. False: not for here. */
static bool
edit(const char *keys, Typed *t, size_t *walks, uintptr_t *walked)
{
	char line[TYPEDMAX + 1];

	for (; *keys != '\0'; keys++) {
		if (*keys == KEYESC) { /* ESC [ C or D */
			keys += 2;
			typedkey(t, *keys == 'C' ? KEYRIGHT : KEYLEFT);
			continue;
		}
		if (*keys != '\r' && *keys != '\n') {
			typedkey(t, (uint8_t)*keys);
			continue;
		}
		typedline(t, line);
		trim(line);
		*t = (Typed){.before = ""};
		if (aboutmemory(line))
			return false;
		answer(line, walks, walked);
	}
	return true;
}

/* Controls that the model does not know, and the prompt's end, are no keys. */
static void
typed(uint8_t byte, char *keys)
{
	static const char *const often[] = {"walk ", "fault ", "null", "pages",
	    "log", "reset", "poweroff", "cpus", "on 2 ", "on ", "more ", "-v ",
	    "0x", " ", "\b", "\x7f", "\r", "\n", "\x1b[C", "\x1b[D", "\x1b[D",
	    "\x01", "\x05", "\x0b", "\x15", "\x17", "\x04", "\x02", "\x06"};
	char one[2] = {(char)byte, '\0'};

	if (byte < ' ' || byte == '>')
		one[0] = 'x';
	strcat(keys, byte >= 0x80 && byte < 0x80 + nelem(often)
			 ? often[byte - 0x80]
			 : one);
}

/* What was said, but for the prompts and what was typed at them. */
static const char *
answers(void)
{
	static char text[ROOM];
	char *to = text;

	for (const char *p = hostsaid(); *p != '\0';) {
		if (strncmp(p, "mem9> ", 6) != 0)
			*to++ = *p++;
		else
			p += strcspn(p, "\n") + (strchr(p, '\n') != NULL);
	}
	*to = '\0';
	return text;
}

/* The unfinished line as a terminal has it. */
static void
shown(const Typed *t)
{
	char line[TYPEDMAX + 1];
	char prompt[TYPEDMAX + 10];
	Terminal screen;

	typedline(t, line);
	if (strlen(line) >= WIDTH)
		return;
	snprintf(prompt, sizeof prompt, "mem9> %s", line);
	trim(prompt);
	terminal(&screen, hostsaid());
	size_t n = strlen(prompt), all = strlen(screen.text);
	if (all < n || strcmp(screen.text + all - n, prompt) != 0)
		panic("'%s' is shown, not '%s'", screen.text, prompt);
}

static void
anykeys(const uint8_t *data, size_t size)
{
	static char keys[MOST + 5];

	for (size_t i = 0; i < size; i++) /* nothing that wants mm/ */
		keys[i] = data[i] == 'm' || data[i] == 'c' || data[i] == 'p' ||
				  data[i] == 'x' || data[i] == 0
			      ? 'y'
			      : (char)data[i];
	strcpy(keys + size, "zzz\r"); /* no sequence is left unfinished */
	monitored = (Monitored){.walked = 0};
	types(keys);
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char keys[10 * MOST];
	size_t walks = 0;
	uintptr_t walked = 0;
	Typed t = {.before = ""};

	if (size > MOST)
		return 0;
	if (size > 0 && data[0] % 2 == 1) {
		anykeys(data + 1, size - 1);
		return 0;
	}
	keys[0] = '\0';
	for (size_t i = 1; i < size; i++)
		typed(data[i], keys);
	nwant = 0;
	want[0] = '\0';
	if (!edit(keys, &t, &walks, &walked))
		return 0;
	monitored = (Monitored){.walked = 0};
	types(keys);
	if (strcmp(answers(), want) != 0)
		panic("said '%s', not '%s'", answers(), want);
	shown(&t);
	if (monitored.walks != walks || monitored.walked != walked)
		panic("%zu walks to %#jx, not %zu to %#jx", monitored.walks,
		    (uintmax_t)monitored.walked, walks, (uintmax_t)walked);
	return 0;
}
