#!/bin/sh

# Builds the module for an nginx that is installed: a copy of its source is
# configured as it was ("nginx -V"), and the module made there.  It is
# configured again only when "config", the list of our files or nginx have
# changed; nginx's own make sees to the rest.
#
# usage: make module, which sets
#
#   NGINX            the binary that is to load the module
#   NGINX_SRC        its source, or the headers that nginx-dev installs
#   NGINX_CONFIGURE  arguments to use instead of those of "nginx -V"
#   BUILD, CC, MAKE  where and with what
#
# exit status: 0 the module is there; 1 it is not, the reason was printed

set -u

module=ngx_http_token_revoke_module.so
root=$PWD
src=$BUILD/nginx-src


die() {
    printf '%s\n' "$@" >&2
    exit 1
}


# the C macro $1 of nginx's version header

macro() {
    sed -n "s/^#define $1 *\"*\([^\"]*\)\"*\$/\1/p" \
        "$NGINX_SRC/src/core/nginx.h"
}


# What nginx was configured with, less the modules that were added to it: they
# do not change what it loads, and their sources are not here.

configure_args() {
    if [ -n "$NGINX_CONFIGURE" ]; then
        printf '%s\n' "$NGINX_CONFIGURE"
        return
    fi

    eval "set -- $("$NGINX" -V 2>&1 | sed -n 's/^configure arguments: //p')"

    for arg in "$@"; do
        case $arg in
        *=dynamic | --add-module=* | --add-dynamic-module=* | --with-cc=*)
            continue ;;
        esac

        printf "'%s' " "$(printf '%s' "$arg" | sed "s/'/'\\\\''/g")"
    done
}


[ -f "$NGINX_SRC/src/core/nginx.h" ] \
    || die "No source or headers of nginx in \"$NGINX_SRC\"." \
           "Run tools/setup.sh (it installs nginx-dev), or give NGINX_SRC=."

if [ -z "$NGINX_CONFIGURE" ]; then
    command -v "$NGINX" > /dev/null \
        || die "No nginx \"$NGINX\" to build the module for." \
               "Run tools/setup.sh (it installs nginx), or give NGINX=."

    is=$("$NGINX" -v 2>&1 | sed -n 's|^nginx version: [^/]*/\([0-9.]*\).*|\1|p')

    [ "$is" = "$(macro NGINX_VERSION)" ] \
        || die "\"$NGINX\" is nginx $is, while \"$NGINX_SRC\" is" \
               "nginx $(macro NGINX_VERSION): it would not load the module." \
               "Give NGINX= and NGINX_SRC= that belong together."
fi

args=$(configure_args)

configure=./configure
[ -f "$NGINX_SRC/configure" ] || configure=auto/configure

key=$({
    printf '%s\n' "$args" "$CC" "$root"
    cat config
    ls ./*.c src/*.[ch] src/*/*.[ch] 2> /dev/null
    find "$NGINX_SRC" -path "$NGINX_SRC/objs" -prune \
        -o -type f -printf '%p %s %T@\n' | sort
} | cksum)

if [ "$key" != "$(cat "$BUILD/nginx.key" 2> /dev/null)" ]; then

    rm -rf "$src" "$BUILD/nginx.key"
    mkdir -p "$BUILD"
    cp -R "$NGINX_SRC" "$src" || exit 1
    rm -rf "$src/objs"

    printf '  CONFIGURE  nginx %s (%s)\n' "$(macro NGINX_VERSION)" "$NGINX_SRC"

    (
        eval "set -- $args"
        cd "$src" && $configure "$@" --with-cc="$CC" \
            --add-dynamic-module="$root"
    ) > "$BUILD/configure.log" 2>&1 || {
        tail -n 12 "$BUILD/configure.log" >&2
        die "nginx could not be configured; all of it is in" \
            "$BUILD/configure.log"
    }

    # warnings are errors, in nginx's own words

    grep -q '^CFLAGS =.* -Werror' "$src/objs/Makefile" \
        || die "nginx's makefile lacks -Werror"

    printf '%s\n' "$key" > "$BUILD/nginx.key"
fi

(cd "$src" && "$MAKE" -s -f objs/Makefile modules) || exit 1

cmp -s "$src/objs/$module" "$BUILD/$module" \
    || { cp "$src/objs/$module" "$BUILD/$module.new" \
         && mv "$BUILD/$module.new" "$BUILD/$module"; } || exit 1

printf '%s\n' "  MODULE     $BUILD/$module"
