# mem9: `make help` lists what can be asked for.
#
# mm/ is compiled twice: into build/pe for the image (clang straight to COFF)
# and into build/host/VARIANT for the tests, tools and benchmarks that run on
# this machine. Nothing outside build/ is ever written.

## all          build/mem9.efi
## run          boot it in QEMU + OVMF, serial port on this terminal
##              (MEM=5G CPU=max MACHINE=pc SMP=4; tools/run.sh -h has more)
## debug        the same, waiting for gdb (tools/mem9.gdb)
## usb          build/mem9-usb.img, to dd on a stick
## test         one of everything below, at most 12 minutes
## test-all     every scenario, firmware and size
## unit         mm/ and the page tables on this machine, ASan and UBSan; T=
## small        the memory map on tiny machines, everything tried
## fuzz         each fuzz target for FUZZ_S seconds; T= selects
## coverage     lines and branches the unit tests reach; T= selects
## mutants      faults put in on purpose, which the unit tests must find
## replay       build/replay: what mem9 makes of a saved memory map
## replaycheck  that, over every map in every form
## pe           what the firmware reads in mem9.efi; T= selects
## twice        two builds are the same bytes
## qemu         boots, two at a time; T= selects (qemu-all: every one)
## bench        speeds beside other allocators'; T= selects
## boot-bench   instructions and page tables of a boot, 64M to 4T
## screenshot   tests/qemu/screen.png, from a boot
## deps         mm/ and arch/ want nothing outside tests/*.allow
## format       clang-format on every source
## clean        remove build/, which holds all that was made

MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all clean help unit bench format small smallquick fuzz tsan coverage \
	mutants replay replaycheck deps embed

all: build/mem9.efi

# What is in it, room by room.
room = $(patsubst %,$(1)/%.c,$(2))
MAPMM = $(call room,mm,stage conf) \
	$(call room,mm/map,runs sweep memmap mapprint umb words layers efimap \
		e820)
MM = $(MAPMM) \
	$(call room,mm/map,ramscan) \
	$(call room,mm/page,bank chunk pagecpu page hugepage bytemap image) \
	$(call room,mm/heap,tag hole region xalloc xbank arena span magazine \
		pool poolinfo alloc)
ARCH = $(call room,arch,pe symbol hooks rampage dmap kmap vmap pagesprint \
		screen) \
	$(call room,arch/amd64,takeover cpu cpuregs desc trap report backtrace \
		mmu ram zero audit tablewalk apic borrow serial)
ASM = $(patsubst %,arch/%.S,amd64/switch amd64/trapasm amd64/callunder \
	amd64/string font)
KERN = kern/main.c \
	kern/boot.c \
	kern/summary.c \
	kern/options.c \
	kern/value.c \
	kern/print.c \
	kern/log.c \
	kern/panic.c \
	kern/spoil.c \
	kern/check.c \
	kern/checkmem.c \
	kern/checkspace.c \
	kern/checkfault.c \
	kern/provoke.c \
	kern/monitor.c
EFI = efi/main.c \
	efi/firmware.c \
	efi/cmdline.c \
	efi/ini.c \
	efi/console.c \
	efi/map.c \
	efi/collect.c \
	efi/acpi.c \
	efi/slide.c \
	efi/rehearse.c \
	efi/leave.c \
	efi/after/runtime.c \
	efi/after/fwcall.c \
	efi/after/platform.c

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
	-ffile-prefix-map=$(CURDIR)=. -Wall -Wextra -Werror -Iinclude \
	-Iarch/amd64/include \
	$(if $(CHECK),-DCHECK=$(CHECK)) \
	-include arch/hidden.h -DVERSION='"$(VERSION)"' \
	-DGNU_EFI_USE_MS_ABI -isystem /usr/include/efi \
	-isystem /usr/include/efi/x86_64
LDFLAGS = -subsystem:efi_application -entry:efi_main -nodefaultlib \
	-timestamp:0 -base:0xffffffff80000000 -debug:dwarf

PEOBJ = $(patsubst %.c,build/pe/%.o,$(EFI) $(ARCH) $(KERN) $(MM)) \
	$(ASM:%.S=build/pe/%.o)

build/pe/%.o: %.c
	@mkdir -p $(@D)
	@echo '  cc    $<'
	@$(CC) $(PEFLAGS) -MMD -MP -c $< -o $@

PEAS = $(CC) --target=x86_64-unknown-windows-gnu
build/pe/%.o: %.S
	@mkdir -p $(@D)
	@echo '  as    $<'
	@$(PEAS) -c $< -o $@

build/font.psf: $(FONT)
	@mkdir -p $(@D)
	@zcat $< > $@
build/pe/arch/font.o: build/font.psf

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

# ---- the host: mm/ under test ----
#
# Variants: san (tests), opt (benchmarks, tools), fuzz, tsan, cov, deps.

