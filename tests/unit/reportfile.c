/*
 * reportfile.c - what is written over and what never is, and what is left when
 * firmware cannot.
 *
 * needs: efi/reportfile.c efi/volume.c tests/host/fakevolume.c
 */
#include "unit.h"
#include "fakefw.h"
#include "fakevolume.h"
#include "options.h"
#include "../../efi/reportfile.h"
#include "../../efi/volume.h"

#define OURS "mem9: report version=0.9 log=kept\r\nold text\r\n"
#define NEW "mem9: report version=1.0 log=none\r\n"

static EFI_FILE_HANDLE root;

static int
setup(void **state)
{
	(void)state;
	fakestart();
	volumestart();
	root = volumeroot(&volume.image);
	return 0;
}

/* All that was opened is closed, and what was written is on the disk. */
static int
teardown(void **state)
{
	(void)state;
	root->Close(root);
	return volume.opened == 0 && volume.unflushed == 0 ? 0 : -1;
}

static const char *
replaces(const char *path, const char *text)
{
	return reportreplace(root, path, text, strlen(text));
}

static const char *
appends(const char *path, const char *text)
{
	return reportappend(root, path, text, strlen(text));
}

static void
assert_has(const char *path, const char *text)
{
	const Volumefile *f = volumefind(path);

	assert_non_null(f);
	assert_int_equal(f->size, strlen(text));
	assert_memory_equal(f->text, text, f->size);
}

static void
a_file_is_made(void **state)
{
	(void)state;
	assert_null(replaces("\\MEM9.TXT", NEW));
	assert_has("\\MEM9.TXT", NEW);
	volumefile("\\log", "")->folder = true;
	assert_null(replaces("\\log\\a.txt", NEW));
	assert_has("\\log\\a.txt", NEW);
	assert_string_equal(
	    replaces("\\nolog\\a.txt", NEW), "there is no such folder");
}

/* To its very end: the new one is shorter. */
static void
mem9s_own_is_replaced(void **state)
{
	(void)state;
	volumefile("\\MEM9.TXT", OURS);
	assert_null(replaces("\\MEM9.TXT", NEW));
	assert_has("\\MEM9.TXT", NEW);
}

/* Power was lost when it had been made, and no more. */
static void
an_empty_file_is_replaced(void **state)
{
	char head[8];

	(void)state;
	volumefile("\\MEM9.TXT", "");
	assert_int_equal(
	    reportread(root, "\\MEM9.TXT", REPORTHEAD, head, sizeof head),
	    REPORTNONE);
	assert_string_equal(
	    appends("\\MEM9.TXT", "more"), "there is nothing in it");
	assert_has("\\MEM9.TXT", "");
	assert_null(replaces("\\MEM9.TXT", NEW));
	assert_has("\\MEM9.TXT", NEW);
}

static void
nothing_else_is_touched(void **state)
{
	static const char *const foreign[] = {"x", "mem9: report version",
	    "mem9: start version=0.1", " mem9: report version=0.1",
	    "MEM9: REPORT VERSION=0.1"};
	static const char why[] =
	    "it is not mem9's: its first line does not say so";
	char head[8];

	for (size_t i = 0; i < nelem(foreign); i++) {
		setup(state);
		volumefile("\\a.txt", foreign[i]);
		assert_string_equal(replaces("\\a.txt", NEW), why);
		assert_string_equal(appends("\\a.txt", "more"), why);
		assert_int_equal(
		    reportread(root, "\\a.txt", REPORTHEAD, head, sizeof head),
		    REPORTFOREIGN);
		assert_string_equal(head, "");
		assert_has("\\a.txt", foreign[i]);
		teardown(state);
	}
	setup(state);
}

static void
nor_is_what_is_no_file_of_a_reports_size(void **state)
{
	static char huge[REPORTMOST + 1] = OURS;
	Volumefile *f = volumefile("\\a", huge);

	(void)state;
	f->size = REPORTMOST + 1;
	assert_string_equal(
	    replaces("\\a", NEW), "it is longer than what mem9 writes");
	assert_int_equal(f->size, REPORTMOST + 1);
	f->size = REPORTMOST;
	f->silent = true;
	assert_string_equal(
	    appends("\\a", NEW), "firmware tells nothing of it");
	f->silent = false;
	assert_null(appends("\\a", NEW));
	f->folder = true;
	f->text = "x y/";
	assert_string_equal(replaces("\\a", NEW), "it is a folder");
	f->folder = false;
	f->size = sizeof OURS - 1;
	f->text = OURS;
	f->status = EFI_DEVICE_ERROR;
	assert_string_equal(replaces("\\a", NEW), "it cannot be read");
	assert_string_equal(appends("\\a", NEW), "it cannot be read");
	f->status = EFI_SUCCESS;
	f->readonly = true;
	assert_string_equal(replaces("\\a", NEW), "it may not be written to");
	assert_string_equal(appends("\\a", NEW), "it may not be written to");
	f->readonly = false;
	volume.undeletable = true;
	assert_string_equal(replaces("\\a", NEW), "it cannot be replaced");
	assert_has("\\a", OURS);
}

