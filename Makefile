# GNU make; "make help" lists what can be made.
#
# NGINX is the server that is to load the module, NGINX_SRC its source or its
# headers as Debian's nginx-dev installs them.  NGINX_CONFIGURE, if set, is
# used instead of the arguments that "nginx -V" shows.

NGINX            ?= $(shell PATH="$$PATH:/usr/local/sbin:/usr/sbin"; \
                            command -v nginx)
NGINX_SRC        ?= /usr/share/nginx/src
NGINX_CONFIGURE  ?=
NGINX_TARBALL    ?=
PROVE            ?= prove
PROVE_FLAGS      ?=

FUZZ_CC          ?= clang
FUZZ_SECONDS     ?= 60

ifeq ($(origin CC), default)
CC = gcc
endif

BUILD   = build
MODULE  = $(BUILD)/ngx_http_token_revoke_module.so
JOBS   := $(shell nproc 2>/dev/null || echo 1)

MAKEFLAGS += --no-print-directory

CFLAGS_ALL    = -std=gnu99 -Wall -Wextra -Werror -Isrc -MMD -MP
CFLAGS_ASAN   = -O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined \
                -fno-sanitize-recover=all
CFLAGS_FUZZ   = -O1 -g -fno-omit-frame-pointer \
                -fsanitize=fuzzer-no-link,address,undefined \
                -fno-sanitize-recover=all
CFLAGS_PLAIN  = -O2 -g
CFLAGS_TEST   = -Isrc/core -Isrc/codec
LIBS_CLI      = -lhiredis -ljansson -lssl -lcrypto -lz
LIBS          = -lhiredis -ljansson -lcrypto -lpthread

LIB_SRC     = $(wildcard src/core/*.c src/codec/*.c)
TEST_SRC    = $(wildcard t/unit/test_*.c)
STRESS_SRC  = $(wildcard t/unit/stress_*.c)

OBJ_ASAN    = $(LIB_SRC:src/%.c=$(BUILD)/asan/%.o)
OBJ_PLAIN   = $(LIB_SRC:src/%.c=$(BUILD)/plain/%.o)
LIB_ASAN    = $(BUILD)/asan/libtrv.a
LIB_PLAIN   = $(BUILD)/plain/libtrv.a
TESTS       = $(TEST_SRC:t/unit/%.c=$(BUILD)/unit/%)
BENCHES     = $(patsubst bench/%.c, $(BUILD)/bench/%, $(wildcard bench/*.c))
BENCH_LIB   = $(wildcard bench/lib/*.c)
STRESSES    = $(STRESS_SRC:t/unit/%.c=$(BUILD)/unit/%)

CLI         = $(BUILD)/token-revoke
CLI_SRC     = $(wildcard src/cli/*.c)
OBJ_CLI     = $(CLI_SRC:src/%.c=$(BUILD)/plain/%.o)
CLI_ASAN    = $(BUILD)/asan/token-revoke
OBJ_CLI_ASAN = $(CLI_SRC:src/%.c=$(BUILD)/asan/%.o)

FUZZ_SRC    = $(wildcard t/fuzz/fuzz_*.c)
OBJ_FUZZ    = $(LIB_SRC:src/%.c=$(BUILD)/fuzz/%.o)
LIB_FUZZ    = $(BUILD)/fuzz/libtrv.a
FUZZERS     = $(FUZZ_SRC:t/fuzz/%.c=$(BUILD)/fuzz/%)

CHECKED_C   = $(wildcard *.[ch] src/*.[ch] src/*/*.[ch] t/unit/*.[ch] \
                         t/preload/*.[ch] t/fuzz/*.[ch] bench/*.[ch] bench/*/*.[ch])
CHECKED     = $(CHECKED_C) $(wildcard t/*.t t/lib/*.pm t/lib/*/*.pm \
                                      t/lib/*/*/*.pm \
                                      tools/*.pl demo/*.pl demo/lib/*/*.pm \
                                      bench/*.pl bench/lib/*/*.pm)

.PHONY: all module cli cli-asan manual unit test bench benches check style lint \
        layers demo valgrind asan asan-test chaos fuzzers fuzz clean help
.DELETE_ON_ERROR:
.SECONDARY:


## all        the module and the command (default)
all: module cli


## module     build/ngx_http_token_revoke_module.so, for the nginx of the system
module:
	+@NGINX='$(NGINX)' NGINX_SRC='$(NGINX_SRC)' BUILD='$(BUILD)' \
	    NGINX_CONFIGURE='$(NGINX_CONFIGURE)' CC='$(CC)' \
	    MAKE='$(MAKE)' tools/module.sh


