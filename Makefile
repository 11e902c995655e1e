# courant: `make demo` shows it, `make check` tests it; both install what is missing (Debian, as root).
#   make            build build/courant            make check-asan   the unit and command tests under ASan and UBSan
#   make demo       a digest, end to end           make lint         rank check, clang-format, cppcheck
#   make check      build and pass every test      make bench        speed beside the named references
#   make deps       install packages               make fuzz         every fuzzer for FUZZ_SECONDS each
#   make judges     browsers, filters and mail clients look at the digests (packages, and npm's; some minutes)
#   make install    PREFIX=/usr/local              make golden       renew the messages that a test compares with

# The one list of packages: what building needs, what testing adds.
DEPS_BUILD = gcc make pkg-config libesmtp-dev libsqlite3-dev libinih-dev libssl-dev libxml2-dev libmd4c-dev \
	libmd4c-html0-dev libicu-dev libjansson-dev libcurl4-openssl-dev libgd-dev libyaml-dev libcsv-dev libc-ares-dev \
	ca-certificates
DEPS_TEST = libcmocka-dev sqlite3 postfix python3 openssl mandoc python3-dkim python3-nacl opendkim iproute2 util-linux \
	libmime-tools-perl mpack
DEPS_LINT = clang-format cppcheck mandoc python3
DEPS_FUZZ = clang-14 libclang-rt-14-dev
DEPS_DEMO = sqlite3
DEPS_JUDGES = $(DEPS_TEST) chromium nodejs npm spamassassin rspamd fonts-noto-core fonts-wqy-microhei \
	xvfb thunderbird imagemagick neomutt tmux

BUILD ?= build
PREFIX ?= /usr/local
CC ?= gcc
CFLAGS ?= -O2 -g
# What is built on the way to something else uses all cores, unless -j says otherwise.
JOBS = $(if $(filter -j%,$(MAKEFLAGS)),,-j$(shell nproc))
PKGS = sqlite3 libssl libcrypto libxml-2.0 icu-uc icu-i18n jansson md4c-html yaml-0.1

# Found when used, not when read: a fresh machine has no pkg-config before `make deps`.
PKG_CFLAGS = $(shell pkg-config --cflags $(PKGS))
PKG_LIBS = $(shell pkg-config --libs $(PKGS)) -lesmtp -linih -lcsv -lpthread -lm
WARN = -Wall -Wextra -Wconversion -Wshadow -Wformat=2 -Wstrict-prototypes -Wmissing-prototypes $(if $(CI),-Werror,)
ALL_CFLAGS = -std=gnu17 -D_GNU_SOURCE $(WARN) $(CFLAGS) $(EXTRA_CFLAGS) -fstack-protector-strong -Isrc -I$(BUILD)/gen
ALL_LDFLAGS = $(LDFLAGS) -Wl,-z,relro,-z,now

