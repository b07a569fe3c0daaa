package TokenRevoke::Chaos;

# Everything goes wrong, at random, while clients ask and an operator revokes;
# and every answer is checked.  See docs/testing.md.
#
#     my $chaos = TokenRevoke::Chaos->new(seconds => 60, seed => 7);
#     $chaos->run;
#     $chaos->violations;              # texts; none is what is hoped for
#     $chaos->timeline;                # what was done to whom, and when
#
# A seed gives the same faults in the same order; what they meet depends on the
# machine.

use strict;
use warnings;

use POSIX ();

use TokenRevoke::Chaos::Checker;
use TokenRevoke::Chaos::Clock;
use TokenRevoke::Chaos::Edge;
use TokenRevoke::Chaos::Faults qw(%faults);
use TokenRevoke::Chaos::Health;
use TokenRevoke::Chaos::Load;
use TokenRevoke::Chaos::Store;
use TokenRevoke::Nginx qw(wait_for);
use TokenRevoke::Token;

# seconds; a request to a zone that is cold waits as long as it may

use constant COLD => 13;
use constant RECOVERY => 30;

# so many end the run

use constant ENOUGH => 5;


sub new {
    my ($class, %o) = @_;

    my $self = bless {
        seconds => 60, seed => 1, loads => 2, only => undef, strict => 0,
        timeline => [], violations => [], long => [], pushed => 0, number => 1,
        restorable => [], %o,
    }, $class;

    $self->{checker} = TokenRevoke::Chaos::Checker->new;

    return $self;
}


sub violations { @{ $_[0]{violations} } }
sub checker    { $_[0]{checker} }
sub edge       { $_[0]{edge} }
sub health     { $_[0]{health} }

sub timeline {
    my ($self) = @_;
    return map { sprintf '%8.3f %s', $_->[0] - $self->{began}, $_->[1] }
        @{ $self->{timeline} };
}


sub note {
    my ($self, $what) = @_;

    push @{ $self->{timeline} }, [now(), $what];
    print STDERR '# ', ($self->timeline)[-1], "\n"
        if $ENV{TOKEN_REVOKE_CHAOS_VERBOSE};
}


sub violation {
    my ($self, $what) = @_;

    return if $self->violations >= ENOUGH;

    push @{ $self->{violations} }, $what;
    $self->note("VIOLATION: $what");
}


sub run {
    my ($self) = @_;

    srand $self->{seed};

    $self->{dice} = $self->{seed};
    $self->{began} = now();
    $self->_start;
    $self->_cold;

    my $end = $self->{began} + $self->{seconds};

    while (now() < $end and $self->violations < ENOUGH) {
        $self->_fault($self->_pick(qr/./));
        $self->run_for($self->_roll(0.7));
    }

    $self->_recover;

    $self->{health}->measure('end');
    $self->_stop;
}


sub _start {
    my ($self) = @_;

    $self->{store} = TokenRevoke::Chaos::Store->new->start;
    $self->{edge} = TokenRevoke::Chaos::Edge->new(
        redis => $self->{store}->url, strict => $self->{strict});

    # nobody answers the edge at first

    $self->{store}->proxy->mode('silent');
    $self->{edge}->start;
    $self->{checker}->zone_begins($self->{number}, now());

    $self->{health} = TokenRevoke::Chaos::Health->new(edge => $self->{edge});
    $self->{health}->measure('start');

    my @good = map { ["good-$_", "a-good-token-$_"] } 1 .. 50;

    push @good, map {
        ["good-jwt-$_", jws("{\"sub\":\"nobody-$_\",\"client_id\":\"app\","
                            . "\"ver\":\"1\",\"iat\":1500000000}")]
    } 1 .. 20;

    $self->{clients} = [map {
        TokenRevoke::Chaos::Load->new(
            port => $self->{edge}->port, seed => $self->{seed} * 100 + $_,
            locations => [$self->{edge}->locations], good => \@good)->start
    } 1 .. $self->{loads}];
}


sub _cold {
    my ($self) = @_;

    $self->note('cold: redis is silent from the start');
    $self->run_for(COLD);
    $self->{store}->proxy->mode('good');
    $self->note('redis answers');
    $self->run_for(1);
}


# Numbers for the choice of faults alone, so that a seed gives the same ones
# however many times the rest has asked for numbers.

sub _roll {
    my ($self, $below) = @_;

    $self->{dice} = ($self->{dice} * 1103515245 + 12345) % 2**31;

    return $below * $self->{dice} / 2**31;
}


