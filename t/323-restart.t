# A Redis that is killed and comes back with its data, with less or with none,
# or lives and refuses, says that it cannot, or is told to: each is one line
# that says what is wrong, and what is known decides meanwhile.

use strict;
use warnings;

use lib 't/lib';

use File::Copy ();
use Test::More;

use TokenRevoke::Mishap;
use TokenRevoke::Nginx qw(wait_for start_redis temp_dir);

my $m = TokenRevoke::Mishap->new;
my ($redis, $nginx) = ($m->redis, $m->nginx);
my $file = "$redis->{dir}/dump.rdb";
my $copy = temp_dir() . '/dump.rdb';


sub config { $redis->cmd('CONFIG', 'SET', @_) }


sub restart {
    my (@conf) = @_;

    $redis->kill;
    local $redis->{conf} = \@conf;
    $redis->start;
}


# a snapshot that is older than what the edge has seen, by three entries

sub snapshot {
    $redis->cmd('SAVE');
    File::Copy::copy($file, $copy);
    $m->revoke(3);
    $m->applied;
}

sub bring_back {
    $redis->kill;
    File::Copy::copy($copy, $file);
    $redis->start;
}


$m->one('restarted empty', 1, 1, sub { restart() });
$m->one('restarted with its data', 0, 1,
        sub { $redis->cmd('SAVE'); restart() });
$m->one('restarted from an older snapshot', 1, 1,
        sub { snapshot(); bring_back() });
$m->one('the same, and goes on with more than before', 1, 1, sub {
    snapshot();
    kill STOP => (my @workers = $nginx->workers);
    bring_back();
    $m->revoke(7);
    kill CONT => @workers;
});


subtest 'with an append-only file' => sub {
    my $aof = start_redis(conf => ['--appendonly', 'yes']);
    my $edge = TokenRevoke::Nginx->new(redis => 'unix:' . $aof->socket)->start;

    $aof->cmd('XADD', 'revoked', '*', 'token', 'before');
    ok($edge->wait_refused('before') && $edge->wait_live, 'a log is followed');

    $aof->kill;
    ok($edge->wait_log(qr/lost log/), 'it is killed');
    $aof->start;

    $aof->cmd('XADD', 'revoked', '*', 'token', 'after');
    ok($edge->wait_refused('after'), 'it comes back');
    is($edge->log_count(qr/is not the one/), 0, 'and has lost nothing');
    is($edge->log_count(qr/lost log/), 1, 'one line');
    $edge->finish;
};


# Until $off, Redis answers in some way: so many lines say so, the last one with
# the reason that stays, and what is known decides.

sub fault {
    my ($name, $said, $on, $off, $lines) = @_;

    $lines //= 1;

    $m->one($name, 0, $lines, sub {
        my $n = $m->lost;

        $on->();
        ok(wait_for(sub { $m->lost == $n + $lines }), 'it is noticed');
        ok(wait_for(sub { $nginx->status('good', '/soon') == 503 }),
           'what is known becomes too old');
        is($nginx->status('good'), 200, 'where there is patience it decides');
        is($nginx->status('token-0'), 401, 'what is revoked is refused');
        $off->();

        my ($line) = reverse $nginx->log_text =~ /^.*lost log .*/mg;
        like($line, qr/zone "edge" lost .*: $said.* confirmed \d+ ms ago/,
             'zone, cause and age');
    });
}


# a rule of the ACL for all, and what takes it back

sub acl {
    my ($rule, $back) = @_;

    return map {
        my $word = $_;
        sub { $redis->cmd('ACL', 'SETUSER', 'default', $word) };
    } $rule, $back;
}


sub kill_clients {
    $redis->cmd('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
}


fault('a command is forbidden', 'NOPERM.*xread', acl('-xread', '+xread'));
fault('another one', 'NOPERM.*xrange', acl('-xrange', '+xrange'));
fault('a third one', 'NOPERM.*xinfo', acl('-xinfo', '+xinfo'));
# it says so to who waits, and another thing to who comes

fault('a replica without a master', 'MASTERDOWN Link with MASTER is down',
      sub {
          config('replica-serve-stale-data', 'no');
          $redis->cmd('REPLICAOF', '127.0.0.1', 1);
      },
      sub { $redis->cmd('REPLICAOF', 'NO', 'ONE') }, 2);
fault('it takes its time', 'redis did not answer in time',
      sub { $redis->cmd('CLIENT', 'PAUSE', 1500, 'ALL') }, sub { });

# the text differs: the link that is there is closed, the next one is refused

$m->one('a password', 0, 2, sub {
    my $n = $m->lost;

    config('requirepass', 'secret');
    kill_clients();
    ok(wait_for(sub { $m->lost > $n }), 'it is noticed');
    ok($nginx->wait_log(qr/lost log .*: NOAUTH Authentication required/),
       'what is wrong');
    config('requirepass', '');
});

# what is unblocked is asked again

sub unblock {
    my ($how) = @_;

    wait_for {
        my ($id) = $redis->cmd('CLIENT', 'LIST') =~ /^id=(\d+) .*cmd=xread/m;
        $id and $redis->cmd('CLIENT', 'UNBLOCK', $id, $how);
    };
}

$m->one('UNBLOCK, with an error', 0, 1, sub { unblock('ERROR') });
$m->one('UNBLOCK', 0, 0, sub { unblock('TIMEOUT') });
$m->one('CLIENT KILL', 0, 1, sub { kill_clients() });

# no entry can be written: what there is can be read

sub unwritable {
    my ($name, $error, $on, $off) = @_;

    $m->one($name, 0, 0, sub {
        $on->();
        eval { $redis->cmd('XADD', 'revoked', '*', 'token', 'x') };
        like($@, qr/^redis: $error /, $error);
        ok($m->settled, 'it is followed all the same');
        $off->();
    });
}

unwritable('no memory', 'OOM', sub { config('maxmemory', 1) },
           sub { config('maxmemory', 0) });
unwritable('it cannot save', 'MISCONF', sub {
    unlink $file;
    mkdir $file;
    config('save', '3600 1');
    $redis->cmd('BGSAVE');
    wait_for { $redis->cmd('INFO') =~ /rdb_last_bgsave_status:err/ };
}, sub { config('save', ''); rmdir $file });
$nginx->finish;


done_testing();