# MODULES narrows a build to some folders of src/ (for work on one of them): make unit MODULES="base mime"
MODULES ?= $(notdir $(patsubst %/,%,$(sort $(dir $(wildcard src/*/*.c)))))
SRC = $(foreach m,$(MODULES),$(wildcard src/$(m)/*.c))
OBJ = $(SRC:src/%.c=$(BUILD)/obj/%.o)
LIB = $(BUILD)/libcourant.a
UNIT = $(patsubst tests/unit/%.c,$(BUILD)/unit/%,$(foreach m,$(MODULES),$(wildcard tests/unit/$(m)/*_test.c)))
SINK = $(patsubst tests/%.c,$(BUILD)/sink/%.o,tests/smtp_sink.c $(wildcard tests/sink/*.c))

.PHONY: all deps deps-build deps-test demo check check-asan check-tsan unit cli lint bench fuzz golden install clean units \
	deps-lint deps-fuzz deps-demo deps-judges judge judges
all: $(BUILD)/courant $(BUILD)/smtp_sink $(BUILD)/faults.so

deps-build deps-test deps-lint deps-fuzz deps-demo deps-judges:
	@sh tests/deps.sh $(DEPS_BUILD) $(if $(filter deps-judges,$@),$(DEPS_JUDGES)) $(if $(filter deps-test,$@),$(DEPS_TEST)) $(if $(filter deps-lint,$@),$(DEPS_LINT)) \
		$(if $(filter deps-fuzz,$@),$(DEPS_FUZZ)) $(if $(filter deps-demo,$@),$(DEPS_DEMO))
deps: deps-test

# The compiled flags: a change of CFLAGS or of the compiler rebuilds.
$(BUILD)/flags: FORCE
	@mkdir -p $(BUILD)
	@echo '$(CC) $(ALL_CFLAGS)' | cmp -s - $@ || echo '$(CC) $(ALL_CFLAGS)' > $@
FORCE:

# The shipped templates are compiled in: a C array a file.
TEMPLATES = $(sort $(wildcard templates/*.html templates/*.txt templates/*/*.html templates/*/*.txt))
$(BUILD)/gen/templates.inc: tests/embed.sh $(TEMPLATES)
	@mkdir -p $(@D)
	@sh tests/embed.sh $(TEMPLATES) > $@.new && mv $@.new $@

# So is the commented example that `courant init` writes.
$(BUILD)/gen/example.inc: tests/embed.sh conf/courant.ini
	@mkdir -p $(@D)
	@sh tests/embed.sh conf/courant.ini > $@.new && mv $@.new $@

$(BUILD)/obj/%.o: src/%.c $(BUILD)/flags | $(BUILD)/gen/templates.inc $(BUILD)/gen/example.inc
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(PKG_CFLAGS) -MMD -MP -c -o $@ $<

$(LIB): $(OBJ)
	@rm -f $@
	@ar rcs $@ $(OBJ)

$(BUILD)/courant: $(BUILD)/obj/main.o $(LIB)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -rdynamic -o $@ $< $(LIB) $(PKG_LIBS)

# The tests' SMTP server; nothing of src/ is in it.
$(BUILD)/sink/%.o: tests/%.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) -Itests -MMD -MP -c -o $@ $<

$(BUILD)/smtp_sink: $(SINK)
	$(CC) $(ALL_CFLAGS) $(ALL_LDFLAGS) -o $@ $(SINK) -lssl -lcrypto

# What the judge of the feed parser runs.
$(BUILD)/feed_dump: tests/feed_dump.c $(LIB)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(PKG_CFLAGS) $(ALL_LDFLAGS) -MMD -MP -rdynamic -o $@ $< $(LIB) $(PKG_LIBS)

# Preloaded into courant by the tests: failing disks and losses of power.
$(BUILD)/faults.so: tests/faults.c $(BUILD)/flags
	@mkdir -p $(@D)
	$(CC) $(filter-out -fsanitize=%,$(ALL_CFLAGS)) -fPIC -shared -o $@ $< -ldl -lpthread

$(BUILD)/unit/%: tests/unit/%.c $(LIB)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(PKG_CFLAGS) -Itests $(ALL_LDFLAGS) -MMD -MP -rdynamic -o $@ $< $(LIB) -lcmocka $(PKG_LIBS)

unit: $(UNIT)
	@sh tests/run.sh $(BUILD) $(UNIT)

check: deps-test
	@[ -x $(BUILD)/courant ] || echo "building courant and its tests in $(BUILD)/ (a minute)"
	@$(MAKE) --no-print-directory -s $(JOBS) all units
	@sh tests/run.sh $(BUILD) $(UNIT) $(sort $(wildcard tests/cli/[0-9]*.sh))
units: $(UNIT)

# faults.so is preloaded before ASan's own library, which objects unless told.
check-asan: deps-test
	@$(MAKE) --no-print-directory -s $(JOBS) BUILD=$(BUILD)-asan CFLAGS='-O1 -g -fsanitize=address,undefined -fno-sanitize-recover=undefined -fno-omit-frame-pointer' all units
	@ASAN_OPTIONS=verify_asan_link_order=0:$$ASAN_OPTIONS sh tests/run.sh $(BUILD)-asan $(UNIT:$(BUILD)/%=$(BUILD)-asan/%) $(sort $(wildcard tests/cli/[0-9]*.sh))

check-tsan: deps-test
	@$(MAKE) --no-print-directory -s $(JOBS) BUILD=$(BUILD)-tsan CFLAGS='-O1 -g -fsanitize=thread' all units
	@sh tests/run.sh $(BUILD)-tsan $(UNIT:$(BUILD)/%=$(BUILD)-tsan/%)

lint: deps-lint
	@sh tests/lint.sh

# The transport alone, to be compared with smtp-source; composing and signing alone, with openssl speed.
BENCH = $(BUILD)/transport_bench $(BUILD)/compose_bench
$(BENCH): $(BUILD)/%: tests/bench/%.c $(LIB)
	@mkdir -p $(@D)
	$(CC) $(ALL_CFLAGS) $(PKG_CFLAGS) $(ALL_LDFLAGS) -MMD -MP -rdynamic -o $@ $< $(LIB) $(PKG_LIBS)

bench: deps-test
	@$(MAKE) --no-print-directory -s $(JOBS) all $(BENCH)
	@sh tests/bench/run.sh $(BUILD)

# The feed parser beside another one's test feeds, which are not ours: FEEDS is the folder `tests` of Universal Feed
# Parser's repository. Prints the pass rates; -v the differences.
FEEDS ?= ../feedparser/tests
judge: $(BUILD)/feed_dump
	@python3 tests/feed_judge.py $(BUILD) $(FEEDS)

# What tests/cli/26-golden.sh compares with; look at the difference before you commit it.
golden: all
	@BUILD=$(BUILD) GOLDEN=renew bash tests/cli/26-golden.sh

# What a reader sees and a filter thinks, by programs that are not ours; screenshots in build/judges/shots.
judges: deps-judges
	@$(MAKE) --no-print-directory -s $(JOBS) all
	@mkdir -p $(BUILD)/judges/node
	@cmp -s tests/judges/package.json $(BUILD)/judges/node/package.json || { \
		cp tests/judges/package.json $(BUILD)/judges/node/ && cd $(BUILD)/judges/node && \
		npm install --no-audit --no-fund --loglevel=error >npm.log 2>&1 || { tail -5 npm.log; rm package.json; exit 1; }; }
	@BUILD=$(BUILD) bash tests/judges/samples.sh $(BUILD)/judges
	@sh tests/run.sh $(BUILD) $(sort $(wildcard tests/judges/[0-9]*.sh))

FUZZ_SECONDS ?= 30
fuzz: deps-fuzz
	@BUILD=$(BUILD)-fuzz FUZZ_SECONDS=$(FUZZ_SECONDS) sh tests/fuzz/run.sh

demo: deps-demo
	@[ -x $(BUILD)/courant ] || echo "building courant in $(BUILD)/ (some 20 seconds)"
	@$(MAKE) --no-print-directory -s $(JOBS) all
	@sh tests/demo.sh $(BUILD)

install: all
	install -D -m 755 $(BUILD)/courant $(DESTDIR)$(PREFIX)/bin/courant
	for f in doc/*.[0-9]; do install -D -m 644 $$f $(DESTDIR)$(PREFIX)/share/man/man$${f##*.}/$$(basename $$f); done
	install -D -m 755 doc/compare-mails.py $(DESTDIR)$(PREFIX)/share/courant/compare-mails.py
	for f in conf/*; do install -D -m 644 $$f $(DESTDIR)$(PREFIX)/share/courant/$$(basename $$f); done

clean:
	rm -rf $(BUILD) $(BUILD)-asan $(BUILD)-tsan $(BUILD)-fuzz

-include $(OBJ:.o=.d) $(UNIT:=.d) $(BUILD)/obj/main.d $(SINK:.o=.d) $(BENCH:=.d) $(BUILD)/feed_dump.d
