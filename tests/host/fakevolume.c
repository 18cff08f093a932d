/*
 * fakevolume.c - see fakevolume.h.
 *
 * needs: tests/host/fakefw.c
 */
#include "fakevolume.h"
#include "fakefw.h"
#include "hooks.h"

#include <stdlib.h>
#include <string.h>

enum { PATH = 1000 };

Volume volume;

static EFI_FILE root;

#define READWRITE (EFI_FILE_MODE_READ | EFI_FILE_MODE_WRITE)

static EFI_STATUS
closefile(EFI_FILE *handle)
{
	Volumefile *f = (Volumefile *)handle;

	if (handle != &root && f->dirty && !f->gone)
		volume.unflushed++;
	volume.opened--;
	return EFI_SUCCESS;
}

static bool
samepath(const char *a, const CHAR16 *b)
{
	size_t i = 0;

	while (b[i] != 0 && b[i] == (CHAR16)(uint8_t)a[i])
		i++;
	return a[i] == '\0' && b[i] == 0;
}

static Volumefile *
findwide(const CHAR16 *path)
{
	for (size_t i = 0; i < volume.nfiles; i++)
		if (!volume.files[i].gone &&
		    samepath(volume.files[i].path, path))
			return &volume.files[i];
	return NULL;
}

/* Only at the root, or in a folder that is there. */
static Volumefile *
makefile(const CHAR16 *path)
{
	static char names[VOLUMEFILES][PATH];
	char *name = names[volume.nfiles];
	size_t n = 0;

	while (path[n] != 0 && n < PATH - 1) {
		name[n] = (char)path[n];
		n++;
	}
	name[n] = '\0';
	char *last = strrchr(name, '\\');
	if (last != name) {
		*last = '\0';
		const Volumefile *folder = volumefind(name);
		*last = '\\';
		if (folder == NULL || !folder->folder)
			return NULL;
	}
	return volumefile(name, "");
}

/* Something was there, under another name. */
static Volumefile *
haunted(Volumefile *f)
{
	if (f == NULL)
		return f;
	f->silent = volume.silent;
	if (volume.haunt == NULL)
		return f;
	f->folder = volume.haunt[0] == '/';
	f->text = f->folder ? "" : volume.haunt;
	f->size = strlen(f->text);
	return f;
}

static EFI_STATUS
openfile(EFI_FILE *dir, EFI_FILE **f, CHAR16 *path, UINT64 mode, UINT64 attr)
{
	Volumefile *file = findwide(path);

	if (dir != &root || attr != 0)
		panic("a file is opened in another place, or made odd");
	if (mode != EFI_FILE_MODE_READ &&
	    (mode & ~EFI_FILE_MODE_CREATE) != READWRITE)
		panic("a file is opened in a mode that UEFI does not have");
	if (EFI_ERROR(volume.open))
		return volume.open;
	if (file == NULL && (mode & EFI_FILE_MODE_CREATE) == 0)
		return EFI_NOT_FOUND;
	if (mode != EFI_FILE_MODE_READ && volume.readonly)
		return EFI_WRITE_PROTECTED;
	if (file == NULL)
		file = haunted(makefile(path));
	if (file == NULL)
		return EFI_NOT_FOUND;
	if (mode != EFI_FILE_MODE_READ && file->readonly)
		return EFI_ACCESS_DENIED;
	file->at = 0;
	*f = &file->handle;
	volume.opened++;
	return EFI_SUCCESS;
}

/* What firmware tells of a file, and how long that is. */
static size_t
tell(EFI_FILE_INFO *info, const char *name, size_t n, const Volumefile *f)
{
	size_t size = offsetof(EFI_FILE_INFO, FileName) + 2 * (n + 1);

	memset(info, 0, size);
	info->Size = size;
	info->FileSize = f->size;
	info->Attribute = f->folder ? EFI_FILE_DIRECTORY : 0;
	for (size_t i = 0; i < n; i++)
		info->FileName[i] = (CHAR16)name[i];
	return size;
}

/* The next name of a folder; none at its end. */
static EFI_STATUS
readfolder(Volumefile *f, UINTN *size, VOID *to)
{
	const char *name = f->text + f->at;
	size_t n = strcspn(name, " /");
	const Volumefile entry = {.folder = name[n] == '/', .size = 7};

	if (n == 0) {
		*size = 0;
		return EFI_SUCCESS;
	}
	if (*size < offsetof(EFI_FILE_INFO, FileName) + 2 * (n + 1))
		return EFI_BUFFER_TOO_SMALL;
	*size = tell(to, name, n, &entry);
	f->at += n + strspn(name + n, " /");
	return EFI_SUCCESS;
}

static EFI_STATUS
readfile(EFI_FILE *handle, UINTN *size, VOID *to)
{
	Volumefile *f = (Volumefile *)handle;

	if (EFI_ERROR(f->status) && f->reads == 0)
		return f->status;
	f->reads -= f->reads > 0;
	if (f->folder)
		return readfolder(f, size, to);
	*size = MIN(*size, f->size - MIN(f->at, f->size));
	memcpy(to, f->text + f->at, *size);
	f->at += *size;
	return EFI_SUCCESS;
}

