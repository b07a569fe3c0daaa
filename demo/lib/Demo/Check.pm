package Demo::Check;

# What is said is looked at first: each of these dies, with a line that says
# what does not hold.

use strict;
use warnings;

use Exporter 'import';
use Time::HiRes qw(CLOCK_MONOTONIC);

use Demo::Http qw(request each_worker);
use Demo::Stage ();

our @EXPORT_OK = qw(now must wait_until all_answer until_refused no_alarms);

use constant PATIENT => 10;  # seconds after which waiting is an error


sub now { Time::HiRes::clock_gettime(CLOCK_MONOTONIC) }


sub must {
    my ($holds, $what) = @_;

    die "FAILED: $what\n" if !$holds;
}


# Waits until the condition holds, which is looked at every 5 ms.
sub wait_until {
    my ($what, $condition) = @_;

    my $until = now() + PATIENT;

    until ($condition->()) {
        must(now() < $until, "$what, not after ${\PATIENT} s");
        Time::HiRes::sleep(0.005);
    }
}


# Asks the edges at these ports for every token, on connections to all of their
# workers: each answer must have the status.  Returns the number of answers.
sub all_answer {
    my ($ports, $status, $who, @tokens) = @_;

    my @requests = map { request('HEAD', $_) } @tokens;

    my @sockets = map {
        my $port = $_;
        Demo::Stage::in_child(sub {
            my ($socket) = @_;
            print $socket pack 'n*', _ask_all($port, @requests);
        });
    } @$ports;

    my $answers = 0;

    for my $i (0 .. $#sockets) {
        my $bytes = do { local $/; readline $sockets[$i] } // '';
        my @statuses = unpack 'n*', $bytes;

        must(@statuses == @tokens, "edge ${\($i + 1)} answered "
             . @statuses . ' of ' . @tokens . ' requests');

        my @other = grep { $_ != $status } @statuses;
        must(!@other, "$who: edge ${\($i + 1)} was to answer $status to all "
             . @tokens . ' tokens, but answered ' . ($other[0] // '') . ' to '
             . @other);

        $answers += @statuses;
    }

    return $answers;
}


# the statuses of one edge, its workers asked in turn
sub _ask_all {
    my ($port, @requests) = @_;

    my @workers = each_worker($port, Demo::Stage::WORKERS);
    my @statuses;

    while (my @some = splice @requests, 0, 1000) {
        push @statuses, $workers[0]->statuses(@some);
        push @workers, shift @workers;
    }

    return @statuses;
}


# Asks all workers, one at the end of each of these connections, again and again
# until each has refused; returns for each how long that was after $start.
sub until_refused {
    my ($workers, $token, $start) = @_;

    my $request = request('HEAD', $token);
    my %after;

    while (keys %after < @$workers) {

        my @asked = grep { !defined $after{$_} } 0 .. $#$workers;

        $workers->[$_]->put($request) for @asked;

        for my $i (@asked) {
            my $status = $workers->[$i]->status;
            $after{$i} = now() - $start if $status == 401;
        }

        must(now() < $start + PATIENT, "the token is refused by only "
             . keys(%after) . ' of ' . @$workers . ' workers ' . PATIENT
             . ' s after it was revoked');
    }

    return map { $after{$_} } 0 .. $#$workers;
}


sub no_alarms {
    my @alarms = Demo::Stage::alarms();

    must(!@alarms, "an error log has what it must not have:\n@alarms");
}


1;
