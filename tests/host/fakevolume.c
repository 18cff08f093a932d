/*
 * fakevolume.c - see fakevolume.h.
 *
 * needs: tests/host/fakefw.c
 */
#include "fakevolume.h"
#include "fakefw.h"
#include "hooks.h"

#include <string.h>

enum { PATH = 1000 };

Volume volume;

static EFI_FILE root;

static EFI_STATUS
closefile(EFI_FILE *f)
{
	(void)f;
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

static EFI_STATUS
openfile(EFI_FILE *dir, EFI_FILE **f, CHAR16 *path, UINT64 mode, UINT64 attr)
{
	(void)attr;
	if (dir != &root || mode != EFI_FILE_MODE_READ)
		panic("a file is opened to be written, or in another place");
	for (size_t i = 0; i < volume.nfiles; i++)
		if (samepath(volume.files[i].path, path)) {
			*f = &volume.files[i].handle;
			volume.opened++;
			return EFI_SUCCESS;
		}
	return EFI_NOT_FOUND;
}

static EFI_STATUS
readfile(EFI_FILE *handle, UINTN *size, VOID *to)
{
	Volumefile *f = (Volumefile *)handle;

	if (EFI_ERROR(f->status))
		return f->status;
	*size = MIN(*size, f->size);
	memcpy(to, f->text, *size);
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
	volume = (Volume){.image = {.DeviceHandle = (EFI_HANDLE)5}};
	fakeprotocol((EFI_HANDLE)5, guid, &fs);
}

Volumefile *
volumefile(const char *path, const char *text)
{
	if (volume.nfiles == VOLUMEFILES)
		panic("more than %d files", VOLUMEFILES);
	Volumefile *f = &volume.files[volume.nfiles++];

	*f = (Volumefile){.handle = {.Read = readfile, .Close = closefile},
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
