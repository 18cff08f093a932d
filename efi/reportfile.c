/*
 * reportfile.c - see reportfile.h.
 *
 * UEFI's CREATE opens a file that is there without a word and leaves its end
 * where it was: so what is replaced is deleted first, and what was made is
 * looked at. A write that fails leaves the volume without the file: a part of a
 * report looks like one. Nor is anything written but at a file's end: U-Boot
 * cuts off what is behind.
 */
#include "reportfile.h"
#include "hooks.h"
#include "options.h"
#include "volume.h"

#define READWRITE (EFI_FILE_MODE_READ | EFI_FILE_MODE_WRITE)

/* What an open file is. */
enum kind { OURS, EMPTY, FOLDER, TOOLONG, FOREIGN, UNREAD, SILENT };

/* Why it is not mem9's. */
static const char *const whys[] = {
    [EMPTY] = "there is nothing in it",
    [FOLDER] = "it is a folder",
    [TOOLONG] = "it is longer than what mem9 writes",
    [FOREIGN] = "it is not mem9's: its first line does not say so",
    [UNREAD] = "it cannot be read",
    [SILENT] = "firmware tells nothing of it",
};

static const char *
reason(EFI_STATUS r)
{
	switch (r) {
	case EFI_WRITE_PROTECTED:
		return "the volume is write-protected";
	case EFI_ACCESS_DENIED:
		return "it may not be written to";
	case EFI_VOLUME_FULL:
		return "no room on the volume";
	case EFI_NOT_FOUND:
		return "there is no such folder";
	case EFI_NO_MEDIA:
	case EFI_MEDIA_CHANGED:
		return "the volume is gone";
	default:
		return "firmware cannot";
	}
}

static EFI_STATUS
openfile(
    EFI_FILE_HANDLE root, const char *path, UINT64 mode, EFI_FILE_HANDLE *f)
{
	CHAR16 name[REPORTMAX];
	size_t i = 0;

	for (; path[i] != '\0' && i < REPORTMAX - 1; i++)
		name[i] = (CHAR16)(uint8_t)path[i];
	name[i] = 0;
	return root->Open(root, f, name, mode, 0);
}

/* And what firmware tells of it. */
static enum kind
kindof(EFI_FILE_HANDLE f, Fileinfo *info)
{
	static const char first[] = REPORTFIRST;
	char head[sizeof first - 1];
	UINTN n = sizeof head;

	if (!fileinfo(f, info))
		return SILENT;
	if (info->folder)
		return FOLDER;
	if (info->size == 0)
		return EMPTY;
	if (info->size > REPORTMOST)
		return TOOLONG;
	if (EFI_ERROR(f->Read(f, &n, head)))
		return UNREAD;
	if (n != sizeof head || memcmp(head, first, sizeof head) != 0)
		return FOREIGN;
	return OURS;
}

static const char *
writeall(EFI_FILE_HANDLE f, const char *text, size_t n)
{
	UINTN done = n;
	EFI_STATUS r = f->Write(f, &done, (VOID *)text);

	if (EFI_ERROR(r))
		return reason(r);
	return done == n ? NULL : reason(EFI_VOLUME_FULL);
}

static const char *
flush(EFI_FILE_HANDLE f)
{
	EFI_STATUS r = f->Flush(f);

	return EFI_ERROR(r) ? reason(r) : NULL;
}

/* What is there goes, if it is mem9's or empty; NULL: there is nothing now. */
static const char *
makeway(EFI_FILE_HANDLE root, const char *path)
{
	EFI_FILE_HANDLE f = NULL;
	EFI_STATUS r = openfile(root, path, EFI_FILE_MODE_READ, &f);
	Fileinfo info;

	if (r == EFI_NOT_FOUND)
		return NULL;
	if (EFI_ERROR(r))
		return reason(r);
	enum kind kind = kindof(f, &info);
	f->Close(f);
	if (kind != OURS && kind != EMPTY)
		return whys[kind];
	r = openfile(root, path, READWRITE, &f);
	if (EFI_ERROR(r))
		return reason(r);
	/* Delete closes it, whatever it says; a failure is a mere warning. */
	return f->Delete(f) == EFI_SUCCESS ? NULL : "it cannot be replaced";
}

