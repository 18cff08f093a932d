/*
 * diffcommand.c - `mem9 diff FILE': firmware's map beside a file's, for
 * programs and for people; where the file comes from; and how it ends.
 *
 * needs: efi/diff.c efi/userfile.c efi/volume.c efi/firmware.c efi/shellmap.c
 * needs: efi/forms/map.c efi/forms/side.c kern/mapdiff.c
 * needs: kern/regionpair.c kern/mapchange.c kern/tell/sizetext.c
 * needs: kern/tell/line.c tests/host/fakefw.c tests/host/fakevolume.c
 * needs: tests/host/consoled.c
 */
#include "unit.h"
#include "consoled.h"
#include "fakefw.h"
#include "fakevolume.h"
#include "../../efi/commands.h"
#include "../../efi/firmware.h"

enum { RUNTIME = 15, MB = 256 };

#define RT (1ull << 63)

static Options o;

void
cpuidentify(void)
{
}

static int
setup(void **state)
{
	EFI_GUID loaded = EFI_LOADED_IMAGE_PROTOCOL_GUID;

	(void)state;
	fakestart();
	volumestart();
	fakeprotocol(fw.image, loaded, &volume.image);
	hostquiet();
	fakedesc(7, 0, 160, 0xf);
	fakedesc(4, MiB, MB, 0xf);
	fakedesc(7, 2 * MiB, 14 * MB, 0xf);
	fakedesc(6, 16 * MiB, 16, 0xf | RT);
	memset(&o, 0, sizeof o);
	strcpy(o.diff, "old.txt");
	consoledstart();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	hostloud();
	assert_int_equal(fakefw.pool, 0);
	assert_int_equal(volume.opened, 0);
	return 0;
}

/* Against that text, as old.txt of the program's volume. */
static int
against(const char *text)
{
	volumefile("old.txt", text);
	return diffcommand(&o);
}

static const char same[] = "efi 7 0 160 0xf\n"
			   "efi 7 0x100000 3840 0xf\n"
			   "efi 6 0x1000000 16 0x800000000000000f\n";

static void
the_same_is_said_and_its_owners_are_summed(void **state)
{
	(void)state;
	fakedesc(7, 4 * GiB, (1ull << 52) + 1, 0xf); /* wraps: no memory */
	fakedesc(7, 8 * GiB, 0, 0xf);
	assert_int_equal(against(same), SHELLOK);
	assert_said(
	    "mem9: diff kind=owner type=BootServicesData base=0x100000 "
	    "size=0x100000 was=ConventionalMemory\n"
	    "mem9: diffed linux=equal entries=3 was=3 moved=0 grown=0 "
	    "shrunk=0 gone=0 new=0 attr=0 owner=1\n"
	    "The maps are the same, but for who owned some of the RAM.\n");
	assert_string_equal(consoled.text,
	    "1 piece of RAM, 1 MB, only changed owner "
	    "(mem9 diff -a shows them)\n");
}

static void
owners_are_rows_if_asked_for(void **state)
{
	(void)state;
	o.all = true;
	assert_int_equal(against(same), SHELLOK);
	assert_string_equal(consoled.text,
	    "Change Type         Start            End                 Size  "
	    "How\n"
	    "owner  BS_Data      0000000000100000-00000000001FFFFF    1 MB  "
	    "was Available\n");
}

static void
programs_get_no_table(void **state)
{
	(void)state;
	o.verbose = true;
	assert_int_equal(against(same), SHELLOK);
	assert_string_equal(consoled.text, "");
	assert_mentioned("mem9: diffed linux=equal ");
}

/* What moved, by how much; what grew; what went and came; what has no name. */
static void
each_change_has_a_row(void **state)
{
	(void)state;
	fakedesc(0x70000001, 64 * MiB, 1, 0xf);
	fakedesc(11, 80 * MiB, 1, 1);
	fakedesc(9, 96 * MiB, 2, 0xf);
	fakedesc(10, 100 * MiB, 2, 0xf);
	assert_int_equal(against("efi 7 0 160 0xf\n"
				 "efi 7 0x100000 3839 0xf\n"
				 "efi 6 0xfff000 16 0x800000000000000f\n"
				 "efi 11 0x5000000 1 9\n"
				 "efi 10 0x6401000 2 0xf\n"
				 "efi 9 0x6000000 3 0xf\n"
				 "efi 8 0x8000000 1 0xf\n"),
	    SHELLERROR);
	assert_string_equal(consoled.text,
	    "Change Type         Start            End                 Size  "
	    "How\n"
	    "grown  RAM          0000000000100000-0000000000FFFFFF   15 MB  "
	    "was 14.9 MB\n"
	    "moved  RT_Data      0000000001000000-000000000100FFFF   64 KB  "
	    "up 4 KB\n"
	    "new    70000001     0000000004000000-0000000004000FFF    4 KB\n"
	    "shrunk ACPI_Recl    0000000006000000-0000000006001FFF    8 KB  "
	    "was 12 KB\n"
	    "moved  ACPI_NVS     0000000006400000-0000000006401FFF    8 KB  "
	    "down 4 KB\n"
	    "gone   Unusable     0000000008000000-0000000008000FFF    4 KB\n"
	    "attr   MMIO         0000000005000000-0000000005000FFF    4 KB  "
	    "1, was 9\n"
	    "1 piece of RAM, 1 MB, only changed owner (mem9 diff -a shows "
	    "them)\n");
	assert_mentioned("would not resume");
}