HOSTCC = clang
HOSTFLAGS = -std=c11 -g -fno-omit-frame-pointer -Wall -Wextra -Werror \
	-Itests/host -Iinclude -Iarch/amd64/include -Itests/model \
	-D_GNU_SOURCE
SAN = -fsanitize=address,undefined -fno-sanitize-recover=all
HOST_san = -O1 $(SAN)
HOST_opt = -O2
HOST_fuzz = -O1 $(SAN) -fsanitize=fuzzer-no-link
HOST_tsan = -O1 -fsanitize=thread
HOST_check = -O1 $(SAN) -DCHECK=1
HOST_cov = -O0 -DCHECK=1 -fprofile-instr-generate -fcoverage-mapping
HOST_deps = -O2 -ffreestanding
LINK_fuzz = -fsanitize=fuzzer
MMHOSTFLAGS = -include tests/host/rename.h
# In the sanitizer's builds free memory is hidden from it.
MMHOST_san = -include tests/host/asan.h
MMHOST_fuzz = $(MMHOST_san)

# What tests compare with: the slow and obvious way.
MODEL = tests/model/paint.c tests/model/pages.c

# Reading saved maps: its own program, and what tests put it through.
REPLAY = tools/replay/map.c tools/replay/scan.c tools/replay/mem9.c \
	tools/replay/linux.c tools/replay/shell.c

# The files of arch/ without instructions run on the host too: their tests have
# a TLB beside them, and those that are not about rampage one that runs out.
ARCHPURE = arch/amd64/mmu.c arch/amd64/cpuregs.c arch/vmap.c arch/kmap.c \
	arch/dmap.c arch/rampage.c
ARCHHOST = $(filter-out arch/dmap.c arch/rampage.c,$(ARCHPURE)) \
	tests/host/metal.c tests/host/tlb.c tests/model/ptes.c
ARCHFAKE = mmu putmmu vmap kmap cpuregs
ARCHREAL = dmap rampage
ARCHUNIT = $(ARCHFAKE) $(ARCHREAL)

# A program on the host is its own .c file, all of mm/, the host's hooks and
# the models.
define variant
build/host/$(1)/mm/%.o: mm/%.c
	@mkdir -p $$(@D)
	@echo '  $(1)  $$@'
	@$$(HOSTCC) $$(HOSTFLAGS) $$(HOST_$(1)) $$(MMHOSTFLAGS) \
		$$(MMHOST_$(1)) -MMD -MP -c $$< -o $$@

build/host/$(1)/%.o: %.c
	@mkdir -p $$(@D)
	@echo '  $(1)  $$@'
	@$$(HOSTCC) $$(HOSTFLAGS) $$(HOST_$(1)) -MMD -MP -c $$< -o $$@

build/host/$(1)/bin/%: build/host/$(1)/tests/%.o \
		$(MM:%.c=build/host/$(1)/%.o) \
		$(MODEL:%.c=build/host/$(1)/%.o) \
		$(REPLAY:%.c=build/host/$(1)/%.o) \
		build/host/$(1)/tests/host/host.o \
		build/host/$(1)/tests/host/heap.o
	@mkdir -p $$(@D)
	@echo '  $(1)  $$@'
	@$$(HOSTCC) $$(HOST_$(1)) $$(LINK_$(1)) $$^ -o $$@ -lcmocka -lpthread -ldl
endef
$(foreach v,san opt fuzz tsan cov deps check,$(eval $(call variant,$(v))))

# archtest VARIANT,PROGRAMS,RAMPAGE
define archtest
$(patsubst %,build/host/$(1)/bin/%,$(2)): \
	$(patsubst %.c,build/host/$(1)/%.o,$(ARCHHOST) $(3))
endef
$(foreach v,san opt cov,\
	$(eval $(call archtest,$(v),$(ARCHFAKE:%=unit/%) small/mmu,tests/host/fakepage.c)) \
	$(eval $(call archtest,$(v),$(ARCHREAL:%=unit/%),arch/dmap.c \
		arch/rampage.c tests/model/direct.c)))

# Unit tests, tests/unit/NAME.c: `make unit`, or `make unit T=NAME`.
UNIT = runs memmap memmapfull umb efimap e820 ramscan conf maps
UNIT += page hugepage image bytemap pagecpu zero
UNIT += xalloc pool poolthreads
UNIT += $(ARCHUNIT)
UNIT += hole
UNIT += backtrace tablewalk
# Benchmarks, tests/bench/NAME.c: `make bench`, or `make bench T=NAME`.
BENCH = memmap
BENCH += xalloc malloc
BENCH += page zero

# mm/ and its headers in a kernel of one's own: nothing else is used.
embed: build/embed
	@build/embed >build/embed.log || { tail build/embed.log; exit 1; }
	@echo 'embed: result=ok'