static void
the_rest_is_appended(void **state)
{
	char part[41];

	(void)state;
	volumefile("\\MEM9.TXT", OURS);
	assert_null(appends("\\MEM9.TXT", "new text\r\n"));
	assert_has("\\MEM9.TXT", OURS "new text\r\n");
	assert_int_equal(
	    reportread(root, "\\MEM9.TXT", REPORTHEAD, part, sizeof part),
	    REPORTREAD);
	assert_string_equal(part, "mem9: report version=0.9 log=kept\r\nold t");
	assert_int_equal(
	    reportread(root, "\\MEM9.TXT", REPORTTAIL, part, 10), REPORTREAD);
	assert_string_equal(part, "ew text\r\n");
	assert_string_equal(
	    appends("\\none.txt", "x"), "there is no such folder");
	assert_int_equal(
	    reportread(root, "\\none.txt", REPORTTAIL, part, sizeof part),
	    REPORTNONE);
	assert_string_equal(part, "");
}

/* All of it, at either end. */
static void
a_short_file_is_read_whole(void **state)
{
	char part[400];

	(void)state;
	volumefile("\\MEM9.TXT", OURS);
	for (int p = REPORTHEAD; p <= REPORTTAIL; p++) {
		assert_int_equal(reportread(root, "\\MEM9.TXT",
				     (enum reportpart)p, part, sizeof part),
		    REPORTREAD);
		assert_string_equal(part, OURS);
	}
}

/* Then nobody knows what is there. */
static void
a_file_that_cannot_be_read(void **state)
{
	char part[400];
	Volumefile *f = volumefile("\\MEM9.TXT", OURS);

	(void)state;
	for (size_t i = 0; i < 5; i++) {
		volume.open = i == 1 ? EFI_MEDIA_CHANGED : EFI_SUCCESS;
		volume.position = i == 2 ? EFI_DEVICE_ERROR : EFI_SUCCESS;
		f->status = i >= 3 ? EFI_DEVICE_ERROR : EFI_SUCCESS;
		f->reads = i == 4; /* the first line, but not all */
		f->silent = i == 0;
		assert_int_equal(reportread(root, "\\MEM9.TXT", REPORTHEAD,
				     part, sizeof part),
		    REPORTUNREAD);
		assert_string_equal(part, "");
	}
}

static void
what_cannot_be_opened(void **state)
{
	(void)state;
	volumefile("\\MEM9.TXT", OURS);
	volume.open = EFI_MEDIA_CHANGED;
	assert_string_equal(replaces("\\MEM9.TXT", NEW), "the volume is gone");
	assert_string_equal(appends("\\MEM9.TXT", NEW), "the volume is gone");
	assert_has("\\MEM9.TXT", OURS);
}

/* One that is too long, which options never are, is cut. */
static void
a_path_has_a_bound(void **state)
{
	char path[2 * REPORTMAX] = "\\";

	(void)state;
	memset(path + 1, 'x', sizeof path - 2);
	assert_null(replaces(path, NEW));
	path[REPORTMAX - 1] = '\0';
	assert_has(path, NEW);
}

/* Said, and no part of a report is left. */
static void
a_volume_without_room(void **state)
{
	static const char full[] = "no room on the volume";

	for (int shortly = 0; shortly < 2; shortly++) {
		setup(state);
		volume.shortwrites = shortly;
		volume.room = strlen(NEW) - 1;
		assert_string_equal(replaces("\\MEM9.TXT", NEW), full);
		assert_null(volumefind("\\MEM9.TXT"));
		volume.room = strlen(NEW);
		assert_null(replaces("\\MEM9.TXT", NEW));
		teardown(state);
	}
	setup(state);
	volume.room = 3;
	for (int shortly = 0; shortly < 2; shortly++) {
		volume.shortwrites = shortly;
		volumefile("\\MEM9.TXT", OURS);
		assert_string_equal(appends("\\MEM9.TXT", "more"), full);
		assert_has("\\MEM9.TXT", OURS);
		volume.files[shortly + 2].gone = true;
	}
}

