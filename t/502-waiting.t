# Requests that come before the first sync wait for it: they are answered by
# it, when their patience ends, and when nginx leaves; clients may go away.

use strict;
use warnings;

use lib 't/lib';

use IO::Select ();
use Test::More;
use Time::HiRes qw(time);

use TokenRevoke::Nginx qw(wait_for temp_dir);
use TokenRevoke::Redis;

my $redis = TokenRevoke::Redis->new(dir => temp_dir());
my $socket = temp_dir() . '/redis';


sub nginx {
    return TokenRevoke::Nginx->new(redis => "unix:$socket", @_)->start;
}


# Redis is found when its log is there: without one an edge is in sync at once

sub redis_comes {
    $redis->start;
    $redis->cmd('XADD', 'revoked', '*', 'token', 'bad');
    symlink $redis->socket, $socket or die "symlink: $!\n";
}


sub redis_goes {
    unlink $socket;
    $redis->stop;
}


sub status_of { TokenRevoke::Nginx::status_of(@_) }


# answered as soon as the first sync is done

my $nginx = nginx(location => 'token_revoke_wait 20s;', workers => 2);

my @tokens = ('good', 'bad') x 10;
my @asked = map { $nginx->ask($_) } @tokens;

ok($nginx->plain, 'other requests are answered meanwhile');
my @answered = IO::Select->new(@asked)->can_read(0);
is(@answered, 0, 'nobody is answered yet');

redis_comes();

is(join(' ', map { status_of($nginx->answer($_)) } @asked),
   join(' ', map { $_ eq 'good' ? 200 : 401 } @tokens),
   'all are answered, and rightly');

$nginx->finish;
redis_goes();

# after token_revoke_wait

$nginx = nginx(server => <<'_EOC_');
    location = /deny {
        token_revoke zone=edge;
        token_revoke_wait 150ms;
        empty_gif;
    }
    location = /allow {
        token_revoke zone=edge;
        token_revoke_wait 150ms;
        token_revoke_on_error allow;
        add_header X-Status $token_revoke_status always;
        add_header X-Age "<$token_revoke_age>" always;
        empty_gif;
    }
    location = /no-wait {
        token_revoke zone=edge;
        token_revoke_wait 0;
        empty_gif;
    }
    location = /dry {
        token_revoke zone=edge;
        token_revoke_wait 20s;
        token_revoke_dry_run on;
        add_header X-Status $token_revoke_status always;
        empty_gif;
    }
_EOC_

my $began = time();
my $text = $nginx->get('t', '/deny');

like($text, qr/^HTTP\/1.1 503 .*^Retry-After: \d+\r$/ms, 'deny');
cmp_ok(time() - $began, '>=', 0.14, 'after token_revoke_wait');

$text = $nginx->get('t', '/allow');
like($text, qr/^HTTP\/1.1 200 /, 'allow');
like($text, qr/^X-Status: UNAVAILABLE_ALLOWED\r$/m, 'and it is said');

is($nginx->status('t', '/no-wait', 1), 503, 'no wait: answered at once');
like($nginx->get('t', '/dry', 5),
     qr/^HTTP\/1.1 200 .*X-Status: UNAVAILABLE_ALLOWED/s,
     'a dry run does not wait');
is($nginx->status(undef, '/deny', 1), 200, 'no token: nothing to wait for');

is($nginx->log_count(qr/has not been synced yet/), 1,
   'and one line says so, whatever the number of requests');
$nginx->finish;

# a client that leaves

$nginx = nginx(location => 'token_revoke_wait 20s;', level => 'info');

my @gone = map { $nginx->ask('good') } 1 .. 20;
my $stays = $nginx->ask('bad');
close $_ for @gone;

ok($nginx->wait_log(qr/client prematurely closed connection/, 5, 20),
   'clients have gone');
redis_comes();
is(status_of($nginx->answer($stays)), 401, 'the one that stays is answered');
is($nginx->status('good'), 200, 'and others are');

$nginx->finish;
redis_goes();

# QUIT while a request waits: it is answered, then the worker leaves

$nginx = nginx(location => 'token_revoke_wait 400ms;');

my $waits = $nginx->ask('good');
my $allowed = $nginx->ask(undef);
is(status_of($nginx->answer($allowed)), 200, 'a request waits');
$nginx->signal('QUIT');

is(status_of($nginx->answer($waits)), 503, 'it is answered after QUIT');
$nginx->finish;

# and so with a reload: the new worker syncs, the old one answers

$nginx = nginx(location => 'token_revoke_wait 20s;');

$waits = $nginx->ask('good');
is($nginx->status(undef), 200, 'a request waits again');
ok($nginx->reload, 'reload');
redis_comes();
is(status_of($nginx->answer($waits)), 200,
   'the old worker answers what the new one knows');
ok(wait_for(sub { $nginx->workers == 1 }), 'and leaves');
$nginx->finish;
redis_goes();

# TERM is not graceful, but clean

$nginx = nginx(location => 'token_revoke_wait 20s;');
$waits = $nginx->ask('good');
is($nginx->status(undef), 200, 'a request waits once more');
is($nginx->stop('TERM'), 0, 'TERM: nginx leaves at once');
$nginx->log_is_clean;

done_testing();
