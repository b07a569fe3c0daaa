# Before the first sync an edge knows a part of the log only: a token that an
# entry revokes and a later one may restore is not refused yet, it waits.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use TokenRevoke::FakeRedis;
use TokenRevoke::Nginx qw(wait_for temp_dir);

# one that says what is in the log, but not that this is all

my $read = 0;

my $fake = TokenRevoke::FakeRedis->new(dir => temp_dir(), modes => {
    begin => sub {
        my ($c, $answer, $how, @cmd) = @_;

        $read = 1 if $cmd[0] eq 'XREAD';
        return $cmd[0] eq 'XINFO' && $read ? '' : $answer;
    },
});

$fake->add('1-1', token => 'lifted');
$fake->add('1-2', token => 'kept');
$fake->mode('begin');
$fake->start;

my $nginx = TokenRevoke::Nginx->new(redis => 'unix:' . $fake->socket,
                                    location => 'token_revoke_wait 20s;',
                                    server => <<'_EOC_')->start;
    location = /now {
        token_revoke zone=edge;
        token_revoke_wait 0;
        add_header X-Match "$token_revoke_match" always;
        empty_gif;
    }
_EOC_

ok(wait_for(sub { $nginx->status('lifted', '/now') == 401 }),
   'who may not wait is refused by what is known');
is($nginx->status('kept', '/now'), 401, 'and so is another one');
is($nginx->status('other', '/now'), 503, 'nothing passes');

my %waiting = map { $_ => $nginx->ask($_) } qw(lifted kept other);

is($nginx->status('other', '/now'), 503, 'while others wait');

$fake->add('2-1', token => 'lifted', action => 'restore');
$fake->mode('good');

my %status = map {
    $_ => TokenRevoke::Nginx::status_of($nginx->answer($waiting{$_}, 20))
} keys %waiting;

is_deeply(\%status, { lifted => 200, kept => 401, other => 200 },
          'those who wait are judged by the whole log');
is($nginx->status('lifted', '/now'), 200, 'as everybody is now');
unlike($nginx->get('lifted', '/now'), qr/^X-Match: \S/m, 'no rule matches');

$nginx->finish;

done_testing();
