/*
 * ini.c - mem9.ini: the two places it is looked for, and its lines.
 *
 * A volume here is a list of files by their whole path; what is not in it
 * cannot be opened.
 *
 * needs: efi/ini.c kern/options.c kern/value.c tests/host/fakefw.c
 */
#include "unit.h"
#include "fakefw.h"
#include "../../efi/ini.h"

enum { MAXFILES = 4, LIMIT = 64 * 1024, PATH = 1000 };

typedef struct File File;

struct File {
	EFI_FILE handle; /* first, so that a handle is a File */
	const char *path;
	const char *text;
	size_t size;
	EFI_STATUS status; /* of reading it */
};

static EFI_FILE root;
static EFI_FILE_IO_INTERFACE volume;
static EFI_LOADED_IMAGE image;
static File files[MAXFILES];
static size_t nfiles;
static size_t opened; /* and not closed */
static Options o;

static EFI_STATUS
closefile(EFI_FILE *f)
{
	(void)f;
	opened--;
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
	assert_ptr_equal(dir, &root);
	assert_int_equal(mode, EFI_FILE_MODE_READ);
	for (size_t i = 0; i < nfiles; i++)
		if (samepath(files[i].path, path)) {
			*f = &files[i].handle;
			opened++;
			return EFI_SUCCESS;
		}
	return EFI_NOT_FOUND;
}

static EFI_STATUS
readfile(EFI_FILE *handle, UINTN *size, VOID *to)
{
	File *f = (File *)handle;

	if (EFI_ERROR(f->status))
		return f->status;
	*size = MIN(*size, f->size);
	memcpy(to, f->text, *size);
	return EFI_SUCCESS;
}

static EFI_STATUS
openvolume(EFI_FILE_IO_INTERFACE *v, EFI_FILE **f)
{
	assert_ptr_equal(v, &volume);
	if (root.Open == NULL)
		return EFI_NO_MEDIA;
	*f = &root;
	opened++;
	return EFI_SUCCESS;
}

static File *
file(const char *path, const char *text)
{
	File *f = &files[nfiles++];

	*f = (File){.handle = {.Read = readfile, .Close = closefile},
	    .path = path,
	    .text = text,
	    .size = strlen(text)};
	return f;
}

/* The program's path in file path nodes: "a|b" is two. */
static void
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
	image.FilePath = (EFI_DEVICE_PATH *)nodes;
}

static int
setup(void **state)
{
	EFI_GUID guid = EFI_SIMPLE_FILE_SYSTEM_PROTOCOL_GUID;

	(void)state;
	hostquiet();
	fakestart();
	optionsinit(&o);
	nfiles = opened = 0;
	root = (EFI_FILE){.Open = openfile, .Close = closefile};
	volume = (EFI_FILE_IO_INTERFACE){.OpenVolume = openvolume};
	image = (EFI_LOADED_IMAGE){.DeviceHandle = (EFI_HANDLE)5};
	fakeprotocol((EFI_HANDLE)5, guid, &volume);
	return 0;
}

/* All that was opened is closed, all memory given back. */
static int
teardown(void **state)
{
	(void)state;
	hostloud();
	return opened == 0 && fakefw.pool == 0 ? 0 : -1;
}

static void
reads(void)
{
	hostquiet();
	readini(&o, &image);
}

static void
at_the_root_and_beside_the_program(void **state)
{
	(void)state;
	file("\\mem9.ini", "*nswap=1\n*end=halt\n");
	file("\\efi\\tools\\mem9.ini", "*nswap=2\n");
	reads();
	assert_int_equal(o.nswap, 1);
	assert_int_equal(o.end, ENDHALT);
	optionsinit(&o);
	programat("\\efi\\tools\\mem9.efi");
	reads();
	assert_int_equal(o.nswap, 2);
	assert_int_equal(o.end, ENDHALT);
	assert_said("");
}