/* Then both are, and who owned RAM is nothing that it could tell. */
static void
a_map_of_linux_is_compared_as_linux_has_it(void **state)
{
	(void)state;
	assert_int_equal(
	    against("BIOS-e820: [mem 0x0-0x9ffff] usable\n"
		    "BIOS-e820: [mem 0x100000-0xffffff] usable\n"
		    "BIOS-e820: [mem 0x1000000-0x100ffff] reserved\n"),
	    SHELLOK);
	assert_mentioned("\nThe maps are the same.\n");
	assert_string_equal(consoled.text, "");
}

static void
what_firmware_did_not_give_is_noted(void **state)
{
	(void)state;
	assert_int_equal(
	    against("*e820=1 0 a0000 1 100000 1000000 2 1000000 1010000\n"),
	    SHELLOK);
	assert_mentioned("mem9: old.txt:1: note: a *e820= line is not what "
			 "firmware gave, which is what Linux compares\n");
}

/* ---- what is no map ---- */

static void
a_damaged_one_is_refused(void **state)
{
	static const struct {
		const char *text;
		const char *said;
	} bad[] = {
	    {"x\n", "1: no memory map found"},
	    {"efi 7 0 160 0xf", "1: the last line has no end"},
	    {"efi 7 0 160 0xf\nefi 7 0 160\n", "2: field 5 is not a number"},
	    {"*e820=1 0\n", "1: '' should be a hexadecimal address"},
	    {"mem9: start descriptors=2\nmem9: efi type=0x7 base=0x0 pages=1 "
	     "attr=0xf\n",
		"2: the list is cut: 1 entries, not descriptors=2"},
	};

	for (size_t i = 0; i < nelem(bad); i++) {
		char want[200];

		setup(state);
		assert_int_equal(against(bad[i].text), SHELLINVALID);
		snprintf(want, sizeof want,
		    "mem9: old.txt:%s: nothing is compared\n", bad[i].said);
		assert_string_equal(hostsaid(), want);
		assert_string_equal(consoled.text, "");
		teardown(state);
	}
}

static void
what_cannot_be_read_is_refused(void **state)
{
	static const char *const whys[] = {"there is no such file",
	    "it is a folder", "there is nothing in it",
	    "it is longer than any map", "it cannot be read",
	    "firmware tells nothing of it", "it cannot be opened"};

	for (size_t i = 0; i < nelem(whys); i++) {
		char want[200];

		setup(state);
		if (i > 0) {
			Volumefile *f =
			    volumefile("old.txt", i == 2 ? "" : same);

			f->folder = i == 1;
			f->size = i == 3 ? 4 * MiB + 1 : f->size;
			f->status = i == 4 ? EFI_DEVICE_ERROR : 0;
			f->silent = i == 5;
			volume.open = i == 6 ? EFI_DEVICE_ERROR : 0;
		}
		assert_int_equal(diffcommand(&o), SHELLINVALID);
		snprintf(want, sizeof want,
		    "mem9: old.txt: %s: nothing is compared\n", whys[i]);
		assert_string_equal(hostsaid(), want);
		teardown(state);
	}
}

static void
without_a_volume_or_a_map_nothing_is_compared(void **state)
{
	(void)state;
	volume.status = EFI_DEVICE_ERROR;
	assert_int_equal(against(same), SHELLINVALID);
	assert_mentioned("mem9 comes from no volume that has files");
	volume.status = 0;
	fakefw.status = EFI_DEVICE_ERROR;
	assert_int_equal(diffcommand(&o), SHELLDEVICEERROR);
}

/* Whichever piece of memory is the one that is not there. */
static void
without_memory_nothing_is_compared_and_nothing_kept(void **state)
{
	int status = SHELLERROR;
	size_t tried = 0;

	for (size_t most = 0; status != SHELLOK; most++) {
		setup(state);
		fakefw.most = most;
		status = against(same);
		if (status != SHELLOK)
			assert_mentioned("no memory");
		teardown(state);
		tried++;
		assert_true(tried < 100);
	}
	assert_true(tried > 6);
}

