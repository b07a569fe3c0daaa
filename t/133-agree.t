#!/usr/bin/env perl

# What token-revoke says a token is, the edge says too: hundreds of odd tokens
# are hashed by the command and pushed by that hash; each of them is refused
# then, and $token_revoke_token is the hash.  Kills: a command that has its own
# idea of what a token is; one that loses bytes.

use strict;
use warnings;

use lib 't/lib';

use IO::Socket::INET ();
use JSON::PP ();
use MIME::Base64 qw(encode_base64url encode_base64);
use Test::More;
use TokenRevoke::Docs;
use TokenRevoke::Nginx qw(wait_for start_redis temp_dir);
use TokenRevoke::Token;

my $command = 'build/token-revoke';

my @tokens = tokens();
cmp_ok(@tokens, '>', 300, 'there are hundreds of tokens');

my %said;                            # token => [identity, kind, others]

for my $line (hash('--all', @tokens)) {
    my ($token, $id, $kind, @others) = ($tokens[keys %said], split / +/, $line);
    $said{$token} = [$id, $kind, @others];
}

is(keys %said, @tokens, 'the command has a line for each');


# what it says, against the contract as TokenRevoke::Token has it

is_deeply([map { $said{$_}[0] } @tokens], [map { identity_of($_) } @tokens],
          'the identity is that of the contract');

my %of;
push @{ $of{kind_of($_)} }, $said{$_}[1] for @tokens;

for my $kind (qw(jws jwe opaque)) {
    is_deeply([grep { $_ ne $kind } @{ $of{$kind} }], [], "all are $kind");
    cmp_ok(@{ $of{$kind} }, '>', 20, 'and they are many');
}


# what an edge says

my $redis = start_redis();
my $edge = TokenRevoke::Nginx->new(
    redis    => 'unix:' . $redis->socket,
    http     => 'large_client_header_buffers 4 128k;',
    location => <<'_EOC_');
        token_revoke_from header:X-Token arg:token;
        add_header X-Identity "$token_revoke_token" always;
        add_header X-Source "$token_revoke_source" always;
_EOC_

$edge->start;
$edge->wait_live or BAIL_OUT('the edge does not follow the log');

is_deeply([grep { $_ ne '200 PASSED' } map { (split /,/)[0] } ask_all()], [],
          'all pass before they are revoked');

# one entry each, so that an entry may be refused and no other with it

$redis->pipeline(map { ['XADD', 'revoked', '*', 'token', $said{$_}[0]] }
                     @tokens);
$redis->cmd('XADD', 'revoked', '*', 'token', 'the last one');

ok(wait_for { $edge->answer(connection('the last one', 1)) =~ / 401 / },
   'they are revoked');

is_deeply([grep { !/^401 REVOKED,/ } ask_all()], [], 'all are refused then');

my @answers = ask_all();

is_deeply([map { (split /,/)[1] } @answers], [map { $said{$_}[0] } @tokens],
          '$token_revoke_token is what the command has said');

my %sources = map { (split /,/)[2] => 1 } @answers;
is(join(' ', sort keys %sources), 'arg:token header:X-Token',
   'of both sources');

$edge->finish;

# each of the others finds the token, too

my $other = start_redis();
my $second = TokenRevoke::Nginx->new(
    redis => 'unix:' . $other->socket,
    http  => 'large_client_header_buffers 4 128k;',
    location => 'token_revoke_from header:X-Token arg:token;');

my @known = grep { $said{$_}[2] } @tokens;
cmp_ok(@known, '>', 100, 'many tokens have other identities');

$other->pipeline(map({ ['XADD', 'revoked', '*', 'token', $said{$_}[-1]] }
                     @known),
                 ['XADD', 'revoked', '*', 'token', 'the last one']);

$second->start;
$second->wait_live;
$edge = $second;

ok(wait_for { $edge->answer(connection('the last one', 1)) =~ / 401 / },
   'they are revoked by another identity');

is_deeply([grep { !/^401 REVOKED,/ } map { ask($_) } @known], [],
          'and refused');

$edge->finish;


# the command alone

is_deeply([hash('', "  Bearer\t abc \r", 'abc', '', "\t", 'bearer', 'Bearer')],
          [("@{[ sha256_hex('abc') ]}  opaque") x 2],
          'blanks and "Bearer" are dropped, and empty lines left out');

my ($id, $whole) = map { sha256_hex($_) } 'eyJhbGciOiJub25lIn0.e30',
                                          'eyJhbGciOiJub25lIn0.e30.';

