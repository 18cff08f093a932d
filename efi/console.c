/*
 * console.c - the EFI console as a sink, with a stop after each screen, and as
 * a place for people to read.
 *
 * It stops before the first character that would push something off: so not
 * behind the last line of all. A line that is wider than the console takes more
 * rows of it; the one that just fills a row begins another, as firmware does.
 *
 * Colours are set for text and taken back after it: the shell's stay. Where the
 * text goes into a file there are none.
 */
#include "commands.h"
#include "firmware.h"
#include "tell.h"

enum { MAXTEXT = 80, MINROWS = 5, MAXROWS = 400, DEFAULTROWS = 25 };

static struct {
	bool on;
	bool quit;
	UINTN rows;
	UINTN cols; /* 0: no line is too wide */
	UINTN line; /* rows that are full, and columns of the next */
	UINTN col;
} pager;

static Teller console;

/* Sizes of the console; 0 where it does not say. */
static void
consolesize(UINTN *cols, UINTN *rows)
{
	SIMPLE_TEXT_OUTPUT_INTERFACE *out = fw.st->ConOut;

	*cols = *rows = 0;
	if (out != NULL &&
	    EFI_ERROR(out->QueryMode(out, out->Mode->Mode, cols, rows)))
		*cols = *rows = 0;
}

void
consolepages(void)
{
	consolesize(&pager.cols, &pager.rows);
	if (pager.rows < MINROWS || pager.rows > MAXROWS)
		pager.rows = DEFAULTROWS;
	pager.line = pager.col = 0;
	pager.quit = false;
	pager.on = console.pages = true;
}

void
consoleflows(void)
{
	pager.on = pager.quit = console.pages = false;
}

static void
put(const CHAR16 *s)
{
	SIMPLE_TEXT_OUTPUT_INTERFACE *out = fw.st->ConOut;

	if (out != NULL)
		out->OutputString(out, (CHAR16 *)s);
}

static enum ink inked; /* what is written */

/* Plain is as it was when the first colour was asked for. */
static void
consoleink(enum ink ink)
{
	static const uint8_t attribute[NINK] = {
	    [INKDIM] = EFI_LIGHTGRAY,
	    [INKHEAD] = EFI_WHITE,
	    [INKGOOD] = EFI_LIGHTGREEN,
	    [INKBAD] = EFI_LIGHTRED,
	    [INKWARN] = EFI_YELLOW,
	    [INKGREEN] = EFI_GREEN | EFI_BACKGROUND_GREEN,
	    [INKCYAN] = EFI_CYAN | EFI_BACKGROUND_CYAN,
	    [INKBLUE] = EFI_BLUE | EFI_BACKGROUND_BLUE,
	    [INKMAGENTA] = EFI_MAGENTA | EFI_BACKGROUND_MAGENTA,
	    [INKBROWN] = EFI_BROWN | EFI_BACKGROUND_BROWN,
	    [INKGRAY] = EFI_LIGHTGRAY | EFI_BACKGROUND_LIGHTGRAY,
	    [INKRED] = EFI_RED | EFI_BACKGROUND_RED,
	    [INKCURSOR] = EFI_BLACK | EFI_BACKGROUND_LIGHTGRAY,
	};
	SIMPLE_TEXT_OUTPUT_INTERFACE *out = fw.st->ConOut;
	static INT32 plain = -1;

	inked = ink;
	if (out == NULL || out->Mode == NULL)
		return;
	if (plain < 0)
		plain = out->Mode->Attribute & 0x7f;
	out->SetAttribute(out, ink == INKPLAIN ? (UINTN)plain : attribute[ink]);
}

/*
 * Any key goes on, q or escape stops the output. The question has no colour of
 * what it breaks into.
 */
static void
stop(void)
{
	SIMPLE_INPUT_INTERFACE *in = fw.st->ConIn;
	EFI_INPUT_KEY key = {0, 0};
	enum ink was = inked;
	UINTN which = 0;

	consoleink(INKPLAIN);
	put(L"-- any key for more, q to stop --");
	while (in != NULL && EFI_ERROR(in->ReadKeyStroke(in, &key)))
		fw.bs->WaitForEvent(1, &in->WaitForKey, &which);
	put(L"\r                                 \r");
	consoleink(was);
	pager.line = 0;
	pager.quit = key.UnicodeChar == 'q' || key.UnicodeChar == 'Q' ||
		     key.ScanCode == SCAN_ESC;
}

/* Where it comes to stand. */
static void
count(char c)
{
	pager.col = c == '\n' || c == '\r' ? 0 : pager.col + 1;
	if (c == '\n' || (pager.cols != 0 && pager.col == pager.cols)) {
		pager.line++;
		pager.col = 0;
	}
}

static bool
full(void)
{
	return pager.on && pager.line >= pager.rows - 1;
}

void
consolewrite(const char *s, size_t n)
{
	CHAR16 text[MAXTEXT + 3];
	size_t k = 0;

	for (size_t i = 0; i < n; i++) {
		if (full())
			stop();
		if (pager.quit)
			return;
		count(s[i]);
		if (s[i] == '\n')
			text[k++] = '\r';
		text[k++] = (CHAR16)(uint8_t)s[i];
		if (k < MAXTEXT && s[i] != '\n' && i + 1 < n && !full())
			continue;
		text[k] = 0;
		put(text);
		k = 0;
	}
}

const Teller *
consoleteller(void)
{
	UINTN cols = 0;
	UINTN rows = 0;

	consolesize(&cols, &rows);
	console = (Teller){.write = consolewrite,
	    .ink = consoleink,
	    .cols = (unsigned)cols,
	    .rows = (unsigned)rows,
	    .pages = pager.on};
	return &console;
}

void
consolepeople(void)
{
	tellto(consoleteller());
	logsink(tellsink, LOGNEW);
}
