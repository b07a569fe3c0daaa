package Bench::Instructions;

# Instructions of a request, under callgrind.  They repeat where times do not:
# nginx serves N requests and then 2 N of the same kind, and the difference is
# divided by N.  The processor that valgrind shows has no SHA instructions, so
# what libcrypto does is more than in life; it is shown apart.

use strict;
use warnings;

use Exporter 'import';

use Bench::Conf ();
use Bench::Cpu ();
use Bench::Machine qw(slurp which);
use Bench::Stage ();
use Bench::Tokens qw(opaque jwt write_tokens);
use TokenRevoke::Nginx qw(wait_for);

our @EXPORT_OK = qw(parse_callgrind difference by_object);


# The output of callgrind_annotate: { object => { function => instructions } }.
# Functions that never return, like main(), are shown with the cost of all;
# and those of the follower work by the clock, not by requests: both are left
# out.  What was inlined from a header has no object.

my $follower = qr/^(?:trv_(?:sum|writer|item|reader|id|info|follow|history|log)_
                    |redis
                    |ngx_http_token_revoke_(?:follow|ask|apply|link))/x;

sub parse_callgrind {
    my ($text) = @_;

    my %cost;
    my ($all) = $text =~ /^\s*([\d,]+)\s+PROGRAM TOTALS$/m
        or die "not of callgrind_annotate: $text\n";

    while ($text =~ /^\s*([\d,]+)\s+(\S+:\S.*?)(?: \[([^\]]*)\])?$/mg) {
        my ($n, $name, $object) = ($1, $2, $3 // '');

        next if $n eq $all;

        $object =~ s{.*/}{};
        $name =~ s{^.*?:(?=\w)}{};
        $name =~ s/'\d+$//;
        $n =~ tr/,//d;

        next if $name =~ $follower;

        $object = $name =~ /^(?:trv_|ngx_http_token_revoke)/
            ? 'ngx_http_token_revoke_module.so' : 'others' if $object eq '';
        $cost{$object}{$name} += $n;
    }

    return \%cost;
}


# of a request, from the costs of N and of 2 N requests

sub difference {
    my ($once, $twice, $n) = @_;

    my %cost;

    for my $object (keys %$twice) {
        for my $name (keys %{ $twice->{$object} }) {
            my $more = $twice->{$object}{$name}
                - ($once->{$object}{$name} // 0);

            $cost{$object}{$name} = $more / $n if abs $more >= $n / 2;
        }
    }

    return \%cost;
}


# instructions of a request in our module, in libcrypto, and in all

sub by_object {
    my ($cost) = @_;

    my %sum = (all => 0, ours => 0, libcrypto => 0);

    for my $object (keys %$cost) {
        my $n = 0;
        $n += $_ for values %{ $cost->{$object} };

        $sum{all} += $n;
        $sum{ours} += $n if $object =~ /token_revoke/;
        $sum{libcrypto} += $n if $object =~ /libcrypto/;
    }

    return \%sum;
}


# the functions of ours that take most, in words

sub worst {
    my ($cost, $n) = @_;

    my ($module) = grep { /token_revoke/ } keys %$cost or return '';
    my $function = $cost->{$module};
    my @names = sort { $function->{$b} <=> $function->{$a} } keys %$function;

    $#names = $n - 1 if @names > $n;

    return join ', ', map { sprintf '%s %.0f', $_, $function->{$_} }
        grep { $function->{$_} >= 50 } @names;
}


# Runs "do" for each of @cases, a list of [name, path, file of tokens], and
# gives it the costs.

sub measure {
    my ($n, $do) = @_;

    my $redis = Bench::Stage::redis();

    Bench::Stage::push_log($redis, 'j6', 'revoked', 1e4, 1000);
    $redis->cmd('XADD', 'j6', '*', $_, 'nobody')
        for qw(sub jti iss client_id aud);

    my $out = Bench::Stage::file('callgrind');
    my $wrapper = Bench::Stage::write_file(
        Bench::Stage::file('nginx-callgrind'),
        "#!/bin/sh\nexec @{[ which('valgrind') ]} --tool=callgrind"
        . " --callgrind-out-file=$out --quiet"
        . ' ' . TokenRevoke::Nginx::_binary() . ' "$@"' . "\n");

    chmod 0755, $wrapper;

    my $nginx;

    {
        local $ENV{TEST_NGINX_BINARY} = $wrapper;
        $nginx = Bench::Stage::nginx(\&Bench::Conf::edge, single => 1,
            redis => $redis->socket, zones => { j6 => '2m' });
    }

    wait_for { $nginx->log_count(qr/follows log/) } 60
        or die "nginx under valgrind does not follow its log\n";

    for my $case (_cases($n)) {
        my ($name, $label, $path, $tokens) = @$case;

        $do->($name, $label, _case($nginx, $out, $path, $tokens, $n));
    }

    $nginx->stop;
    $redis->stop;
}


sub _cases {
    my ($n) = @_;

    my %file;

    my %tokens = (
        opaque => [map { opaque('passing', $_) } 1 .. 1000],
        seen   => [map { jwt('passing', $_, 183) } 1 .. 500],
        183    => [map { jwt('first', $_, 183) } 1 .. 3 * $n + 1000],
        700    => [map { jwt('first', $_, 700) } 1 .. 3 * $n + 1000],
    );

    for my $name (keys %tokens) {
        $file{$name} = write_tokens(Bench::Stage::file("cg-$name.txt"),
                                    @{ $tokens{$name} });
    }

    return (
        ['off', 'opaque token, off', '/off', $file{opaque}],
        ['opaque', 'opaque token', '/j6', $file{opaque}],
        ['jwt-off', 'JWT of 628 bytes, off', '/off', $file{seen}],
        ['seen', 'JWT seen before, 6 shapes', '/j6', $file{seen}],
        ['183', 'JWT the first time, payload of 183 bytes', '/j6', $file{183}],
        ['700', '... of 700 bytes', '/j6', $file{700}],
    );
}


# The counts are written, and begin again, before and after each load.

sub _case {
    my ($nginx, $out, $path, $tokens, $n) = @_;

    my $target = 'l=' . $nginx->port . ":$path";
    my $first = 1000;
    my @cost;

    Bench::Cpu::load("-t $tokens -c 4 -n 1000", $target);
    _dump($nginx, $out);

    for my $times (1, 2) {
        Bench::Cpu::load("-t $tokens -o $first -c 4 -n " . $times * $n,
                         $target);
        $first += $times * $n;

        push @cost, parse_callgrind(Bench::Stage::run(
            'callgrind_annotate --show-percs=no --threshold=100 --auto=no '
            . _dump($nginx, $out)));
    }

    return difference(@cost, $n);
}


my $dumps = 0;

sub _dump {
    my ($nginx, $out) = @_;

    my $file = "$out." . ++$dumps;

    Bench::Stage::run('callgrind_control --dump ' . $nginx->pid);
    wait_for { -s $file and slurp($file) =~ /^(?:summary|totals):/m } 30
        or die "callgrind has written no $file\n";

    return $file;
}


1;
