# mem9: `make help` lists what can be asked for.
#
# From top to bottom: the sources, room by room; the image that they become, in
# build/pe; tests/tests.mk, which compiles mm/ once more into build/host for all
# that runs on this machine; then what boots it, and the suites. Nothing outside
# build/ is ever written.

## all          build/mem9.efi
## run          boot it in QEMU + OVMF, serial port on this terminal
##              (MEM=5G CPU=max MACHINE=pc SMP=4; tools/run.sh -h has more)
## debug        the same, waiting for gdb (tools/mem9.gdb)
## usb          build/mem9-usb.img, to dd on a stick
## cd           build/mem9.iso, for a CD
## dist         build/mem9-VERSION.tar.gz, a release, with checksums
##              (EFI_IMAGE=FILE: of that image, say a signed one)
## sign         build/mem9.signed.efi, for Secure Boot: KEY=FILE CERT=FILE, both
##              in PEM; docs/secureboot.md
## test         one of everything below, at most 15 minutes
## test-all     every scenario, firmware and size: about an hour and a half
## unit         mm/ and the page tables on this machine, ASan and UBSan; T=
## small        the memory map on tiny machines, everything tried
## protocol     what CPUs do together, as models whose every state is tried, and
##              faults in those; T=
## fuzz         each fuzz target for FUZZ_S seconds; T= selects; two at a time
##              (a long one: FUZZ_S=3600; test-all gives it ten minutes in all)
## coverage     lines and branches the unit tests reach; T= selects
## mutants      faults put in on purpose, which the tests must find; T= selects
##              (mutantsample: four of them, others for each commit)
## scripts      whether tally, .ci/run, fuzz/run and the mutants' runner tell
##              the truth
## replay       build/replay: what mem9 makes of a saved memory map
## replaycheck  that, over every map in every form
## browser      its page and picture in Chromium, if that is here; T= selects
## pe           what the firmware reads in mem9.efi; T= selects
## twice        two builds are the same bytes (ALSO=dist: two releases, too)
## checkmutants for each check on the machine an image on which it fails; T=
## qemu         boots, two at a time; T= selects
##              (qemu-all: every one, but for those of checkmutants)
## hostile-peers what Linux and memtest86+ do under firmware that lies; T=
##              (in no suite; its table: docs/peers.md)
## bench        speeds beside other allocators'; T= selects
## boot-bench   instructions and page tables of a boot, 64M to 4T; two CPUs
##              beside one; what system calls, faults and forks cost
## screenshot   README's pictures, tests/qemu/*.png, from a boot
## deps         who needs whom: names, circles of files; tests/*.allow
## headers      all headers in one file, in any order
## docs         what README.md and docs/ name is in the tree
## format       clang-format on every source
## clean        remove build/, which holds all that was made

MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all clean help format

all: build/mem9.efi

# What is in it, room by room.
room = $(patsubst %,$(1)/%.c,$(2))
MAPMM = $(call room,mm,stage conf) \
	$(call room,mm/map,memtype badram runs sweep memmap mapprint avoid umb \
		number layers efimap e820)
MM = $(MAPMM) \
	$(call room,mm/map,ramscan ramtry caching) \
	$(call room,mm/page,nodes bank meta chunk open gather hunt pagecpu \
		tableframe page hugepage pagerun later bytemap image reclaim wipe \
		pageinit) \
	$(call room,mm/heap,secret tag link hole region holewalk xalloc xbank \
		mapped arena arenaback supply visit classes slab slabcheck magazine \
		maggather pool realloc poolcpu poolinfo find wipe alloc)
ARCH = $(call room,arch,pe symbol stack place kaddr tablepages block rampage \
		dmap kmap vmap fb pagesprint screen cpus patience clock lock mates \
		work stop uart serial scancode i8042 pci iommu) \
	$(call room,arch/amd64,takeover interim cpu chance cpuregs guest port \
		desc trap report walkprint mcheck mcwords backtrace space \
		enter mmuwalk mmu ram zero audit segments segread tablewalk \
		apic ipi park callcpus startcpus mach machs matecall tscoffset \
		user userback userevent \
		provoke borrow mtrr mtrrread caching)
ASM = $(patsubst %,arch/%.S,amd64/switch amd64/trapasm amd64/catch \
	amd64/callfirmware amd64/string amd64/parking amd64/cpuentry \
	amd64/userasm font) proc/builtin.S
