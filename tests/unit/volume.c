/*
 * volume.c - which volumes are a stick's, started by firmware as one.
 *
 * needs: efi/volume.c tests/host/fakevolume.c
 */
#include "unit.h"
#include "fakefw.h"
#include "fakevolume.h"
#include "../../efi/volume.h"

static int
setup(void **state)
{
	(void)state;
	fakestart();
	volumestart();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	return volume.opened == 0 ? 0 : -1;
}

static Volumefile *
folder(const char *path, const char *entries)
{
	Volumefile *f = volumefile(path, entries);

	f->folder = true;
	return f;
}

static void
firmwares_path_in_every_form(void **state)
{
	static const struct {
		const char *path;
		bool stick;
	} at[] = {
	    {"\\EFI\\BOOT\\BOOTX64.EFI", true},
	    {"\\efi\\boot\\bootx64.efi", true},
	    {"/efi/boot/bootx64.efi", true},
	    {"Efi/boot/bootx64.efi", true},
	    {"\\EFI\\BOOT|\\BOOTX64.EFI", true},
	    {"\\EFI\\BOOT\\BOOTX64.EFI2", false},
	    {"\\EFI\\BOOT\\BOOTX64.EF", false},
	    {"\\EFI\\BOOT\\BOOTX64.EF{", false},
	    {"\\EFI\\mem9\\BOOTX64.EFI", false},
	    {"\\x\\EFI\\BOOT\\BOOTX64.EFI", false},
	    {"\\mem9.efi", false},
	    {"", false},
	};

	for (size_t i = 0; i < nelem(at); i++) {
		setup(state);
		folder("\\EFI", "BOOT/");
		programat(at[i].path);
		assert_int_equal(fromstick(&volume.image), at[i].stick);
	}
	setup(state);
	assert_false(fromstick(&volume.image));
}

/* Their systems have folders there. */
static void
an_installed_systems_volume_is_no_stick(void **state)
{
	static const struct {
		const char *entries;
		bool stick;
	} in[] = {
	    {"BOOT/", true},
	    {"./ ../ boot/", true},
	    {"Boot/ README.TXT debian", true},
	    {"", true},
	    {"BOOT/ debian/", false},
	    {"Microsoft/ BOOT/", false},
	    {"BOO/", false},
	    {"BOOTS/", false},
	};

	for (size_t i = 0; i < nelem(in); i++) {
		setup(state);
		programat("\\EFI\\BOOT\\BOOTX64.EFI");
		folder("\\EFI", in[i].entries);
		assert_int_equal(fromstick(&volume.image), in[i].stick);
	}
}

/* As many entries as there may be, and one more; names that are too long. */
static void
what_cannot_be_read_to_its_end_is_no_stick(void **state)
{
	char many[400] = "";
	char name[300];

	for (size_t n = 63; n <= 64; n++) {
		setup(state);
		many[0] = '\0';
		for (size_t i = 0; i < n; i++)
			strcat(many, "a ");
		programat("\\EFI\\BOOT\\BOOTX64.EFI");
		folder("\\EFI", many);
		assert_int_equal(fromstick(&volume.image), n == 63);
	}
	for (size_t n = 254; n <= 256; n++) {
		setup(state);
		memset(name, 'n', n);
		name[n] = '\0';
		programat("\\EFI\\BOOT\\BOOTX64.EFI");
		folder("\\EFI", name);
		assert_int_equal(fromstick(&volume.image), n < 256);
	}
	setup(state);
	programat("\\EFI\\BOOT\\BOOTX64.EFI");
	folder("\\EFI", "BOOT/")->status = EFI_DEVICE_ERROR;
	assert_false(fromstick(&volume.image));
	setup(state);
	programat("\\EFI\\BOOT\\BOOTX64.EFI");
	assert_false(fromstick(&volume.image));
	folder("\\EFI", "BOOT/");
	volume.status = EFI_NO_MEDIA;
	assert_false(fromstick(&volume.image));
	volume.image.DeviceHandle = (EFI_HANDLE)6;
	assert_false(fromstick(&volume.image));
}

/* Less than what stands before a name, and of nothing that is known. */
static EFI_STATUS
readshort(EFI_FILE *f, UINTN *size, VOID *to)
{
	static size_t calls;

	(void)f;
	*size = calls++ == 0 ? 8 : 0;
	memset(to, 0, 8);
	return EFI_SUCCESS;
}

static void
an_entry_without_a_name_is_no_folder(void **state)
{
	(void)state;
	programat("\\EFI\\BOOT\\BOOTX64.EFI");
	folder("\\EFI", "")->handle.Read = readshort;
	assert_true(fromstick(&volume.image));
}

/* An open file: what is told of it, and where it ends from now on. */
static void
a_file_is_cut_off(void **state)
{
	EFI_FILE_HANDLE root = volumeroot(&volume.image);
	EFI_FILE_HANDLE f = NULL;
	Volumefile *file = volumefile("\\a", "0123456789");
	Fileinfo info;

	(void)state;
	assert_false(EFI_ERROR(root->Open(root, &f, wide("\\a"),
	    EFI_FILE_MODE_READ | EFI_FILE_MODE_WRITE, 0)));
	assert_true(filecut(f, 4));
	assert_true(fileinfo(f, &info));
	assert_int_equal(info.size, 4);
	volume.cut = EFI_ACCESS_DENIED;
	assert_false(filecut(f, 2));
	assert_int_equal(file->size, 4);
	file->silent = true;
	assert_false(filecut(f, 2));
	f->Close(f);
	root->Close(root);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(firmwares_path_in_every_form),
	    TEST(an_installed_systems_volume_is_no_stick),
	    TEST(what_cannot_be_read_to_its_end_is_no_stick),
	    TEST(an_entry_without_a_name_is_no_folder),
	    TEST(a_file_is_cut_off),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
