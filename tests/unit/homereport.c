/*
 * homereport.c - a report from the boot that writes it to the start that adds
 * the rest: where the log is kept, what the file has, and what a forged file,
 * or memory that is another's, comes to.
 *
 * Free memory is some of this process, at its own address; a reset leaves it as
 * it is.
 *
 * needs: efi/report.c efi/saved.c efi/reportfile.c efi/filetext.c efi/keep.c
 * needs: kern/options.c kern/nearest.c
 * needs: kern/optionwords.c
 * needs: efi/volume.c kern/kept.c kern/keptread.c kern/crc.c kern/value.c
 * needs: kern/log.c kern/print.c kern/format.c tests/host/fakevolume.c
 * needs: tests/host/alone.c
 */
#include "unit.h"
#include "cpu.h"
#include "cpulist.h"
#include "fakefw.h"
#include "fakevolume.h"
#include "pushout.h"
#include "../../efi/collect.h"
#include "../../efi/commands.h"
#include "../../efi/filetext.h"
#include "../../efi/keep.h"
#include "../../efi/report.h"
#include "../../efi/volume.h"

enum { MOSTTAKEN = 8, SAID = 20000 };

#define ARENA (32 * MiB)
#define ID 0x1234567890abcdefull

static uint8_t *arena;
static EFI_PHYSICAL_ADDRESS taken[MOSTTAKEN];
static size_t ntaken;
static size_t refuses; /* AllocatePages, of this number from now on; 0: none */
static Options o;
static Home home;
static struct {
	Bootinfo b;
	Cpulist cpus;
} boot;
static uint64_t ring[8192];
static char said[SAID];
static uint64_t nboots;
static size_t nsaid;

void
pushout(const void *p, size_t size)
{
	(void)p;
	(void)size;
}

void
cpuidentify(void)
{
	cpu.physbits = 52;
}

uint64_t
somechance(void)
{
	return ID - 1 + 2 * nboots++;
}

void
collect(Bootinfo *b)
{
	strcpy(b->firmware, "fake");
	b->installed = 64 * MiB;
	((Cpulist *)handover(b, b->cpus))->n = 3;
}

void
auditprint(void)
{
	print("mem9: audited checks=0 failed=0 skipped=0\n");
}

static EFI_STATUS
takepages(EFI_ALLOCATE_TYPE how, EFI_MEMORY_TYPE type, UINTN n,
    EFI_PHYSICAL_ADDRESS *pa)
{
	assert_int_equal(how, AllocateAddress);
	assert_int_equal(type, EfiLoaderData);
	assert_int_equal(n, KEPTPAGES);
	if (refuses > 0 && --refuses == 0)
		return EFI_NOT_FOUND;
	for (size_t i = 0; i < ntaken; i++)
		if (*pa < taken[i] + KEPTSIZE && taken[i] < *pa + KEPTSIZE)
			return EFI_NOT_FOUND;
	if (*pa < (uintptr_t)arena || *pa > (uintptr_t)arena + ARENA - KEPTSIZE)
		return EFI_NOT_FOUND;
	assert_in_range(ntaken, 0, MOSTTAKEN - 1);
	taken[ntaken++] = *pa;
	return EFI_SUCCESS;
}

static EFI_STATUS
givepages(EFI_PHYSICAL_ADDRESS pa, UINTN n)
{
	assert_int_equal(n, KEPTPAGES);
	for (size_t i = 0; i < ntaken; i++)
		if (taken[i] == pa) {
			taken[i] = taken[--ntaken];
			return EFI_SUCCESS;
		}
	fail_msg("%#jx was not taken", (uintmax_t)pa);
	return EFI_NOT_FOUND;
}

static void
collectsaid(const char *s, size_t n)
{
	assert_in_range(n, 0, SAID - 1 - nsaid);
	memcpy(said + nsaid, s, n);
	nsaid += n;
	said[nsaid] = '\0';
}

/* A start of the program, on the volume and in the memory that there are. */
static void
starts(void)
{
	logresume(NULL);
	logcreate(ring, sizeof ring);
	logsink(collectsaid, LOGNEW);
	nsaid = 0;
	said[0] = '\0';
	ntaken = 0;
	home = (Home){.what = HOMENONE};
	keptopen((Keptpage *const[]){NULL, NULL}, 0);
	print("started\n");
	memset(&boot, 0, sizeof boot);
	boot.b.cpus = (size_t)((uint8_t *)&boot.cpus - (uint8_t *)&boot);
	boot.b.options = o;
	collect(&boot.b);
}