build/embed: tests/embed/embed.c $(MM) $(wildcard include/*.h mm/*/*.h)
	@mkdir -p $(@D)
	@echo '  embed  $@'
	@$(HOSTCC) -std=c11 -g -O1 -Wall -Wextra -Werror -D_GNU_SOURCE -Iinclude \
		-include tests/host/rename.h $(filter %.c,$^) -o $@

# Tests of arch/ that need nothing of the metal beside what they bring along.
define plaintest
build/host/$(1)/bin/unit/backtrace: \
	$(patsubst %,build/host/$(1)/arch/%.o,amd64/backtrace symbol)
build/host/$(1)/bin/unit/tablewalk: \
	$(patsubst %,build/host/$(1)/arch/%.o,amd64/tablewalk pagesprint)
endef
$(foreach v,san opt cov,$(eval $(call plaintest,$(v))))

$(foreach v,san opt cov,build/host/$(v)/bin/unit/zero): \
	build/host/%/bin/unit/zero: build/host/%/arch/amd64/zero.o
build/host/opt/bin/bench/zero: build/host/opt/arch/amd64/zero.o

# Those that are run with CHECK=1 too.
UNITCHECK = hole xalloc pool usedfree
UNITCHECK += page

unit: $(patsubst %,build/host/san/bin/unit/%,$(if $(T),$(T),$(UNIT))) \
		$(patsubst %,build/host/check/bin/unit/%,$(if $(T),$(filter \
		$(T),$(UNITCHECK)),$(UNITCHECK)))
	@for t in $^; do $$t || exit 1; done

# jemalloc must find room for its thread-local data when it is loaded late.
BENCHENV = GLIBC_TUNABLES=glibc.rtld.optional_static_tls=16384
BENCHBIN = $(patsubst %,build/host/opt/bin/bench/%,$(if $(T),$(T),$(BENCH)))
$(BENCHBIN): build/host/opt/tests/bench/bench.o \
	build/host/opt/tests/bench/peers.o
bench: $(BENCHBIN)
	@for t in $^; do case $$t in *.o) ;; *) $(BENCHENV) $$t || exit 1;; esac; done

# What a boot costs in instructions, the same on every machine.
.PHONY: boot-bench
boot-bench: build/mem9.efi
	@PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 tests/bench/boot.py

# Exhaustive runs over small machines, tests/small/NAME.c. `make test` runs
# them with no argument, in seconds; `make small` with `full`.
SMALL = memmap
SMALL += xalloc
SMALL += mmu
SMALL += bytemap

small: $(patsubst %,build/host/opt/bin/small/%,$(if $(T),$(T),$(SMALL)))
	@for t in $^; do $$t full || exit 1; done

smallquick: $(patsubst %,build/host/opt/bin/small/%,$(if $(T),$(T),$(SMALL)))
	@for t in $^; do $$t || exit 1; done

# Fuzz targets, tests/fuzz/NAME.c, what they found worth keeping in
# tests/fuzz/corpus/NAME: each for FUZZ_S seconds.
FUZZ = memmap efimap e820 replayany replaymem9 replaylinux replaybios \
	replayshell replaysfo replayefi replaye820
FUZZ += xalloc pool
FUZZ += page
FUZZ_S = 60

fuzz: $(patsubst %,build/host/fuzz/bin/fuzz/%,$(if $(T),$(T),$(FUZZ)))
	@printf '%s\n' $^ | xargs -P 2 -I{} tests/fuzz/run {} $(FUZZ_S)

# Unit tests with threads, under the thread sanitizer.
TSAN = pagecpu

tsan: $(patsubst %,build/host/tsan/bin/unit/%,$(if $(T),$(T),$(TSAN)))
	@for t in $^; do TSAN_OPTIONS=halt_on_error=1 $$t || exit 1; done

# Which lines and branches of COVER the unit tests reach.
COVER = $(MM) $(ARCHPURE) arch/amd64/backtrace.c arch/symbol.c \
	arch/amd64/tablewalk.c arch/pagesprint.c

coverage: $(patsubst %,build/host/cov/bin/unit/%,$(UNIT))
	@tests/coverage '$^' '$(if $(T),$(filter %/$(T).c,$(COVER)),$(COVER))'

# Which names mm/, and arch/ as far as the host runs it, take from elsewhere.
DEPSMM = $(MM:%.c=build/host/deps/%.o)
DEPSARCH = $(patsubst %.c,build/host/deps/%.o,$(ARCHPURE) \
	arch/amd64/tablewalk.c)

deps: $(DEPSMM) $(DEPSARCH)
	@tests/deps tests/mm.allow $(DEPSMM)
	@tests/deps tests/arch.allow $(DEPSARCH)

