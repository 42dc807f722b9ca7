# SPDX-License-Identifier: Apache-2.0
# The front door. meson does the work; programs are left in build/bin/.

# clang, when not told otherwise: its guaranteed tail calls make the interpreter quick.
ifeq ($(origin CC),default)
CC = clang-19
endif
PREFIX ?= /usr/local
DESTDIR ?=
FUZZ_SECONDS ?= 60
dir = build/$(notdir $(CC))
arches = aarch64 riscv64 armhf s390x

.PHONY: all setup sdk legacy demo test test-long bench fuzz cross install clean help $(arches)

all: setup
	@[ -e $(dir)/build.ninja ] || CC=$(CC) meson setup $(dir) >/dev/null || { cat $(dir)/meson-logs/meson-log.txt; exit 1; }
	@ninja -C $(dir) src/libcloudskin.a src/cli/cloudskin
	@mkdir -p build/bin
	@cp -p $(dir)/src/cli/cloudskin build/bin/.cloudskin && mv build/bin/.cloudskin build/bin/cloudskin
	@if command -v clang-19 >/dev/null && [ -e /usr/include/wasm32-wasi/stdio.h ]; then sdk/build; fi

setup:
	@script/setup build

sdk: ## build/bin/cloudskin-cc and cloudskin-c++
	@script/setup guest
	@sdk/build

legacy: sdk
	@script/legacy

demo: ## freeze a running SQLite and continue it on three kinds of CPU
	@script/setup build guest aarch64 s390x qemu
	@$(MAKE) --no-print-directory all sdk
	@script/legacy sqlite3
	@$(MAKE) --no-print-directory aarch64 s390x
	@script/demo

test: ## everything that must hold before a change lands (under half an hour)
	@script/setup
	@script/check

test-long: ## test, and then the long walks and sweeps (hours)
	@script/setup
	@script/check --long

bench: ## speed, start-up, image and size against their bars
	@script/setup
	@$(MAKE) --no-print-directory all sdk
	@script/legacy
	@bench/run $(BENCH)

fuzz: ## libFuzzer on every target, FUZZ_SECONDS each (default 60)
	@script/setup build tests
	@script/fuzz $(FUZZ_SECONDS)

cross: $(arches) ## build for aarch64, riscv64, armhf and s390x

$(arches):
	@script/setup build $@ qemu
	@script/cross/setup $@ build/cross/$@ -Dtests=false >build/cross-$@.log 2>&1 || { cat build/cross-$@.log; exit 1; }
	@ninja -C build/cross/$@
	@mkdir -p build/$@/bin
	@cp -p build/cross/$@/src/cli/cloudskin build/$@/bin/.cloudskin && mv build/$@/bin/.cloudskin build/$@/bin/cloudskin

install: all ## DESTDIR= PREFIX= (default /usr/local)
	@meson configure $(dir) -Dprefix=$(PREFIX) && ninja -C $(dir) build.ninja src/libcloudskin.a src/cli/cloudskin >/dev/null
	@meson install -C $(dir) --no-rebuild --quiet $(if $(DESTDIR),--destdir $(abspath $(DESTDIR)))
	@script/install-sdk "$(DESTDIR)$(PREFIX)"

clean: ## remove everything that was built
	rm -rf build

help: ## this list
	@echo "make              build/bin/cloudskin (CC=$(CC))"
	@sed -n 's/^\([a-z-]*\):.*## /make \1|/p' Makefile | while IFS='|' read -r t w; do printf '%-17s %s\n' "$$t" "$$w"; done