static int
setup(void **state)
{
	EFI_GUID loaded = EFI_LOADED_IMAGE_PROTOCOL_GUID;

	(void)state;
	fakestart();
	volumestart();
	cpuidentify();
	fakeprotocol((EFI_HANDLE)1, loaded, &volume.image);
	fakeservices.AllocatePages = takepages;
	fakeservices.FreePages = givepages;
	if (arena == NULL)
		arena = aligned_alloc(MiB, ARENA);
	memset(arena, 0x5a, ARENA);
	fakedesc(0, 0, 16, 0xf);
	fakedesc(7, (uintptr_t)arena, ARENA / BY2PG, 0xf);
	memset(&o, 0, sizeof o);
	o.maxmem = o.directmap = NOADDR;
	strcpy(o.report, REPORTFILE);
	refuses = 0;
	nboots = 0;
	starts();
	return 0;
}

static int
teardown(void **state)
{
	(void)state;
	logresume(NULL);
	return volume.opened == 0 && volume.unflushed == 0 && fakefw.pool == 0
		   ? 0
		   : -1;
}

static enum home
comes(void)
{
	reporthome(&o, &home);
	return home.what;
}

/* The text of a file; it ends in 0. */
static const char *
textof(const char *path)
{
	static char text[1 << 21];
	const Volumefile *f = volumefind(path);

	if (f == NULL)
		return "";
	assert_in_range(f->size, 0, sizeof text - 1);
	memcpy(text, f->text, f->size);
	text[f->size] = '\0';
	return text;
}

static const char *
file(void)
{
	return textof(REPORTFILE);
}

static void
mentions(const char *text, const char *words)
{
	if (strstr(text, words) == NULL)
		fail_msg("'%s' lacks '%s'", text, words);
}

static void
nowheretogo(const char *s, size_t n)
{
	(void)s;
	(void)n;
}

/* Is any of the last boot's log where it was kept? */
static bool
inmemory(const Bootinfo *b)
{
	Keptpage *run[KEPTRUNS];
	Keptlog found;

	for (size_t i = 0; i < KEPTRUNS; i++)
		run[i] = b->kept[i] != NOADDR ? (Keptpage *)b->kept[i] : NULL;
	return keptread(run, b->keptid, nowheretogo, &found);
}

/* As the kernel does: what is said from the report on is kept. */
static void
runs(const char *words)
{
	Keptpage *run[KEPTRUNS];

	for (size_t i = 0; i < KEPTRUNS; i++)
		run[i] = boot.b.kept[i] != NOADDR ? (Keptpage *)boot.b.kept[i]
						  : NULL;
	keptopen(run, boot.b.keptid);
	logreplay(keptwrite, logwrote() - boot.b.reported);
	logkeep(keptwrite);
	print("%s", words);
}

/* A boot that wrote its report, and ran. */
static void
boots(const char *words)
{
	reportleaving(&boot.b);
	runs(words);
}

static void
before_it_leaves_all_that_is_known_is_written(void **state)
{
	(void)state;
	boot.b.fb = (Fb){.pa = 0x1000, .size = 9, .width = 80};
	boot.b.uart = (Uart){UARTPORT, 1, 1, 0x3f8};
	boot.b.block = (Part){0x200000, 0x3000};
	boot.b.npci = 1;
	boot.b.firmwarerevision = 2 << 16 | 70;
	reportleaving(&boot.b);
	mentions(file(),
	    "mem9: report version=test log=kept id=0x1234567890abcdef\r\n"
	    "mem9: kept n=0 base=0x");
	mentions(file(), " size=0x40000\r\nstarted\r\nmem9: start version=test "
			 "command=boot firmware=\"fake\" descriptors=2 "
			 "stride=48\r\nmem9: efi type=");
	mentions(file(), "mem9: machine installed=67108864 cpus=3 hz=0 "
			 "uefi=2.7\r\n");
	mentions(file(), "mem9: block base=0x200000 size=0x3000\r\n");
	mentions(file(), "mem9: screen base=0x1000 size=0x9 width=80 ");
	mentions(file(), "mem9: uart space=port addr=0x3f8 width=1 ");
	mentions(file(), "mem9: pcibuses base=");
	mentions(said, "started\nmem9: report file=\"\\MEM9.TXT\" result=ok "
		       "bytes=");
	mentions(said, "report: \\MEM9.TXT has what is known so far; after a "
		       "reset mem9 adds the rest\n");
	assert_null(strstr(said, "mem9: efi"));
	assert_int_equal(boot.b.reported, strlen("started\n"));
	assert_int_equal(boot.b.keptid, ID);
	assert_int_equal(ntaken, 2);
	starts();
	boot.b.uart = (Uart){UARTMEM, 4, 4, 0xfe000000};
	reportleaving(&boot.b);
	mentions(file(), "mem9: uart space=memory addr=0xfe000000 width=4 ");
}

