# mem9: `make help` lists what can be asked for.
#
# mm/ is compiled twice: into build/pe for the image (clang straight to COFF)
# and into build/host/VARIANT for the tests, tools and benchmarks that run on
# this machine. Nothing outside build/ is ever written.

## all          build/mem9.efi
## run          boot it in QEMU + OVMF, serial port on this terminal
##              (MEM=5G CPU=max MACHINE=pc SMP=4; tools/run.sh -h has more)
## usb          build/mem9-usb.img, to dd on a stick
## test         one of everything below, at most 12 minutes
## test-all     every scenario, firmware and size
## unit         mm/ and the page tables on this machine, ASan and UBSan; T=
## pe           what the firmware reads in mem9.efi; T= selects
## qemu         boots, two at a time; T= selects (qemu-all: every one)
## bench        speeds beside other allocators'; T= selects
## screenshot   tests/qemu/screen.png, from a boot
## format       clang-format on every source
## clean        remove build/, which holds all that was made

MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all clean help unit bench format

all: build/mem9.efi

# What is in it, folder by folder.
MM = mm/stage.c mm/conf.c
ARCH =
KERN =
EFI =

# ---- the image ----

build/mem9.efi:
	@echo "not yet" && false

# ---- the host: mm/ under test ----
#
# Variants: san (tests), opt (benchmarks, tools), fuzz, tsan, cov.

HOSTCC = clang
HOSTFLAGS = -std=c11 -g -fno-omit-frame-pointer -Wall -Wextra -Werror \
	-Iinclude -Itests/host -D_GNU_SOURCE
SAN = -fsanitize=address,undefined -fno-sanitize-recover=all
HOST_san = -O1 $(SAN)
HOST_opt = -O2
HOST_fuzz = -O1 $(SAN) -fsanitize=fuzzer-no-link
HOST_tsan = -O1 -fsanitize=thread
HOST_cov = -O0 -fprofile-instr-generate -fcoverage-mapping
LINK_fuzz = -fsanitize=fuzzer
MMHOSTFLAGS = -include tests/host/rename.h

# A program on the host is its own .c file, all of mm/ and the host's hooks.
define variant
build/host/$(1)/mm/%.o: mm/%.c
	@mkdir -p $$(@D)
	$$(HOSTCC) $$(HOSTFLAGS) $$(HOST_$(1)) $$(MMHOSTFLAGS) -MMD -c $$< -o $$@

build/host/$(1)/%.o: %.c
	@mkdir -p $$(@D)
	$$(HOSTCC) $$(HOSTFLAGS) $$(HOST_$(1)) -MMD -c $$< -o $$@

build/host/$(1)/bin/%: build/host/$(1)/tests/%.o \
		$(MM:%.c=build/host/$(1)/%.o) build/host/$(1)/tests/host/host.o
	@mkdir -p $$(@D)
	$$(HOSTCC) $$(HOST_$(1)) $$(LINK_$(1)) $$^ -o $$@ -lcmocka -lpthread
endef
$(foreach v,san opt fuzz tsan cov,$(eval $(call variant,$(v))))

# Unit tests, tests/unit/NAME.c: `make unit`, or `make unit T=NAME`.
UNIT =
# Benchmarks, tests/bench/NAME.c: `make bench`, or `make bench T=NAME`.
BENCH =

unit: $(patsubst %,build/host/san/bin/unit/%,$(if $(T),$(T),$(UNIT)))
	@for t in $^; do $$t || exit 1; done

BENCHBIN = $(patsubst %,build/host/opt/bin/bench/%,$(if $(T),$(T),$(BENCH)))
$(BENCHBIN): build/host/opt/tests/bench/bench.o
bench: $(BENCHBIN)
	@for t in $^; do case $$t in *.o) ;; *) $$t || exit 1;; esac; done

# ---- running it, and every test there is ----
#
# `make run' and `make test' first install what they need (tools/setup.sh), so
# the rest of their work is a make of its own.

EFI_IMAGE = build/mem9.efi
TREEFILES = README.TXT=README.md LICENSE.TXT=LICENSE
PYTEST = PYTHONDONTWRITEBYTECODE=1 /usr/bin/python3 -m pytest -q \
	-p no:cacheprovider

.PHONY: run usb pe qemu qemu-all screenshot test test-all

run:
	@tools/setup.sh run
	@$(MAKE) --no-print-directory $(EFI_IMAGE)
	@tools/run.sh $(EFI_IMAGE)

usb: build/mem9-usb.img
build/mem9-usb.img: $(EFI_IMAGE) tools/image.sh tools/mbr.S README.md LICENSE
	tools/image.sh $@ EFI/BOOT/BOOTX64.EFI=$< EFI/BOOT/MEM9.INI=tools/usb.ini \
		MEM9.EFI=$< $(TREEFILES)
	@echo "to a stick: dd if=$@ of=/dev/sdX bs=1M conv=fsync"

pe: $(EFI_IMAGE)
	@$(PYTEST) tests/pe $(if $(T),-k '$(T)')

# Boots in QEMU, two at a time: those of `make test', or all of them.
qemu: $(EFI_IMAGE) build/hostile.efi build/mem9-usb.img
	@$(PYTEST) -n 2 tests/qemu $(if $(T),-k '$(T)',-m 'not matrix')
qemu-all: $(EFI_IMAGE) build/hostile.efi build/mem9-usb.img
	@$(PYTEST) -n 2 tests/qemu $(if $(T),-k '$(T)')

screenshot: $(EFI_IMAGE)
	/usr/bin/python3 tools/screenshot.py $< tests/qemu/screen.png

# tests/hostile loads mem9.efi after it has spoiled the firmware (PE, like it).
build/hostile.efi: tests/qemu/hostile.c
	@mkdir -p $(@D)
	clang --target=x86_64-unknown-windows-gnu -std=c11 -O2 -ffreestanding \
		-fshort-wchar -mno-red-zone -mgeneral-regs-only \
		-mno-stack-arg-probe -Wall -Wextra -Werror \
		-DGNU_EFI_USE_MS_ABI -isystem /usr/include/efi \
		-isystem /usr/include/efi/x86_64 -c $< -o build/hostile.o
	lld-link -subsystem:efi_application -entry:efi_main -nodefaultlib \
		-timestamp:0 -out:$@ build/hostile.o

test:
	@tools/setup.sh test
	@tools/tally.sh test
test-all:
	@tools/setup.sh test
	@tools/tally.sh all

# ---- the rest ----

help:
	@sed -n 's/^##//p' Makefile

clean:
	rm -rf build

format:
	clang-format -i $$(git ls-files '*.c' '*.h')

-include $(shell find build -name '*.d' 2>/dev/null)