## cli        build/token-revoke, the operator's command
cli: $(CLI)

$(CLI): $(OBJ_CLI) $(LIB_PLAIN)
	@echo "  LINK  $@"
	@$(CC) $(CFLAGS_PLAIN) $(CFLAGS) -Wl,--as-needed $(LDFLAGS) \
	    -o $@ $^ $(LIBS_CLI)


## manual     build/token-revoke.1, its manual page
manual: $(CLI)
	@perl tools/manual.pl $(CLI) > $(BUILD)/token-revoke.1


## cli-asan   build/asan/token-revoke, the same with sanitizers, for the tests
cli-asan: $(CLI_ASAN)

$(CLI_ASAN): $(OBJ_CLI_ASAN) $(LIB_ASAN)
	@echo "  LINK  $@"
	@$(CC) $(CFLAGS_ASAN) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS_CLI)


## unit       build/unit/test_* (with sanitizers) and build/unit/stress_*
unit: $(TESTS) $(STRESSES)

$(BUILD)/asan/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	@echo "  CC    $@"
	@$(CC) $(CFLAGS_ALL) $(CFLAGS_ASAN) $(CFLAGS) -c -o $@ $<

$(BUILD)/plain/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	@echo "  CC    $@"
	@$(CC) $(CFLAGS_ALL) $(CFLAGS_PLAIN) $(CFLAGS) -c -o $@ $<

$(BUILD)/asan/unit/%.o: t/unit/%.c Makefile
	@mkdir -p $(@D)
	@echo "  CC    $@"
	@$(CC) $(CFLAGS_ALL) $(CFLAGS_TEST) $(CFLAGS_ASAN) $(CFLAGS) \
	    -c -o $@ $<

$(BUILD)/plain/unit/%.o: t/unit/%.c Makefile
	@mkdir -p $(@D)
	@echo "  CC    $@"
	@$(CC) $(CFLAGS_ALL) $(CFLAGS_TEST) $(CFLAGS_PLAIN) $(CFLAGS) \
	    -c -o $@ $<

$(LIB_ASAN): $(OBJ_ASAN)
$(LIB_PLAIN): $(OBJ_PLAIN)
$(LIB_FUZZ): $(OBJ_FUZZ)
$(LIB_ASAN) $(LIB_PLAIN) $(LIB_FUZZ):
	@rm -f $@
	@ar rcs $@ $^

$(BUILD)/unit/test_%: $(BUILD)/asan/unit/test_%.o $(LIB_ASAN)
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	@$(CC) $(CFLAGS_ASAN) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/unit/stress_%: $(BUILD)/plain/unit/stress_%.o $(LIB_PLAIN)
	@mkdir -p $(@D)
	@echo "  LINK  $@"
	@$(CC) $(CFLAGS_PLAIN) $(CFLAGS) $(LDFLAGS) -o $@ $^ $(LIBS)

$(BUILD)/fuzz/%.o: src/%.c Makefile
	@mkdir -p $(@D)
	@echo "  CC    $@"
	@$(FUZZ_CC) $(CFLAGS_ALL) $(CFLAGS_FUZZ) $(CFLAGS) -c -o $@ $<

$(BUILD)/fuzz/fuzz_%.o: t/fuzz/fuzz_%.c Makefile
	@mkdir -p $(@D)
	@echo "  CC    $@"
	@$(FUZZ_CC) $(CFLAGS_ALL) $(CFLAGS_TEST) $(CFLAGS_FUZZ) $(CFLAGS) \
	    -c -o $@ $<

$(BUILD)/fuzz/fuzz_%: $(BUILD)/fuzz/fuzz_%.o $(LIB_FUZZ)
	@echo "  LINK  $@"
	@$(FUZZ_CC) -fsanitize=fuzzer,address,undefined $(CFLAGS) $(LDFLAGS) \
	    -o $@ $^ $(LIBS)

-include $(wildcard $(BUILD)/asan/*/*.d $(BUILD)/plain/*/*.d \
                    $(BUILD)/fuzz/*.d $(BUILD)/fuzz/*/*.d)


## fuzzers    build/fuzz/fuzz_*, with clang
fuzzers: $(FUZZERS)