static void
without_a_name_nothing_is_done(void **state)
{
	(void)state;
	boot.b.options.report[0] = o.report[0] = '\0';
	boot.b.keptid = 5;
	reportleaving(&boot.b);
	assert_true(reportwrite(&o));
	assert_int_equal(comes(), HOMENONE);
	assert_int_equal(boot.b.keptid, 0);
	assert_int_equal(volume.nfiles, 0);
	assert_int_equal(ntaken, 0);
	assert_string_equal(said, "started\n");
}

static void
a_command_that_comes_back_has_one_too(void **state)
{
	(void)state;
	o.command = CMDMAP;
	print("a table\n");
	assert_true(reportwrite(&o));
	mentions(file(), "mem9: report version=test log=none id=0x0\r\n"
			 "started\r\na table\r\nmem9: start version=test "
			 "command=map firmware=\"fake\"");
	assert_null(strstr(file(), "mem9: block"));
	assert_null(strstr(file(), "mem9: audited"));
	mentions(said, "report: it is in \\MEM9.TXT\n");
	o.command = CMDREPORT;
	assert_true(reportwrite(&o));
	mentions(file(), "mem9: audited checks=0 failed=0 skipped=0\r\n");
	o.command = CMDMAP;
	starts();
	assert_int_equal(comes(), HOMENONE);
	assert_string_equal(said, "started\n");
	fakefw.status = EFI_DEVICE_ERROR; /* no map */
	assert_true(reportwrite(&o));
	assert_null(strstr(file(), "mem9: start"));
}

/* From what was said behind the report on; once. */
static void
the_next_start_adds_the_rest(void **state)
{
	(void)state;
	boots("checked\nmem9: done\n");
	const Bootinfo was = boot.b;
	assert_true(inmemory(&was));
	starts();
	assert_int_equal(comes(), HOMECAME);
	mentions(file(), "mem9: report version=test log=kept id=0x");
	mentions(file(), "\r\n\r\nmem9: home id=0x1234567890abcdef\r\n");
	assert_int_equal(ntaken, 0);
	const char *rest = strstr(file(), "\r\n\r\nmem9: savedlog bytes=");
	assert_non_null(rest);
	mentions(rest, " pages=1 lost=0\r\nmem9: report file=");
	mentions(rest, "checked\r\nmem9: done\r\n");
	assert_null(strstr(rest, "started"));
	mentions(said, "mem9: savedlog file=\"\\MEM9.TXT\" result=ok bytes=");
	mentions(said, "report: \\MEM9.TXT is complete");
	size_t size = volumefind(REPORTFILE)->size;
	assert_false(inmemory(&was));
	starts();
	assert_int_equal(comes(), HOMENONE);
	assert_int_equal(volumefind(REPORTFILE)->size, size);
	assert_string_equal(said, "started\n");
	boots("again\n");
	assert_null(strstr(file(), "savedlog"));
}

/* Two ranges that are large: one in each, in the middle. One: both in it. */
static void
the_log_is_kept_far_from_all_ends(void **state)
{
	const paddr_t pa = (uintptr_t)arena;

	(void)state;
	assert_int_equal(keeptake(&boot.b), 2);
	assert_in_range(boot.b.kept[0], pa + 12 * MiB, pa + 13 * MiB);
	assert_in_range(boot.b.kept[1], pa + 19 * MiB, pa + 20 * MiB);
	keepgive(&boot.b);
	assert_int_equal(ntaken, 0);
	assert_int_equal(boot.b.keptid, 0);
	fakefw.mapsize = 0;
	fakedesc(7, pa, 2048, 0xf);
	fakedesc(4, pa + 8 * MiB, 1024, 0xf);
	fakedesc(7, pa + 12 * MiB, 4096, 0xf);
	fakedesc(7, pa + 30 * MiB, 100, 0xf);
	fakedesc(7, 1ull << 45, 1 << 20, 0x1); /* not cached */
	assert_int_equal(keeptake(&boot.b), 2);
	assert_in_range(
	    boot.b.kept[0], pa + 19 * MiB, pa + 20 * MiB - KEPTSIZE / 2);
	assert_in_range(
	    boot.b.kept[1], pa + 3 * MiB, pa + 4 * MiB - KEPTSIZE / 2);
	assert_int_equal(boot.b.kept[0] % BY2PG, 0);
	keepgive(&boot.b);
	/* In whatever order they come. */
	fakefw.mapsize = 0;
	fakedesc(7, pa + 12 * MiB, 4096, 0xf);
	fakedesc(7, pa, 2048, 0xf);
	refuses = 1;
	assert_int_equal(keeptake(&boot.b), 1);
	assert_int_equal(boot.b.kept[0], NOADDR);
	assert_in_range(
	    boot.b.kept[1], pa + 3 * MiB, pa + 4 * MiB - KEPTSIZE / 2);
	keepgive(&boot.b);
	assert_int_equal(ntaken, 0);
	fakefw.mapsize = 0;
	fakedesc(7, pa, 2047, 0xf);
	assert_int_equal(keeptake(&boot.b), 0);
	assert_int_equal(boot.b.keptid, 0);
	fakefw.status = EFI_DEVICE_ERROR;
	assert_int_equal(keeptake(&boot.b), 0);
}

