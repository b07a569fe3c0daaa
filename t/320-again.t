# A log that has to be read again: what a later entry restores is not in force
# for a moment, what stands stands all the time, and an operator is shown a loss
# until he accepts it.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use TokenRevoke::Nginx qw(wait_for start_redis);

my $redis = start_redis();
my $nginx = TokenRevoke::Nginx->new(redis => 'unix:' . $redis->socket,
                                    size => '16m', workers => 2)->start;

my $filler = 0;


sub xadd { ['XADD', 'revoked', '*', @_] }


# entries that take the edge a while

sub filler {
    my ($n) = @_;

    return map {
        xadd(map { (token => 'f-' . $filler++) } 1 .. 500);
    } 1 .. $n;
}


# while the edge is away

sub away {
    my ($what) = @_;

    my @workers = $nginx->workers;

    kill STOP => @workers;
    $redis->cmd('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    $what->();
    kill CONT => @workers;
}


# asks for these tokens until the last one is refused: what was answered to
# each of the others

sub watch {
    my ($last, @tokens) = @_;

    my %seen;

    wait_for {
        for my $token (@tokens) {
            $seen{$token}{$nginx->status($token)}++;
        }

        return $nginx->status($last) == 401;
    } 20;

    return { map { $_ => join ' ', sort keys %{$seen{$_}} } @tokens };
}


my @log = (xadd(token => 'lifted'), xadd(token => 'again'), filler(60),
           xadd(token => 'lifted', action => 'restore'),
           xadd(token => 'again', action => 'restore'),
           filler(20), xadd(token => 'again'));

$redis->pipeline(@log, xadd(token => 'end-1'));
ok($nginx->wait_refused('end-1'), 'a log is applied');

is($nginx->status('lifted'), 200, 'a token that was restored passes');
is($nginx->status('again'), 401, 'one that was revoked again does not');

# the same entries in another log

away(sub {
    $redis->pipeline(['DEL', 'revoked'], @log, xadd(token => 'end-2'));
});

is_deeply(watch('end-2', 'lifted', 'again', 'other'),
          { lifted => 200, again => 401, other => 200 },
          'while another log is read all of them are answered as before');
is($nginx->log_count(qr/is not the one that was applied/), 1, 'a loss');

# other attributes give names in it another meaning

$nginx->set(location => 'token_revoke_attribute device $arg_device;');
ok($nginx->reload, 'a reload with an attribute');
$redis->pipeline(xadd(token => 'end-3'));

is_deeply(watch('end-3', 'lifted', 'again', 'other'),
          { lifted => 200, again => 401, other => 200 },
          'while the log is read again all of them are answered as before');
ok($nginx->wait_log(qr/has other attributes than before/), 'which is said');

# an entry of the other log that says "accept" is older than the loss

sub accepted { $nginx->log_count(qr/accepts loss/) }

is(accepted(), 0, 'nobody has accepted the loss');

$redis->pipeline(xadd(action => 'accept', by => 'me'), xadd(token => 'end-4'));
ok($nginx->wait_refused('end-4'), 'an entry that accepts');
is(accepted(), 1, 'it is accepted');

$redis->pipeline(xadd(action => 'accept'), xadd(token => 'end-5'));
ok($nginx->wait_refused('end-5'), 'another one');
is(accepted(), 1, 'has nothing to accept');

# the log is replaced by one that accepts something itself

$redis->pipeline(['MULTI'], ['DEL', 'revoked'], xadd(action => 'accept'),
                 xadd(token => 'end-6'), ['EXEC']);
ok($nginx->wait_refused('end-6'), 'another log, with an old "accept"');
is(accepted(), 1, 'which does not accept its own loss');

# whoever takes over in the middle begins anew

$redis->pipeline(['MULTI'], ['DEL', 'revoked'], @log,
                 xadd(token => 'end-7'), ['EXEC']);
ok($nginx->wait_log(qr/(?:is not the one.*){3}/s), 'a third loss');

kill KILL => $_ for $nginx->workers;

ok(wait_for(sub { $nginx->status('end-7') == 401 }, 20),
   'the successor of a killed worker reads it');
is($nginx->status('lifted'), 200, 'and what was lifted passes');
is($nginx->status('again'), 401, 'what was revoked again does not');

# entries that are refused are shown until they are accepted

$redis->pipeline(xadd(map { ("c$_" => 1) } 1 .. 9), xadd(token => 'end-8'));
ok($nginx->wait_refused('end-8'), 'an entry over a limit');
$redis->pipeline(xadd(action => 'accept'), xadd(token => 'end-9'));
ok($nginx->wait_refused('end-9'), 'and its acceptance');
is($nginx->log_count(qr/accepts refused entries/), 1, 'which is said');

$nginx->stop('QUIT');
unlike($nginx->log_text, qr/\[(?:crit|emerg)\]/, 'the error log');

done_testing();