/* What is not known to be on the disk is not in the file. */
static void
an_append_that_fails_leaves_no_part(void **state)
{
	(void)state;
	volumefile("\\MEM9.TXT", OURS);
	volume.flush = EFI_DEVICE_ERROR;
	assert_string_equal(appends("\\MEM9.TXT", "more"), "firmware cannot");
	assert_has("\\MEM9.TXT", OURS);
	volume.cut = EFI_ACCESS_DENIED;
	assert_string_equal(appends("\\MEM9.TXT", "more"), "firmware cannot");
	assert_has("\\MEM9.TXT", OURS "more");
	/* No text at all: it was flushed, and no more. */
	volume.cut = EFI_SUCCESS;
	assert_string_equal(appends("\\MEM9.TXT", ""), "firmware cannot");
	volume.flush = EFI_SUCCESS;
	assert_null(appends("\\MEM9.TXT", ""));
	assert_has("\\MEM9.TXT", OURS "more");
}

/* UEFI's CREATE opens what is there. */
static void
what_was_to_be_made_is_looked_at(void **state)
{
	(void)state;
	volume.haunt = "somebody's";
	assert_string_equal(replaces("\\LONGNA~1.TXT", NEW),
	    "there is something in it already");
	assert_has("\\LONGNA~1.TXT", "somebody's");
	volume.haunt = "/";
	assert_string_equal(
	    replaces("\\A", NEW), "there is something in it already");
	assert_true(volumefind("\\A")->folder);
	volume.haunt = "";
	assert_null(replaces("\\B", NEW));
	assert_has("\\B", NEW);
	volume.silent = true;
	assert_string_equal(
	    replaces("\\C", NEW), "firmware tells nothing of it");
	assert_null(volumefind("\\C"));
	volume.haunt = "somebody's";
	assert_string_equal(
	    replaces("\\D", NEW), "firmware tells nothing of it");
	assert_has("\\D", "somebody's");
}

static void
a_volume_that_cannot_be_written_to(void **state)
{
	static const char protected[] = "the volume is write-protected";

	(void)state;
	volume.readonly = true;
	assert_string_equal(replaces("\\a", NEW), protected);
	volumefile("\\MEM9.TXT", OURS);
	assert_string_equal(replaces("\\MEM9.TXT", NEW), protected);
	assert_string_equal(appends("\\MEM9.TXT", NEW), protected);
	assert_has("\\MEM9.TXT", OURS);
	volume.readonly = false;
	volume.position = EFI_UNSUPPORTED;
	assert_string_equal(appends("\\MEM9.TXT", NEW), "its end is not found");
	assert_has("\\MEM9.TXT", OURS);
}

static void
what_does_not_reach_the_disk_is_no_report(void **state)
{
	static const struct {
		EFI_STATUS status;
		const char *why;
	} kinds[] = {{EFI_NO_MEDIA, "the volume is gone"},
	    {EFI_MEDIA_CHANGED, "the volume is gone"},
	    {EFI_DEVICE_ERROR, "firmware cannot"}};

	for (size_t i = 0; i < nelem(kinds); i++) {
		setup(state);
		volume.flush = kinds[i].status;
		assert_string_equal(replaces("\\a", NEW), kinds[i].why);
		assert_null(volumefind("\\a"));
		volumefile("\\MEM9.TXT", OURS);
		assert_string_equal(appends("\\MEM9.TXT", "x"), kinds[i].why);
		teardown(state);
	}
	setup(state);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(a_file_is_made),
	    TEST(mem9s_own_is_replaced),
	    TEST(an_empty_file_is_replaced),
	    TEST(nothing_else_is_touched),
	    TEST(nor_is_what_is_no_file_of_a_reports_size),
	    TEST(the_rest_is_appended),
	    TEST(a_short_file_is_read_whole),
	    TEST(a_file_that_cannot_be_read),
	    TEST(what_cannot_be_opened),
	    TEST(a_path_has_a_bound),
	    TEST(a_volume_without_room),
	    TEST(an_append_that_fails_leaves_no_part),
	    TEST(what_was_to_be_made_is_looked_at),
	    TEST(a_volume_that_cannot_be_written_to),
	    TEST(what_does_not_reach_the_disk_is_no_report),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