/* Where the kernel has no direct map it could not write. */
static void
it_is_kept_below_what_the_options_cut_off(void **state)
{
	const paddr_t pa = (uintptr_t)arena;

	(void)state;
	for (int which = 0; which < 2; which++) {
		boot.b.options.maxmem = boot.b.options.directmap = NOADDR;
		*(which ? &boot.b.options.maxmem : &boot.b.options.directmap) =
		    pa + 10 * MiB;
		assert_int_equal(keeptake(&boot.b), 2);
		assert_in_range(boot.b.kept[1], pa, pa + 7 * MiB);
		keepgive(&boot.b);
	}
	boot.b.options.maxmem = pa;
	assert_int_equal(keeptake(&boot.b), 0);
}

static void
one_run_is_enough_and_none_is_told(void **state)
{
	for (size_t which = 1; which <= 2; which++) {
		setup(state);
		refuses = which;
		boots("checked\n");
		assert_int_equal(ntaken, 1);
		starts();
		assert_int_equal(comes(), HOMECAME);
		mentions(file(), "checked\r\n");
	}
	setup(state);
	fakefw.mapsize = 48;
	reportleaving(&boot.b);
	mentions(said, "there is no memory to keep the rest in over a reset\n");
	mentions(file(), "log=none id=0x0\r\nstarted");
	assert_int_equal(boot.b.keptid, 0);
}

static void
what_cannot_be_written_is_told_and_nothing_is_kept(void **state)
{
	(void)state;
	volume.readonly = true;
	reportleaving(&boot.b);
	mentions(said, "mem9: report file=\"\\MEM9.TXT\" result=failed "
		       "detail=\"the volume is write-protected\"\n"
		       "report: \\MEM9.TXT is not written: the volume is "
		       "write-protected\n");
	assert_int_equal(ntaken, 0);
	assert_int_equal(boot.b.keptid, 0);
	assert_int_equal(volume.nfiles, 0);
	assert_false(reportwrite(&o));
	volume.status = EFI_NO_MEDIA;
	starts();
	assert_false(reportwrite(&o));
	mentions(said, "mem9 comes from no volume that has files");
	assert_int_equal(comes(), HOMENONE);
	volume.status = EFI_SUCCESS;
	volume.readonly = false;
	for (fakefw.most = 0; fakefw.most < 2; fakefw.most++) {
		starts();
		assert_false(reportwrite(&o));
		mentions(said, "detail=\"no memory\"");
	}
	fakefw.most = SIZE_MAX;
	setup(state);
	fw.image = (EFI_HANDLE)77; /* of which nothing is known */
	assert_false(reportwrite(&o));
	fw.image = (EFI_HANDLE)1;
}

/* It was switched off, or something else was there. */
static void
memory_that_was_lost_is_told(void **state)
{
	(void)state;
	boots("checked\n");
	size_t size = volumefind(REPORTFILE)->size;
	memset(arena, 0, ARENA);
	starts();
	assert_int_equal(comes(), HOMENONE);
	mentions(said, "report: \\MEM9.TXT waits for a log that is not in "
		       "memory any more\n");
	assert_int_equal(volumefind(REPORTFILE)->size, size);
	assert_int_equal(ntaken, 0);
}

