package TokenRevoke::Cluster;

# A Redis Cluster of three masters.
#
#     my $c = TokenRevoke::Cluster->new;
#     my $owner = $c->owner('revoked');        # the TokenRevoke::Redis
#     my ($other) = $c->others('revoked');
#     $c->migrate('revoked', $other);          # the slot and its keys; or
#     $c->migrate_begin('revoked', $other);    # ... half of that: ASK
#     $c->migrate_end('revoked', $other);

use strict;
use warnings;

use TokenRevoke::Nginx qw(wait_for new_redis);
use TokenRevoke::Port qw(free_port);


sub new {
    my ($class) = @_;

    my @nodes;

    for my $i (0 .. 2) {
        my $bus = free_port();
        my $node = new_redis(port => 1, conf => [
            '--cluster-enabled', 'yes', '--cluster-port', $bus,
            '--cluster-config-file', 'nodes.conf',
            '--cluster-node-timeout', 2000])->start;

        $node->{bus} = $bus;
        $node->cmd('CLUSTER', 'ADDSLOTSRANGE', $i * 5461,
                   $i == 2 ? 16383 : $i * 5461 + 5460);
        $node->cmd('CLUSTER', 'SET-CONFIG-EPOCH', $i + 1);
        push @nodes, $node;
    }

    $nodes[0]->cmd('CLUSTER', 'MEET', '127.0.0.1', $_->port, $_->{bus})
        for @nodes[1, 2];

    for my $node (@nodes) {
        wait_for {
            my $info = $node->cmd('CLUSTER', 'INFO');

            $info =~ /cluster_state:ok/ and $info =~ /known_nodes:3/;
        } 20 or die "the cluster is not ok\n";

        $node->{id} = $node->cmd('CLUSTER', 'MYID');
    }

    return bless { nodes => \@nodes }, $class;
}


sub nodes { @{ $_[0]{nodes} } }

sub _slot { ($_[0]->nodes)[0]->cmd('CLUSTER', 'KEYSLOT', $_[1]) }


# as the first node sees it

sub owner {
    my ($self, $key) = @_;

    my $slot = $self->_slot($key);
    my ($port) = map { $_->[2][1] } grep { $_->[0] <= $slot
                                           and $slot <= $_->[1] }
        @{ ($self->nodes)[0]->cmd('CLUSTER', 'SLOTS') };

    return (grep { $_->port == $port } $self->nodes)[0];
}


sub others {
    my ($self, $key) = @_;

    my $owner = $self->owner($key);

    return grep { $_ != $owner } $self->nodes;
}


sub migrate {
    my ($self, $key, $to) = @_;

    $self->migrate_begin($key, $to);
    $self->migrate_end($key, $to);
}


sub migrate_begin {
    my ($self, $key, $to) = @_;

    my $slot = $self->_slot($key);
    my $from = $self->owner($key);

    $to->cmd('CLUSTER', 'SETSLOT', $slot, 'IMPORTING', $from->{id});
    $from->cmd('CLUSTER', 'SETSLOT', $slot, 'MIGRATING', $to->{id});

    my @keys = @{ $from->cmd('CLUSTER', 'GETKEYSINSLOT', $slot, 1000) };

    $from->cmd('MIGRATE', '127.0.0.1', $to->port, '', 0, 5000, 'KEYS', @keys)
        if @keys;
}


sub migrate_end {
    my ($self, $key, $to) = @_;

    my $slot = $self->_slot($key);

    $_->cmd('CLUSTER', 'SETSLOT', $slot, 'NODE', $to->{id})
        for $to, grep { $_ != $to } $self->nodes;
}


1;