sub _pick {
    my ($self, $kind) = @_;

    my @names = map { ($_) x ($faults{$_}{weight} // 1) }
        grep { $faults{$_}{kind} =~ $kind
               and !$self->{only} || "$self->{only} " =~ /\b$_\b/ }
        sort keys %faults;

    return $names[$self->_roll(scalar @names)];
}


sub _fault {
    my ($self, $name, $inner) = @_;

    my $fault = $faults{$name // return};
    my $hold = $self->_roll($fault->{hold});
    my $other = $self->_roll(1) < 0.4 ? $self->_pick(qr/nginx/) : undef;

    $self->note("$name begins");
    $self->collect;
    $self->{checker}->loss_begins(now()) if $fault->{loss};

    $fault->{begin}->($self);
    $self->run_for($hold / 2);
    $self->_fault($other, 1) if $other and !$inner
                                and $fault->{kind} ne 'nginx';
    $self->run_for($hold / 2);

    $fault->{end}->($self) if $fault->{end};

    $self->{checker}->loss_ends(now()) if $fault->{loss};
    $self->note("$name ends");
}


# New memory: its answers are marked with another number.  It has learnt the
# log when a process that was not there before follows it; what the error log
# says already is about older memory, also of processes that have left.

sub new_zone {
    my ($self) = @_;

    $self->collect;
    $self->{checker}->zone_begins(++$self->{number}, now());
    $self->{edge}->set(number => $self->{number});
    $self->{before} = { map { ($_ => 1) } $self->{edge}->processes };
    $self->{said} = length $self->{edge}->log_text;
}


sub _learnt {
    my ($self) = @_;

    my $zone = $self->{checker}->learning // return;
    my $says = substr $self->{edge}->log_text, $self->{said};
    my @pids = $says =~ /(\d+)#\d+: [^\n]* follows log/g;

    $self->{checker}->zone_learnt($zone)
        if grep { !$self->{before}{$_} } @pids;
}


# Revokes this and that for so many seconds, and looks at what clients say.

sub run_for {
    my ($self, $seconds) = @_;

    my $end = now() + $seconds;

    while (1) {
        my $what = rand;

        $what < 0.90 ? $self->push_one
        : $what < 0.94 ? $self->push_restore
        : $what < 0.97 ? $self->push_bad
        : $self->push_import;

        $self->collect;
        $self->{health}->watch;

        my $left = $end - now();
        return if $left <= 0 or $self->violations >= ENOUGH;
        Time::HiRes::sleep($left < 0.03 ? $left : 0.03);
    }
}


# what is revoked, as pairs of an entry, and a token that it refuses

sub _victim {
    my ($self) = @_;

    my $n = ++$self->{pushed};
    my $how = rand;

    return ("token-$n", [token => sha256_hex("token-$n")]) if $how < 0.6;

    return (jws("{\"sub\":\"user-$n\",\"iat\":1500000000}"),
            [sub => "user-$n"]) if $how < 0.8;

    return (jws("{\"client_id\":\"app\",\"ver\":\"v$n\",\"iat\":1500000000}"),
            [client_id => 'app', ver => "v$n"]);
}


sub push_one {
    my ($self) = @_;

    my ($token, $pairs) = $self->_victim;
    my $id = 'bad-' . $self->{pushed};

    $self->_push($id, $token, @$pairs)
        and push @{ $self->{restorable} }, [$id, @$pairs];
}


sub _push {
    my ($self, $id, $token, @pairs) = @_;

    my $sent = now();
    my ($done) = $self->{store}->try(
        [XADD => 'revoked', $self->{store}->id, @pairs]);

    $done ? $self->{checker}->revoked($id, $sent, now())
          : $self->{checker}->maybe($id);

    $_->revoked($id, $token) for @{ $self->{clients} };

    return $done;
}


sub push_import {
    my ($self) = @_;

    my $n = ++$self->{pushed};
    my @tokens = map { "import-$n-$_" } 1 .. 200 + rand 800;

    $self->_push("bad-$n", $tokens[-1],
                 map { (token => sha256_hex($_)) } @tokens);
}


sub push_bad {
    my ($self) = @_;

    my @bad = ([reason => 'nothing'], [token => ''],
               [sub => 'x', before => 'y'],
               [map { ("claim-$_" => 'x') } 1 .. 12]);

    $self->{store}->try([XADD => 'revoked', $self->{store}->id,
                         @{ $bad[rand @bad] }]);
}


# only what was acknowledged is restored, and long enough ago to be in force

sub push_restore {
    my ($self) = @_;

    my $old = shift @{ $self->{restorable} } or return;
    my ($id, @pairs) = @$old;
    my $sent = now();

    $self->{checker}->restored($id, $sent, undef);

    my ($done) = $self->{store}->try([XADD => 'revoked', $self->{store}->id,
                                      @pairs, action => 'restore']);

    $self->{checker}->restored($id, $sent, now()) if $done;
}


sub collect {
    my ($self) = @_;

    $self->_check($_) for map { $_->answers } @{ $self->{clients} };
    $self->_learnt;
}


sub _check {
    my ($self, $answer) = @_;

    my $what = $self->{checker}->answer($answer) // return;

    $self->violation("$what\n#   " . join ', ', map {
        my $value = $answer->{$_};
        $value = sprintf '%.3f', $value - $self->{began} if /^(?:sent|got)$/;
        "$_ $value";
    } sort keys %$answer);
}


# after the last fault: a new revocation is in force, and others are served

sub _recover {
    my ($self) = @_;

    $self->note('the last fault has ended');

    my ($edge, $token) = ($self->{edge}, 'the-last-token');

    my $pushed = wait_for {
        $self->{store}->try([XADD => 'revoked', '*',
                             token => sha256_hex($token)]);
    } RECOVERY;

    my $until = now() + RECOVERY;
    my $live = 0;

    until ($live or now() > $until) {
        $live = $pushed
            && $edge->get($token, '/short', 5) =~ /^HTTP\/1.1 401/
            && $edge->get('another', '/short', 5) =~ /^HTTP\/1.1 200/;
        $self->run_for(0.05);
    }

    $self->violation('the edge does not recover') if !$live;
    $self->note('the edge has recovered') if $live;

    $self->run_for(1);
}


sub _stop {
    my ($self) = @_;

    $self->_check($_) for map { $_->stop } @{ $self->{clients} };
    $self->{clients} = [];

    close $_ for @{ $self->{long} };

    $self->{health}->quiet(sub { $_[0] or $self->violation($_[1]) });

    $self->{edge}->stop or $self->violation('nginx does not leave');
    $self->{store}->stop;
}


1;
