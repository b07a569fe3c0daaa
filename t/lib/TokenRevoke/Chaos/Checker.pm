package TokenRevoke::Chaos::Checker;

# The three promises, on every answer of an edge.
#
#     my $c = TokenRevoke::Chaos::Checker->new(slack => 5);
#
#     $c->revoked($id, $sent, $answered);      # Redis has acknowledged it
#     $c->maybe($id);                          # it has failed: who knows
#     $c->restored($id, $sent, $answered);
#     $c->loss_begins($now);  $c->loss_ends($now);
#     $c->zone_begins($zone, $now);            # new memory, a number of it
#     $c->zone_learnt($zone);                  # which knows the log by itself
#     $c->stop_begins($now);  $c->stop_ends($now);
#
#     my $what = $c->answer(\%answer);         # undef: as it should be
#
# Times are seconds of one clock, that of the edge's confirmations.  An answer:
#
#     sent, got     before the request was written, after the answer was read
#     id            of the token; one that was never revoked is a good one
#     status        of HTTP; 0: no answer (the connection was closed)
#     verdict, age, max_stale, wait, zone, strict, worker    what the edge says
#
# When a token must be refused:
#
# (1) by the age.  "age" milliseconds before its decision the edge had applied
#     everything that was in the log: everything that Redis had acknowledged
#     before "sent" less the age.  Two milliseconds are for rounding.  A strict
#     answer speaks for the moment at which the request was sent.
# (2) by memory.  What an edge has applied once it never forgets.  That it was
#     applied is known when the token was refused, or when (1) has held.
#
# Redis itself can lose entries.  What was acknowledged before a loss ended,
# and was not known to be applied when the loss began, can be demanded by
# memory only.
#
# A zone of shared memory has a memory of its own.  Until a new one knows what
# the log holds, the old one decides for it; then it knows no more than that.
# So it is asked for what the old one had, less what Redis has lost before.

use strict;
use warnings;

use constant ROUNDING => 0.002;


sub new {
    my ($class, %o) = @_;

    my $self = bless {
        slack => 5, tokens => {}, losses => [], stops => [],
        confirmed => {}, counts => {}, zones => {}, %o,
    }, $class;

    return $self;
}