is_deeply([map { JSON::PP::decode_json($_) }
               hash('--json --all', '', 'x', 'eyJhbGciOiJub25lIn0.e30.')],
          [{ line => 2, identity => sha256_hex('x'), kind => 'opaque',
             others => [] },
           { line => 3, identity => $id, kind => 'jws', others => [$whole] }],
          'JSON');

is_deeply([hash('', "last line\n" x 3)],
          [(sha256_hex('last line') . '  opaque') x 3], 'line feeds');

my @usage = (
    ['hash secret-1', 2, qr/^token-revoke hash: .* standard input\n\z/],
    ['hash -- secret-2', 2, qr/list of processes/],
    ['hash --secret-3', 2, qr/^token-revoke hash: .*such option; see/],
    ['hash < /dev/null', 1, qr/no token on standard input/],
    ['hash < .', 1, qr/cannot read standard input/],
    ['echo x | token-revoke hash > /dev/full', 1, qr/cannot write the answer/],
    ['echo x | token-revoke hash', 0, qr/\A[0-9a-f]{64}  opaque\n\z/],
    ['secret-4', 2, qr/no such command; there are: .*hash, .*help\n/],
    ['revoke sub alice', 2, qr/no such command; there are: .*hash, .*help\n/],
    ['help secret-5', 2, qr/no such command; there are: .*hash, .*help\n/],
    ['', 2, qr/^usage: token-revoke COMMAND/],
    ['help', 0, qr/^usage:.*^ +hash  .*^exit status: 0/ms],
    ['--help', 0, qr/^usage: token-revoke COMMAND/],
    ['help hash', 0, qr/^usage: token-revoke hash .*^exit status: 0/ms],
    ['hash --help', 0, qr/^usage: token-revoke hash .*^exit status: 0/ms],
);

for my $case (@usage) {
    my ($arguments, $status, $answer) = @$case;

    my $line = $arguments =~ /\|/ ? $arguments : "token-revoke $arguments";
    my $output = `PATH=build:\$PATH; { $line; } 2>&1`;

    is($? >> 8, $status, $line);
    like($output, $answer, 'says so');
    unlike($output, qr/secret/, 'and repeats no token');
}

# a terminal

SKIP: {
    skip 'script(1) is not here' if system 'command -v script > /dev/null';

    my $said = `printf 'abc\\n' | script -qec '$command hash' /dev/null`;

    like($said, qr/^One token a line, then Ctrl-D:\r?$/m, 'there is a prompt');
    like($said, qr/^@{[ sha256_hex('abc') ]}  opaque\r?$/m, 'and an answer');
}


# the example in its help

my ($example) = `$command help hash` =~ /^    (\S+ hash < .*?'\*')$/ms;
$example =~ s/leaked\.txt/hashes.txt/;

my $log = start_redis();
my ($failed, $output) = TokenRevoke::Docs::run($log, $example,
                                               { hashes => [1 .. 1500] });

is($failed, 0, 'the example of its help can be run') or diag($output);

is_deeply([map { my (undef, $pairs) = @$_; @$pairs }
               @{ $log->cmd('XRANGE', 'revoked', '-', '+') }],
          [map { ('token', sha256_hex($_)) } 1 .. 1500],
          'and pushes what it says');

done_testing();


# Tokens of every kind, none twice; without line feeds and without blanks
# around them, which are not theirs on the standard input of the command.

sub tokens {
    open my $in, '<', 't/fixtures/tokens.json' or die "tokens.json: $!\n";
    my @jws = map { $_->{token} } @{ JSON::PP::decode_json(join '', <$in>) };

    my %jwe = map { $_ => jwe($_) } qw(A256GCM A128CBC-HS256);

    my @tokens = (
        @jws,
        map({ spelled($_) } @jws, values %jwe),
        map({ headers($_) } '.e30.c2ln', '.e30.c2ln.YQ.YQ'),
        values %jwe,
        '.', '..', '....', 'a.b.c', 's:5kqZ.hM1x', '!!!!.e30.x', 'ew.e30.x',
        'f3b1c2d4-9a7e-4c55', "nul\0in\0it", "\0", "\xff", "\xc3(", "a\rb",
        "\xed\xa0\xbd", "\xc3\xa9t\xc3\xa9", 'a b', "tab\tin it", 'x' x 30000,
        jws('{"sub":"' . 'y' x 40000 . '"}'), '%41%zz%', 'a+b%2Bc', '"quoted"',
        map({ sha256_hex($_), uc sha256_hex($_) } 1 .. 20),
        map({ substr sha256_hex($_), 0, 63 } 1 .. 5),
        map({ jws(qq({"n":$_,"iat":1487894400})) } 1 .. 60),
        map({ sprintf 'byte%cof%d', $_, $_ } grep { $_ != 10 } 0 .. 255),
    );

    my %seen;
    return grep { !$seen{$_}++ } @tokens;
}


