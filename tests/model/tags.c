/*
 * tags.c - a reader of HTML and SVG that knows few words, and no others.
 */
#include "tags.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdio.h>
#include <string.h>

enum { DEPTH = 32, WORD = 40 };

static const char *const tags[] = {"html", "head", "meta", "style", "title",
    "body", "h1", "h2", "p", "div", "table", "tr", "th", "td", "details",
    "summary", "pre", "svg", "g", "rect", "text"};
static const char *const attributes[] = {"lang", "charset", "http-equiv",
    "content", "name", "xmlns", "viewBox", "role", "class", "x", "y", "width",
    "height", "colspan"};
static const char *const entities[] = {
    "&lt;", "&gt;", "&amp;", "&quot;", "&#39;"};
static const char *const starts[] = {
    "<?xml version=\"1.0\" encoding=\"UTF-8\"?>\n", "<!DOCTYPE html>\n"};
static const char svgname[] = "http://www.w3.org/2000/svg";

static char open[DEPTH][WORD];
static size_t depth;
static char why[200];

static const char *
bad(const char *what, const char *s)
{
	snprintf(why, sizeof why, "%s: %.80s", what, s);
	return why;
}

/* The word at s, if it is one of these; s goes behind it. */
static bool
known(const char **s, const char *const *words, size_t n, char *word)
{
	size_t len = strspn(*s, "abcdefghijklmnopqrstuvwxyz"
				"ABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789-");

	if (len == 0 || len >= WORD)
		return false;
	memcpy(word, *s, len);
	word[len] = '\0';
	*s += len;
	for (size_t i = 0; i < n; i++)
		if (strcmp(words[i], word) == 0)
			return true;
	return false;
}

/* name="value", with nothing in it that leads elsewhere. */
static bool
attribute(const char **s)
{
	char name[WORD];
	char value[200];

	if (!known(s, attributes, sizeof attributes / sizeof *attributes, name))
		return false;
	if (strncmp(*s, "=\"", 2) != 0)
		return false;
	*s += 2;
	size_t len = strcspn(*s, "\"<>&\n");

	if (len >= sizeof value || (*s)[len] != '"')
		return false;
	memcpy(value, *s, len);
	value[len] = '\0';
	*s += len + 1;
	if (strcmp(name, "xmlns") == 0)
		return strcmp(value, svgname) == 0;
	return strstr(value, "//") == NULL && strstr(value, "url") == NULL &&
	       strstr(value, "script") == NULL;
}

static const char *
closing(const char **s)
{
	char word[WORD];

	if (!known(s, tags, sizeof tags / sizeof *tags, word) || **s != '>')
		return bad("no end tag", *s);
	++*s;
	if (depth == 0 || strcmp(open[depth - 1], word) != 0)
		return bad("another tag is open", word);
	depth--;
	return NULL;
}

static const char *
opening(const char **s)
{
	const char *start = *s;
	char word[WORD];

	if (!known(s, tags, sizeof tags / sizeof *tags, word))
		return bad("no tag", start);
	while (**s == ' ') {
		++*s;
		if (!attribute(s))
			return bad("no attribute", *s);
	}
	if (strncmp(*s, "/>", 2) == 0) {
		*s += 2;
		return NULL;
	}
	if (**s != '>' || depth == DEPTH)
		return bad("no end of a tag", start);
	++*s;
	strcpy(open[depth++], word);
	return NULL;
}

static bool
entity(const char **s)
{
	for (size_t i = 0; i < sizeof entities / sizeof *entities; i++) {
		size_t len = strlen(entities[i]);

		if (strncmp(*s, entities[i], len) == 0) {
			*s += len;
			return true;
		}
	}
	return false;
}

/* Up to the next tag. */
static const char *
text(const char **s)
{
	bool style = depth > 0 && strcmp(open[depth - 1], "style") == 0;

	for (; **s != '\0' && **s != '<';) {
		if (style && (strncmp(*s, "url", 3) == 0 ||
				 strncmp(*s, "@import", 7) == 0))
			return bad("a style from elsewhere", *s);
		if (**s == '&' ? !entity(s) : **s == '>')
			return bad("no text", *s);
		if (**s != '\n' && (unsigned char)(**s - ' ') >= 0x7f - ' ')
			return bad("no character", *s);
		if (**s != '<' && **s != '&')
			++*s;
	}
	return NULL;
}

const char *
tagsbad(const char *s)
{
	const char *wrong = NULL;

	depth = 0;
	for (size_t i = 0; i < sizeof starts / sizeof *starts; i++)
		if (strncmp(s, starts[i], strlen(starts[i])) == 0)
			s += strlen(starts[i]);
	while (*s != '\0' && wrong == NULL) {
		if (*s != '<')
			wrong = text(&s);
		else if (*++s == '/') {
			s++;
			wrong = closing(&s);
		} else
			wrong = opening(&s);
	}
	if (wrong == NULL && depth > 0)
		wrong = bad("not closed", open[depth - 1]);
	return wrong;
}
