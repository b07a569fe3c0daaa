package TokenRevoke::Sentinel;

# Redis with replicas, and Sentinels that know them, as "main".
#
#     my $s = TokenRevoke::Sentinel->new(sentinels => 3, replicas => 2);
#     $s->hosts;                     # "127.0.0.1:PORT,..." of the Sentinels
#     $s->master;                    # the TokenRevoke::Redis that they name
#     $s->all;                       # all Redis, whatever they are
#     $s->failover;                  # returns when another one is named
#
# A Redis counts as down after 300 ms.  "password" is that of all of them.

use strict;
use warnings;

use TokenRevoke::Nginx qw(wait_for temp_dir new_redis);


sub new {
    my ($class, %o) = @_;

    my $self = bless { sentinels => [], all => [] }, $class;
    my $first;

    for (0 .. $o{replicas} // 1) {
        my $redis = new_redis(port => 1, password => $o{password}, conf => [
            defined $o{password} ? ('--masterauth', $o{password}) : (),
            '--repl-diskless-sync-delay', 0, '--repl-ping-replica-period', 1,
            $first ? ('--replicaof', '127.0.0.1 ' . $first->port) : (),
            @{ $o{conf} || [] }]);

        push @{ $self->{all} }, $redis->start;
        $first //= $redis;
    }

    wait_for {
        $first->cmd('INFO', 'replication') =~ /connected_slaves:(\d+)/
            and $1 == $#{ $self->{all} }
    } or die "no replicas\n";

    my $n = $o{sentinels} // 1;

    push @{ $self->{sentinels} }, _sentinel($first, int($n / 2) + 1, %o)
        for 1 .. $n;

    $self->_wait_known;

    return $self;
}


sub _sentinel {
    my ($first, $quorum, %o) = @_;

    my $dir = temp_dir();
    my $file = "$dir/sentinel.conf";

    open my $out, '>', $file or die "$file: $!\n";
    print $out 'sentinel monitor main 127.0.0.1 ' . $first->port
               . " $quorum\n"
               . "sentinel down-after-milliseconds main 300\n"
               . "sentinel failover-timeout main 2000\n"
               . (defined $o{password}
                  ? "sentinel auth-pass main $o{password}\n" : '');
    close $out;

    return TokenRevoke::Redis->new(
        dir => $dir, port => 1, file => $file, password => $o{password},
        conf => ['--sentinel'])->start;
}


# each knows the others and all replicas

sub _wait_known {
    my ($self) = @_;

    my $others = $#{ $self->{sentinels} };
    my $replicas = $#{ $self->{all} };

    for my $sentinel (@{ $self->{sentinels} }) {
        wait_for {
            my %known = @{ $sentinel->cmd('SENTINEL', 'MASTER', 'main') };

            $known{'num-slaves'} == $replicas
                and $known{'num-other-sentinels'} == $others
        } 20 or die "a Sentinel does not know the others\n";
    }
}


sub sentinels { @{ $_[0]{sentinels} } }
sub all       { @{ $_[0]{all} } }

sub hosts {
    return join ',', map { '127.0.0.1:' . $_->port } $_[0]->sentinels;
}


sub master {
    my ($self) = @_;

    my ($sentinel) = grep { $_->pid } $self->sentinels;
    my $named = $sentinel->cmd('SENTINEL', 'GET-MASTER-ADDR-BY-NAME', 'main');

    return (grep { $_->port == $named->[1] } $self->all)[0];
}


# by command: the old master lives, and is told some time later

sub failover {
    my ($self) = @_;

    my $old = $self->master;

    wait_for {
        eval { ($self->sentinels)[0]->cmd('SENTINEL', 'FAILOVER', 'main') }
    } or die "no failover: $@\n";

    return $self->wait_other($old);
}


# the master that is named when it is no longer $old

sub wait_other {
    my ($self, $old) = @_;

    wait_for { $self->master != $old } 20 or die "no other master\n";

    return $self->master;
}


1;