# five parts that were never encrypted; nobody looks

sub jwe {
    my ($enc) = @_;

    return join '.', map { encode_base64url($_) }
        qq({"alg":"dir","enc":"$enc"}), '', 'iv-of-twelve', "text of $enc",
        'tag of sixteen b';
}


# what a holder can do to a token that stays valid

sub spelled {
    my ($token) = @_;

    my ($front, $last) = $token =~ /^(.*\.)([^.]*)$/;

    return ("$token=", "$token==", "$token.", "$front$last.x",
            "$front\xe2\x80\x8b$last", $front . '!' . $last,
            "${front}other\x01$last",
            $front . encode_base64("other $last", ''));
}


# headers that are JSON, and some that are not

sub headers {
    my ($rest) = @_;

    return map { encode_base64url($_) . $rest } (
        '{"alg":"x"}', '{"alg":""}', '{"alg":"x","enc":"y"}',
        '{"alg":"x","enc":1}', '{"enc":"x"}', " {\t\"alg\" : \"x\" } ",
        "\xef\xbb\xbf{\"alg\":\"x\"}", '{"\u0061lg":"x"}', '{}', '[]', '1',
        '{"alg":1}', '{"alg":null}', '{"a":{"alg":"x"}}', '"alg"', '{',
        '{"alg":"x","kid":"\ud83d"}', '{"alg":"x","n":1e400}',
        "{\"alg\":\"x\",\"kid\":\"\xff\"}", '{"alg":"x"',
        "{\"alg\":\"x\",\"kid\":\"\0\"}", '{"alg":"x","x5c":"' . 'x' x 9000,
    );
}


# the lines that "token-revoke hash" says of these lines

sub hash {
    my ($options, @lines) = @_;

    my $file = temp_dir() . '/lines';

    open my $out, '>:raw', $file or die "$file: $!\n";
    print $out join "\n", @lines;
    close $out;

    my @said = split /\n/, `$command hash $options < $file`;
    is($?, 0, "hash $options");

    return @said;
}


# The contract: a header is what has an alg that is a string, and here it is
# known which of the headers above have one.

sub kind_of {
    my ($token) = @_;

    my ($header) = split /\./, $token, 2;

    return 'opaque' if $token !~ /\./ or !defined $header;

    my $json = MIME::Base64::decode_base64url($header);

    return 'opaque' if $json =~ /^\{"a":\{/ or $json
        !~ /^[\s\xef\xbb\xbf]*\{.*"(?:a|\\u0061)lg"\s*:\s*"/;

    return $json =~ /"enc":"/ && ($token =~ tr/.//) == 4 ? 'jwe' : 'jws';
}


sub identity_of {
    my ($token) = @_;

    return sha256_hex(kind_of($token) eq 'jws'
                      ? $token =~ s/^([^.]*\.[^.]*)\..*/$1/sr : $token);
}


# In a header field if it can carry the bytes, else, and for every third, in an
# argument, with each byte that is not a letter encoded.

sub connection {
    my ($token, $i) = @_;

    my $field = '';
    my $uri = '/';

    if (($i % 3 == 0 and length $token < 3000) or $token =~ /[\0\r\n]/) {
        $uri .= '?token='
                . $token =~ s/([^a-zA-Z0-9])/sprintf '%%%02x', ord $1/ger;

    } else {
        $field = "X-Token: $token\r\n";
    }

    my $c = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                  PeerPort => $edge->port) or return;

    $c->printflush("GET $uri HTTP/1.0\r\nHost: h\r\n$field\r\n");

    return $c;
}


# "401 REVOKED,identity,source"

sub ask {
    my ($token, $i) = @_;

    my $answer = $edge->answer(connection($token, $i // 1));

    return TokenRevoke::Nginx::status_of($answer) . ' '
        . join ',', map { $answer =~ /^X-$_: (.*)\r$/m ? $1 : '' }
                        qw(Status Identity Source);
}


sub ask_all { map { ask($tokens[$_], $_) } 0 .. $#tokens }
