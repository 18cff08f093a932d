# What runs on this machine: mm/ and the rest that needs no metal, under test.
#
# A test is a file, found here and named nowhere:
#
#	tests/unit/NAME.c      cmocka; also tests/small, tests/fuzz, tests/bench
#	tests/mutants/NAME.list
#
# Each is linked with mm/ and tests/host/host.c. What more it needs, and which
# builds of it are run, its head comment says (without a word: san):
#
#	 * needs: arch/vmap.c tests/host/metal.c
#	 * builds: san check tsan
#
# A file that is needed may need others, and says so in the same way.
#
# A test that compiles a file of the image itself, to put something in between,
# says so for the sake of coverage:
#
#	 * covers: kern/check/checkmem.c

.PHONY: unit tsan small smallquick protocol fuzz fuzzcoverage bench coverage \
	mutants \
	mutantsample embed deps headers docs replay replaycheck

# Words FILE:WORD for all that files say after ` * needs:', ` * builds:'.
TESTSRC = $(wildcard tests/*/*.c tools/replay/*.c efi/forms/*.c)
said = $(shell awk '$$1 == "*" && $$2 == "$(1):" { \
	for (i = 3; i <= NF; i++) print FILENAME ":" $$i }' $(TESTSRC))
NEEDS := $(call said,needs)
BUILDS := $(call said,builds)
COVERS := $(call said,covers)

# The sources that this one needs, and those that they need.
needs = $(sort $(foreach f,$(patsubst $(1):%,%,$(filter $(1):%,$(NEEDS))),$f \
	$(call needs,$f)))
needed = $(patsubst %,build/host/$(1)/%.o,$(basename $(call needs,$(2))))

# The programs of a folder, by name; those unit tests that are run in a build.
programs = $(patsubst tests/$(1)/%.c,%,$(wildcard tests/$(1)/*.c))
runsin = $(patsubst tests/unit/%.c:$(1),%,$(filter %:$(1),$(BUILDS)))
UNIT = $(call programs,unit)
UNIT_san = $(filter-out $(foreach v,check tsan,$(call runsin,$v)), \
	$(UNIT)) $(call runsin,san)
UNIT_check = $(call runsin,check)
UNIT_tsan = $(call runsin,tsan)

# T= selects. Programs are run one after another until one fails.
some = $(if $(T),$(filter $(T),$(1)),$(1))
run = @test -n '$^' || { echo '$@: no $(T)'; exit 1; }; \
	for t in $^; do $(1) $$t $(2) || exit 1; done

# ---- how they are compiled ----
#
# Builds: san (tests), check (with CHECK=1), opt (benchmarks, tools), fuzz,
# tsan, cov, deps.

HOSTCC = clang
HOSTFLAGS = -std=c11 -g -fno-omit-frame-pointer -Wall -Wextra -Werror \
	-D_GNU_SOURCE
# mm/ sees what it may include, and the host's inline thiscpu().
HOSTMM = -Itests/host/mm -Iinclude -include tests/host/mm/rename.h
HOSTINC = -Itests/host -Itests/host/mm -Itests/model -Iinclude \
	-Iarch/amd64/include
HOSTAS = -Wa,--noexecstack
# Firmware is a fake one, whose functions are called as any other.
HOSTEFI = -fshort-wchar -isystem /usr/include/efi \
	-isystem /usr/include/efi/x86_64 -DVERSION='"test"'
# proc/ has its memory counted, but where its names are (tests/host/scarce.h).
HOSTPROC = -include tests/host/proc/rename.h
HOSTPROC_san = $(HOSTPROC)
HOSTPROC_check = $(HOSTPROC)
HOSTPROC_fuzz = $(HOSTPROC)
HOSTPROC_fuzzcov = $(HOSTPROC)
HOSTPROC_tsan = $(HOSTPROC)
HOSTPROC_cov = $(HOSTPROC)
HOSTPROC_opt = -include tests/host/mm/rename.h
# The image's main() is not this machine's.
build/host/%: HOSTMAIN = $(if $(filter efi/% kern/%,$<),-Dmain=kernelmain)
SAN = -fsanitize=address,undefined -fno-sanitize-recover=all
HOST_san = -O1 $(SAN)
HOST_check = -O1 $(SAN) -DCHECK=1
HOST_opt = -O2 -DHOSTNOSIGNALS
HOST_fuzz = -O1 $(SAN) -fsanitize=fuzzer-no-link
HOST_tsan = -O1 -fsanitize=thread
HOST_cov = -O0 -DCHECK=1 -fprofile-instr-generate -fcoverage-mapping \
	-fprofile-update=atomic
HOST_deps = -O2 -ffreestanding
LINK_fuzz = -fsanitize=fuzzer
HOST_fuzzcov = -O1 -fsanitize=fuzzer-no-link -fprofile-instr-generate \
	-fcoverage-mapping
LINK_fuzzcov = -fsanitize=fuzzer
# In the sanitizer's builds free memory is hidden from it.
MMHOST_san = -include tests/host/mm/asan.h
MMHOST_fuzz = $(MMHOST_san)

.SECONDEXPANSION:
define build
build/host/$(1)/mm/%.o: mm/%.c
	@mkdir -p $$(@D)
	@echo '  $(1)  $$@'
	@$$(HOSTCC) $$(HOSTFLAGS) $$(HOST_$(1)) $$(HOSTMM) $$(MMHOST_$(1)) \
		-MMD -MP -c $$< -o $$@

build/host/$(1)/proc/%.o: HOSTINC += $$(HOSTPROC_$(1))

build/host/$(1)/%.o: %.c
	@mkdir -p $$(@D)
	@echo '  $(1)  $$@'
	@$$(HOSTCC) $$(HOSTFLAGS) $$(HOST_$(1)) $$(HOSTINC) $$(HOSTEFI) \
		$$(HOSTMAIN) -MMD -MP -c $$< -o $$@

build/host/$(1)/%.o: %.S
	@mkdir -p $$(@D)
	@echo '  $(1)  $$@'
	@$$(HOSTCC) $$(HOSTAS) -MMD -MP -c $$< -o $$@

build/host/$(1)/bin/%: build/host/$(1)/tests/%.o \
		$(patsubst %.c,build/host/$(1)/%.o,$(MM) tests/host/host.c) \
		$$$$(call needed,$(1),tests/$$$$*.c)
	@mkdir -p $$(@D)
	@echo '  $(1)  $$@'
	@$$(HOSTCC) $$(HOST_$(1)) $$(LINK_$(1)) $$^ -o $$@ -lcmocka -lpthread -ldl
endef
$(foreach v,san check opt fuzz fuzzcov tsan cov deps,$(eval $(call build,$v)))

# ---- the suites ----

unit: $$(patsubst %,build/host/san/bin/unit/%,$$(call some,$(UNIT_san))) \
		$$(patsubst %,build/host/check/bin/unit/%,$$(call some,$(UNIT_check)))
	@test -n '$^' || { echo '$@: no $(T)'; exit 1; }
	@printf '%s\n' $^ | xargs -P 2 -n 1 tests/apiece

# Those with threads, under the thread sanitizer.
tsan: $$(patsubst %,build/host/tsan/bin/unit/%,$$(call some,$(UNIT_tsan)))
	$(call run,TSAN_OPTIONS=halt_on_error=1)

# Exhaustive runs over small machines: `make test` runs them with no argument,
# in seconds; `make small` with `full`.
small smallquick: $$(patsubst %,build/host/opt/bin/small/%, \
		$$(call some,$$(call programs,small)))
	$(call run,,$(if $(filter small,$@),full))

protocol:
	@tests/protocol/run $(T)

# What fuzz targets found worth keeping is in tests/fuzz/corpus/NAME: each runs
# for FUZZ_S seconds.
FUZZ_S = 60
fuzz: $$(patsubst %,build/host/fuzz/bin/fuzz/%, \
		$$(call some,$$(call programs,fuzz)))
	@printf '%s\n' $^ | xargs -P 2 -I{} tests/fuzz/run {} $(FUZZ_S)

# What a fuzz target reaches of the image's own files that it is linked with.
fuzzcoverage: $$(patsubst %,build/host/fuzzcov/bin/fuzz/%,$(T))
	@test -n '$(T)' || { echo '$@: of which target? T='; exit 1; }
	@tests/fuzz/coverage $< $(FUZZ_S) \
		'$(filter-out tests/% arch/%,$(call needs,tests/fuzz/$(T).c))'

# jemalloc must find room for its thread-local data when it is loaded late. What
# is printed, tests/bench/table makes a table of.
bench: $$(patsubst %,build/host/opt/bin/bench/%, \
		$$(call some,$$(call programs,bench)))
	@sed -n 's/^model name.*: /# CPU: /p;T;q' /proc/cpuinfo
	$(call run,GLIBC_TUNABLES=glibc.rtld.optional_static_tls=16384)
	@$(if $(filter-out locks,$(T)),,tests/bench/lines)

# Lines and branches that the unit tests reach in mm/ and in what else they
# need of the image; but not where the CPU decides, or instructions are that
# only a kernel may use. Programs with threads are left out, as what they reach
# is luck; but not those that build for `cov', where it is the same each time.
TESTED = $(MM) $(filter-out tests/% tools/% %.S \
	$(call room,arch/amd64,zero ram trap user),$(sort \
	$(foreach t,$(UNIT),$(call needs,tests/unit/$t.c) \
	$(patsubst tests/unit/$t.c:%,%,$(filter tests/unit/$t.c:%,$(COVERS))))))
COVERING = $(filter-out $(UNIT_tsan),$(UNIT)) $(call runsin,cov)
coverage: $$(patsubst %,build/host/cov/bin/unit/%,$(COVERING))
	@tests/coverage '$^' '$(if $(T),$(filter %/$(T).c,$(TESTED)),$(TESTED))'

# Faults put in on purpose, tests/mutants/NAME.list: the tests must fail. For
# those of the image there are boots in QEMU, of an image that has the fault.
mutants mutantsample: build/mem9.efi build/hostile.efi $(DISKS)
	@tests/mutants/run $(if $(filter mutantsample,$@),-s 4) \
		$(wildcard tests/mutants/$(or $(T),*).list)

# mm/ and its headers in a kernel of one's own: nothing else is used.
embed: build/embed
	@build/embed >build/embed.log 2>&1; \
		diff tests/embed/expected.txt build/embed.log
	@echo 'embed: result=ok'
build/embed: tests/embed/embed.c $(MM) $(wildcard include/*.h mm/*.h mm/*/*.h \
		tests/embed/*.h)
	@mkdir -p $(@D)
	@echo '  embed  $@'
	@$(HOSTCC) -std=c11 -g -O1 -Wall -Wextra -Werror -D_GNU_SOURCE \
		-Itests/embed -Iinclude -lpthread \
		-include tests/host/mm/rename.h $(filter %.c,$^) -o $@

# Who needs whom: the names that mm/, each room of it, the files on top, proc/,
# efi/forms/, and arch/ as far as it is tested here take from elsewhere; the files of the
# image that need each other around a circle; headers that only one folder uses.
depsobj = $(patsubst %.c,build/host/deps/%.o,$(1))
ROOMS = $(sort $(patsubst mm/%/,%,$(filter mm/%/,$(dir $(MM)))))
MMTOP = $(filter-out $(foreach r,$(ROOMS),mm/$r/%),$(MM))
DEPSARCH = $(call depsobj,$(filter arch/%,$(TESTED)))
deps: $(call depsobj,$(MM) $(PROC) $(FORMS)) $$(DEPSARCH) $(PEOBJ)
	@tests/deps tests/mm.allow $(call depsobj,$(MM))
	@true $(foreach r,$(ROOMS),&& tests/deps tests/allow/$r \
		$(call depsobj,$(filter mm/$r/%,$(MM))))
	@tests/deps tests/allow/top $(call depsobj,$(MMTOP))
	@tests/deps tests/allow/proc $(call depsobj,$(PROC))
	@tests/deps tests/allow/forms $(call depsobj,$(FORMS))
	@tests/deps tests/arch.allow $(DEPSARCH)
	@tests/circles tests/circles.allow $(PEOBJ)
	@tests/headers tests/allow/headers

# All headers in one file, in any order: those of the image, as it is compiled;
# and those that need no firmware, on this machine, with what is only there.
# hidden.h is not to be included, and main() here is another one.
HEADERS = $(filter-out arch/hidden.h,$(wildcard $(patsubst %,%/*.h,include \
	mm mm/* proc arch arch/* arch/*/include kern)))
