/*
 * console.c - the EFI console as a sink, with a stop after each screen.
 */
#include "commands.h"
#include "firmware.h"

enum { MAXTEXT = 80, MINROWS = 5, MAXROWS = 400, DEFAULTROWS = 25 };

static struct {
	bool on;
	bool quit;
	UINTN rows;
	UINTN line;
} pager;

void
consolepages(void)
{
	SIMPLE_TEXT_OUTPUT_INTERFACE *out = fw.st->ConOut;
	UINTN cols = 0;

	if (out == NULL ||
	    EFI_ERROR(
		out->QueryMode(out, out->Mode->Mode, &cols, &pager.rows)) ||
	    pager.rows < MINROWS || pager.rows > MAXROWS)
		pager.rows = DEFAULTROWS;
	pager.line = 0;
	pager.quit = false;
	pager.on = true;
}

static void
put(const CHAR16 *s)
{
	SIMPLE_TEXT_OUTPUT_INTERFACE *out = fw.st->ConOut;

	if (out != NULL)
		out->OutputString(out, (CHAR16 *)s);
}

/* Any key goes on, q or escape stops the output. */
static void
stop(void)
{
	SIMPLE_INPUT_INTERFACE *in = fw.st->ConIn;
	EFI_INPUT_KEY key = {0, 0};
	UINTN which = 0;

	put(L"-- any key for more, q to stop --");
	while (in != NULL && EFI_ERROR(in->ReadKeyStroke(in, &key)))
		fw.bs->WaitForEvent(1, &in->WaitForKey, &which);
	put(L"\r                                 \r");
	pager.line = 0;
	pager.quit = key.UnicodeChar == 'q' || key.UnicodeChar == 'Q' ||
		     key.ScanCode == SCAN_ESC;
}

void
consolewrite(const char *s, size_t n)
{
	CHAR16 text[MAXTEXT + 3];
	size_t k = 0;

	for (size_t i = 0; i < n && !pager.quit; i++) {
		if (s[i] == '\n')
			text[k++] = '\r';
		text[k++] = (CHAR16)(uint8_t)s[i];
		if (k < MAXTEXT && s[i] != '\n' && i + 1 < n)
			continue;
		text[k] = 0;
		put(text);
		k = 0;
		if (s[i] == '\n' && pager.on && ++pager.line == pager.rows - 1)
			stop();
	}
}
