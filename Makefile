# Palindrome: a reversible language and its toolchain.
#
#   make            build/bin/pal, build/bin/pvmr, build/lib/libpalrt.a
#   make run        run examples/tour.pal; FILE=x.pal ARGS="…" for another
#   make test       all tests
#   make help       every target
#
# Sources are found by room, so a new file needs no line here.  Everything
# that is made lives under build/.  VARIANT=debug|asan|tsan|coverage|clang|
# fuzz builds the same rooms with other flags under build/VARIANT/.

VERSION := 0.1.0
VARIANT :=

prefix     := /usr/local
DESTDIR    :=
FILE       := examples/tour.pal
ARGS       :=
SECONDS    := 30
COUNT      := 10000
SUITES     :=

# All jobs at once, unless this is a make called by a make.
JOBS := $(shell nproc 2>/dev/null || echo 1)
ifeq ($(MAKELEVEL),0)
MAKEFLAGS += --jobs=$(JOBS) --no-print-directory
endif
# What is tested and measured is done, whether or not it was done before.
export PAL_CACHE := off
.DELETE_ON_ERROR:
.SUFFIXES:

# ---- what the machine must have ----------------------------------------------

# Debian and Ubuntu packages, once.  A name that is a program on the PATH is
# there however it was installed.
packages-build := gcc libc6-dev re2c lemon libzstd-dev libutf8proc-dev \
                  libxxhash-dev libjansson-dev
packages-test  := python3 libcmocka-dev
packages-check := gcovr clang libclang-rt-dev llvm valgrind
packages-bench := lua5.4 luajit ocaml-nox nodejs

# $(call install,LIST): installs what is missing, or says how to.
define install
@missing=; for p in $(1); do \
  command -v $$p >/dev/null 2>&1 || \
  dpkg -s $$p 2>/dev/null | grep -q '^Status: .* installed' || \
  missing="$$missing $$p"; done; \
if [ -z "$$missing" ]; then :; \
elif ! command -v apt-get >/dev/null 2>&1; then \
  echo "Not a Debian system: assuming that it has$$missing."; \
elif [ "$$(id -u)" = 0 ]; then \
  echo "Installing$$missing …"; \
  apt-get update -qq && DEBIAN_FRONTEND=noninteractive \
  apt-get install -y -qq --no-install-recommends $$missing >/dev/null; \
else \
  echo "Packages are missing.  Please run:"; \
  echo "  sudo apt-get update && sudo apt-get install -y$$missing"; \
  exit 1; \
fi; mkdir -p $(@D); touch $@
endef

# ---- variants ------------------------------------------------------------------

B   := build$(if $(VARIANT),/$(VARIANT))
GEN := build/gen

CC       := gcc
OPTIMISE := -O2 -DNDEBUG
SANITISE :=

sanitise-asan := -fsanitize=address,undefined -fno-sanitize-recover=all \
                 -fno-omit-frame-pointer

ifeq ($(VARIANT),debug)
OPTIMISE := -O1
else ifeq ($(VARIANT),asan)
OPTIMISE := -O1
SANITISE := $(sanitise-asan)
else ifeq ($(VARIANT),tsan)
OPTIMISE := -O1
SANITISE := -fsanitize=thread
else ifeq ($(VARIANT),coverage)
OPTIMISE := -O0
SANITISE := --coverage
else ifeq ($(VARIANT),clang)
CC := clang
else ifeq ($(VARIANT),fuzz)
CC       := clang
OPTIMISE := -O1
SANITISE := $(sanitise-asan) -fsanitize=fuzzer-no-link
else ifeq ($(VARIANT),fuzz-coverage)
CC       := clang
OPTIMISE := -O1
SANITISE := -fprofile-instr-generate -fcoverage-mapping \
            -fsanitize=fuzzer-no-link
else ifeq ($(VARIANT),nobarrier)
# Only for measuring: without the barrier nothing can be undone or collected.
SANITISE := -DVM_NO_BARRIER
else ifeq ($(VARIANT),nostats)
# Only for measuring: nothing is counted, and no collection is timed.
SANITISE := -DPAL_NO_STATS
else ifeq ($(VARIANT),malloc)
# Only for measuring: no pools and no chunks, every allocation is a malloc.
SANITISE := -DMEM_PLAIN
else ifneq ($(VARIANT),)
$(error VARIANT is debug, asan, tsan, coverage, clang, fuzz, fuzz-coverage, \
        nobarrier, nostats, malloc or nothing)
