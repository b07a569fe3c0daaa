#!/bin/sh

# Builds an nginx of the installed version from its source, with the module
# linked in and AddressSanitizer and UndefinedBehaviorSanitizer in both:
# build/asan-nginx/objs/nginx.  It is configured again when "config" or the
# list of our files has changed, and built anew when nginx or the flags have.
#
# usage: make asan, which sets
#
#   NGINX            the binary whose version is wanted
#   NGINX_TARBALL    nginx-VERSION.tar.gz; if it is not set, the source is got
#                    with apt-get from where the machine's packages come from
#   BUILD, CC, MAKE  where and with what
#
# exit status: 0 it is there; 1 it is not, the reason was printed

set -u

root=$PWD
src=$BUILD/asan-nginx


# What nginx is known to do, and is not checked for: memcpy() and the like of
# no bytes from NULL, words at odd addresses (hashing and parsing; ours are
# not compiled so), bits shifted out of an int, NULL plus an offset.  Our own
# sources are checked for all of it, see below.

lenient=nonnull-attribute,alignment,shift,pointer-overflow

cc_opt="-O1 -g -fno-omit-frame-pointer -fsanitize=address,undefined
        -fno-sanitize=$lenient -fsanitize-undefined-trap-on-error
        -DNGX_HAVE_NONALIGNED=0 -Wno-error"

# What UBSan finds is a trap, which AddressSanitizer reports with its stack and
# nginx as a signal: left to itself UBSan writes to a stderr that nobody reads.

# what the tests ask of nginx

modules='ssl v2 realip auth_request stub_status slice addition sub dav'


die() {
    printf '%s\n' "$@" >&2
    exit 1
}


# The upstream source as Debian has it, into the file $1.  Lists and sources
# are of our own, so that the machine's stay as they are; the archives are
# those that its packages come from.

from_apt() {
    tmp=$(mktemp -d) || exit 1
    trap 'rm -rf "$tmp"' EXIT

    chmod 755 "$tmp"
    mkdir -p "$tmp/parts" "$tmp/lists/partial"

    keys=/usr/share/keyrings/debian-archive-keyring.gpg
    [ -r $keys ] && signed="[signed-by=$keys]" || signed=

    apt-get indextargets --format '$(REPO_URI) $(CODENAME)' \
        'Created-By: Packages' 'Origin: Debian' 2> /dev/null | sort -u \
    | sed "s|.*|deb-src $signed & main|" > "$tmp/parts/source.list"

    to=$1

    set -- -q -o "Dir::Etc::SourceList=/dev/null" \
        -o "Dir::Etc::SourceParts=$tmp/parts" \
        -o "Dir::Etc::Preferences=/dev/null" \
        -o "Dir::Etc::PreferencesParts=$tmp/none" \
        -o "Dir::State::Lists=$tmp/lists" \
        -o "Dir::Cache=$tmp" \
        -o "APT::Sandbox::User=root" \
        -o "Acquire::Languages=none"

    (
        cd "$tmp" && apt-get update "$@" \
            && apt-get source --download-only --tar-only "$@" nginx
    ) > "$tmp/log" 2>&1 < /dev/null || {
        tail -n 3 "$tmp/log" >&2
        die "The source of nginx could not be got; give NGINX_TARBALL=."
    }

    cp "$tmp"/nginx_*.orig.tar.gz "$to"
}


command -v "$NGINX" > /dev/null || die "No nginx \"$NGINX\"; give NGINX=."

version=$("$NGINX" -v 2>&1 \
          | sed -n 's|^nginx version: [^/]*/\([0-9.]*\).*|\1|p')

tarball=${NGINX_TARBALL:-$BUILD/nginx-$version.tar.gz}

mkdir -p "$BUILD"

if [ ! -f "$tarball" ]; then
    [ -z "${NGINX_TARBALL-}" ] || die "No \"$NGINX_TARBALL\"."

    printf '  SOURCE     nginx %s\n' "$version"
    from_apt "$tarball.new"
    mv "$tarball.new" "$tarball" || exit 1
fi

flags=$({ printf '%s\n' "$version" "$CC" "$root"; cat "$0"; } | cksum)

if [ "$flags" != "$(cat "$src.flags" 2> /dev/null)" ]; then

    rm -rf "$src" "$src.flags" "$src.key"
    mkdir -p "$src"
    tar -x -z -f "$tarball" -C "$src" --strip-components=1 || exit 1

    grep -q "NGINX_VERSION *\"$version\"" "$src/src/core/nginx.h" \
        || die "\"$tarball\" is not nginx $version, as \"$NGINX\" is."

    printf '%s\n' "$flags" > "$src.flags"
fi

key=$({ cat config; ls ./*.c src/*.[ch] src/*/*.[ch] 2> /dev/null; } | cksum)

if [ "$key" != "$(cat "$src.key" 2> /dev/null)" ]; then

    rm -f "$src.key"
    printf '  CONFIGURE  nginx %s with sanitizers\n' "$version"

    # what nginx finds is the same as before: its objects need not be made anew

    for file in ngx_auto_config.h ngx_auto_headers.h; do
        [ ! -f "$src/objs/$file" ] || cp -p "$src/objs/$file" "$src/$file.was"
    done

    (
        set --
        for name in $modules; do set -- "$@" "--with-http_${name}_module"; done

        cd "$src" && ASAN_OPTIONS=detect_leaks=0 ./configure "$@" \
            --with-debug --with-threads --with-cc="$CC" \
            --with-cc-opt="$(echo $cc_opt)" \
            --with-ld-opt='-fsanitize=address,undefined' \
            --add-module="$root"
    ) > "$src.log" 2>&1 || {
        tail -n 12 "$src.log" >&2
        die "nginx could not be configured; all of it is in $src.log"
    }

    for file in ngx_auto_config.h ngx_auto_headers.h; do
        cmp -s "$src/objs/$file" "$src/$file.was" \
            && cp -p "$src/$file.was" "$src/objs/$file"
    done

    # our own sources have no exceptions

    printf 'objs/addon/%%.o: CFLAGS += -fsanitize=%s\n' "$lenient" \
        >> "$src/objs/Makefile"

    printf '%s\n' "$key" > "$src.key"
fi

(cd "$src" && "$MAKE" -s -f objs/Makefile binary) || exit 1

printf '%s\n' "  NGINX      $src/objs/nginx"
