package TokenRevoke::Chaos::Store;

# Where the log is: a master and a replica, behind a proxy that the edge knows
# alone.
#
#     my $s = TokenRevoke::Chaos::Store->new->start;
#     $s->url;                         # for token_revoke_zone
#     my @ids = $s->try([XADD => ...], ...);    # () if it could not be done
#     $s->master->freeze;
#     $s->fail_over;                   # to what the replica has
#
# try() does not wait for a server that is frozen: see frozen().

use strict;
use warnings;

use Exporter 'import';
use Time::HiRes ();

use TokenRevoke::Chaos::Proxy;
use TokenRevoke::Nginx qw(new_redis temp_dir wait_for);

use constant PASSWORD => 'of-the-edge';

our @EXPORT_OK = qw(PASSWORD);


sub new {
    my ($class) = @_;

    my @user = ('--user', 'edge', 'on', '>' . PASSWORD, '~*', '&*', '+@all');

    # a replica needs an address, and a master that does not wait for others

    my @servers = map {
        new_redis(port => 1, conf => [
            @user, '--repl-diskless-sync-delay', 0,
            '--enable-debug-command', 'yes', '--loglevel', 'warning']);
    } 1 .. 2;

    return bless { servers => \@servers, offset => 0 }, $class;
}


sub master  { $_[0]{servers}[0] }
sub replica { $_[0]{servers}[1] }
sub proxy   { $_[0]{proxy} }

sub url {
    my ($self) = @_;
    return 'redis://edge:' . PASSWORD . '@127.0.0.1:' . $self->proxy->port;
}


sub start {
    my ($self) = @_;

    $_->start for @{ $self->{servers} };

    $self->{proxy} = TokenRevoke::Chaos::Proxy->new(
        to => $self->master->socket)->start;
    $self->_replicate;

    return $self;
}


sub _replicate {
    my ($self) = @_;

    $self->replica->cmd('REPLICAOF', '127.0.0.1', $self->master->port);

    return wait_for {
        $self->replica->cmd('INFO', 'replication')
            =~ /master_link_status:up/;
    };
}


sub frozen {
    my ($self, $frozen) = @_;

    $self->{frozen} = $frozen if defined $frozen;
    return $self->{frozen};
}


# what an entry's ID begins with: a clock that is wrong gives others

sub id {
    my ($self) = @_;

    return '*' if !$self->{offset};
    return int((Time::HiRes::time() + $self->{offset}) * 1000) . '-*';
}

sub clock { $_[0]{offset} = $_[1] }


sub try {
    my ($self, @commands) = @_;

    return if $self->{frozen} or !$self->master->pid;

    my @answers = eval { $self->master->pipeline(@commands) };

    return $@ ? () : @answers;
}


# The replica is stopped first, so that it misses what the caller pushes, and
# promoted then.  The edge's next connection leads there.

sub cut_replica {
    my ($self) = @_;
    $self->replica->cmd('REPLICAOF', 'NO', 'ONE');
}


sub fail_over {
    my ($self) = @_;

    @{ $self->{servers} } = reverse @{ $self->{servers} };
    $self->proxy->to($self->master->socket);

    return $self->_replicate;
}


# killed, and started again with what $keep says: "all" it had, "none" of it,
# or "old", what it had at the last save()

sub save { $_[0]->master->cmd('SAVE') }


sub kill_master {
    my ($self, $keep) = @_;

    my $master = $self->master;

    $self->save if $keep eq 'all';
    $master->kill;
    unlink "$master->{dir}/dump.rdb" if $keep eq 'none';
}


sub stop {
    my ($self) = @_;

    $_->kill for @{ $self->{servers} };
    $self->proxy->stop;
}


1;