# Faults put in on purpose, tests/mutants/NAME.list: the unit tests must fail.
MUTANTS = memmap trace
MUTANTS += mmu
MUTANTS += page
MUTANTS += heap

mutants:
	@tests/mutants/run $(patsubst %,tests/mutants/%.list,$(if \
		$(T),$(T),$(MUTANTS)))

# ---- replay: mm/ on this machine over a saved map ----

REPLAYOWN = tools/replay/main.c tools/replay/hooks.c

replay: build/replay
build/replay: $(REPLAYOWN:%.c=build/host/opt/%.o) \
		$(REPLAY:%.c=build/host/opt/%.o) $(MAPMM:%.c=build/host/opt/%.o)
	$(HOSTCC) $(HOST_opt) $^ -o $@

# Every map of tests/maps, in every form, against what it should print.
replaycheck: build/replay
	@tests/replay/check build/replay $(sort $(wildcard tests/maps/*.map \
		tests/replay/*/*.txt))

# ---- running it, and every test there is ----
#
# `make run' and `make test' first install what they need (tools/setup.sh), so
# the rest of their work is a make of its own.

EFI_IMAGE = build/mem9.efi
TREEFILES = README.TXT=README.md LICENSE.TXT=LICENSE
PYTEST = PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 -m pytest -q \
	-p no:cacheprovider

.PHONY: run debug usb pe qemu qemu-all screenshot test test-all

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

usb: build/mem9-usb.img
build/mem9-usb.img: $(EFI_IMAGE) tools/image.sh tools/mbr.S README.md LICENSE
	tools/image.sh $@ EFI/BOOT/BOOTX64.EFI=$< EFI/BOOT/MEM9.INI=tools/usb.ini \
		MEM9.EFI=$< $(TREEFILES)
	@echo "to a stick: dd if=$@ of=/dev/sdX bs=1M conv=fsync"

pe: $(EFI_IMAGE)
	@$(PYTEST) tests/pe $(if $(T),-k '$(T)')

# Boots in QEMU, two at a time: those of `make test', or all of them.
qemu: $(EFI_IMAGE) build/hostile.efi build/mem9-usb.img
	@$(PYTEST) -n 2 --dist loadgroup tests/qemu $(if $(T),-k '$(T)',-m 'not matrix')
qemu-all: $(EFI_IMAGE) build/hostile.efi build/mem9-usb.img
	@$(PYTEST) -n 2 --dist loadgroup tests/qemu $(if $(T),-k '$(T)')

screenshot: $(EFI_IMAGE)
	/usr/bin/python3 -B tests/qemu/screenshot.py tests/qemu/screen.png

# Firmware that lies, for the tests: starts mem9.efi, compiled as it is.
HOSTILE = $(patsubst tests/qemu/hostile/%,build/hostile/%.o, \
	$(addprefix tests/qemu/hostile/,hostile hostilemap hostilegop thunk))

build/hostile/%.o: tests/qemu/hostile/%.c tests/qemu/hostile/hostile.h
	@mkdir -p $(@D)
	@echo '  cc    $<'
	@$(CC) $(PEFLAGS) -c $< -o $@
build/hostile/%.o: tests/qemu/hostile/%.S
	@mkdir -p $(@D)
	@echo '  as    $<'
	@$(CC) --target=x86_64-unknown-windows-gnu -c $< -o $@
build/hostile.efi: $(HOSTILE)
	@echo '  link  $@'
	@lld-link -subsystem:efi_application -entry:efi_main -nodefaultlib \
		-timestamp:0 -out:$@ $^

# Built again from the same files in another folder, it is the same bytes.
.PHONY: twice
twice: build/mem9.efi
	@rm -rf build/twice
	@mkdir -p build/twice/another/folder
	@cp -pR Makefile arch efi include kern mm tools build/twice/another/folder
	@$(MAKE) -s -C build/twice/another/folder build/mem9.efi >/dev/null
	@for f in mem9.efi mem9.debug.efi; do \
		cmp build/$$f build/twice/another/folder/build/$$f || exit 1; \
	done
	@rm -rf build/twice
	@echo 'twice: result=ok'

# The suites: a target each, with what it is given after a comma.
SUITES = unit tsan embed smallquick replaycheck deps fuzz,FUZZ_S=5 pe twice qemu
SUITES_ALL = unit tsan embed small replaycheck deps coverage mutants \
	fuzz,FUZZ_S=300 pe twice qemu-all boot-bench

test:
	@tools/setup.sh test
	@tools/tally.py $(SUITES)
test-all:
	@tools/setup.sh test
	@tools/tally.py $(SUITES_ALL)

# ---- the rest ----

help:
	@sed -n 's/^##//p' Makefile

clean:
	rm -rf build

format:
	clang-format -i $$(git ls-files '*.c' '*.h')

-include $(shell find build -name '*.d' 2>/dev/null)
