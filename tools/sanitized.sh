#!/bin/sh

# Runs a command, with build/asan-nginx/objs/nginx as the nginx of its tests,
# and fails if a sanitizer had anything to report, even if a test did not mind.
#
# usage: tools/sanitized.sh COMMAND [ARGUMENT...]
#
# exit status: that of the command; 1 if something was reported, which is
# printed; 2 without such an nginx ("make asan")

set -u

nginx=$PWD/${BUILD-build}/asan-nginx/objs/nginx

[ -x "$nginx" ] || { echo "no $nginx: make asan" >&2; exit 2; }

reports=$(mktemp -d) || exit 2
trap 'rm -rf "$reports"' EXIT

# nginx's workers write there, too

chmod 1777 "$reports"

# Leaks are valgrind's: nginx frees little of what it holds when it exits.
# Test::Nginx adds to ASAN_OPTIONS what nobody may add to a path, so the path
# is the last of them.

TEST_NGINX_BINARY=$nginx
TEST_NGINX_TOKEN_REVOKE_MODULE=
ASAN_OPTIONS=detect_leaks=0:handle_sigill=1:log_path=$reports/report
export TEST_NGINX_BINARY TEST_NGINX_TOKEN_REVOKE_MODULE
export ASAN_OPTIONS

"$@"
status=$?

for report in "$reports"/*; do
    [ -s "$report" ] || continue

    cat "$report"
    status=1
done

exit $status
