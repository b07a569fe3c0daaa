#!/bin/sh

# Runs a command, with the nginx of its tests under valgrind, and fails if
# valgrind had anything to report, even if a test did not mind.
#
# usage: tools/valgrind.sh COMMAND [ARGUMENT...]
#
# exit status: that of the command; 1 if something was reported, which is
# printed; 2 without valgrind

set -u

command -v valgrind > /dev/null || {
    echo 'valgrind is not here: apt-get install valgrind psmisc' >&2
    exit 2
}

reports=$(mktemp -d) || exit 2
trap 'rm -rf "$reports"' EXIT

# nginx's workers write there, too

chmod 1777 "$reports"

# What is only possibly lost is what nginx's pools point into.  The nginx that
# an upgrade starts is looked at as well.

TEST_NGINX_USE_VALGRIND="--leak-check=full --show-possibly-lost=no
    --num-callers=50 --trace-children=yes --vgdb=no --gen-suppressions=all
    --suppressions=$PWD/valgrind.suppress --log-file=$reports/report.%p"

# Test::Nginx passes them on in one line

TEST_NGINX_USE_VALGRIND=$(echo $TEST_NGINX_USE_VALGRIND)

# the time that Test::Nginx gives to an answer, in seconds

TEST_NGINX_TIMEOUT=${TEST_NGINX_TIMEOUT-30}

export TEST_NGINX_USE_VALGRIND TEST_NGINX_TIMEOUT

"$@"
status=$?

for report in "$reports"/*; do
    [ -s "$report" ] || continue

    cat "$report"
    status=1
done

exit $status