/* Nothing is read where firmware does not give it. */
static void
memory_that_firmware_uses_is_left_alone(void **state)
{
	(void)state;
	boots("checked\n");
	starts();
	refuses = 1;
	assert_int_equal(comes(), HOMECAME);
	mentions(said, "report: firmware uses 0x");
	mentions(said, "nothing is read there\n");
	setup(state);
	boots("checked\n");
	paddr_t second = boot.b.kept[1];
	starts();
	refuses = 1;
	memset((void *)second, 0, KEPTSIZE);
	assert_int_equal(comes(), HOMENONE);
	assert_null(strstr(file(), "checked"));
}

/* Nobody gets its memory until it is tried again, or given up. */
static void
a_log_that_cannot_be_saved_is_kept(void **state)
{
	(void)state;
	boots("checked\n");
	const Bootinfo was = boot.b;
	size_t size = volumefind(REPORTFILE)->size;
	for (int again = 0; again < 2; again++) {
		starts();
		volume.room = 10;
		volume.shortwrites = again;
		assert_int_equal(comes(), HOMESTUCK);
		mentions(
		    said, "mem9: savedlog file=\"\\MEM9.TXT\" result=failed ");
		mentions(said, "report: the last boot's log is in memory, but "
			       "not in \\MEM9.TXT: no room on the volume\n");
		assert_int_equal(volumefind(REPORTFILE)->size, size);
		assert_int_equal(ntaken, 2);
		assert_int_equal(comes(), HOMESTUCK);
		assert_int_equal(ntaken, 2);
		savedgive(&home);
		assert_int_equal(ntaken, 0);
	}
	fakefw.most = 0;
	starts();
	assert_int_equal(comes(), HOMESTUCK);
	mentions(said, "but not in \\MEM9.TXT: no memory\n");
	assert_int_equal(ntaken, 2);
	fakefw.most = SIZE_MAX;
	volume.room = SIZE_MAX / 2;
	assert_true(inmemory(&was));
	assert_int_equal(comes(), HOMECAME);
	mentions(file(), "checked\r\n");
	const char *once = strstr(file(), "mem9: savedlog");
	assert_non_null(once);
	assert_null(strstr(once + 1, "mem9: savedlog"));
	assert_int_equal(ntaken, 0);
	assert_false(inmemory(&was));
}

/* Another stick, a stick with another report, or none at all. */
static void
a_log_stays_when_its_report_is_gone(void **state)
{
	static const char other[] =
	    "mem9: report version=1 log=kept id=0x5\r\n"
	    "mem9: kept n=0 base=0x201000 size=0x40000\r\n";

	(void)state;
	boots("checked\n");
	starts();
	volume.room = 10;
	assert_int_equal(comes(), HOMESTUCK);
	volume.room = SIZE_MAX / 2;
	Volumefile *f = volumefind(REPORTFILE);
	f->gone = true;
	for (int which = 0; which < 2; which++) {
		nsaid = 0;
		assert_int_equal(comes(), HOMESTUCK);
		mentions(said, "report: \\MEM9.TXT is not there any more; the "
			       "log stays in memory\n");
		assert_int_equal(ntaken, 2);
		volumefile(REPORTFILE, other)->gone = which == 1;
	}
	volumefind(REPORTFILE)->gone = true;
	f->gone = false;
	volume.status = EFI_NO_MEDIA;
	nsaid = 0;
	assert_int_equal(comes(), HOMESTUCK);
	mentions(said, "report: its volume is not there any more");
	volume.status = EFI_SUCCESS;
	assert_int_equal(comes(), HOMECAME);
	mentions(file(), "checked\r\n");
}

/* It is whole in the file, but who knows whether it is on the disk. */
static void
a_log_that_was_not_flushed_is_not_home(void **state)
{
	for (int start = 0; start < 2; start++) {
		setup(state);
		boots("checked\n");
		const Bootinfo was = boot.b;
		starts();
		volume.flush = EFI_DEVICE_ERROR;
		volume.cut = EFI_ACCESS_DENIED;
		assert_int_equal(comes(), HOMESTUCK);
		mentions(file(), "mem9: home id=");
		size_t size = volumefind(REPORTFILE)->size;
		assert_int_equal(comes(), HOMESTUCK);
		assert_true(inmemory(&was));
		volume.flush = EFI_SUCCESS;
		if (start)
			starts();
		assert_int_equal(comes(), HOMECAME);
		assert_int_equal(volumefind(REPORTFILE)->size, size);
		assert_false(inmemory(&was));
		assert_int_equal(ntaken, 0);
	}
}