static EFI_STATUS
writefile(EFI_FILE *handle, UINTN *size, VOID *from)
{
	Volumefile *f = (Volumefile *)handle;
	size_t end = f->at + *size;
	size_t more = end > f->size ? end - f->size : 0;

	if (f->folder)
		panic("a folder is written to");
	if (more > volume.room) {
		if (!volume.shortwrites)
			return EFI_VOLUME_FULL;
		*size -= more - volume.room;
		end = f->at + *size;
		more = volume.room;
	}
	volume.room -= more;
	char *own = malloc(MAX(f->size + more, (size_t)1));
	memcpy(own, f->text, f->size);
	memcpy(own + f->at, from, *size);
	free(f->own);
	f->text = f->own = own;
	f->size += more;
	f->at = end;
	f->dirty = true;
	return EFI_SUCCESS;
}

static EFI_STATUS
setposition(EFI_FILE *handle, UINT64 at)
{
	Volumefile *f = (Volumefile *)handle;

	if (EFI_ERROR(volume.position))
		return volume.position;
	f->at = at == UINT64_MAX ? f->size : at;
	return EFI_SUCCESS;
}

static EFI_STATUS
getinfo(EFI_FILE *handle, EFI_GUID *guid, UINTN *size, VOID *to)
{
	const EFI_GUID want = EFI_FILE_INFO_ID;
	const Volumefile *f = (const Volumefile *)handle;
	size_t n = strlen(f->path);

	if (memcmp(guid, &want, sizeof want) != 0 || f->silent)
		return EFI_UNSUPPORTED;
	if (*size < offsetof(EFI_FILE_INFO, FileName) + 2 * (n + 1))
		return EFI_BUFFER_TOO_SMALL;
	*size = tell(to, f->path, n, f);
	return EFI_SUCCESS;
}

/* A file's end, and nothing else of it, may be put elsewhere: further down. */
static EFI_STATUS
setinfo(EFI_FILE *handle, EFI_GUID *guid, UINTN size, VOID *from)
{
	const EFI_GUID want = EFI_FILE_INFO_ID;
	Volumefile *f = (Volumefile *)handle;
	const EFI_FILE_INFO *info = from;
	EFI_FILE_INFO *is = malloc(size);
	size_t n = tell(is, f->path, strlen(f->path), f);

	is->FileSize = info->FileSize;
	if (memcmp(guid, &want, sizeof want) != 0 || n != size ||
	    memcmp(is, info, n) != 0 || info->FileSize > f->size)
		panic("%s is to become another file", f->path);
	free(is);
	if (EFI_ERROR(volume.cut))
		return volume.cut;
	volume.room += f->size - info->FileSize;
	f->size = info->FileSize;
	f->dirty = true;
	return EFI_SUCCESS;
}

static EFI_STATUS
flushfile(EFI_FILE *handle)
{
	Volumefile *f = (Volumefile *)handle;

	f->dirty = false;
	return volume.flush;
}

/* It is closed then, whatever comes of it. */
static EFI_STATUS
deletefile(EFI_FILE *handle)
{
	Volumefile *f = (Volumefile *)handle;

	volume.opened--;
	if (volume.undeletable)
		return EFI_WARN_DELETE_FAILURE;
	volume.room += f->size;
	f->gone = true;
	return EFI_SUCCESS;
}

static EFI_STATUS
openvolume(EFI_FILE_IO_INTERFACE *v, EFI_FILE **f)
{
	(void)v;
	if (EFI_ERROR(volume.status))
		return volume.status;
	*f = &root;
	volume.opened++;
	return EFI_SUCCESS;
}

void
volumestart(void)
{
	static EFI_FILE_IO_INTERFACE fs = {.OpenVolume = openvolume};
	EFI_GUID guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;

	root = (EFI_FILE){.Open = openfile, .Close = closefile};
	for (size_t i = 0; i < volume.nfiles; i++)
		free(volume.files[i].own);
	volume = (Volume){
	    .image = {.DeviceHandle = (EFI_HANDLE)5}, .room = SIZE_MAX / 2};
	fakeprotocol((EFI_HANDLE)5, guid, &fs);
}

Volumefile *
volumefind(const char *path)
{
	for (size_t i = 0; i < volume.nfiles; i++)
		if (!volume.files[i].gone &&
		    strcmp(volume.files[i].path, path) == 0)
			return &volume.files[i];
	return NULL;
}

Volumefile *
volumefile(const char *path, const char *text)
{
	if (volume.nfiles == VOLUMEFILES)
		panic("more than %d files", VOLUMEFILES);
	Volumefile *f = &volume.files[volume.nfiles++];

	*f = (Volumefile){.handle = {.Read = readfile,
			      .Close = closefile,
			      .Write = writefile,
			      .Delete = deletefile,
			      .SetPosition = setposition,
			      .GetInfo = getinfo,
			      .SetInfo = setinfo,
			      .Flush = flushfile},
	    .path = path,
	    .text = text,
	    .size = strlen(text)};
	return f;
}

void
programat(const char *path)
{
	static uint8_t nodes[2 * PATH + 200];
	uint8_t *p = nodes;
	uint8_t *head = p;

	for (p += 4;; path++) {
		bool end = *path == '\0' || *path == '|';

		if (!end) {
			*p++ = (uint8_t)*path;
			*p++ = 0;
			continue;
		}
		*p++ = 0;
		*p++ = 0;
		head[0] = MEDIA_DEVICE_PATH;
		head[1] = MEDIA_FILEPATH_DP;
		head[2] = (uint8_t)(p - head);
		head[3] = (uint8_t)((p - head) >> 8);
		head = p;
		p += 4;
		if (*path == '\0')
			break;
	}
	head[0] = END_DEVICE_PATH_TYPE;
	volume.image.FilePath = (EFI_DEVICE_PATH *)nodes;
}