headers:
	@tests/anyorder pe $(HEADERS) $(wildcard efi/*.h efi/*/*.h) -- \
		$(CC) $(PEFLAGS) $(INCLUDE) $(GNUEFI)
	@tests/anyorder host $(filter-out include/main.h,$(HEADERS)) \
		$(wildcard tests/host/*.h tests/host/mm/*.h tests/model/*.h) \
		-- $(HOSTCC) $(HOSTFLAGS) $(HOSTMM) $(MMHOST_san) $(HOSTINC) \
		$(HOSTEFI)
# What README.md and docs/ name is in the tree.
docs:
	@tests/docs

# ---- replay: mm/ on this machine over a saved map ----

REPLAY = main file diff hooks feed markup svg rows auditrows html
REPLAYSRC = $(MAPMM) $(patsubst %,tools/replay/%.c,$(REPLAY)) $(FORMS) \
	$(call room,kern,mapdiff regionpair mapchange extents linuxtype format) \
	kern/monitor/picture.c
replay: build/replay
build/replay: $(patsubst %.c,build/host/opt/%.o,$(REPLAYSRC))
	$(HOSTCC) $(HOST_opt) $^ -o $@

# Every map of tests/maps, in every form, against what it should print.
replaycheck: build/replay
	@tests/replay/check build/replay $(sort $(wildcard tests/maps/*.map \
		tests/replay/*/*.txt))