KERN = $(call room,kern,main boot userinit handed leave options value \
		nearest format print log panic crc kept keptread linuxmap linuxtype \
		mapdiff regionpair mapchange extents optionsay optionwords) \
	$(call room,kern/check,spoil check checkmtrr checkmem checkpages \
		checkram checkspace checkfault checkcpus checkproc proccounts \
		together migrate checkwords) \
	$(call room,kern/tell,summary sizetext sift line bigword account \
		story storychecks tell nodelines) \
	$(call room,kern/monitor,picture memcells memview panel vt100 keys \
		edit redraw history complete readline address find findtext findlines dump \
		progress quickbench ps run userfuzz randomtext forbidden scan more \
		tables asks obey turn monitor)
PROC = $(call room,proc,qlock error pte program segment places tables fault \
	brk physseg procmem procmemcheck usercopy exec processes info syscall \
	events sched)
# The built-in programs: user/NAME.c each.
USER = init tree stack memory spin turns nap share screen forbid eater cost calls
FORMS = $(call room,efi/forms,text strip json scan map lists forms names span \
	looks side mem9 linux e820 xen shell loader freebsd iomem)
EFI = $(call room,efi,main firmware cmdline ini console map collect \
		lowpage fbfit slide maprows shellmap menu birth rehearse volume \
		filetext reportfile keep saved report leave sbat userfile diff) \
	$(call room,efi/tables,acpi attributes rsdp fadt spcr buses madt srat smbios \
		installed) $(FORMS) \
	$(call room,efi/audit,command checks finding judgepages judgemap \
		judgetable judgemtrr judgeacpi read readpages readimages \
		readmemory readcpus readacpi) \
	$(call room,efi/after,runtime servicemap fwcall platform)

# ---- the image ----

VERSION = 0.1
CC = clang
FONT = /usr/share/consolefonts/Lat15-Fixed16.psf.gz
# Why each of these: README, "How it is built".
PEFLAGS = --target=x86_64-unknown-windows-gnu -std=c11 -ffreestanding \
	-fshort-wchar -mno-red-zone -mgeneral-regs-only -mno-stack-arg-probe \
	-Wframe-larger-than=2048 -O2 -g -gdwarf-4 -fno-omit-frame-pointer \
	-fdwarf-exceptions -fforce-dwarf-frame \
	-mno-omit-leaf-frame-pointer -mllvm -enable-shrink-wrap=false \
	-fno-strict-aliasing \
	-ffile-prefix-map=$(CURDIR)=. -Wall -Wextra -Werror \
	$(if $(CHECK),-DCHECK=$(CHECK)) \
	-include arch/hidden.h -DVERSION='"$(VERSION)"'

# What each folder may include beside its own headers.
INCLUDE = -Iarch/amd64/mm -Iinclude -Iarch/amd64/include
GNUEFI = -DGNU_EFI_USE_MS_ABI -isystem /usr/include/efi \
	-isystem /usr/include/efi/x86_64
build/pe/mm/%: INCLUDE = -Iarch/amd64/mm -Iinclude
build/pe/efi/%: INCLUDE += $(GNUEFI)
build/pe/efi/forms/%: INCLUDE = -Iinclude

# Shim does not load sections that may be discarded, as .reloc is otherwise;
# but mem9 relocates itself once more.
LDFLAGS = -subsystem:efi_application -entry:efi_main -nodefaultlib \
	-timestamp:0 -base:0xffffffff80000000 -debug:dwarf -section:.reloc,r

PEOBJ = $(patsubst %.c,build/pe/%.o,$(EFI) $(ARCH) $(KERN) $(PROC) $(MM)) \
	$(ASM:%.S=build/pe/%.o)