/* Where no file can be cut a part stays; the last one is whole. */
static void
a_part_that_stays_is_followed_by_all(void **state)
{
	(void)state;
	boots("checked\n");
	starts();
	volume.cut = EFI_UNSUPPORTED;
	volume.shortwrites = true;
	volume.room = 60;
	assert_int_equal(comes(), HOMESTUCK);
	volume.room = SIZE_MAX / 2;
	assert_int_equal(comes(), HOMECAME);
	const char *part = strstr(file(), "\r\nmem9: savedlog bytes=");
	assert_non_null(part);
	const char *whole = strstr(part + 1, "\r\nmem9: savedlog bytes=");
	assert_non_null(whole);
	mentions(whole, "checked\r\n");
	mentions(whole, "\r\nmem9: home id=");
}

/* Under names of its own, mem9 writes over none that is complete. */
static void
a_report_that_came_home_stays(void **state)
{
	(void)state;
	reportown(&o);
	assert_string_equal(o.report, REPORTFILE);
	starts();
	boots("first\n");
	starts();
	boots("it was switched off\n");
	assert_int_equal(volume.nfiles, 2);
	assert_true(volume.files[0].gone);
	starts();
	assert_int_equal(comes(), HOMECAME);
	assert_string_equal(home.path, REPORTFILE);
	boots("second\n");
	mentions(said, "mem9: report file=\"\\MEM9-2.TXT\" result=ok ");
	mentions(said, "report: \\MEM9-2.TXT has what is known so far; ");
	mentions(file(), "it was switched off\r\n");
	mentions(file(), "mem9: home id=");
	starts();
	assert_int_equal(comes(), HOMECAME);
	assert_string_equal(home.path, "\\MEM9-2.TXT");
	mentions(textof("\\MEM9-2.TXT"), "second\r\n");
	/* The first was taken home: there is no other that came from there. */
	volumefind(REPORTFILE)->gone = true;
	boots("third\n");
	starts();
	assert_int_equal(comes(), HOMECAME);
	mentions(file(), "third\r\n");
}

/* A command's, too, which waits for nothing; and there is an end of them. */
static void
nine_reports_are_kept(void **state)
{
	(void)state;
	o.reportown = true;
	for (int i = 0; i < 9; i++) {
		char path[] = "\\MEM9-N.TXT";
		char words[60];

		starts();
		path[6] = (char)('1' + i);
		assert_true(reportwrite(&o));
		sprintf(
		    words, "report: it is in %s\n", i > 0 ? path : REPORTFILE);
		mentions(said, words);
		assert_non_null(volumefind(i > 0 ? path : REPORTFILE));
	}
	starts();
	assert_false(reportwrite(&o));
	mentions(said, "report: \\MEM9.TXT is not written: it is complete, or "
		       "not mem9's, and so are all up to \\MEM9-9.TXT: "
		       "take them home first\n");
	assert_int_equal(volume.nfiles, 9);
	reportleaving(&boot.b);
	assert_int_equal(boot.b.keptid, 0);
	assert_int_equal(ntaken, 0);
	o.reportown = false; /* named: it is as it was asked */
	assert_true(reportwrite(&o));
}

/* Another's under its name, or a power cut, is not the end of reports. */
static void
a_name_that_is_taken_is_passed_over(void **state)
{
	(void)state;
	o.reportown = true;
	volumefile(REPORTFILE, "somebody's");
	volumefile("\\MEM9-2.TXT", "")->folder = true;
	volumefile("\\MEM9-3.TXT", "")->silent = true;
	volumefile("\\MEM9-4.TXT", "");
	starts();
	assert_int_equal(comes(), HOMENONE);
	boots("checked\n");
	mentions(said, "mem9: report file=\"\\MEM9-4.TXT\" result=ok ");
	assert_string_equal(file(), "somebody's");
	starts();
	assert_int_equal(comes(), HOMECAME);
	assert_string_equal(home.path, "\\MEM9-4.TXT");
	mentions(textof("\\MEM9-4.TXT"), "checked\r\n");
}

