package TokenRevoke::Mishap;

# Something happens to a Redis, or to the log in it, and an edge goes on.
#
#     my $m = TokenRevoke::Mishap->new;     # a Redis, and an edge with a log
#     $m->one('it is killed', 1, 1, sub { ... });
#     $m->both('DEL', 1, 0, sub { $m->redis->cmd('DEL', 'revoked') });
#     $m->xadd('revoked', '*');             # the words that revoke one more
#
# "one" does it while the edge waits for the next entry, "both" also while it
# is away.  The numbers are those of the lines about a loss, and about a link
# that was lost.  Whatever happens, all tokens stay refused.

use strict;
use warnings;

use Test::More ();

use TokenRevoke::Nginx qw(wait_for start_redis);


sub new {
    my ($class, %o) = @_;

    my $self = bless { all => [], redis => start_redis(), %o }, $class;

    $self->{nginx} = TokenRevoke::Nginx->new(
        redis => 'unix:' . $self->{redis}->socket, zone => 'timeout=300ms',
        workers => 2, server => <<'_EOC_')->start;
    location = /soon {
        token_revoke zone=edge;
        token_revoke_max_stale 300ms;
        empty_gif;
    }
_EOC_

    $self->revoke;

    return $self;
}


sub redis { $_[0]{redis} }
sub nginx { $_[0]{nginx} }

sub losses { $_[0]{nginx}->log_count(qr/is not the one that was applied/) }
sub gaps   { $_[0]{nginx}->log_count(qr/was trimmed up to/) }
sub lost   { $_[0]{nginx}->log_count(qr/\[warn\].*lost log /) }


# the words of an XADD of another token

sub xadd {
    my ($self, $log, $id) = @_;

    push @{ $self->{all} }, 'token-' . @{ $self->{all} };

    return ['XADD', $log, $id, token => $self->{all}[-1]];
}


sub revoke {
    my ($self, $n) = @_;
    $self->{redis}->pipeline(map { $self->xadd('revoked', '*') } 1 .. $n // 1);
}


# the last of all tokens is refused

sub applied {
    my ($self) = @_;
    return $self->{nginx}->wait_refused($self->{all}[-1]);
}


sub both {
    my ($self, $name, $losses, $lost, $what) = @_;

    $self->one("$name, while it waits", $losses, $lost, $what);
    $self->one("$name, while it is away", $losses, 1,
               sub { $self->away($what) });
}


# the process whose connection Redis has closed cannot read: the edge is away

sub away {
    my ($self, $what) = @_;

    my @workers = $self->{nginx}->workers;

    kill STOP => @workers;
    $self->{redis}->cmd('CLIENT', 'KILL', 'TYPE', 'normal', 'SKIPME', 'yes');
    $what->();
    kill CONT => @workers;
}


sub one {
    my ($self, $name, $losses, $lost, $what) = @_;

    Test::More::subtest($name => sub {
        my $nginx = $self->{nginx};

        $self->revoke(3);
        $self->{redis}->pipeline(
            ['XADD', 'revoked', '*', 'token', 'lifted'],
            ['XADD', 'revoked', '*', 'token', 'lifted', 'action', 'restore'],
            $self->xadd('revoked', '*'));

        Test::More::ok($self->applied && $self->settled, 'a log is followed');

        my ($n, $g, $l) = ($self->losses, $self->gaps, $self->lost);

        $what->();
        $self->revoke;

        Test::More::ok($self->applied && $self->settled, 'followed again');

        my @all = @{ $self->{all} };

        Test::More::is_deeply($nginx->statuses(@all, 'lifted', 'good'),
                              { 401 => scalar @all, 200 => 2 },
                              'all is in force that was, or is new');
        Test::More::is($self->losses - $n, $losses, "losses: $losses");
        Test::More::is($self->gaps - $g, 0, 'no gap');
        Test::More::is($self->lost - $l, $lost, "links lost: $lost");
    });
}


# confirmed, by a question that was asked later than this

sub settled {
    my ($self) = @_;

    my $last = -1;
    my $age = sub {
        $self->{nginx}->get('good') =~ /^X-Age: (\d+)/m ? $1 : -1
    };

    return wait_for { $self->{nginx}->status('good', '/soon') == 200 }
        && wait_for {
            my $now = $age->();
            my $less = $now < $last;
            $last = $now;
            $less;
        };
}


1;
