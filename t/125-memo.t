# What a worker remembers of a token is that of this token and of the rules
# that there are now: more tokens than it can remember, half of them of users
# that were revoked, asked for again and again while kinds of rules come and
# go.

use strict;
use warnings;

use lib 't/lib';

use IO::Socket::INET ();
use POSIX ();
use Test::More;

use TokenRevoke::Edge qw(token_of);
use TokenRevoke::Nginx qw(wait_for);
use TokenRevoke::Redis;
use TokenRevoke::Token;

my $n = 6000;                # a worker remembers 4096

my $edge = TokenRevoke::Edge->new(size => '8m')->start;
my $nginx = $edge->nginx;

# alike but for a digit, and every fifth one has a name that comes to be
# revoked later

my @tokens = map {
    token_of(qq({"sub":"u$_","iat":1,"aud":["web","tv"],)
             . qq("group":"g@{[ $_ % 5 ]}"}))
} 0 .. $n - 1;


# The status of each token, in their order, on one connection.

sub answers {
    my (@which) = @_;

    my $c = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                  PeerPort => $nginx->port)
        or return [];

    my @statuses;

    while (my @some = splice @which, 0, 500) {
        $c->printflush(join '', map {
            "HEAD / HTTP/1.1\r\nHost: h\r\n"
            . "Authorization: Bearer $tokens[$_]\r\n\r\n"
        } @some);

        my $left = @some;
        my $text = '';

        while ($left) {
            sysread $c, $text, 65536, length $text or return \@statuses;

            while ($text =~ s/\AHTTP\/1\.1 (\d+).*?\r\n\r\n//s) {
                push @statuses, $1;
                $left--;
            }
        }
    }

    return \@statuses;
}


# Asks for these tokens, and says which were answered otherwise than the code
# says that they should be.

sub wrong {
    my ($revoked, @which) = @_;

    my $statuses = answers(@which);

    return 'answers are missing' if @$statuses != @which;

    my @wrong = grep {
        $statuses->[$_] != ($revoked->($which[$_]) ? 401 : 200)
    } 0 .. $#which;

    return join ' ', map { "$which[$_]:$statuses->[$_]" }
        @wrong[0 .. ($#wrong < 9 ? $#wrong : 9)];
}


# an order that is not that of the last time, and the same for each run

my $seed = 7;

sub shuffled {
    my (@list) = @_;

    for my $i (reverse 1 .. $#list) {
        $seed = ($seed * 1103515245 + 12345) % 2147483648;
        my $k = int($seed / 65536) % ($i + 1);
        @list[$i, $k] = @list[$k, $i];
    }

    return @list;
}


my @all = 0 .. $n - 1;

sub odd  { $_[0] % 2 }
sub none { 0 }

is(wrong(\&none, @all), '', 'all pass at first');
is(wrong(\&none, shuffled(@all)), '', 'and when they are known');

$edge->apply(map {
    my $first = $_;
    [(map { (sub => "u$_") } grep { $_ % 2 && $_ >= $first
                                    && $_ < $first + 1000 } @all),
     before => 'always']
} map { $_ * 1000 } 0 .. $n / 1000 - 1);

is(wrong(\&odd, @all), '', 'every other user is revoked: each its own answer');
is(wrong(\&odd, shuffled(@all)), '', 'in another order');
is(wrong(\&odd, map { ($_) x 3 } 0 .. 999), '', 'three times each');
is(wrong(\&odd, (0 .. 99) x 20), '', 'the same ones again and again');

# kinds come and go while tokens are asked for: what is remembered is of no
# use any more, at once

for my $round (1 .. 20) {
    my $group = $round % 5;
    my $rule = "group g$group aud tv none$round x before always";

    # matches nobody, but is a kind that was not there

    $edge->apply($rule);
    is(wrong(\&odd, (shuffled(@all))[0 .. 999]), '', "round $round: a kind");

    $edge->apply("group g$group aud tv before always");
    is(wrong(sub { $_[0] % 2 or $_[0] % 5 == $group },
             (shuffled(@all))[0 .. 999]),
       '', "round $round: a rule of another one");

    $edge->restore("group g$group aud tv", $rule);
    is(wrong(\&odd, (shuffled(@all))[0 .. 999]), '',
       "round $round: it was lifted");
}

# asked for while the kinds change: users are what they were all the time

my $pid = fork;
die "fork: $!\n" if !defined $pid;

if ($pid == 0) {
    my $redis = TokenRevoke::Redis->new(dir => '/nonexistent',
                                        socket => $edge->redis->socket);

    for my $i (1 .. 30) {
        $redis->cmd('XADD', 'revoked', '*', "stream$i", 'x', 'sub', 'nobody');
        $redis->cmd('XADD', 'revoked', '*', "stream$i", 'x', 'sub', 'nobody',
                    'action', 'restore');
        $redis->cmd('PING') for 1 .. 200;
    }

    POSIX::_exit(0);
}

my $rounds = 0;
my $kinds = sub { $nginx->log_count(qr/first of its kind.*stream/) };
my @wrong;

wait_for {
    push @wrong, wrong(\&odd, (shuffled(@all))[0 .. 1999]);
    $rounds++;
    waitpid($pid, POSIX::WNOHANG()) == $pid;
} 30;

is(join(' ', @wrong) =~ s/^ +$//r, '', 'a stream of new kinds');
cmp_ok($kinds->(), '>=', 1, 'came meanwhile');
note("$rounds rounds, " . $kinds->() . ' kinds');

$edge->sync;
is(wrong(\&odd, @all), '', 'and after it');

# an issue time is remembered with the token, too

my %issued = map { $_ => token_of(qq({"sub":"z","iat":$_})) } 100 .. 199;

@tokens = map { $issued{$_} } 100 .. 199;

for my $cutoff (90, 150, 120, 199) {
    $edge->apply("sub z before $cutoff");
    is(wrong(sub { $_[0] + 100 <= $cutoff }, 0 .. 99), '',
       "issued until $cutoff");
    $edge->restore('sub z');
    is(wrong(\&none, 0 .. 99), '', 'restored');
}

$nginx->finish;

done_testing();
