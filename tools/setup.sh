#!/bin/sh

# Installs the Debian packages that this project needs and the machine does
# not have; says what and why before it does.  Nothing is printed, asked or
# changed when all of them are there.
#
# usage: tools/setup.sh [build | test | demo | bench]
#
#   build  what the module is compiled with (default)
#   test   and what "make test" runs with
#   demo   and what "make demo" runs with
#   bench  and what "make bench" runs with
#
# exit status: 0 all is there now; 1 something is missing and could not be
# installed: it is named; 2 wrong usage

set -u

# what each package is for is shown when it is missing

build='
    gcc                 compiles the module
    libc6-dev           headers of the C library
    make                runs the build
    nginx               the server that loads the module
    nginx-dev           its headers and its configure script
    libhiredis-dev      reads answers of Redis
    libssl-dev          hashes tokens, TLS to Redis
    libjansson-dev      JSON of token-revoke, and the second parser of the tests
    zlib1g-dev          token-revoke reads lists that are compressed by gzip'

demo="$build
    perl                runs the tests and the demo
    redis-server        keeps the log of revocations, privately
    curl                sends requests
    openssl             makes tokens and certificates"

# Debian names the runtime of libFuzzer by the release of clang.  On a machine
# that is new there are no lists of packages yet to be asked.

fuzzer_runtime() {
    case "$(. /etc/os-release; echo "${ID-} ${VERSION_ID-}")" in
    'debian 12') echo libclang-rt-14-dev ;;
    'debian 13') echo libclang-rt-19-dev ;;
    *)
        LC_ALL=C apt-cache depends clang \
        | sed -n 's/^ *Depends: clang-\([0-9]*\)$/libclang-rt-\1-dev/p'
        ;;
    esac 2> /dev/null | head -n 1
}

runtime=$(fuzzer_runtime)

test="$demo
    libio-pty-perl      gives token-revoke a terminal
    procps              tells whether nginx is running
    nghttp2-client      sends requests in HTTP/2, beside curl
    uncrustify          checks the layout of the sources
    libtest-nginx-perl  starts nginx for each test (Test::Nginx)
    clang               compiles the targets of t/fuzz
    ${runtime:+$runtime  runs them (libFuzzer)}"

bench="$demo
    wrk                 makes load
    util-linux          gives nginx and the load a core each
    haproxy             is compared with: an ACL file
    libnginx-mod-http-lua  is compared with: Lua in nginx, ...
    lua-nginx-redis     ... which asks Redis, ...
    lua-nginx-string    ... or hashes tokens
    valgrind            counts instructions (callgrind)
    gnuplot-nox         draws the pictures
    fonts-dejavu-core   writes in them"

# not in Debian 12, and made of Perl alone: taken from a later suite

late=libtest-nginx-perl


die() {
    printf 'tools/setup.sh: %s\n' "$*" >&2
    exit 1
}


# names of the list on standard input, one line

names() {
    awk '{ print $1 }' | tr '\n' ' '
}


# lines of the list $1 whose package is not installed

missing() {
    # shellcheck disable=SC2046 # a list of words is meant
    have=$(dpkg-query -W -f '${db:Status-Status} ${Package}\n' \
           $(printf '%s\n' "$1" | names) 2>/dev/null)

    printf '%s\n' "$1" | while read -r name why; do

        [ -n "$name" ] || continue

        case "
$have
" in *"
installed $name
"*) continue ;; esac

        # Test::Nginx can have come from CPAN

        if [ "$name" = "$late" ] \
            && perl -MTest::Nginx::Socket -e 1 2>/dev/null
        then
            continue
        fi

        printf '    %-20s%s\n' "$name" "$why"
    done
}


is_debian() {
    [ -r /etc/os-release ] || return 1
    command -v apt-get > /dev/null && command -v dpkg-query > /dev/null \
        || return 1

    case " $(. /etc/os-release; echo "${ID-} ${ID_LIKE-}") " in
    *" debian "*) return 0 ;;
    esac

    return 1
}


# Packages of nginx and Redis start a server when they are installed.  Only
# policy-rc.d is asked both by invoke-rc.d and by deb-systemd-invoke (RUNLEVEL
# is seen by the first alone), so it says no as long as we install.  One that
# is there already is somebody's decision, and stays.