/* A part of one may; what cannot be read may be complete. */
static void
what_may_be_written_over(void **state)
{
	static const struct {
		const char *text;
		bool free;
	} kinds[] = {
#define FIRST "mem9: report version=1 log="
	    {FIRST "none id=0x0\r\n", false},
	    {FIRST "none", true},
	    {FIRST "kept id=0x5\r\n", true},
	    {FIRST "kept id=0x5\r\nmem9: home id=0x5\r\n", true},
	    {FIRST "kept id=0x5\r\nmem9: kept n=0 base=0x201000 "
		   "size=0x40000\r\nmem9: home id=0x5\r\n",
		false},
	    {FIRST "kept id=0x5\r\nmem9: kept n=0 base=0x201000 "
		   "size=0x40000\r\nmem9: home id=0x6\r\n",
		true},
	    {"mem9: report version=1", true},
	    {"text of somebody's log=none id=", false},
	    {"", true},
	};
	EFI_FILE_HANDLE root = volumeroot(&volume.image);

	(void)state;
	for (size_t i = 0; i < nelem(kinds); i++) {
		volumefile(REPORTFILE, kinds[i].text);
		assert_int_equal(savedfree(root, REPORTFILE), kinds[i].free);
		volume.nfiles = 0;
	}
	assert_true(savedfree(root, REPORTFILE));
	volume.open = EFI_DEVICE_ERROR;
	assert_false(savedfree(root, REPORTFILE));
	volume.open = EFI_SUCCESS;
	for (size_t good = 0; good < 6; good++) {
		Volumefile *f = volumefile(REPORTFILE, kinds[5].text);

		f->status = EFI_DEVICE_ERROR; /* of its head, or its end */
		f->reads = good;
		assert_int_equal(savedfree(root, REPORTFILE), good >= 4);
		volume.nfiles = 0;
	}
	root->Close(root);
}

/* Its head, or its end: nothing is taken for granted, nothing is lost. */
static void
a_report_that_cannot_be_read_is_said(void **state)
{
	(void)state;
	boots("checked\n");
	Volumefile *f = volumefind(REPORTFILE);
	size_t size = f->size;
	const Bootinfo was = boot.b;
	f->status = EFI_DEVICE_ERROR;
	starts();
	assert_int_equal(comes(), HOMENONE);
	mentions(said, "report: \\MEM9.TXT cannot be read: its log stays in "
		       "memory, if there is one\n");
	f->reads = 2;
	starts();
	assert_int_equal(comes(), HOMESTUCK);
	mentions(said, "is in memory, but not in \\MEM9.TXT: it cannot be "
		       "read\n");
	assert_int_equal(comes(), HOMESTUCK);
	mentions(said, "report: \\MEM9.TXT cannot be read: its log stays in "
		       "memory\n");
	assert_int_equal(f->size, size);
	assert_true(inmemory(&was));
	savedgive(&home);
	memset(arena, 0, ARENA);
	f->reads = 2;
	starts();
	assert_int_equal(comes(), HOMENONE);
	mentions(said, "report: \\MEM9.TXT cannot be read, or waits for a log "
		       "that is not in memory any more\n");
	assert_int_equal(ntaken, 0);
}

static void
what_a_file_may_say(void **state)
{
	static const struct {
		const char *text;
		paddr_t first, second;
		bool good;
	} heads[] = {
#define HEAD "mem9: report version=9.9 log=kept id=0x5"
	    {HEAD "\r\nmem9: kept n=0 base=0x201000 size=0x40000\r\n", 0x201000,
		NOADDR, true},
	    {HEAD "\nmem9: kept n=1 base=0x201000 size=262144", NOADDR,
		0x201000, true},
	    {HEAD "\nmem9: kept n=1 base=0x201000 size=0x40000\n"
		  "mem9: kept n=0 base=0x209000 size=0x40000\nmore",
		0x209000, 0x201000, true},
	    {HEAD "\nmem9: kept n=0 base=0x201000 size=0x40000\n"
		  "x\nmem9: kept n=1 base=0x209000 size=0x40000\n",
		0x201000, NOADDR, true},
	    {HEAD, NOADDR, NOADDR, false},
	    {HEAD "\n", NOADDR, NOADDR, false},
	    {HEAD "\nmem9: kept n=0 base=0x1ff000 size=0x40000\n", NOADDR,
		NOADDR, false},
	    {HEAD "\nmem9: kept n=2 base=0x201000 size=0x40000\n", NOADDR,
		NOADDR, false},
	    {HEAD "\nmem9: kept n=0 base=0 size=0x40000\n", NOADDR, NOADDR,
		false},
	    {HEAD "\nmem9: kept n=0 base=0x201001 size=0x40000\n", NOADDR,
		NOADDR, false},
	    {HEAD "\nmem9: kept n=0 base=0x201000 size=0x41000\n", NOADDR,
		NOADDR, false},
	    {HEAD "\nmem9: kept n=0 base=0x201000 size=0x3f000\n", NOADDR,
		NOADDR, false},
	    {HEAD "\nmem9: kept n=0 base=0x201000 size=0\n", NOADDR, NOADDR,
		false},
	    {HEAD "\nmem9: kept n=0 base=0xfffffffffffff000 size=0x40000\n",
		NOADDR, NOADDR, false},
	    {HEAD "\nmem9: kept n=0 base=0x7fffffffff0000 size=0x40000\n",
		NOADDR, NOADDR, false},
	    {HEAD "\nmem9: kept n=0 base=0x10000000000000000 size=0x40000\n",
		NOADDR, NOADDR, false},
	    {HEAD "\nmem9: kept n=0 base= size=0x40000\n", NOADDR, NOADDR,
		false},
	    {"mem9: report version=1 log=kept id=0\n"
	     "mem9: kept n=0 base=0x201000 size=0x40000\n",
		0x201000, NOADDR, false},
	    {"mem9: report version=1 log=home id=0x5\n"
	     "mem9: kept n=0 base=0x201000 size=0x40000\n",
		NOADDR, NOADDR, false},
	    {"mem9: report version=1 id=0x5\n", NOADDR, NOADDR, false},
	    {"mem9: start version=1 log=kept id=0x5\n", NOADDR, NOADDR, false},
	    {"", NOADDR, NOADDR, false},
	};

	(void)state;
	for (size_t i = 0; i < nelem(heads); i++) {
		Places p;

		assert_int_equal(savedparse(heads[i].text, &p), heads[i].good);
		assert_int_equal(p.run[0], heads[i].first);
		assert_int_equal(p.run[1], heads[i].second);
	}
}