/* Why a file that was to be made is another's, or NULL. */
static const char *
notnew(EFI_FILE_HANDLE f)
{
	Fileinfo info;

	if (!fileinfo(f, &info))
		return whys[SILENT];
	if (info.folder || info.size != 0)
		return "there is something in it already";
	return NULL;
}

/* It is closed; what was made, as far as anybody can say, goes. */
static void
unmake(EFI_FILE_HANDLE f)
{
	Fileinfo info;
	char c;
	UINTN n = 1;

	if (!fileinfo(f, &info) && !EFI_ERROR(f->Read(f, &n, &c)) && n == 0)
		f->Delete(f);
	else
		f->Close(f);
}

/* All of it, or there is no such file; it is closed then. */
static const char *
fill(EFI_FILE_HANDLE f, const char *text, size_t n)
{
	const char *why = writeall(f, text, n);

	if (why == NULL)
		why = flush(f);
	if (why != NULL)
		f->Delete(f);
	else
		f->Close(f);
	return why;
}

const char *
reportreplace(
    EFI_FILE_HANDLE root, const char *path, const char *text, size_t n)
{
	EFI_FILE_HANDLE f = NULL;
	const char *why = makeway(root, path);

	if (why != NULL)
		return why;
	EFI_STATUS r =
	    openfile(root, path, READWRITE | EFI_FILE_MODE_CREATE, &f);
	if (EFI_ERROR(r))
		return reason(r);
	why = notnew(f);
	if (why == NULL)
		return fill(f, text, n);
	unmake(f);
	return why;
}

/* What could not be done is undone. */
static const char *
append(EFI_FILE_HANDLE f, const char *text, size_t n)
{
	Fileinfo was;
	enum kind kind = kindof(f, &was);

	if (kind != OURS)
		return whys[kind];
	if (EFI_ERROR(f->SetPosition(f, UINT64_MAX)))
		return "its end is not found";
	const char *why = writeall(f, text, n);
	if (why == NULL)
		why = flush(f);
	if (why != NULL && n > 0) {
		filecut(f, was.size);
		flush(f);
	}
	return why;
}

const char *
reportappend(EFI_FILE_HANDLE root, const char *path, const char *text, size_t n)
{
	EFI_FILE_HANDLE f = NULL;
	EFI_STATUS r = openfile(root, path, READWRITE, &f);

	if (EFI_ERROR(r))
		return reason(r);
	const char *why = append(f, text, n);
	f->Close(f);
	return why;
}

/* So many bytes, from the start or before the end. */
static enum reportgot
readpart(EFI_FILE_HANDLE f, enum reportpart part, char *text, UINTN *n)
{
	Fileinfo info;
	enum kind kind = kindof(f, &info);

	if (kind == UNREAD || kind == SILENT)
		return REPORTUNREAD;
	if (kind == EMPTY)
		return REPORTNONE;
	if (kind != OURS)
		return REPORTFOREIGN;
	uint64_t at = part == REPORTHEAD ? 0 : info.size - MIN(*n, info.size);
	if (EFI_ERROR(f->SetPosition(f, at)) || EFI_ERROR(f->Read(f, n, text)))
		return REPORTUNREAD;
	return REPORTREAD;
}

enum reportgot
reportread(EFI_FILE_HANDLE root, const char *path, enum reportpart part,
    char *text, size_t size)
{
	EFI_FILE_HANDLE f = NULL;
	UINTN n = size - 1;

	text[0] = '\0';
	EFI_STATUS r = openfile(root, path, EFI_FILE_MODE_READ, &f);
	if (EFI_ERROR(r))
		return r == EFI_NOT_FOUND ? REPORTNONE : REPORTUNREAD;
	enum reportgot got = readpart(f, part, text, &n);
	f->Close(f);
	text[got == REPORTREAD ? n : 0] = '\0';
	return got;
}