/* ---- the shell's files ---- */

static struct {
	Volumefile *file;
	size_t piece; /* no more at once */
	bool untold;
	bool lies; /* gives more than it was asked for */
	size_t opened;
} shelled;

static EFI_STATUS EFIAPI
shellopen(const CHAR16 *name, VOID **file, UINT64 mode)
{
	char text[PATHMAX];

	assert_int_equal(mode, EFI_FILE_MODE_READ);
	narrow(name, PATHMAX, text, PATHMAX);
	if (strcmp(text, "fs1:\\a\\old.txt") != 0)
		return EFI_NOT_FOUND;
	shelled.opened++;
	*file = &shelled;
	return EFI_SUCCESS;
}

static EFI_STATUS EFIAPI
shellclose(VOID *file)
{
	assert_ptr_equal(file, &shelled);
	shelled.opened--;
	return EFI_SUCCESS;
}

static EFI_FILE_INFO *EFIAPI
shellinfo(VOID *file)
{
	assert_ptr_equal(file, &shelled);
	EFI_FILE_INFO *info = shelled.untold ? NULL : fwtake(sizeof *info);

	if (info != NULL)
		*info = (EFI_FILE_INFO){.FileSize = shelled.file->size,
		    .Attribute = shelled.file->folder ? EFI_FILE_DIRECTORY : 0};
	return info;
}

static EFI_STATUS EFIAPI
shellread(VOID *file, UINTN *size, VOID *p)
{
	Volumefile *f = shelled.file;
	size_t n = MIN(MIN(*size, shelled.piece), f->size - f->at);

	assert_ptr_equal(file, &shelled);
	memcpy(p, f->text + f->at, n);
	f->at += n;
	*size = shelled.lies ? *size + 1 : n;
	return EFI_SUCCESS;
}

static Shell fakeshell = {.getfileinfo = shellinfo,
    .openfilebyname = shellopen,
    .closefile = shellclose,
    .readfile = shellread};

static int
fromshell(const char *name, const char *text)
{
	EFI_GUID guid = SHELLPROTOCOL;

	fakeprotocol(NULL, guid, &fakeshell);
	o.shell = true;
	strcpy(o.diff, name);
	memset(&shelled, 0, sizeof shelled);
	shelled.piece = 7;
	shelled.file = volumefile("other", text);
	int status = diffcommand(&o);
	assert_int_equal(shelled.opened, 0);
	return status;
}

static void
the_shell_finds_the_file(void **state)
{
	(void)state;
	assert_int_equal(fromshell("fs1:/a/old.txt", same), SHELLOK);
	assert_mentioned("The maps are the same");
	setup(state);
	assert_int_equal(fromshell("old.txt", same), SHELLINVALID);
	assert_mentioned("mem9: old.txt: there is no such file");
}

static void
what_the_shell_cannot_is_said(void **state)
{
	(void)state;
	assert_int_equal(fromshell("fs1:\\a\\old.txt", same), SHELLOK);
	shelled.untold = true;
	assert_int_equal(diffcommand(&o), SHELLINVALID);
	assert_mentioned("firmware tells nothing of it");
	shelled.untold = false;
	shelled.file->folder = true;
	assert_int_equal(diffcommand(&o), SHELLINVALID);
	assert_mentioned("it is a folder");
	shelled.file->folder = false;
	assert_int_equal(diffcommand(&o), SHELLINVALID); /* it is at its end */
	assert_mentioned("it cannot be read");
	shelled.file->at = 0;
	shelled.lies = true;
	hostquiet();
	assert_int_equal(diffcommand(&o), SHELLINVALID);
	assert_mentioned("it cannot be read");
	assert_int_equal(shelled.opened, 0);
}

/* An old shell has no such functions: then it is the program's volume. */
static void
without_the_shells_functions_it_is_our_volume(void **state)
{
	(void)state;
	o.shell = true;
	assert_int_equal(against(same), SHELLOK);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(the_same_is_said_and_its_owners_are_summed),
	    TEST(owners_are_rows_if_asked_for),
	    TEST(programs_get_no_table),
	    TEST(each_change_has_a_row),
	    TEST(a_map_of_linux_is_compared_as_linux_has_it),
	    TEST(what_firmware_did_not_give_is_noted),
	    TEST(a_damaged_one_is_refused),
	    TEST(what_cannot_be_read_is_refused),
	    TEST(without_a_volume_or_a_map_nothing_is_compared),
	    TEST(without_memory_nothing_is_compared_and_nothing_kept),
	    TEST(the_shell_finds_the_file),
	    TEST(what_the_shell_cannot_is_said),
	    TEST(without_the_shells_functions_it_is_our_volume),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