# A header there hides one of its name in include/, which no list of what was
# read before says.
$(PEOBJ): $(wildcard arch/amd64/mm/*.h)

build/pe/%.o: %.c
	@mkdir -p $(@D)
	@echo '  cc    $<'
	@$(CC) $(PEFLAGS) $(INCLUDE) -MMD -MP -c $< -o $@

PEAS = $(CC) --target=x86_64-unknown-windows-gnu
build/pe/%.o: %.S
	@mkdir -p $(@D)
	@echo '  as    $<'
	@$(PEAS) -c $< -o $@

build/font.psf: $(FONT)
	@mkdir -p $(@D)
	@zcat $< > $@
build/pe/arch/font.o: build/font.psf

# A program is a flat image, of general registers only, that is part of the
# kernel's: proc/builtin.S.
USERFLAGS = --target=x86_64-unknown-none-elf -std=c11 -ffreestanding -fpie \
	-mgeneral-regs-only -mno-red-zone -O2 -fno-stack-protector \
	-fno-asynchronous-unwind-tables -Wall -Wextra -Werror
USERLIB = build/user/start.o build/user/lib.o
build/user/%.o: user/%.c
	@mkdir -p $(@D)
	@echo '  user  $<'
	@$(CC) $(USERFLAGS) -MMD -MP -c $< -o $@
build/user/%.o: user/%.S
	@mkdir -p $(@D)
	@$(CC) $(USERFLAGS) -c $< -o $@
build/user/%.bin: build/user/%.o $(USERLIB) user/prog.ld
	@ld.lld --oformat binary -T user/prog.ld --no-relax -static \
		$(USERLIB) $< -o $@
build/pe/proc/builtin.o: $(USER:%=build/user/%.bin)

# Linked twice: the first time for the map that the table of functions is made
# from (tools/symbols.sh). If anything then lies elsewhere, so does the table's
# own map, and it is not the same table.
build/pe/nonames.S: tools/symbols.sh
	@mkdir -p $(@D)
	@tools/symbols.sh >$@
build/pe/names.S: $(PEOBJ) build/pe/nonames.o
	@lld-link $(LDFLAGS) -map:$(@:.S=.map) -out:$(@:.S=.efi) $^
	@tools/symbols.sh $(@:.S=.map) >$@
build/pe/%.o: build/pe/%.S
	@$(PEAS) -c $< -o $@

# The one with symbols is for gdb; what is shipped is the same, stripped.
build/mem9.debug.efi: $(PEOBJ) build/pe/names.o
	@echo '  link  $@'
	@lld-link $(LDFLAGS) -map:build/mem9.map -out:$@ $^
	@tools/symbols.sh build/mem9.map | cmp - build/pe/names.S
build/mem9.efi: build/mem9.debug.efi
	@llvm-strip -o $@ $<

# ---- programs of this machine: tests, benchmarks, replay ----

include tests/tests.mk

# ---- running it, and every test there is ----
#
# `make run' and `make test' first install what they need (tools/setup.sh), so
# the rest of their work is a make of its own.

EFI_IMAGE = build/mem9.efi
TREEFILES = MEM9.MAN=tools/mem9.man README.TXT=README.md LICENSE.TXT=LICENSE
PYTEST = PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 -m pytest -q \
	-rs -p no:cacheprovider

.PHONY: run debug usb cd dist sign scripts pe browser qemu qemu-all \
	checkmutants hostile-peers boot-bench screenshot test test-all

run:
	@tools/setup.sh run
	@$(MAKE) --no-print-directory $(EFI_IMAGE)
	@tools/run.sh $(EFI_IMAGE)

# It waits for gdb before its first instruction: see tools/mem9.gdb.
debug:
	@tools/setup.sh run
	@$(MAKE) --no-print-directory $(EFI_IMAGE)
	@echo "debug: waiting for gdb -x tools/mem9.gdb build/mem9.debug.efi"
	@tools/run.sh -k '*nokaslr=1' $(EFI_IMAGE) -- -S \
		-gdb tcp:localhost:1234

DISKS = build/mem9-usb.img build/mem9.iso
usb: build/mem9-usb.img
	@echo "to a stick: dd if=$< of=/dev/sdX bs=1M conv=fsync"
cd: build/mem9.iso
$(DISKS): $(EFI_IMAGE) tools/image.sh tools/mbr.S \
		tools/usb.ini tools/mem9.man README.md LICENSE
	@echo '  image $@'
	@tools/image.sh $@ $(STICK)

# Made anew each time, with a stick of its own: the image may be any.
ARCHIVE = mem9-$(VERSION).tar.gz
STICK = EFI/BOOT/BOOTX64.EFI=$(EFI_IMAGE) MEM9.INI=tools/usb.ini \
	MEM9.EFI=$(EFI_IMAGE) $(TREEFILES)
dist: $(EFI_IMAGE)
	@echo '  dist  build/$(ARCHIVE)'
	@tools/image.sh build/dist.img $(STICK)
	@tools/image.sh build/dist.iso $(STICK)
	@tools/dist.sh build/$(ARCHIVE) mem9.efi=$(EFI_IMAGE) \
		mem9-usb.img=build/dist.img mem9.iso=build/dist.iso \
		mem9.man=tools/mem9.man mem9.ini=tools/usb.ini \
		README.md=README.md LICENSE=LICENSE
	@rm build/dist.img build/dist.iso

# A stick or a release of that one: make usb dist EFI_IMAGE=build/mem9.signed.efi
SBSIGN = sbsign
SIGNED = build/mem9.signed.efi
sign: build/mem9.efi
	@test -n '$(KEY)' -a -n '$(CERT)' || \
		{ echo 'sign: make sign KEY=FILE CERT=FILE'; exit 2; }
	@command -v $(SBSIGN) >/dev/null || \
		{ echo 'sign: no $(SBSIGN): it is in package sbsigntool'; exit 1; }
	@echo '  sign  $(SIGNED)'
	@$(SBSIGN) --key '$(KEY)' --cert '$(CERT)' \
		--output $(SIGNED) $<

scripts:
	@$(PYTEST) -n 2 tests/scripts $(if $(T),-k '$(T)')

pe: $(EFI_IMAGE)
	@$(PYTEST) tests/pe $(if $(T),-k '$(T)')

browser: build/replay
	@$(PYTEST) tests/browser $(if $(T),-k '$(T)')

# Boots in QEMU, two at a time: those of `make test', or all of them. Those of
# images with a fault in a check's way have a table: qemu runs some of them too.
BOOTS = $(PYTEST) -n 2 --dist loadgroup
CHECKMUTANTS = tests/qemu/test_checks.py
qemu: $(EFI_IMAGE) build/hostile.efi $(DISKS) build/replay
	@$(BOOTS) tests/qemu $(if $(T),-k '$(T)',-m 'not matrix')
qemu-all: $(EFI_IMAGE) build/hostile.efi $(DISKS) build/replay
	@$(BOOTS) tests/qemu --ignore=$(CHECKMUTANTS) $(if $(T),-k '$(T)')
checkmutants: $(EFI_IMAGE) build/hostile.efi
	@$(BOOTS) $(CHECKMUTANTS) $(if $(T),-k '$(T)')

# They are downloaded: tests/fetch.
hostile-peers: $(EFI_IMAGE) build/hostile.efi
	@/usr/bin/python3 -B tests/qemu/peers.py '$(T)'

# What a boot costs in instructions, the same on every machine; what two CPUs
# are worth to the check of pages.
boot-bench: $(EFI_IMAGE)
	@PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 tests/bench/boot.py
	@PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 tests/bench/together.py
	@PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 tests/bench/user.py

screenshot: $(EFI_IMAGE)
	/usr/bin/python3 -B tests/qemu/screenshot.py tests/qemu

# Firmware that lies, for the tests: starts mem9.efi, compiled as it is.
HOSTILE = $(patsubst tests/qemu/hostile/%,build/hostile/%.o, \
	$(addprefix tests/qemu/hostile/,hostile hostilemap hostilegop \
	hostilemtrr hostilert hostilela57 hostilenx hostiletables \
	hostileoptions la57 thunk))

build/hostile/%.o: tests/qemu/hostile/%.c tests/qemu/hostile/hostile.h
	@mkdir -p $(@D)
	@echo '  cc    $<'
	@$(CC) $(PEFLAGS) $(INCLUDE) $(GNUEFI) -c $< -o $@
build/hostile/%.o: tests/qemu/hostile/%.S
	@mkdir -p $(@D)
	@echo '  as    $<'
	@$(CC) --target=x86_64-unknown-windows-gnu -c $< -o $@
build/hostile.efi: $(HOSTILE)
	@echo '  link  $@'
	@lld-link -subsystem:efi_application -entry:efi_main -nodefaultlib \
		-timestamp:0 -out:$@ $^

# Built again from the same files in another folder, it is the same bytes; with
# ALSO=dist, which takes longer, a release is.
.PHONY: twice
twice: build/mem9.efi $(ALSO)
	@rm -rf build/twice
	@mkdir -p build/twice/another/folder
	@cp -R Makefile arch efi include kern mm proc tests tools user \
		README.md LICENSE build/twice/another/folder
	@$(MAKE) -s -C build/twice/another/folder build/mem9.efi $(ALSO) \
		>/dev/null
	@for f in mem9.efi mem9.debug.efi $(if $(ALSO),$(ARCHIVE)); do \
		cmp build/$$f build/twice/another/folder/build/$$f || exit 1; \
	done
	@rm -rf build/twice
	@echo 'twice: result=ok'

# The suites: a target each, with what it is given after a comma. In test-all
# the fuzz targets, two at a time, have ten minutes together, however many.
FUZZ_ALL = $(shell expr 1200 / $(words $(call programs,fuzz)))
SUITES = unit tsan embed smallquick protocol replaycheck deps headers docs \
	scripts mutantsample fuzz,FUZZ_S=1 pe twice qemu
SUITES_ALL = unit tsan embed small protocol replaycheck browser deps headers \
	docs scripts coverage pe twice,ALSO=dist qemu-all checkmutants \
	boot-bench bench mutants fuzz,FUZZ_S=$(FUZZ_ALL)

test:
	@tools/setup.sh test
	@tools/tally.py $(SUITES)
test-all:
	@tools/setup.sh bench
	@tools/tally.py -s 1200 $(SUITES_ALL)

# ---- the rest ----

help:
	@sed -n 's/^##//p' Makefile

clean:
	rm -rf build

format:
	clang-format -i $$(git ls-files '*.c' '*.h')

-include $(shell find build -name '*.d' -not -path 'build/foreign/*' 2>/dev/null)
