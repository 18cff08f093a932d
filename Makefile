# mem9: `make help` lists what can be asked for.
#
# mm/ is compiled twice: into build/pe for the image (clang straight to COFF)
# and into build/host/VARIANT for the tests, tools and benchmarks that run on
# this machine. Nothing outside build/ is ever written.

MAKEFLAGS += --no-builtin-rules
.SUFFIXES:
.DELETE_ON_ERROR:
.SECONDARY:
.PHONY: all clean help unit bench format small smallquick \
	fuzz coverage mutants replay replaycheck

all: build/mem9.efi

# What is in it, folder by folder.
MAPMM = mm/stage.c mm/runs.c mm/sweep.c mm/memmap.c mm/mapprint.c mm/umb.c \
	mm/words.c mm/firmware.c mm/efimap.c mm/e820.c mm/conf.c
MM = $(MAPMM) mm/ramscan.c
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
	-Iinclude -Itests/host -Itests/model -D_GNU_SOURCE
SAN = -fsanitize=address,undefined -fno-sanitize-recover=all
HOST_san = -O1 $(SAN)
HOST_opt = -O2
HOST_fuzz = -O1 $(SAN) -fsanitize=fuzzer-no-link
HOST_tsan = -O1 -fsanitize=thread
HOST_cov = -O0 -fprofile-instr-generate -fcoverage-mapping
LINK_fuzz = -fsanitize=fuzzer
MMHOSTFLAGS = -include tests/host/rename.h

# What tests compare with: the slow and obvious way.
MODEL = tests/model/paint.c tests/model/pages.c

# Reading a saved memory map: for build/replay and its tests.
REPLAY = tools/replay/map.c tools/replay/scan.c tools/replay/mem9.c \
	tools/replay/linux.c tools/replay/shell.c

# A program on the host is its own .c file, all of mm/, the host's hooks and
# the models.
define variant
build/host/$(1)/mm/%.o: mm/%.c
	@mkdir -p $$(@D)
	$$(HOSTCC) $$(HOSTFLAGS) $$(HOST_$(1)) $$(MMHOSTFLAGS) -MMD -c $$< -o $$@

build/host/$(1)/%.o: %.c
	@mkdir -p $$(@D)
	$$(HOSTCC) $$(HOSTFLAGS) $$(HOST_$(1)) -MMD -c $$< -o $$@

build/host/$(1)/bin/%: build/host/$(1)/tests/%.o \
		$(MM:%.c=build/host/$(1)/%.o) \
		$(MODEL:%.c=build/host/$(1)/%.o) \
		build/host/$(1)/tests/host/host.o
	@mkdir -p $$(@D)
	$$(HOSTCC) $$(HOST_$(1)) $$(LINK_$(1)) $$^ -o $$@ -lcmocka -lpthread

build/host/$(1)/bin/unit/maps build/host/$(1)/bin/fuzz/replay: \
	$(REPLAY:%.c=build/host/$(1)/%.o)
endef
$(foreach v,san opt fuzz tsan cov,$(eval $(call variant,$(v))))

# Unit tests, tests/unit/NAME.c: `make unit`, or `make unit T=NAME`.
UNIT = runs memmap umb efimap e820 ramscan conf maps
# Benchmarks, tests/bench/NAME.c: `make bench`, or `make bench T=NAME`.
BENCH = memmap

unit: $(patsubst %,build/host/san/bin/unit/%,$(if $(T),$(T),$(UNIT)))
	@for t in $^; do $$t || exit 1; done

BENCHBIN = $(patsubst %,build/host/opt/bin/bench/%,$(if $(T),$(T),$(BENCH)))
$(BENCHBIN): build/host/opt/tests/bench/bench.o
bench: $(BENCHBIN)
	@for t in $^; do case $$t in *.o) ;; *) $$t || exit 1;; esac; done

# Exhaustive runs over small machines, tests/small/NAME.c. `make test` runs
# them with no argument, in seconds; `make small` with `full`.
SMALL = memmap

small: $(patsubst %,build/host/opt/bin/small/%,$(if $(T),$(T),$(SMALL)))
	@for t in $^; do $$t full || exit 1; done

smallquick: $(patsubst %,build/host/opt/bin/small/%,$(if $(T),$(T),$(SMALL)))
	@for t in $^; do $$t || exit 1; done

# Fuzz targets, tests/fuzz/NAME.c, what they found worth keeping in
# tests/fuzz/corpus/NAME: each for FUZZ_S seconds.
FUZZ =
FUZZ_S = 60

fuzz: $(patsubst %,build/host/fuzz/bin/fuzz/%,$(if $(T),$(T),$(FUZZ)))
	@for t in $^; do tests/fuzz/run $$t $(FUZZ_S) || exit 1; done

# Which lines and branches of COVER the unit tests reach.
COVER = mm/runs.c mm/sweep.c mm/memmap.c mm/mapprint.c mm/umb.c \
	mm/words.c mm/firmware.c mm/efimap.c mm/e820.c mm/ramscan.c mm/conf.c

coverage: $(patsubst %,build/host/cov/bin/unit/%,$(UNIT))
	@tests/coverage '$^' '$(if $(T),$(filter %/$(T).c,$(COVER)),$(COVER))'

# Faults put in on purpose, tests/mutants/NAME.list: the unit tests must fail.
MUTANTS =

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
	@tests/replay/check build/replay $(sort $(wildcard tests/maps/*.map))

# ---- the rest ----

clean:
	rm -rf build

format:
	clang-format -i $$(git ls-files '*.c' '*.h')

-include $(shell find build -name '*.d' 2>/dev/null)
