/*
 * e820.c - any *e820= line is read right or refused, and one written from the
 * map reads back as the same map.
 *
 * The line is read here by strtok and strtoull, and painted.
 *
 * needs: tests/model/paint.c
 */
#include "fuzz.h"
#include "e820.h"
#include "paint.h"

#include <errno.h>

enum { MAXLINE = 2000, PHYSBITS = 46 };

static uint64_t table[1 << 17];

/* One word as a hexadecimal address; false if it is none. */
static bool
address(const char *word, uint64_t *n)
{
	char *end;

	if (word == NULL || word[strspn(word, "0123456789abcdefABCDEFxX")] != 0)
		return false;
	errno = 0;
	*n = strtoull(word, &end, 16);
	return *end == '\0' && errno == 0;
}

/* The painting of the line; false if it should be refused. */
static bool
expected(const char *line, Paint *p)
{
	char copy[MAXLINE + 1];
	char *save;
	char *word;
	size_t n = 0;

	strcpy(copy, line);
	paintdefaults(p);
	for (word = strtok_r(copy, " \t", &save); word != NULL; n++) {
		uint32_t type = 1;
		uint64_t base;
		uint64_t end;

		if (strlen(word) == 1) {
			if (*word < '1' || *word > '9')
				return false;
			type = (uint32_t)(*word - '0');
			word = strtok_r(NULL, " \t", &save);
		}
		if (!address(word, &base) ||
		    !address(strtok_r(NULL, " \t", &save), &end))
			return false;
		painte820(p, type, base, end, PHYSBITS);
		word = strtok_r(NULL, " \t", &save);
	}
	return n > 0;
}

/* The map now, written as a line and read again, must be as painted. */
static void
andback(const Paint *p)
{
	static char line[1 << 16];
	Badword bad;
	size_t len;

	hostquiet();
	e820print();
	strcpy(line, hostsaid());
	len = strlen(line);
	if (strncmp(line, "*e820=", 6) != 0 || line[len - 1] != '\n')
		panic("written as %s", line);
	line[len - 1] = '\0';
	if (line[6] == '\0')
		return;
	memmapinit(table, sizeof table);
	if (e820add(line + 6, PHYSBITS, &bad) < 0)
		panic("%s: %s", line, bad.want);
	if (paintdiffers(p) != NULL)
		panic("%s: %s", line, paintdiffers(p));
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	char line[MAXLINE + 1] = "";
	Paint p = {0};
	Badword bad = {0};

	if (size > MAXLINE || memchr(data, 0, size) != NULL)
		return 0;
	if (size > 0)
		memcpy(line, data, size);
	hostquiet();
	stage = SMACH;
	memmapinit(table, sizeof table);
	bool good = expected(line, &p);

	if ((e820add(line, PHYSBITS, &bad) == 0) != good)
		panic("'%s' should be %s", line, good ? "read" : "refused");
	if (good) {
		paintdone(&p);
		if (paintdiffers(&p) != NULL)
			panic("'%s': %s", line, paintdiffers(&p));
		memmapcheck();
		andback(&p);
	} else if (bad.word < line || bad.word + bad.len > line + size)
		panic("'%s': the wrong word is not in it", line);
	paintfree(&p);
	return 0;
}
