/*
 * judged.c - see judged.h.
 *
 * needs: tests/host/forged.c
 */
#include "../unit/unit.h"
#include "judged.h"

Finding
judged(const Forged *m, const char *name)
{
	size_t n = 0;
	const Auditcheck *c = auditchecks(&n);
	Finding f = {.judgement = AUDITOK};

	for (size_t i = 0; i < n; i++)
		if (strcmp(c[i].name, name) == 0) {
			c[i].judge(&m->e, &f);
			return f;
		}
	fail_msg("no check %s", name);
	return f;
}

const char *
names(const Forged *m, enum judgement j)
{
	static char text[2000];
	size_t n = 0;
	const Auditcheck *c = auditchecks(&n);

	text[0] = '\0';
	for (size_t i = 0; i < n; i++)
		if (judged(m, c[i].name).judgement == j) {
			strcat(text, c[i].name);
			strcat(text, " ");
		}
	return text;
}

/* That fault and no other; words of the first that fails. */
static void
isfound(Forged *m, const Fault *x)
{
	char first[64];

	forge(m);
	x->make(m);
	forgesort(m);
	assert_string_equal(names(m, AUDITFAILED), x->fails);
	snprintf(
	    first, sizeof first, "%.*s", (int)strcspn(x->fails, " "), x->fails);
	if (x->says != NULL && strstr(judged(m, first).detail, x->says) == NULL)
		fail_msg("%s says '%s', not '%s'", first,
		    judged(m, first).detail, x->says);
}

void
faultsarefound(Forged *m, enum auditgroup g, const Fault *faults, size_t n)
{
	size_t nchecks = 0;
	const Auditcheck *c = auditchecks(&nchecks);

	for (size_t i = 0; i < n; i++)
		isfound(m, &faults[i]);
	for (size_t i = 0; i < nchecks; i++) {
		size_t found = 0;

		for (size_t k = 0; k < n; k++)
			found += strstr(faults[k].fails, c[i].name) != NULL;
		if (c[i].group == g && found == 0)
			fail_msg("%s never fails", c[i].name);
	}
}