/* Slashes, several nodes, the root itself, and paths that are none. */
static void
the_programs_place_in_every_form(void **state)
{
	static const struct {
		const char *path;
		size_t nswap;
	} at[] = {
	    {"\\efi\\mem9.efi", 2},
	    {"/efi/mem9.efi", 2},
	    {"\\efi\\|mem9.efi", 2},
	    {"\\|efi|\\|mem9.efi", 2},
	    {"\\efi", 0},
	    {"mem9.efi", 0},
	    {"", 0},
	};

	for (size_t i = 0; i < nelem(at); i++) {
		setup(state);
		file("\\efi\\mem9.ini", "*nswap=2");
		programat(at[i].path);
		reads();
		assert_int_equal(o.nswap, at[i].nswap);
	}
	setup(state);
	file("\\mem9.ini", "*nswap=2\nx\n");
	programat("\\mem9.efi");
	reads();
	assert_int_equal(hosttimes("ignored"), 1);
}

/* As long as a name still fits behind it; a node of no length ends it. */
static void
a_long_or_broken_path_is_cut(void **state)
{
	static uint8_t broken[8] = {MEDIA_DEVICE_PATH, MEDIA_FILEPATH_DP, 3};
	char path[PATH];
	char ini[PATH];

	for (size_t dir = 230; dir < 250; dir++) {
		setup(state);
		memset(path, 'd', sizeof path);
		path[0] = path[dir - 1] = '\\';
		strcpy(path + dir, "mem9.efi");
		memcpy(ini, path, dir);
		strcpy(ini + dir, "mem9.ini");
		file(ini, "*nswap=3");
		programat(path);
		reads();
		assert_int_equal(o.nswap, dir <= 240 ? 3 : 0);
	}
	setup(state);
	file("\\mem9.ini", "*nswap=4");
	image.FilePath = (EFI_DEVICE_PATH *)broken;
	reads();
	assert_int_equal(o.nswap, 4);
	broken[1] = 0;
	reads();
}

static void
lines_comments_and_sections(void **state)
{
	(void)state;
	file("\\mem9.ini", "\xef\xbb\xbf*nswap=5\r\n"
			   "# *nswap=6\n; *nswap=7\n[section]\n\n   \t\r\n"
			   "\t  *end=reset \t \r\n"
			   "nonsense\n"
			   "  *checks=all\n"
			   "*kernelpercent=7");
	reads();
	assert_int_equal(o.nswap, 5);
	assert_int_equal(o.end, ENDRESET);
	assert_int_equal(o.kernelpercent, 7);
	assert_int_equal(o.checks, CHECKSQUICK);
	assert_said("mem9: \\mem9.ini:8: nonsense: unknown option: ignored\n"
		    "mem9: \\mem9.ini:9: *checks=all: expected none, quick or "
		    "full: ignored\n");
}

static void
a_file_that_is_too_long_or_unreadable_is_told_of(void **state)
{
	static char text[LIMIT + 1];
	File *f = file("\\mem9.ini", "");

	(void)state;
	memset(text, '\n', LIMIT);
	memcpy(text, "*nswap=8", 8);
	f->text = text;
	f->size = LIMIT - 1;
	reads();
	assert_int_equal(o.nswap, 8);
	f->size = LIMIT;
	optionsinit(&o);
	reads();
	assert_int_equal(o.nswap, 0);
	assert_said("mem9: \\mem9.ini has 65536 bytes or more: ignored\n");
	f->size = 8;
	f->status = EFI_DEVICE_ERROR;
	reads();
	assert_said("mem9: \\mem9.ini cannot be read: ignored\n");
	f->status = EFI_SUCCESS;
	fakefw.most = 0;
	reads();
	assert_int_equal(o.nswap, 0);
	assert_said("");
}

static void
no_volume_no_options(void **state)
{
	(void)state;
	file("\\mem9.ini", "*nswap=9");
	root.Open = NULL;
	reads();
	image.DeviceHandle = (EFI_HANDLE)6;
	reads();
	assert_int_equal(o.nswap, 0);
	assert_said("");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(at_the_root_and_beside_the_program),
	    TEST(the_programs_place_in_every_form),
	    TEST(a_long_or_broken_path_is_cut),
	    TEST(lines_comments_and_sections),
	    TEST(a_file_that_is_too_long_or_unreadable_is_told_of),
	    TEST(no_volume_no_options),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
