#!/bin/sh

# Whether libFuzzer can be linked: its runtime is a package of its own.
#
# usage: tools/fuzzing.sh [COMPILER]    (clang)
#
# exit status: 0 it can; 1 it cannot, which is said

set -u

tmp=$(mktemp -d) || exit 1
trap 'rm -rf "$tmp"' EXIT

cat > "$tmp/probe.c" << 'END'
int LLVMFuzzerTestOneInput(const unsigned char *data, unsigned long size);

int
LLVMFuzzerTestOneInput(const unsigned char *data, unsigned long size)
{
    return data == (void *) size;
}
END

"${1-clang}" -fsanitize=fuzzer,address,undefined -o "$tmp/probe" \
    "$tmp/probe.c" > /dev/null 2>&1 && exit 0

echo "libFuzzer is not here (clang, libclang-rt-*-dev): no fuzzing" >&2
exit 1