endif

CFLAGS  := -std=c11 -D_GNU_SOURCE -fno-strict-aliasing $(OPTIMISE) -g -Wall -Wextra -Werror \
           -I. -I$(GEN) -DPAL_VERSION='"$(VERSION)"' $(SANITISE)
LDFLAGS := $(SANITISE)

libs-runtime  := -lzstd -lutf8proc -lxxhash -lm
libs-compiler := -ljansson $(libs-runtime)
# pvmr goes into the executables that pal makes, so it brings its libraries
# along where they exist as archives; libc and libm alone stay shared.  Looked
# for when it is linked: before, they may not have been installed.
archived  = $(if $(findstring /,$(shell $(CC) -print-file-name=lib$(1).a)),\
              -l:lib$(1).a,-l$(1))
libs-pvmr = $(foreach l,$(libs-runtime:-l%=%),$(if $(filter m,$l),-lm,\
              $(call archived,$l)))
libs-test     := -lcmocka $(libs-compiler)

# ---- rooms -----------------------------------------------------------------------

lexers   := $(wildcard frontend/*.re backend/*.re ir/*.re)
grammars := $(wildcard frontend/*.y)
stdlib   := $(sort $(wildcard stdlib/*.pal))
generated := $(lexers:%.re=$(GEN)/%.c) $(grammars:%.y=$(GEN)/%.c) \
             $(GEN)/frontend/stdlib.c

# Made by pattern rules, yet worth keeping.
.SECONDARY: $(generated) $(generated:.c=.h)

objects = $(patsubst %.c,$(B)/obj/%.o,$(1))

# Both programs share all of runtime/driver but pvmr's own main.
drivers-both := $(filter-out %/pvmr.c,$(wildcard runtime/driver/*.c))
drivers-pvmr := runtime/driver/pvmr.c $(drivers-both)
drivers-pal  := $(wildcard frontend/driver/*.c) $(drivers-both)
sources-compiler := $(wildcard frontend/*.c frontend/doc/*.c ir/*.c backend/*.c)
sources-runtime  := $(filter-out $(drivers-pvmr),$(wildcard runtime/*/*.c))

compiler := $(call objects,$(sources-compiler)) \
            $(patsubst $(GEN)/%.c,$(B)/obj/gen/%.o,$(generated))
runtime  := $(call objects,$(sources-runtime))

unit     := $(patsubst tests/unit/%.c,$(B)/tests/unit/%,\
              $(wildcard tests/unit/test_*.c))
