# What can happen to a log, while an edge waits for the next entry and while it
# is away: rules stay, what is there then is applied, and a loss is said once.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use TokenRevoke::Mishap;
use TokenRevoke::Nginx qw(wait_for);

my $m = TokenRevoke::Mishap->new;


$m->both('FLUSHALL', 1, 0, sub { $m->redis->cmd('FLUSHALL') });
$m->one('FLUSHDB', 1, 0, sub { $m->redis->cmd('FLUSHDB') });
$m->both('DEL', 1, 0, sub { $m->redis->cmd('DEL', 'revoked') });
$m->one('UNLINK', 1, 0, sub { $m->redis->cmd('UNLINK', 'revoked') });

$m->one('SWAPDB', 1, 0, sub {
    $m->redis->cmd('SELECT', 1);
    $m->redis->cmd('FLUSHDB');
    $m->redis->cmd('SELECT', 0);
    $m->redis->cmd('SWAPDB', 0, 1);
});
$m->one('it expires', 1, 0, sub {
    $m->redis->cmd('PEXPIRE', 'revoked', 1);
    wait_for { !$m->redis->cmd('EXISTS', 'revoked') };
});
$m->both('RENAME to another name', 1, 0,
     sub { $m->redis->cmd('RENAME', 'revoked', 'elsewhere') });


# another log is put in its place, of so many entries with such IDs

sub other {
    my ($how, @ids) = @_;

    $m->redis->cmd('DEL', 'other');
    $m->redis->pipeline(map { $m->xadd('other', $_) } @ids);
    $m->redis->cmd('RENAME', 'other', 'revoked');
}

my $low = 1000;

sub low { map { ++$low . '-0' } 1 .. $_[0] }


$m->one('RENAME of a log with less', 1, 0, sub { other('less', '*') });
$m->both('RENAME of a log with more', 1, 0, sub { other('more', ('*') x 200) });
$m->one('RENAME of an older log with less', 1, 0,
        sub { other('less', low(2)) });
$m->both('RENAME of an older log with more', 1, 0,
         sub { other('more', low(300)) });
$m->both('RENAME of an older log with as much', 1, 0, sub {
    other('as much', low($m->redis->cmd('XLEN', 'revoked')));
});
$m->both('RENAME of an older log that goes on with less', 1, 0,
     sub { other('less', low(2), '*') });
$m->both('RENAME of an older log that goes on with more', 1, 0,
     sub { other('more', low(400), '*', '*') });
$m->both('RENAME of an older log that goes on with as much', 1, 0, sub {
    other('as much', low($m->redis->cmd('XLEN', 'revoked')), '*');
});
$m->both('deleted and created again in one step', 1, 0, sub {
    $m->redis->pipeline(['MULTI'], ['DEL', 'revoked'], $m->xadd('revoked', '*'),
                     ['EXEC']);
});
$m->both('deleted and created again in one step, with more', 1, 0, sub {
    my $n = $m->redis->cmd('XLEN', 'revoked');
    $m->redis->pipeline(['MULTI'], ['DEL', 'revoked'],
                     (map { $m->xadd('revoked', '*') } 1 .. $n + 3), ['EXEC']);
});

# a string in its place, and the log again

$m->both('SET', 1, 1, sub {
    my $n = $m->lost;
    $m->redis->cmd('SET', 'revoked', 'x');
    wait_for { $m->lost > $n } 1;
    $m->redis->cmd('DEL', 'revoked');
});

$m->nginx->finish;

done_testing();
