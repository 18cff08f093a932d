/*
 * ini.c - any mem9.ini, in bytes or in UTF-16: each line of it that is an
 * option is taken; of those that are not the first are said by their numbers,
 * then how many more; blanks and comments are neither.
 *
 * needs: efi/ini.c efi/volume.c kern/options.c
 * needs: kern/optionwords.c
 * needs: kern/value.c tests/host/fakevolume.c tests/model/asked.c
 * needs: kern/nearest.c kern/format.c
 */
#include "fuzz.h"
#include "asked.h"
#include "fakefw.h"
#include "fakevolume.h"
#include "../../efi/ini.h"

enum { MOST = 20000, MAXSAID = 400, FEW = 8 };

static Options got, want;

/* The file as bytes without a 0, each character one; how many. */
static size_t
plain(const uint8_t *data, size_t size, char *to)
{
	int step = 1, first = 0;
	size_t n = 0;

	if (size >= 2 && data[0] + data[1] == 0xff + 0xfe &&
	    data[0] != data[1]) {
		step = data[0] == 0xff ? 2 : -2;
		first = 2;
	} else if (size >= 3 && memcmp(data, "\xef\xbb\xbf", 3) == 0)
		first = 3;
	for (size_t i = first; i + abs(step) <= size; i += abs(step)) {
		int c = data[i];

		if (step == 2)
			c |= data[i + 1] << 8;
		else if (step == -2)
			c = c << 8 | data[i + 1];
		to[n++] = c == 0 || c > 0xff ? '?' : (char)c;
	}
	return n;
}

/* What the file asks for, line by line. */
static void
expected(const uint8_t *file, size_t size, char *said)
{
	static char text[MOST + 1], bytes[MOST + 1];
	const char *data = bytes;
	unsigned number = 0;
	unsigned wrong = 0;

	optionsinit(&want);
	size = plain(file, size, bytes);
	for (bool last = false; !last; number++) {
		const char *eol = memchr(data, '\n', size);
		size_t n = eol != NULL ? (size_t)(eol - data) : size;
		size_t whole = n + (eol != NULL);

		last = eol == NULL;
		while (n > 0 && memchr("\r \t", data[n - 1], 3) != NULL)
			n--;
		memcpy(text, data, n);
		text[n] = '\0';
		data += whole;
		size -= whole;
		const char *line = text + strspn(text, " \t");
		if (strchr("#;[", *line) == NULL && !asked(&want, line) &&
		    wrong++ < FEW)
			sprintf(said + strlen(said), "%u ", number + 1);
	}
	if (wrong > FEW)
		sprintf(said + strlen(said), "%u more ", wrong - FEW);
}

/* The numbers of the lines that were ignored, and how many more. */
static void
ignored(char *said)
{
	static const char start[] = "mem9: \\mem9.ini:";
	const char *s = hostsaid();

	while ((s = strstr(s, start)) != NULL && strlen(said) < MAXSAID) {
		s += strlen(start);
		sprintf(said + strlen(said), *s == ' ' ? "%d more " : "%d ",
		    atoi(s));
	}
}

int
LLVMFuzzerTestOneInput(const uint8_t *data, size_t size)
{
	static char shouldsay[MAXSAID + 20], says[MAXSAID + 20];
	Volumefile *f = NULL;
	uint8_t *copy = NULL;

	if (size > MOST || memmem(data, size, "mem9: ", 6) != NULL)
		return 0;
	fakestart();
	volumestart();
	copy = malloc(size + 1);
	memcpy(copy, data, size);
	copy[size] = '\0';
	f = volumefile("\\mem9.ini", "");
	f->text = (const char *)copy;
	f->size = size;
	optionsinit(&got);
	hostquiet();
	readini(&got, &volume.image);
	shouldsay[0] = says[0] = '\0';
	expected(copy, size, shouldsay);
	ignored(says);
	if (askeddiffers(&got, &want) != NULL)
		panic("another %s", askeddiffers(&got, &want));
	if (strcmp(says, shouldsay) != 0)
		panic("lines %swere ignored, not %s", says, shouldsay);
	if (volume.opened != 0 || fakefw.pool != 0)
		panic("something was not given back");
	free(copy);
	return 0;
}