property := $(patsubst tests/property/%.c,$(B)/tests/property/%,\
              $(wildcard tests/property/*.c))
fuzzers  := $(patsubst tests/fuzz/%.c,$(B)/tests/fuzz/%,\
              $(wildcard tests/fuzz/fuzz_*.c))

benches  := $(patsubst tests/bench/%.c,$(B)/tests/bench/%,\
              $(wildcard tests/bench/*.c))

pal      := $(B)/bin/pal
pvmr     := $(B)/bin/pvmr
libpalrt := $(B)/lib/libpalrt.a
libpal   := $(B)/lib/libpal.a

.PHONY: all setup ready run test unit bench bench-quick asan fuzz soak coverage \
        fuzz-coverage bless layers install clean help programs tests benches \
        fuzzers \
        force
.DEFAULT_GOAL := all

all: programs ## build the programs and the library (the default)
programs: $(pal) $(pvmr) $(libpalrt)
tests: $(unit) $(property)
benches: $(benches)
fuzzers: $(fuzzers)

# ---- setup -----------------------------------------------------------------------

ready-build := build/setup/build
ready-test  := build/setup/test
ready-check := build/setup/check
ready-bench := build/setup/bench

setup: $(ready-build) $(ready-test) ## install what building and testing need
ready: $(ready-check) ## install what asan, clang, fuzz and valgrind need

$(ready-build): Makefile
	$(call install,$(packages-build))
$(ready-test): $(ready-build)
	$(call install,$(packages-test))
$(ready-check): $(ready-test)
	$(call install,$(packages-check))
$(ready-bench): $(ready-check)
	$(call install,$(packages-bench))

# ---- building --------------------------------------------------------------------

# Everything is made again when the flags change.
flags := $(B)/flags
$(flags): force
	@mkdir -p $(@D)
	@echo '$(subst ','\'',$(CC) $(CFLAGS) $(LDFLAGS))' | cmp -s - $@ || \
	 echo '$(subst ','\'',$(CC) $(CFLAGS) $(LDFLAGS))' > $@

$(GEN)/%.c: %.re | $(ready-build)
	@mkdir -p $(@D)
	@echo "  re2c    $<"
	@re2c -W -i --no-generation-date -o $@ $<

$(GEN)/%.c $(GEN)/%.h: %.y | $(ready-build)
	@mkdir -p $(@D)
	@echo "  lemon   $<"
	@lemon -l -d$(GEN)/$(dir $*) $<
	@touch $(GEN)/$*.c $(GEN)/$*.h # lemon leaves an unchanged header alone

# The standard library's sources as arrays of their bytes.
$(GEN)/frontend/stdlib.c: $(stdlib) stdlib Makefile
	@mkdir -p $(@D)
	@echo "  embed   stdlib"
	@{ echo '#include "frontend/stdlib.h"'; \
	 for f in $(stdlib); do n=$$(basename $$f .pal); \
	   echo "static const unsigned char text_$$n[] = {"; \
	   od -An -v -tx1 $$f | sed 's/[0-9a-f][0-9a-f]/0x&,/g'; \
	   echo '0};'; done; \
	 echo 'const struct stdlib_file stdlib_files[] = {'; \
	 for f in $(stdlib); do n=$$(basename $$f .pal); \
	   echo "{\"$$n\", \"$$f\", (const char *)text_$$n, sizeof text_$$n - 1},"; done; \
	 echo '};'; \
	 echo 'const uint32_t stdlib_nfiles ='; \
	 echo 'sizeof stdlib_files / sizeof *stdlib_files;'; } > $@

compile = @mkdir -p $(@D); echo "  cc      $<"; \
          $(CC) $(CFLAGS) $(EXTRA) -MMD -MP -c -o $@ $<

$(B)/obj/%.o: %.c $(flags) | $(generated) $(ready-build)
	$(compile)

# lemon's parser keeps its trace file in a variable unless NDEBUG is set.
$(B)/obj/gen/%.o: EXTRA := -DNDEBUG
$(B)/obj/gen/%.o: $(GEN)/%.c $(flags) | $(generated) $(ready-build)
	$(compile)

archive = @mkdir -p $(@D); echo "  ar      $@"; rm -f $@; ar rcs $@ $^
link    = @mkdir -p $(@D); echo "  link    $@"; $(CC) $(LDFLAGS) -o $@

$(libpalrt): $(runtime)
	$(archive)
$(libpal): $(compiler) $(runtime)
	$(archive)
# The linker's hash of pal is what the cache knows the compiler by.
$(pal): $(call objects,$(drivers-pal)) $(libpal)
	$(link) $^ $(libs-compiler) -Wl,--build-id
$(pvmr): $(call objects,$(drivers-pvmr)) $(libpalrt)
	$(link) $^ $(libs-pvmr)

$(unit) $(property) $(benches): $(B)/tests/%: $(B)/obj/tests/%.o $(libpal)
	$(link) $^ $(libs-test)
$(fuzzers): $(B)/tests/%: $(B)/obj/tests/%.o $(libpal)
	$(link) -fsanitize=fuzzer $^ $(libs-compiler)
$(patsubst %,$(B)/obj/tests/%.o,$(patsubst $(B)/tests/%,%,\
  $(unit) $(property))): | $(ready-test)

-include $(shell find $(B)/obj -name '*.d' 2>/dev/null)

# ---- jobs ------------------------------------------------------------------------

run: programs ## run FILE (examples/tour.pal) with ARGS
	@printf '\n$$ pal run %s\n\n' '$(subst ','\'',$(FILE) $(ARGS))'
	@$(pal) run $(FILE) $(ARGS); s=$$?; echo; \
	 echo "$(FILE) ended with status $$s."; exit $$s

test: $(ready-test) programs tests ## all tests; ends with N passed, N failed
	@python3 tests/run --build=$(B) $(SUITES)

unit: $(ready-test) tests ## the C unit and property tests alone
	@python3 tests/run --build=$(B) unit property

layers: $(ready-test) $(libpal) ## the rules of the house: includes, memory, state
	@python3 tests/run --build=$(B) layers

bench: $(ready-bench) programs benches ## measure against lua5.4, and what scopes cost
	@$(MAKE) VARIANT=nobarrier build/nobarrier/bin/pvmr
	@$(MAKE) VARIANT=malloc build/malloc/bin/pal
	@$(MAKE) VARIANT=nostats build/nostats/bin/pvmr
	@python3 tests/bench/run.py --build=$(B)
bench-quick: $(ready-bench) programs benches
	@python3 tests/bench/run.py --build=$(B) --quick

asan: $(ready-test) ## all tests with address and undefined sanitizers
	@$(MAKE) VARIANT=asan test

# One fuzz target after another, SECONDS each.
fuzz: $(ready-check) programs ## fuzz every input format for SECONDS=30 each
	@$(MAKE) VARIANT=fuzz fuzzers
	@python3 tests/fuzz/run.py --seconds=$(SECONDS) build/fuzz/tests/fuzz

fuzz-coverage: $(ready-check) ## what of its module each fuzz target reaches
	@$(MAKE) VARIANT=fuzz-coverage fuzzers
	@python3 tests/fuzz/coverage.py build/fuzz-coverage/tests/fuzz

# The random programs run where the invariants are checked.
soak: $(ready-check) programs tests ## COUNT random programs, then SECONDS of fuzzing
	@$(MAKE) VARIANT=debug programs
	@python3 tests/property/differential.py --build=build/debug --count=$(COUNT)
	@python3 tests/property/sums.py --build=build/debug --count=$(COUNT)
	@python3 tests/property/matches.py --build=build/debug --count=$(COUNT)
	@python3 tests/property/reversible.py --build=build/debug --count=$(COUNT)
	@python3 tests/property/reversible.py --build=build/debug --count=$(COUNT) \
	  --violations
	@PAL_SOAK=$(SECONDS) python3 tests/run --build=$(B) property memory:bounded
	@$(MAKE) fuzz

coverage: $(ready-check) ## which lines the tests reach, by file
	@$(MAKE) VARIANT=coverage test
	@gcovr --root . --exclude 'tests/.*' --exclude 'build/gen/.*' \
	  --print-summary build/coverage

bless: $(ready-test) programs ## renew golden files and what docs show
	@python3 tests/run --build=$(B) --bless ir pvm invert doc docs

install: programs ## copy programs, library and headers to DESTDIR/prefix
	install -d $(DESTDIR)$(prefix)/bin $(DESTDIR)$(prefix)/lib \
	  $(DESTDIR)$(prefix)/include
	install $(pal) $(pvmr) $(DESTDIR)$(prefix)/bin
	install -m 644 $(libpalrt) $(DESTDIR)$(prefix)/lib
	for h in $(wildcard runtime/include/*.h); do \
	  install -m 644 $$h $(DESTDIR)$(prefix)/include; done

clean: ## remove everything that was made
	rm -rf build

help: ## this list
	@awk -F':.*## ' '/^[a-z-]+:.*## / {printf "  make %-10s %s\n", $$1, $$2}' \
	  Makefile

# ---- planted bugs ------------------------------------------------------------------

# Rules of the runtime weakened one at a time (tests/property/planted.def), of the
# allocators (planted_mem.def), of maps (planted_map.def), of natives (planted_natives.def), of
# guardians (planted_guardian.def), of what makes reversible code go back
# (planted_rev.def), and of matches (planted_match.def); the models and tests must notice each.  PLANT=WORD plants those whose name holds it.
PLANT :=

.PHONY: plant
plant: $(ready-test) programs ## plant bugs in copies of the sources: all must be caught
	@python3 tests/property/plant.py --build=build --cc=$(CC) "$(PLANT)"
	@python3 tests/property/plant_mem.py --build=build --cc=$(CC) "$(PLANT)"
	@python3 tests/property/plant_map.py --build=build --cc=$(CC) "$(PLANT)"
	@python3 tests/property/plant_natives.py --build=build --cc=$(CC) "$(PLANT)"
	@python3 tests/property/plant_guardian.py --build=build --cc=$(CC) "$(PLANT)"
	@python3 tests/property/plant_rev.py --build=build "$(PLANT)"
	@python3 tests/property/plant_match.py --build=build "$(PLANT)"
