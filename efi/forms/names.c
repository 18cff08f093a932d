/*
 * names.c - names to numbers: any table of them, and EFI's attributes.
 */
#include "form.h"

/* What Linux, GRUB, U-Boot and FreeBSD call the bits. */
static const Name attrs[] = {
    {"UC", 1ull << 0},
    {"WC", 1ull << 1},
    {"WT", 1ull << 2},
    {"WB", 1ull << 3},
    {"UCE", 1ull << 4},
    {"WP", 1ull << 12},
    {"RP", 1ull << 13},
    {"XP", 1ull << 14},
    {"NV", 1ull << 15},
    {"MR", 1ull << 16},
    {"REL", 1ull << 16},
    {"MORE_RELIABLE", 1ull << 16},
    {"RO", 1ull << 17},
    {"SP", 1ull << 18},
    {"CC", 1ull << 19},
    {"CRYPT", 1ull << 19},
    {"HP", 1ull << 20},
    {"HOTPL", 1ull << 20},
    {"ISA", 1ull << 62},
    {"RUN", 1ull << 63},
    {"RT", 1ull << 63},
    {"RUNTIME", 1ull << 63},
};

bool
lookup(const Name *table, size_t n, const char *s, size_t len, uint64_t *value)
{
	for (size_t i = 0; i < n; i++) {
		if (textlength(table[i].name) != len ||
		    memcmp(table[i].name, s, len) != 0)
			continue;
		*value = table[i].value;
		return true;
	}
	return false;
}

void
attrname(Map *m, const char *s, size_t len, uint64_t *attr)
{
	uint64_t bit = 0;

	if (len > 0 && !lookup(attrs, nelem(attrs), s, len, &bit))
		mapnote(m, "no attribute is known as '%.*s%s'",
		    (int)MIN(len, SHOWNTEXT), s, cutmark(len));
	*attr |= bit;
}

void
attrnames(Map *m, const char *s, uint64_t *attr)
{
	for (;;) {
		s += textspan(s, " \t|");
		if (*s == '\0')
			return;
		size_t len = textuntil(s, " \t|");

		attrname(m, s, len, attr);
		s += len;
	}
}

/* The first name that stands for a bit is as good as any. */
void
attrsay(uint64_t attr, char *s, size_t size)
{
	uint64_t said = 0;
	size_t n = 0;

	*s = '\0';
	for (size_t i = 0; i < nelem(attrs); i++) {
		if ((attr & attrs[i].value) == 0 || (said & attrs[i].value))
			continue;
		said |= attrs[i].value;
		n += snprint(
		    s + n, size - n, "%s%s", n > 0 ? " " : "", attrs[i].name);
	}
	if (attr & ~said)
		snprint(s + n, size - n, "%s0x%jx", n > 0 ? " " : "",
		    (uintmax_t)(attr & ~said));
}
