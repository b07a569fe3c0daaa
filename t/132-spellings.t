#!/usr/bin/env perl

# A revoked token, however it is written: some thousands of spellings that
# build/unit/test_spellings makes up (t/fuzz/spelling.h) pass before the tokens
# are revoked, and are refused afterwards.  Kills: an nginx that gives the
# extraction less than the client has sent; a line of a field that is not
# looked at.

use strict;
use warnings;

use lib 't/lib';

use IO::Socket::INET ();
use Test::More;
use TokenRevoke::Nginx qw(start_redis);
use TokenRevoke::Token;

my $spellings = 5000;

# where each source is, and the field that it reads; undef is the query

my %places = (
    'scheme Bearer'  => ['bearer', 'Authorization'],
    'scheme DPoP'    => ['bearer', 'Authorization'],
    'scheme Api.Key' => ['auth:Api.Key', 'Authorization'],
    'basic Basic'    => ['basic', 'Authorization'],
    'value -'        => ['header:X-Token', 'X-Token'],
    'variable -'     => ['$http_x_other', 'X-Other'],
    map({ ("cookie $_" => ["cookie:$_", 'Cookie'], "arg $_" => ["arg:$_"]) }
        qw(my_token X-Plex-Token a)),
);

my %paths;
my $locations = '';

for my $place (sort keys %places) {
    ($paths{$place} = "/$place") =~ tr/ /-/;
    $locations .= "location = $paths{$place} { token_revoke zone=edge;"
                  . " token_revoke_from $places{$place}[0]; empty_gif; }\n";
}

my @lines = split /\n/, `build/unit/test_spellings --print $spellings`;
is(@lines, $spellings, 'there are spellings');

my $redis = start_redis();
my $edge = TokenRevoke::Nginx->new(redis => 'unix:' . $redis->socket,
                                   server => $locations, level => 'notice');

my (@requests, %ids, %of);

for my $i (0 .. $#lines) {
    my ($kind, $name, $token, $in) = split / /, $lines[$i];

    $kind = 'variable' if $kind eq 'value' and $i % 2;
    $of{$kind}++;
    $ids{identity(pack 'H*', $token)} = 1;

    push @requests, request($i, "$kind $name", pack 'H*', $in);
}

is(join(' ', sort keys %of), 'arg basic cookie scheme value variable',
   'of all sources');

$edge->start;
$edge->wait_live or BAIL_OUT('the edge does not follow the log');

is(tell_wrong(200, ask_all()), '', 'all pass before they are revoked');

my @ids = sort keys %ids;
cmp_ok(@ids, '>', $spellings / 2, 'there are many tokens');

while (my @some = splice @ids, 0, 1000) {
    $redis->cmd('XADD', 'revoked', '*', map { ('token', $_) } @some);
}

$redis->cmd('XADD', 'revoked', '*', 'token', 'the last one');
ok($edge->wait_refused('the last one'), 'they are revoked');

is(tell_wrong(401, ask_all()), '', 'all are refused then');

$edge->finish;
done_testing();


# The value stands in the last line of its field, behind one that may have no
# token (nginx itself refuses two of Authorization); the rest is as clients and
# proxies write it.

sub request {
    my ($i, $place, $in) = @_;

    my ($path, $field) = ($paths{$place}, $places{$place}[1]);
    my @fields;

    if (!defined $field) {
        $path .= "?$in";

    } else {
        push @fields, "$field: q=1"
            if $i % 3 == 0 and $field ne 'Authorization';
        push @fields, ('', lc $field, uc $field)[$i % 3] || $field;
        $fields[-1] .= (': ', ':  ', ":\t ", ':')[$i % 4];
        $fields[-1] .= $in . ' ' x ($i % 2);
    }

    $path = 'http://h' . $path if $i % 5 == 0;

    return join "\r\n", "HEAD $path HTTP/1." . ($i % 4 ? 1 : 0), 'Host: h',
                        'Connection: keep-alive', @fields, '', '';
}


# the statuses of all answers, in the order of the requests

sub ask_all {
    my @answers;

    for (my $from = 0; $from < @requests; $from += 100) {
        my $to = $from + 99 > $#requests ? $#requests : $from + 99;

        push @answers, ask(@requests[$from .. $to]);
    }

    return @answers;
}


# pipelined; a connection that nginx closes leaves undef behind

sub ask {
    my @some = @_;

    my $c = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                  PeerPort => $edge->port) or return;

    $c->printflush(join '', @some);

    my ($text, @answers) = '';

    while (@answers < @some) {
        sysread $c, $text, 65536, length $text or last;
        push @answers, $1
            while $text =~ s/\AHTTP\/1\.[01] (\d+).*?\r\n\r\n//s;
    }

    $#answers = $#some;

    return @answers;
}


# the first few that were not answered in this way

sub tell_wrong {
    my ($status, @answers) = @_;

    my @wrong = grep { ($answers[$_] // 0) != $status } 0 .. $#requests;

    return join "\n", map {
        my $request = $requests[$_];
        $request =~ s/([^ -~])/sprintf '\\x%02x', ord $1/ge;
        ($answers[$_] // 'none') . " of $lines[$_]: $request"
    } @wrong[0 .. (@wrong > 5 ? 4 : $#wrong)];
}