sub count { $_[0]{counts}{$_[1]} // 0 }


sub revoked {
    my ($self, $id, $sent, $answered) = @_;

    my $last = $self->{losses}[-1];
    my $token = { acked => $answered, applied => {}, weak => {} };

    $self->{tokens}{$id} = $token;
    $self->_lossy($token) if $last and $last->[1] > $sent;
}


sub maybe {
    my ($self, $id) = @_;

    $self->{tokens}{$id} = { acked => 9**9**9, applied => {}, weak => {} };
    $self->_lossy($self->{tokens}{$id});
}


# Redis may have lost it; then a zone that still learns never hears of it

sub _lossy {
    my ($self, $token) = @_;

    my $learning = $self->{learning};

    $token->{lossy} = 1;

    return if !defined $learning;

    $token->{weak}{$learning} = 1;
    delete $token->{applied}{$learning};
}


sub restored {
    my ($self, $id, $sent, $answered) = @_;
    @{ $self->{tokens}{$id} }{qw(lifting lifted)} = ($sent, $answered);
}


# From now on Redis may forget.  What is known to be applied is remembered.

sub loss_begins {
    my ($self, $now) = @_;

    push @{ $self->{losses} }, [$now, 9**9**9];

    for my $zone (keys %{ $self->{confirmed} }) {
        $self->_remember($zone, $now);
    }

    $self->_lossy($_) for values %{ $self->{tokens} };
}


sub loss_ends {
    my ($self, $now) = @_;

    $self->{losses}[-1][1] = $now;

    $self->_lossy($_) for values %{ $self->{tokens} };
}


# what was acknowledged before a confirmation that an answer has shown

sub _remember {
    my ($self, $zone, $now) = @_;

    my $confirmed = $self->{confirmed}{$zone};

    for my $token (values %{ $self->{tokens} }) {
        next if $token->{lossy} or $token->{acked} >= $confirmed;
        $token->{applied}{$zone} //= $now if !$token->{weak}{$zone};
    }
}


sub zone_begins {
    my ($self, $zone, $now) = @_;

    my $old = $self->{zone};
    $self->{zone} = $zone;

    return if !defined $old;

    $self->{learning} = $zone;
    $self->_remember($old, $now) if defined $self->{confirmed}{$old};

    for my $token (values %{ $self->{tokens} }) {
        if ($token->{lossy}) {
            $token->{weak}{$zone} = 1;

        } elsif (($token->{applied}{$old} // $now) < $now) {
            $token->{applied}{$zone} = $now;
        }
    }
}


sub learning { $_[0]{learning} }

sub zone_learnt {
    my ($self, $zone) = @_;
    $self->{learning} = undef if ($self->{learning} // '') eq $zone;
}


sub stop_begins { push @{ $_[0]{stops} }, [$_[1], 9**9**9] }
sub stop_ends   { $_[0]{stops}[-1][1] = $_[1] }


sub answer {
    my ($self, $a) = @_;

    my $token = $self->{tokens}{$a->{id}};
    my $what = $self->_waited($a);

    return $what if defined $what;

    $self->{counts}{answers}++;
    return $self->_count('no_answer') if $a->{status} == 0;

    $self->{counts}{"status_$a->{status}"}++;

    return "status $a->{status}" if $a->{status} !~ /^(?:200|401|503)$/;

    return $self->_good($a, $token) if !$token or $token->{lifting};

    my $why = $self->_must_refuse($a, $token);

    $self->{counts}{demanded}++ if $why;
    $self->{counts}{waived}++ if !$why and $a->{status} == 200;

    $what = $a->{status} == 200 ? $why ? "passed, $why" : $self->_stale($a)
                                : undef;

    $self->_applied($token, $a) if $a->{status} == 401;
    $self->_confirmed($a);

    return $what;
}


# answers are not looked at in the order in which they came

sub _applied {
    my ($self, $token, $a) = @_;

    return if $token->{weak}{$a->{zone}};

    my $applied = \$token->{applied}{$a->{zone}};

    $$applied = $a->{got} if !defined $$applied or $$applied > $a->{got};
}


sub _count {
    my ($self, $name) = @_;

    $self->{counts}{$name}++;
    return;
}


# the moment for which this answer knows the log, at the earliest

sub _moment {
    my ($a) = @_;

    return $a->{sent} - ROUNDING if $a->{strict} and $a->{verdict} eq 'PASSED';

    return if !defined $a->{age} or $a->{age} !~ /^\d+$/;
    return $a->{sent} - $a->{age} / 1000 - ROUNDING;
}


sub _confirmed {
    my ($self, $a) = @_;

    my $moment = _moment($a) // return;

    $self->{confirmed}{$a->{zone}} = $moment
        if ($self->{confirmed}{$a->{zone}} // 0) < $moment;
}


sub _must_refuse {
    my ($self, $a, $token) = @_;

    my $applied = $token->{applied}{$a->{zone}};

    return sprintf 'though it was in force %.3f s before', $a->{sent} - $applied
        if defined $applied and $applied < $a->{sent};

    my $moment = _moment($a) // return;

    # within its age the edge answers for itself, beyond it on_error does

    return if $a->{verdict} ne 'PASSED';
    return if $token->{acked} >= $moment;

    for my $loss (@{ $self->{losses} }) {
        return if $loss->[1] > $token->{acked} and $loss->[0] < $a->{got};
    }

    return sprintf 'though it was acknowledged %.3f s before the moment that '
                   . 'the edge speaks for', $moment - $token->{acked};
}


# a token that nobody has revoked, or that was restored

sub _good {
    my ($self, $a, $token) = @_;

    my $what;

    if ($a->{status} == 200) {
        $what = $self->_stale($a);

    } elsif ($a->{status} == 401 and (!$token or $self->_lifted($a, $token))) {
        $what = $token ? 'refused, though it was restored'
                       : 'refused, though nobody has revoked it';
    }

    $self->_confirmed($a);

    return $what;
}


# a restore that a loss has followed can be one of what was lost

sub _lifted {
    my ($self, $a, $token) = @_;

    my $moment = _moment($a) // return 0;

    return 0 if !defined $token->{lifted} or $token->{lifted} >= $moment;

    for my $loss (@{ $self->{losses} }) {
        return 0 if $loss->[1] > $token->{acked} and $loss->[0] < $a->{got};
    }

    return 1;
}


sub _stale {
    my ($self, $a) = @_;

    return if $a->{verdict} eq 'UNAVAILABLE_ALLOWED' and $a->{allow};

    return "passed as $a->{verdict}" if $a->{verdict} ne 'PASSED';
    return 'passed without an age' if $a->{age} !~ /^\d+$/;

    return "passed by rules that are $a->{age} ms old"
        if $a->{age} > $a->{max_stale};

    return;
}


# The wait of the location, and slack for a machine with other things to do;
# while a process is stopped the clock of those who wait for it stands still.

sub _waited {
    my ($self, $a) = @_;

    my $took = $a->{got} - $a->{sent};
    my $limit = $a->{wait} / 1000 + $self->{slack};

    $self->{counts}{longest} = $took
        if $took > ($self->{counts}{longest} // 0);

    return if $took <= $limit;

    for my $stop (@{ $self->{stops} }) {
        my $from = $stop->[0] > $a->{sent} ? $stop->[0] : $a->{sent};
        my $to = $stop->[1] < $a->{got} ? $stop->[1] : $a->{got};

        $limit += $to - $from if $to > $from;
    }

    return if $took <= $limit;

    return sprintf 'waited %.3f s with token_revoke_wait of %d ms',
        $took, $a->{wait};
}


1;
