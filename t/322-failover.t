# A failover that loses acknowledged writes.  The edge has read them: it keeps
# what they say, applies all that the new master has, whatever IDs it gives,
# and says once that something was lost.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use TokenRevoke::Load;
use TokenRevoke::Nginx qw(wait_for start_redis);

my @conf = ('--repl-diskless-sync-delay', 0, '--repl-ping-replica-period', 1);
my @servers = map { start_redis(port => 1, conf => \@conf) } 1 .. 2;


sub xadd {
    my ($redis, $id, @pairs) = @_;
    return $redis->cmd('XADD', 'revoked', $id, @pairs);
}


sub synced {
    my ($master, $replica) = @_;

    return wait_for {
        my ($offset) = $master->cmd('INFO', 'replication')
            =~ /^slave0:.*state=online,offset=(\d+)/m;
        my ($now) = $master->cmd('INFO', 'replication')
            =~ /^master_repl_offset:(\d+)/m;
        defined $offset and $offset == $now;
    };
}


# a master with a log, its replica, and an edge that follows the master

sub begin {
    my ($master, $replica) = @servers;

    $_->start, $_->cmd('REPLICAOF', 'NO', 'ONE'), $_->cmd('FLUSHALL')
        for @servers;
    $replica->cmd('REPLICAOF', '127.0.0.1', $master->port);

    xadd($master, '*', token => 'bad');
    xadd($master, '*', token => 'lifted');
    xadd($master, '*', token => 'lifted', action => 'restore');
    my $last = xadd($master, '*', token => 'common');

    synced($master, $replica) or die "no replica\n";

    my $nginx = TokenRevoke::Nginx->new(
        redis => join(',', map { '127.0.0.1:' . $_->port } @servers)
                 =~ s/^/redis:\/\//r,
        zone => 'timeout=300ms', workers => 2, server => <<'_EOC_')->start;
    location = /soon {
        token_revoke zone=edge;
        token_revoke_max_stale 900ms;
        empty_gif;
    }
_EOC_

    $nginx->wait_refused('common') && $nginx->wait_live
        or die "the edge does not follow:\n" . $nginx->log_text;

    return ($nginx, $master, $replica, $last);
}


sub losses { $_[0]->log_count(qr/is not the one that was applied/) }

# lines about the link, and what a loss is no cause of

sub lost   { $_[0]->log_count(qr/\[warn\].*lost log /) }
sub others { $_[0]->log_count(qr/was trimmed up to|max_stale of/) }


# What the master has written is lost: "lost" are the tokens; "after" gets the
# replica and the ID of the last entry that both have, writes what it has
# instead, and returns the tokens that are revoked by it.

sub failover {
    my ($name, %o) = @_;

    subtest $name => sub {
        my ($nginx, $master, $replica, $common) = begin();
        my $load = TokenRevoke::Load->new(port => $nginx->port)->start;

        # from here on nothing reaches it

        $replica->cmd('REPLICAOF', 'NO', 'ONE');

        my @lost = map { "lost-$_" } 1 .. 3;
        my @ids = map { xadd($master, '*', token => $_) } @lost;

        ok($nginx->wait_refused($lost[-1]), 'what will be lost is in force');

        my @new = $o{after}->($replica, $common, @ids);

        $o{how} eq 'freeze' ? $master->freeze : $master->kill;

        ok(wait_for(sub { losses($nginx) }), 'the loss is found');
        ok($nginx->wait_log(qr/follows log/, 10, 2), 'the next is followed');

        is_deeply($nginx->statuses('bad', 'common', @lost),
                  { 401 => 2 + @lost }, 'all that was applied is kept');
        is_deeply($nginx->statuses(@new), @new ? { 401 => scalar @new } : {},
                  'what the other history has is applied');
        is($nginx->status('lifted'), 200, 'what was restored stays so');
        is($nginx->status('good', '/soon'), 200, 'and it is fresh');

        xadd($replica, '*', token => 'next');
        ok($nginx->wait_refused('next'), 'it goes on');

        # the old master comes back as a replica, or believes to be one still

        $master->thaw if $o{how} eq 'freeze';
        $master->start;
        $master->cmd('REPLICAOF', '127.0.0.1', $replica->port);

        xadd($replica, '*', action => 'accept');
        ok($nginx->wait_log(qr/accepts loss/), 'an operator accepts the loss');

        is($load->wrong('good 200', 'bad 401'), '',
           'all the time good tokens pass and bad ones do not');
        is(losses($nginx), 1, 'the loss was said once');
        is(lost($nginx), 1, 'so was that the master is gone')
            or diag($nginx->log_text);
        is(others($nginx), 0, 'and nothing else');
        $nginx->finish;
    };
}