static void
a_text_that_is_too_long_is_cut_and_says_so(void **state)
{
	char last[60];
	size_t n = 0;

	(void)state;
	for (size_t size = 100; size < 104; size++) {
		assert_true(filetextopen(size));
		for (int i = 0; i < 60; i++)
			filetextwrite("\n", 1);
		filetextwrite("x", 1);
		const char *text = filetextend(&n);
		size_t have = (size - 64) / 2 * 2;
		sprintf(last, "\r\nmem9: cut bytes=%zu\r\n", 121 - have);
		assert_int_equal(n, have + strlen(last));
		assert_memory_equal(text + have, last, strlen(last));
		assert_in_range(n, 0, size);
		filetextclose();
	}
	assert_true(filetextopen(100));
	filetextwrite("a\t\x1b\x80~\x7f\n", 7);
	const char *text = filetextend(&n);
	assert_int_equal(n, 8);
	assert_memory_equal(text, "a\t??~?\r\n", 8);
	filetextclose();
}

static void
what_the_log_has_forgotten_is_told(void **state)
{
	(void)state;
	lognosinks();
	for (size_t i = 0; i < sizeof ring; i++)
		logwrite("x", 1);
	assert_true(reportwrite(&o));
	mentions(file(), "mem9: forgotten bytes=");
}

#define TEST(name) cmocka_unit_test_setup_teardown(name, setup, teardown)

int
main(void)
{
	const struct CMUnitTest tests[] = {
	    TEST(before_it_leaves_all_that_is_known_is_written),
	    TEST(without_a_name_nothing_is_done),
	    TEST(a_command_that_comes_back_has_one_too),
	    TEST(the_next_start_adds_the_rest),
	    TEST(the_log_is_kept_far_from_all_ends),
	    TEST(it_is_kept_below_what_the_options_cut_off),
	    TEST(one_run_is_enough_and_none_is_told),
	    TEST(what_cannot_be_written_is_told_and_nothing_is_kept),
	    TEST(memory_that_was_lost_is_told),
	    TEST(memory_that_firmware_uses_is_left_alone),
	    TEST(a_log_that_cannot_be_saved_is_kept),
	    TEST(a_log_stays_when_its_report_is_gone),
	    TEST(a_log_that_was_not_flushed_is_not_home),
	    TEST(a_part_that_stays_is_followed_by_all),
	    TEST(a_report_that_came_home_stays),
	    TEST(nine_reports_are_kept),
	    TEST(a_name_that_is_taken_is_passed_over),
	    TEST(what_may_be_written_over),
	    TEST(a_report_that_cannot_be_read_is_said),
	    TEST(what_a_file_may_say),
	    TEST(a_text_that_is_too_long_is_cut_and_says_so),
	    TEST(what_the_log_has_forgotten_is_told),
	};

	return cmocka_run_group_tests(tests, NULL, NULL);
}