policy=/usr/sbin/policy-rc.d

hold_services() {
    [ -e $policy ] && return

    ours=$policy
    printf '#!/bin/sh\nexit 101\n' > "$tmp/policy-rc.d"
    $root install -m 755 "$tmp/policy-rc.d" $policy
}


cleanup() {
    [ -z "${ours-}" ] || $root rm -f "$ours"
    [ -z "${tmp-}" ] || rm -rf "$tmp"
}


apt() {
    $root env DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 apt-get "$@" \
        < /dev/null || die "apt-get $1 has failed"
}


install_packages() {
    apt install -q -y --no-install-recommends \
        -o Dpkg::Use-Pty=0 -o APT::Get::Always-Include-Phased-Updates=true \
        -o Dpkg::Options::=--force-confdef -o Dpkg::Options::=--force-confold \
        "$@"
}


# Only the file is taken from the later suite, with lists, cache and sources
# of its own, so that the machine's stay as they are; what it depends on comes
# from the machine's own release.

install_late() {
    if LC_ALL=C apt-cache policy "$late" | grep -q 'Candidate: [0-9]'; then
        install_packages "$late"
        return
    fi

    archive=$(apt-get indextargets --format '$(REPO_URI)' \
                  'Created-By: Packages' 'Origin: Debian' 'Label: Debian' \
              | sort -u | head -n 1)

    [ -n "$archive" ] || die "$late is not in this release:" \
        "install Test::Nginx from CPAN (cpan Test::Nginx)"

    chmod 755 "$tmp"
    mkdir -p "$tmp/late/parts" "$tmp/late/lists/partial" \
        "$tmp/late/cache/archives/partial"

    keys=/usr/share/keyrings/debian-archive-keyring.gpg
    [ -r $keys ] && signed="[signed-by=$keys]" || signed=

    printf 'deb %s %s unstable main\n' "$signed" "$archive" \
        > "$tmp/late/parts/late.list"

    set -- -q -o "Dir::Etc::SourceList=/dev/null" \
        -o "Dir::Etc::SourceParts=$tmp/late/parts" \
        -o "Dir::Etc::Preferences=/dev/null" \
        -o "Dir::Etc::PreferencesParts=$tmp/late/none" \
        -o "Dir::State::Lists=$tmp/late/lists" \
        -o "Dir::Cache=$tmp/late/cache" \
        -o "APT::Sandbox::User=root" \
        -o "Acquire::Languages=none"

    root_was=$root
    root=
    apt update "$@"
    (cd "$tmp" && apt download "$@" "$late") || exit 1
    root=$root_was

    install_packages "$tmp/$late"_*.deb
}


set_of=${1-build}

case $set_of in
build) list=$build ;;
test)  list=$test ;;
demo)  list=$demo ;;
bench) list=$bench ;;
*)     sed -n 's/^# usage: /usage: /p' "$0" >&2; exit 2 ;;
esac

if ! is_debian; then
    die "this is not Debian, so nothing was looked for or installed." \
        "The project needs, by the names of Debian 12:
$(printf '%s\n' "$list" | sed '/^$/d')"
fi

lacking=$(missing "$list")
[ -n "$lacking" ] || exit 0

if [ "$(id -u)" = 0 ]; then
    root=
elif command -v sudo > /dev/null; then
    root=sudo
    [ -t 0 ] || root='sudo -n'
else
    die "packages are missing, and only root can install them:
$lacking
Run \"tools/setup.sh $set_of\" as root once."
fi

printf 'tools/setup.sh installs what is missing to %s the module:\n%s\n' \
    "$set_of" "$lacking"

tmp=$(mktemp -d) || exit 1
trap cleanup EXIT
trap 'exit 1' HUP INT TERM

hold_services
apt update -q

# shellcheck disable=SC2046 # a list of words is meant
set -- $(printf '%s\n' "$lacking" | names)
plain=
for name in "$@"; do
    [ "$name" = "$late" ] || plain="$plain $name"
done

# shellcheck disable=SC2086 # a list of words is meant
[ -z "$plain" ] || install_packages $plain

case " $* " in *" $late "*) install_late ;; esac

lacking=$(missing "$list")
[ -z "$lacking" ] || die "still missing:
$lacking"