sub several {
    my ($redis, @ids) = @_;

    my $n = 0;
    return map {
        my $token = 'new-' . ++$n;
        xadd($redis, $_, token => $token);
        $token;
    } @ids;
}


sub behind {
    my ($id, $n) = @_;
    my ($ms, $seq) = split /-/, $id;
    return $ms . '-' . ($seq + $n);
}


failover('it goes on with more', how => 'kill',
         after => sub { several($_[0], ('*') x 5) });

failover('it goes on with less', how => 'freeze',
         after => sub { several($_[0], '*') });

failover('it has nothing new', how => 'kill', after => sub { () });

failover('it goes on with as much', how => 'kill',
         after => sub { several($_[0], ('*') x 3) });

# its clock is behind: its IDs are lower than those that were lost

failover('its clock is behind', how => 'freeze', after => sub {
    my ($redis, $common) = @_;
    several($redis, map { behind($common, $_) } 1 .. 5);
});

failover('its clock was behind', how => 'kill', after => sub {
    my ($redis, $common) = @_;
    several($redis, (map { behind($common, $_) } 1 .. 2), '*');
});

failover('it has given the same IDs to others', how => 'kill', after => sub {
    my ($redis, $common, @ids) = @_;
    several($redis, @ids);
});

failover('and goes on from there', how => 'freeze', after => sub {
    my ($redis, $common, @ids) = @_;
    several($redis, @ids, '*', '*');
});


subtest 'a replica that is behind, before it becomes the master' => sub {
    my ($nginx, $master, $replica) = begin();

    $replica->freeze;
    $master->cmd('CLIENT', 'KILL', 'TYPE', 'replica');
    xadd($master, '*', token => 'lost');
    ok($nginx->wait_refused('lost'), 'what it has not got is in force');

    $master->kill;
    $replica->thaw;

    ok($nginx->wait_log(qr/lost log/), 'the master is gone');
    is(losses($nginx), 0, 'a replica that is behind has lost nothing');

    $replica->cmd('REPLICAOF', 'NO', 'ONE');
    xadd($replica, '*', token => 'next');

    ok($nginx->wait_refused('next', 20), 'it is the master now, and followed');
    is_deeply($nginx->statuses('bad', 'common', 'lost', 'lifted', 'good'),
              { 401 => 3, 200 => 2 }, 'all is as it was');
    is(losses($nginx), 1, 'the loss is said once');
    $nginx->finish;
};


# the connection stays, and what is behind it becomes another log

subtest 'the server that is followed becomes a replica of another' => sub {
    my ($nginx, $master, $replica, $common) = begin();

    $replica->cmd('REPLICAOF', 'NO', 'ONE');
    xadd($master, '*', token => "lost-$_") for 1 .. 3;
    ok($nginx->wait_refused('lost-3'), 'what will be lost is in force');

    my @new = several($replica, (map { behind($common, $_) } 1 .. 5), '*', '*');

    $master->cmd('REPLICAOF', '127.0.0.1', $replica->port);

    ok($nginx->wait_refused($new[-1]), 'its new entries come');
    ok(wait_for(sub { losses($nginx) }), 'it is not the log that it was');
    ok(wait_for(sub { ($nginx->statuses(@new)->{401} // 0) == @new }),
       'all of it is applied');
    is_deeply($nginx->statuses('bad', 'common', 'lost-1', 'lifted', 'good'),
              { 401 => 3, 200 => 2 }, 'and nothing is lifted');
    is(losses($nginx), 1, 'the loss is said once');
    $nginx->finish;
};


done_testing();
