/*
 * auditcommand.c - what `mem9 audit' says of a machine: lines for programs, a
 * table for people, and how it ends.
 *
 * needs: efi/audit/command.c efi/audit/checks.c efi/audit/finding.c
 * needs: efi/audit/judgepages.c efi/audit/judgemap.c efi/audit/judgetable.c
 * needs: efi/audit/judgemtrr.c efi/audit/judgeacpi.c arch/amd64/mtrr.c
 * needs: efi/audit/read.c efi/audit/readpages.c efi/audit/readimages.c
 * needs: efi/tables/attributes.c
 * needs: efi/audit/readmemory.c efi/maprows.c kern/tell/sizetext.c
 * needs: kern/format.c kern/tell/line.c tests/host/fakeaudit.c
 * needs: tests/host/consoled.c
 */
#include "unit.h"
#include "consoled.h"
#include "fakeaudit.h"
#include "../../efi/commands.h"

static Options o;

void
cpuidentify(void)
{
}

static int
setup(void **state)
{
	(void)state;
	hostquiet();
	fakeauditstart();
	fakefw.mapsize = 0; /* nothing of it is read here */
	fakedesc(4, MiB, 256, 0xf);
	memset(&o, 0, sizeof o);
	consoledstart();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	hostloud();
	return fakefw.pool == 0 && fakeaudit.npages == 0 ? 0 : -1;
}

static void
mentioned(const char *words)
{
	if (strstr(consoled.text, words) == NULL)
		fail_msg("'%s' lacks '%s'", consoled.text, words);
}

/* What failed, with what it means; what was skipped, with why; the others. */
static void
people_get_a_table(void **state)
{
	(void)state;
	fakeleaf(0, 0, BY2PG, PTENOEXEC);
	fakedesc(7, 0, 1, 0xf); /* after what lies higher */
	assert_int_equal(auditcommand(&o), SHELLERROR);
	mentioned("Page tables that firmware runs on\n"
		  " [FAIL] null-page           Mu NullCheck\n"
		  "        page 0 can be read\n"
		  "        A null pointer reads or writes memory there, and "
		  "nobody notices.\n"
		  " [FAIL] free-memory         Mu UnallocatedMemoryIsRP\n");
	mentioned(" [skip] mmio-execute\n"
		  "        the map has none\n"
		  " [skip] images\n"
		  "        no image could be read\n"
		  " [skip] ro-sections\n"
		  "        no image could be read\n"
		  " [ ok ] write-execute outside-map stack-execute "
		  "stack-guard heap-execute\n"
		  " [ ok ] allocations write-protect no-execute "
		  "identity\n\nMemory map\n");
	mentioned("\n\n65 checks: 7 failed, 36 skipped. mem9 audit -b: a "
		  "screen at a time.\n");
	for (const char *p = consoled.text; *p != '\0';
	     p += strcspn(p, "\n") + 1)
		assert_in_range(strcspn(p, "\n"), 0, 80);
	consoled.pages = true; /* whoever sees that needs no word of it */
	auditcommand(&o);
	mentioned("\n\n65 checks: 7 failed, 36 skipped.\n");
	consoled.pages = false;
}

/* The map too, so that what was saved is whole. */
static void
programs_get_a_line_for_each(void **state)
{
	(void)state;
	o.verbose = true;
	fakeleaf(0, 0, BY2PG, PTENOEXEC);
	assert_int_equal(auditcommand(&o), SHELLERROR);
	assert_int_equal(consoled.n, 0);
	assert_mentioned("mem9: efi type=BootServicesData base=0x100000 "
			 "pages=256 attr=0xf as=MemRAM\nmem9: "
			 "audit name=");
	assert_mentioned("mem9: audit name=null-page result=failed "
			 "detail=\"page 0 can be read\"\n"
			 "mem9: audit name=write-execute result=ok\n");
	assert_mentioned("mem9: audit name=ro-sections result=skipped "
			 "detail=\"no image could be read\"\n");
	assert_mentioned("\nmem9: audited checks=65 failed=6 skipped=37\n");
	assert_int_equal(hosttimes("mem9: audit name="), 65);
}

static void
the_report_has_the_lines_alone(void **state)
{
	(void)state;
	auditprint();
	assert_int_equal(consoled.n, 0);
	assert_int_equal(hosttimes("mem9: efi "), 0);
	assert_int_equal(hosttimes("mem9: audit name="), 65);
	assert_int_equal(hosttimes("mem9: audited "), 1);
}

static void
without_a_map_it_says_so(void **state)
{
	(void)state;
	fakefw.status = EFI_UNSUPPORTED;
	assert_int_equal(auditcommand(&o), SHELLDEVICEERROR);
	assert_mentioned("firmware gives no memory map");
	assert_int_equal(hosttimes("mem9: audit"), 0);
	assert_int_equal(consoled.n, 0);
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(people_get_a_table),
	    TEST(programs_get_a_line_for_each),
	    TEST(the_report_has_the_lines_alone),
	    TEST(without_a_map_it_says_so),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