## fuzz       runs each of them for FUZZ_SECONDS (60) on what it found before
fuzz: fuzzers
	@for f in $(FUZZERS); do \
	    name=$${f##*/fuzz_}; \
	    mkdir -p $(BUILD)/fuzz/found/$$name; \
	    echo "$$f"; \
	    $$f -max_total_time=$(FUZZ_SECONDS) -print_final_stats=1 \
	        -artifact_prefix=$(BUILD)/fuzz/$$name- \
	        $(BUILD)/fuzz/found/$$name t/fuzz/corpus/$$name || exit; \
	done


## test       installs what is missing, then builds, checks and runs all tests
test:
	@tools/setup.sh test
	@$(MAKE) -j$(JOBS) module cli cli-asan unit
	@! tools/fuzzing.sh '$(FUZZ_CC)' || $(MAKE) -j$(JOBS) fuzzers
	@$(MAKE) -j$(JOBS) asan || echo 'the chaos test runs without sanitizers'
	@$(MAKE) check
	$(PROVE) $(strip $(PROVE_FLAGS) -r) t/


## check      style, lint and layers: what a commit must pass
check: style lint layers


## style      the layout of the sources
style:
	@tools/style.sh $(CHECKED_C)


## lint       the rules that a formatter does not know
lint:
	@perl tools/lint.pl $(CHECKED)
	@for f in $(filter t/lib/% tools/% demo/% bench/%, $(CHECKED)); do \
	    case $$f in *.p[lm]) ;; *) continue ;; esac; \
	    out=$$(perl -It/lib -Idemo/lib -Ibench/lib -c $$f 2>&1) || { echo "$$out"; exit 1; }; \
	done


## layers     who may include and call whom
layers:
	@CC='$(CC)' tools/layers.sh


## bench      figures of this machine, beside what else there is (QUICK=1: soon)
bench: module
	@tools/setup.sh bench
	@$(MAKE) -j$(JOBS) benches
	@perl bench/run.pl

benches: $(BENCHES) $(BUILD)/bench/probe.so

$(BUILD)/bench/probe.so: bench/probe/probe.c | module
	@mkdir -p $(@D)
	@echo "  CC    $@"
	@cd $(BUILD)/nginx-src && $(CC) -O2 -g -fPIC -shared -Wall -Werror \
	    -I src/core -I src/event -I src/event/modules -I src/os/unix \
	    -I src/http -I src/http/modules -I src/http/v2 -I objs \
	    -o $(CURDIR)/$@ $(CURDIR)/$<

$(BUILD)/bench/%: bench/%.c $(BENCH_LIB) bench/lib/client.h $(LIB_PLAIN)
	@mkdir -p $(@D)
	@echo "  CC    $@"
	@$(CC) $(filter-out -MMD -MP, $(CFLAGS_ALL)) $(CFLAGS_TEST) \
	    $(CFLAGS_PLAIN) $(CFLAGS) $(LDFLAGS) -o $@ $< $(BENCH_LIB) \
	    $(LIB_PLAIN) $(LIBS)


## demo       installs what is missing, then shows the module at work
demo:
	@tools/setup.sh demo
	@$(MAKE) -j$(JOBS) module
	@perl demo/run.pl


## valgrind   the tests of nginx under valgrind: fails if it reports anything
valgrind: module cli unit
	@tools/valgrind.sh $(PROVE) \
	    $(strip $(PROVE_FLAGS) $(wildcard t/0[1-9]*.t t/[1-7]*.t))


## asan       build/asan-nginx/objs/nginx: nginx and the module with sanitizers
asan:
	+@NGINX='$(NGINX)' NGINX_TARBALL='$(NGINX_TARBALL)' BUILD='$(BUILD)' \
	    CC='$(CC)' MAKE='$(MAKE)' tools/asan.sh


## asan-test  the tests of nginx on it: fails if a sanitizer reports anything
asan-test: asan module cli unit
	@BUILD='$(BUILD)' tools/sanitized.sh \
	    $(PROVE) $(strip $(PROVE_FLAGS) $(wildcard t/[0-7]*.t))


## chaos      the chaos test on it, for TOKEN_REVOKE_CHAOS_SECONDS (600)
chaos: asan
	@TOKEN_REVOKE_CHAOS_SECONDS=$${TOKEN_REVOKE_CHAOS_SECONDS:-600} \
	    TOKEN_REVOKE_CHAOS_VERBOSE=1 $(PROVE) -v t/900-chaos.t


## clean      removes build/
clean:
	rm -rf $(BUILD)


## help       this list
help:
	@sed -n 's/^## /  make /p' Makefile
