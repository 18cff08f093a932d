/*
 * json.c - `dmesg -J` and `journalctl -o json`: each message is a line.
 *
 *	{"dmesg": [ {"pri": 6, "time": 0.000000, "msg": "BIOS-e820: ..."}, ...
 *
 * The strings of "msg" and "MESSAGE" become the lines, with the number of the
 * line they stand in; all else is counted brackets. Those must come out even:
 * otherwise the end is missing.
 */
#include "form.h"

typedef struct Json Json;
struct Json {
	Map *m;
	Line *line;
	size_t nline;
	size_t maxline;
	long long depth; /* of brackets */
};

/* The first line that is not blank starts an object or an array of them. */
static bool
isjson(const Text *t)
{
	bool begun = false;

	for (size_t i = 0; i < t->nline; i++) {
		const char *s = t->line[i].s;

		if (*s == '\0')
			continue;
		if (!begun && *s != '{' && !textsame(s, "["))
			return false;
		begun = true;
		if (textfind(s, "\"msg\"") != NULL ||
		    textfind(s, "\"MESSAGE\"") != NULL)
			return true;
	}
	return false;
}

/* Behind the string that starts at *s; false if it has no end. */
static bool
skipstring(char **s)
{
	char *p = *s + 1;

	while (*p != '\0' && *p != '"')
		p += p[0] == '\\' && p[1] != '\0' ? 2 : 1;
	if (*p == '\0')
		return false;
	*s = p + 1;
	return true;
}

/* \" \\ \/ \t and \uXXXX, in place; what is no ASCII becomes ?. */
static void
unescape(char *s)
{
	char *to = s;
	uint64_t c;

	for (; *s != '\0'; s++) {
		if (*s != '\\') {
			*to++ = *s;
			continue;
		}
		s++;
		if (*s == 'u' && hexdigits(s + 1) >= 4) {
			char four[5] = {s[1], s[2], s[3], s[4], '\0'};
			const char *p = four;

			scanhex(&p, &c);
			*to++ = (char)(c > 0 && c < 0x80 ? c : '?');
			s += 4;
		} else
			*to++ = *s == 't' || *s == 'n' ? ' ' : *s;
	}
	*to = '\0';
}

static int
addmessage(Json *j, char *s, size_t no)
{
	Line *more = formsgrow(j->line, j->nline, &j->maxline, sizeof *more);

	if (more == NULL)
		return nomemory(j->m);
	j->line = more;
	unescape(s);
	j->line[j->nline] = (Line){.s = s, .no = no};
	linestrip(&j->line[j->nline++]);
	return 0;
}

/* A string at *s: a key whose value is a message, or anything else. */
static int
string(Json *j, char **s, size_t no)
{
	char *key = *s;

	if (!skipstring(s))
		return mapfail(j->m, "a JSON string without an end");
	if (!textstarts(key, "\"msg\"") && !textstarts(key, "\"MESSAGE\""))
		return 0;
	*s += textspan(*s, " \t:");
	if (**s != '"')
		return 0;
	key = *s + 1;
	if (!skipstring(s))
		return mapfail(j->m, "a JSON string without an end");
	(*s)[-1] = '\0';
	return addmessage(j, key, no);
}

static int
jsonline(Json *j, const Line *l)
{
	char *s = l->s;

	j->m->lineno = l->no;
	while (*s != '\0') {
		if (*s == '"') {
			if (string(j, &s, l->no) < 0)
				return -1;
			continue;
		}
		j->depth += *s == '{' || *s == '[';
		j->depth -= *s == '}' || *s == ']';
		s++;
	}
	return 0;
}

int
linesjson(Text *t, Map *m)
{
	Json j = {.m = m};

	if (!isjson(t))
		return 0;
	for (size_t i = 0; i < t->nline; i++) {
		if (jsonline(&j, &t->line[i]) < 0) {
			formsfree(j.line);
			return -1;
		}
	}
	formsfree(t->line);
	t->line = j.line;
	t->nline = j.nline;
	t->cut = false;
	return j.depth == 0 ? 0 : mapfail(m, "the JSON text has no end");
}
