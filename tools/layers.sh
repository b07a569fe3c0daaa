#!/bin/sh

# Who may know whom (docs/design.md, "Rings"): the core decides and calls only
# mem*(), the codec does no input or output, the command (cli) knows both and is
# known by nobody, and nginx is known to the glue alone.
#
# usage: tools/layers.sh    (the root of a tree may be given)
#
# exit status: 0 the rings hold; 1 one does not, the place was printed; 2
# nothing could be checked

set -u
cd "${1-$(dirname "$0")/..}" || exit 2

rc=0
tmp=$(mktemp -d) || exit 2
trap 'rm -rf "$tmp"' EXIT
trap 'exit 2' HUP INT TERM


# usage: includes RING ALLOWED FILE...
#
# what the files include has to match the extended regular expression

includes() {
    ring=$1
    allowed=$2
    shift 2

    for f in "$@"; do
        [ -f "$f" ] || continue

        sed -n 's/^[ ]*#[ ]*include[ ]*[<"]\([^>"]*\)[>"].*/\1/p' "$f" \
        | grep -vE "^($allowed)\$" > "$tmp/found" || continue

        while read -r name; do
            printf '%s: %s may not include %s\n' "$f" "$ring" "$name"
        done < "$tmp/found"

        rc=1
    done
}


# headers of the C library that neither open, send nor wait

libc='(assert|ctype|errno|float|inttypes|limits|math|stdarg|stddef|stdint'
libc="$libc|stdio|stdlib|string|strings)\\.h"

codec='trv_[a-z0-9_]+\.h|\.\./core/trv[a-z0-9_]*\.h|jansson\.h'
codec="$codec|hiredis/[a-z]+\\.h|openssl/[a-z0-9_]+\\.h|$libc"

includes core '(stddef|stdint|string|limits)\.h|trv[a-z0-9_]*\.h' \
    src/core/*.[ch]

includes codec "$codec" src/codec/*.[ch]

cli='cli[a-z0-9_]*\.h|\.\./(core|codec)/trv[a-z0-9_]*\.h|hiredis/hiredis\.h'
cli="$cli|(fcntl|getopt|inttypes|jansson|poll|pwd|signal|termios|time|unistd"
cli="$cli|zlib|openssl/rand|sys/(ioctl|stat|time|types))\\.h|$libc"

# one file of it opens connections

sockets="$cli|(netdb|openssl/(err|ssl|x509v3)|netinet/(in|tcp)"
sockets="$sockets|sys/(socket|un))\\.h"

for f in src/cli/*.[ch]; do
    case $f in
    src/cli/cli_socket*.c) includes cli "$sockets" "$f" ;;
    *) includes cli "$cli" "$f" ;;
    esac
done

for f in src/*.[ch]; do
    [ -f "$f" ] || continue

    if grep -nH '^[ ]*#[ ]*include[ ]*[<"]cli/' "$f"; then
        echo "$f: nothing may include the command"
        rc=1
    fi
done

for f in src/codec/trv*.h; do
    [ -f "$f" ] || continue
    base=${f##*/}

    if [ -f "src/core/$base" ]; then
        echo "$f: a header of this name is in core and in codec"
        rc=1

    elif grep -nHF "\"$base\"" src/core/*.[ch]; then
        echo "core may not include $base, it is of codec"
        rc=1
    fi
done

for f in src/cli/*.[ch] t/unit/*.[ch] t/fuzz/*.[ch]; do
    [ -f "$f" ] || continue

    if grep -nH '^[ ]*#[ ]*include[ ]*[<"][^>"]*ngx_' "$f"; then
        echo "$f: nginx is for the glue only"
        rc=1
    fi
done


# all of the core in one object: what it still wants comes from outside

objects=

for f in src/core/*.c; do
    [ -f "$f" ] || continue

    o=$tmp/$(basename "$f" .c).o
    ${CC:-gcc} -std=gnu99 -O2 -fno-stack-protector -U_FORTIFY_SOURCE \
        -c -o "$o" "$f" || exit 1
    objects="$objects $o"
done

if [ -n "$objects" ]; then

    # shellcheck disable=SC2086 # a list of words is meant
    ld -r -o "$tmp/core" $objects || exit 2
    nm -u "$tmp/core" | awk '{ print $NF }' > "$tmp/wanted" || exit 2

    grep -vxE 'mem(chr|cmp|cpy|move|set)|_GLOBAL_OFFSET_TABLE_' \
        "$tmp/wanted" > "$tmp/found"

    while read -r name; do
        at=$(cd "$tmp" && nm -A -u ./*.o | awk -v n="$name" \
            '$NF == n { sub(/^\.\//, ""); sub(/\.o:.*/, ".c"); print }' \
            | tr '\n' ' ')
        printf 'src/core: %sneeds %s(), the core calls only mem*()\n' \
            "$at" "$name"
        rc=1
    done < "$tmp/found"
fi

exit $rc
