#!/usr/bin/env perl

# token-revoke import: what a file says is what is in the log.  Kills: a field
# that is cut wrong, a token that is sent as it is, a bad line that stops it or
# takes others with it, an end that is too early, a line that is shown.

use strict;
use warnings;

use lib 't/lib';

use IO::Compress::Gzip qw(gzip);
use JSON::PP ();
use Test::More;
use TokenRevoke::Command;
use TokenRevoke::Edge;
use TokenRevoke::Nginx qw(wait_for temp_dir start_redis);
use TokenRevoke::Token;

my $redis = start_redis();
my $dir = temp_dir();
my $command = TokenRevoke::Command->new(redis => $redis, dir => $dir);

my $now = time;
my $day = 86400;
my $logs = 0;


# a file of these bytes

sub file {
    my ($bytes, $name) = @_;

    $name = "$dir/" . ($name // 'file');

    open my $out, '>:raw', $name or die "$name: $!\n";
    print $out $bytes;
    close $out;

    return $name;
}


# Imports into a log of its own: the outcome, and the pairs of its entries.

sub import_of {
    my ($file, @options) = @_;

    my $log = 'log' . ++$logs;

    my $r = $command->run('import', $file, '--log', $log, '--create',
                          @options);

    $r->{entries} = [map { $_->[1] }
                         @{ $redis->cmd('XRANGE', $log, '-', '+') }];

    return $r;
}


# "hash hash ..." of what they revoke by that name

sub values_of {
    my ($r, $name) = @_;

    my @values;

    for my $pairs (@{ $r->{entries} }) {
        for (my $i = 0; $i < @$pairs; $i += 2) {
            push @values, $pairs->[$i + 1] if $pairs->[$i] eq $name;
        }
    }

    return join ' ', @values;
}


sub gz { my ($plain, $packed) = @_; gzip(\$plain, \$packed); return $packed }
sub hashes { join ' ', map { identity($_) } @_ }


my $hash = sha256_hex('any');
my $jwt = jws('{"sub":"alice"}');
my $long = 'x' x 65536;

# [sentence, bytes of the file, [options], [tokens], status, what is said]

my @cases = (
    ['tokens, JWTs and hashes', "abc\n$jwt\n$hash\n", [],
     ['abc', $jwt, \$hash]],
    ['what is around them',
     "  abc \t\r\n\n\r\nBearer abc2\r\nbearer\t$jwt\n \n", [],
     ['abc', 'abc2', $jwt]],
    ['no line feed at the end', "abc\nabc2", [], ['abc', 'abc2']],
    ['a byte order mark', "\xef\xbb\xbfabc\n", [], ['abc']],
    ['a hash in capitals', uc($hash) . "\n", [], [\$hash]],
    ['lines of sha256sum', "$hash  -\n$hash *file name\n$hash\tjws\n", [],
     [(\$hash) x 3]],
    ['no comments', "#abc\n", [], ['#abc']],
    ['63 digits are a token', substr($hash, 1) . "\n", [], [substr $hash, 1]],
    ['bytes', "a\0b\n\xff\xfd\n", [], ["a\0b", "\xff\xfd"]],
    ['gzip', gz("abc\nabc2\n"), [], ['abc', 'abc2']],
    ['two files of gzip, one behind the other', gz("abc\n") . gz("abc2\n"),
     [], ['abc', 'abc2']],
    ['a line of 64 KB', "$long\nabc\n", [], [$long, 'abc']],
    ['a longer one is bad', "${long}x\nabc\nabc2\n", [], ['abc', 'abc2'], 4,
     qr/: line 1 is longer than 64 KB\n/],
    ['a much longer one in the middle', "abc\n" . $long x 9 . "\nabc2\n", [],
     ['abc', 'abc2'], 4, qr/: line 2 is longer than 64 KB\n/],

    ['CSV, by number', "1,abc\n2,abc2\n", ['--column', 2], ['abc', 'abc2']],
    ['CSV, by name', "id,token\r\n1,abc\r\n2,abc2\r\n", ['--column', 'token'],
     ['abc', 'abc2']],
    ['CSV, a header that is skipped', "id,token\n1,abc\n",
     ['--column', 2, '--header'], ['abc']],
    ['CSV, quotes', qq("id","the ""token""",x\n1,"a""b",\n2, "a,b" ,"\n"\n)
     . qq(3,"a\r\nb",\n"4",a"b,\n), ['--column', 'the "token"'],
     ['a"b', 'a,b', "a\r\nb", 'a"b']],
    ['CSV, no value', "1,abc\n2,\n3,\"\"\n4,abc4\n", ['--column', 2],
     ['abc', 'abc4'], 0, qr/\A\z/],
    ['CSV, too few columns', "1,abc\n2\n3,abc3\n", ['--column', 2],
     ['abc', 'abc3'], 4, qr/: line 2 has not so many columns\n/],
    ['CSV, a quote that is not closed', qq(1,abc\n2,"abc2\n3,abc3\n4,abc4\n),
     ['--column', 2], [qw(abc abc3 abc4)], 4,
     qr/: line 2 has a quote that is not closed\n/],
    ['CSV, a quote that is not closed for long',
     qq(1,"abc\n) . join('', map { "$_,abc$_\n" } 2 .. 9000), ['--column', 2],
     [map { "abc$_" } 2 .. 9000], 4,
     qr/: line 1 has a quote that is not closed\n/],
    ['CSV, text behind a quote', qq(1,"abc"x\n2,abc2\n), ['--column', 2],
     ['abc2'], 4, qr/: line 1 has text behind a closing quote\n/],
    ['CSV, column 3 by number', "a,b,c\n", ['--column', 3], ['c']],

    ['JSON', qq({"token":"abc"}\n{"token":"abc2","n":1}\n),
     ['--field', 'token'], ['abc', 'abc2']],
    ['JSON, a path', qq({"s":{"token":"abc"}}\n{"s.token":"abc2"}\n),
     ['--field', 's.token'], ['abc', 'abc2']],
    ['JSON, an array', qq({"t":["abc","abc2",[],{},null]}\n), ['--field', 't'],
     ['abc', 'abc2']],
    ['JSON, what jansson refuses',
     qq({"t":"abc","name":"\\ud83d"}\n{"t":"abc2","n":1e999}\n)
     . qq({"t":"abc3","t":"abc4"}\n), ['--field', 't'],
     [qw(abc abc2 abc3 abc4)]],
    ['JSON, escapes', qq({"t":"a\\u0062c"}\n), ['--field', 't'], ['abc']],
    ['JSON, bad lines', qq(abc\n{"t":"abc2"}\n{"t":"abc3"\n["abc4"]\n),
     ['--field', 't'], ['abc2'], 4,
     qr/line 1 is not.*\n.*line 3 is not.*\n.*line 4 is not .*JSON\n/],
    ['JSON in gzip', gz(qq({"t":"abc"}\n)), ['--field', 't'], ['abc']],
);

for my $case (@cases) {
    my ($name, $bytes, $options, $tokens, $status, $says) = @$case;

    subtest $name => sub {
        my $r = import_of(file($bytes), @$options);

        is($r->{status}, $status // 0, 'the exit status');
        is(values_of($r, 'token'),
           join(' ', map { ref $_ ? $$_ : identity($_) } @$tokens),
           'what is in the log');
        like(values_of($r, 'before'), qr/\Aalways(?: always)*\z/, 'for ever');
        like($r->{err}, $says // qr/\A\z/, 'what is said');
        unlike("$r->{err}$r->{out}", qr/abc|x{20}/, 'no line is shown');
    };
}


# bad lines

my $r = import_of(file(join '', map { "$_\n{\"t\":\"abc$_\"}\n" } 1 .. 30),
                  '--field', 't');

is($r->{status}, 4, '30 bad lines');
is(() = $r->{err} =~ /is not an object/g, 10, 'ten are shown');
like($r->{err}, qr/more bad lines are counted/, 'and no more');
like($r->{out}, qr/^left out: 30 bad/m, 'all are counted');
is(values_of($r, 'token'), hashes(map { "abc$_" } 1 .. 30), 'none stops it');


# what it does not begin with

for my $case (
    ['a,b', 1, qr/looks like CSV: say --column/],
    ['{"t":"abc"}', 1, qr/looks like JSON: say --field/],
    ['["abc"]', 1, qr/looks like an array of JSON/],
    ["\xff\xfea\0b\0", 1, qr/is UTF-16: iconv/],
    ["\xfd7zXZ\0", 1, qr/is compressed by xz: xz -dc/],
    ["PK\3\4", 1, qr/is a ZIP archive/],
    ['', 1, qr/there was nothing to revoke in it/],
    ["\n \n", 1, qr/there was nothing to revoke in it/],
    ["id,x\n1,abc\n", 1, qr/no header line with that column/,
     '--column', 'token'],
    ["abc\n", 2, qr/--column is of CSV/, '--column', 1, '--field', 'x'],
    ["abc\n", 2, qr/--format csv needs --column/, '--format', 'csv'],
    ["abc\n", 2, qr/--format json needs --field/, '--format', 'json'],
    ["abc\n", 2, qr/--format is auto, lines/, '--format', 'abc'],
    ["abc\n", 2, qr/none of the reserved names/, '--match', 'before'],
    ["abc\n", 2, qr/none of the reserved names/, '--match', 'all'],
    ["abc\n", 2, qr/--until has passed already/, '--until', 1487894400],
    ["abc\n", 2, qr/--before is a time/, '--before', 'abc'],
    ["abc\n", 2, qr/--ttl is a number/, '--ttl', 'abc'],
    ["abc\n", 2, qr/--wait wants seconds/, '--wait=abc'],
    ["abc\n", 2, qr/--batch is from 1 to 16000/, '--batch', 16001],
    ["abc\n", 2, qr/there is no such option/, '--abc'],
    ["abc\n", 2, qr/one file is to be named/, 'abc'],
) {
    my ($bytes, $status, $says, @options) = @$case;

    my $r = import_of(file($bytes), @options);

    is($r->{status}, $status, "@options: " . $says);
    like($r->{err}, qr/\Atoken-revoke import: .*\n\z/, 'one line');
    like($r->{err}, $says, 'says so');
    unlike($r->{err}, qr/abc/, 'and shows nothing of the file');
    is(@{ $r->{entries} }, 0, 'nothing is written');
}

for my $bytes ('a,b', '{"t":1}', '[x]') {
    is(values_of(import_of(file("$bytes\n"), '--format', 'lines'), 'token'),
       identity($bytes), "$bytes is a token if it is said to be");
}

my $packed = gz(join '', map { sha256_hex($_) . "\n" } 1 .. 2000);

$r = import_of(file(substr $packed, 0, -3000));

is($r->{status}, 1, 'gzip that is cut');
like($r->{err}, qr/ends too early.* line \d+; the lines up to [\d,]+ are/,
     'says where');

my @whole = split / /, values_of($r, 'token');
is("@whole", join(' ', map { sha256_hex($_) } 1 .. @whole),
   'what was whole is written, and no part of a line');

$r = import_of("$dir/nothing");
is($r->{status}, 1, 'no such file');
like($r->{err}, qr/No such file or directory; nothing was revoked\n/,
     'says so');


# ends

my %token_of = (
    past    => jws('{"exp":' . ($now - $day - 60) . '}'),
    lately  => jws('{"exp":' . ($now - $day + 7200) . '}'),
    soon    => jws('{"exp":' . ($now + 3000) . ',"iat":1}'),
    fraction => jws('{"exp":' . ($now + 3000) . '.5}'),
    ms      => jws('{"exp":' . ($now + 3000) . '000}'),
    twice   => jws('{"exp":1,"exp":' . ($now + 3000) . '}'),
    later   => jws('{"exp":' . ($now + 40 * $day) . '}'),
    never   => jws('{"exp":99999999999}'),
    none    => jws('{"sub":"x"}'),
    text    => jws('{"exp":"1"}'),
    broken  => jws('{"exp":1'),
    opaque  => 'opaque',
);

# when the rule of this token ends; undef: not at all, '': it was left out

sub end_of {
    my ($name, @options) = @_;

    my $r = import_of(file("$token_of{$name}\n"), @options);

    is($r->{status}, 0, "$name @options");

    return '' if !@{ $r->{entries} };
    my %pairs = @{ $r->{entries}[0] };

    return $pairs{until};
}

is(end_of('past'), '', 'a token that expired long ago is left out');
is(end_of('past', '--keep-expired'), undef, 'unless it is to be kept');
is(end_of('past', '--keep-expired', '--until', $now + 500), $now + 500,
   'until then');

for my $case ([lately => 7200], [soon => 3000 + $day],
              [fraction => 3000 + $day], [ms => 3000 + $day],
              [twice => 3000 + $day])
{
    my ($name, $after) = @$case;
    my $end = end_of($name);

    cmp_ok($end, '>=', $now + $after, 'a day behind its "exp"');
    cmp_ok($end, '<', $now + $after + 3600, 'rounded up to the hour');
    is($end % 3600, 0, 'a whole hour');
}

my $end = end_of('later');
cmp_ok($end, '>=', $now + 41 * $day, 'also if that is far ahead');
cmp_ok($end, '<', $now + 42 * $day, 'rounded up to the day');

is(end_of($_), undef, 'no end') for qw(never none text broken opaque);
is(end_of($_, '--until', $now + 500), $now + 500, 'that of --until')
    for qw(none text broken opaque);

is(end_of('soon', '--until', $now + 500) > $now + $day, 1,
   'not before the token has expired');
is(end_of('soon', '--until', $now + 99 * $day), $now + 99 * $day,
   'and later if it is to be');

my $ttl = end_of('opaque', '--ttl', '2h');
ok($ttl >= $now + 7200 && $ttl <= time + 7200, '--ttl');


# what the entries are

$r = import_of(file(join '', map { "$_\n" } 1 .. 25), '--batch', 10,
               '--reason', "it's \xc3\xa9t\xc3\xa9", '--by', 'alice',
               '--before', 1487894400);

is(@{ $r->{entries} }, 4, 'a batch is an entry, and so is the last value');
is(join(' ', @{ $r->{entries}[2] }),
   join(' ', map({ 'token ' . sha256_hex($_) } 21 .. 24),
        "before 1487894400 reason it's \xc3\xa9t\xc3\xa9 by alice"),
   'with all that was said');
is(join(' ', @{ $r->{entries}[3] || [] }),
   join(' ', 'token', sha256_hex(25),
        "before 1487894400 reason it's \xc3\xa9t\xc3\xa9 by alice"),
   'also of the last one');

$r = import_of(file("alice\n bob \n"), '--match', 'sub');
my %pairs = @{ $r->{entries}[0] };

is(values_of($r, 'sub'), 'alice bob', 'names');
ok($pairs{before} >= $now && $pairs{before} <= time, 'issued until now');

is(values_of(import_of(file("id-1\n"), '--match', $_), 'before'), 'always',
   "$_: always") for qw(jti sid kid);

$r = import_of(file("alice\n$jwt\nbob\n" . 'x' x 8193 . "\n"),
               '--match', 'jti');

is($r->{status}, 4, 'a token where names are meant');
like($r->{err}, qr/line 2 is a token.*\n.*line 4 has a value over 8 KB/,
     'is a bad line');
is(values_of($r, 'jti'), 'alice bob', 'and is not sent');

# many ends at a time

my @many = map { jws(qq({"n":$_,"exp":) . ($now + $_ * $day) . '}') } 1 .. 700;

$r = import_of(file(join '', map { "$_\n" } @many));
is(join(' ', sort split / /, values_of($r, 'token')),
   join(' ', sort split / /, hashes(@many)), '700 ends: no token is lost');

my $ok = 1;
my %exp;
@exp{ map { identity($_) } @many } = map { $now + $_ * $day } 1 .. 700;

for my $pairs (@{ $r->{entries} }) {
    my ($until) = map { $pairs->[$_] eq 'until' ? $pairs->[$_ + 1] : () }
                      map { 2 * $_ } 0 .. $#$pairs / 2;

    for my $i (map { 2 * $_ } 0 .. $#$pairs / 2) {
        next if $pairs->[$i] ne 'token';
        $ok &= $until >= $exp{ $pairs->[$i + 1] } + $day;
    }
}

ok($ok, 'and none ends before its token has');


# a dry run

my $stopped = start_redis();
$stopped->stop;

$r = TokenRevoke::Command->new(redis => $stopped, dir => $dir)
    ->run('import', file("abc\n$token_of{soon}\n$token_of{past}\n"),
          '--dry-run');

is($r->{status}, 0, 'a dry run needs no Redis');
like($r->{out}, qr/^tokens that would be written: 2, in 2 entries, from 3/,
     'and says what it would do');
like($r->{out}, qr/no end, first: token @{[ identity('abc') ]}$/m,
     'with examples');
like($r->{out}, qr/^left out: 1 that expired/m, 'and what it would not');

$r = $command->run('import', '-', '--dry-run', '--json', '--match', 'sub',
                   { stdin => "al\x1b[31mice\n" });

unlike($r->{out}, qr/\x1b/, 'control bytes are escaped');
is(JSON::PP::decode_json($r->{out})->{groups}[0]{first}, "al\x1b[31mice",
   'JSON');

$r = $command->run('import', '-', '--dry-run', '--match', 'sub',
                   { stdin => "al\x1b[31mice\n" });
like($r->{out}, qr/first: sub al\\x1b\[31mice$/m, 'also without JSON');


# JSON

$r = $command->run('import', '-', '--json', '--create', '--column', 1,
                   { stdin => "abc\n\"\"\n\"x\n$token_of{past}\n" });

my $json = JSON::PP::decode_json($r->{out});

is($json->{$_->[0]}, $_->[1], "JSON: $_->[0]")
    for [lines => 4], [written => 1], [entries => 1], [expired => 1],
        [empty => 1], [bad => 1], [skipped => 0], [done => 4];

ok($json->{complete}, 'JSON: complete');
is($json->{last}, $redis->cmd('XREVRANGE', 'revoked', '+', '-', 'COUNT', 1)
   ->[0][0], 'JSON: the last entry');


# the last entry is small, whatever the batches are

for my $case ([1 => '1'], [2 => '1 1'], [10 => '9 1'], [11 => '10 1'],
              [12 => '10 1 1'])
{
    my ($n, $sizes) = @$case;

    my $r = import_of(file(join '', map { "$_\n" } 1 .. $n), '--batch', 10);

    is(join(' ', map { scalar grep { $_ eq 'token' } @$_ } @{ $r->{entries} }),
       $sizes, "$n tokens");
    is(values_of($r, 'token'), hashes(1 .. $n), 'in their order');
}

$r = import_of(file(join "\n", 1, 2, $token_of{soon}, $token_of{lately}, 3));
is(join(' ', map { scalar grep { $_ eq 'token' } @$_ } @{ $r->{entries} }),
   '3 1 1', 'of several ends') or diag(explain($r->{entries}));

$r = import_of(file(qq({"t":["a","b"]}\n{"t":["c","d"]}\n)), '--field', 't');
is(values_of($r, 'token'), hashes(qw(a b c d)), 'of a line with two');
is(@{ $r->{entries} }, 2, 'the last one');


# --wait: the last entry has a nonce, and edges answer (here the test does)

$redis->cmd('HSET', '{revoked}:edges', 'edge-1',
            JSON::PP::encode_json({ time => 1000 * $now + 3_600_000,
                                    state => 'live' }));

sub nonces {
    my $entries = $redis->cmd('XRANGE', 'revoked', '-', '+');
    my @nonces;

    for my $pairs (map { $_->[1] } @$entries) {
        my %pairs = @$pairs;
        push @nonces, $pairs{ack} if defined $pairs{ack};
    }

    return @nonces;
}

my $file = file(join '', map { "wait-$_\n" } 1 .. 25);
my $p = $command->start('import', $file, '--wait=20', '--batch', 10);

ok(wait_for { nonces() }, 'the last entry has a nonce');
is(() = nonces(), 1, 'and no other one has');

my $last = $redis->cmd('XREVRANGE', 'revoked', '+', '-', 'COUNT', 1)->[0][1];
is((grep { $_ eq 'token' } @$last), 1, 'it is small');
ok((grep { $_ eq 'ack' } @$last), 'and behind all others');

$redis->cmd('RPUSH', '{revoked}:ack:' . (nonces())[0], 'edge-1 ok');
$r = $p->wait;

is($r->{status}, 0, '--wait');
like($r->{out}, qr/^enforced on 1 of 1 registered edges/m, 'says who has it');

$r = $command->run('import', $file, '--wait=0.2', '--json');
$json = JSON::PP::decode_json($r->{out});
is($r->{status}, 3, 'an edge that says nothing');
ok($json->{complete} && $json->{wait}, 'JSON says so');

$redis->cmd('DEL', '{revoked}:edges');


# an edge refuses them

my $edge = TokenRevoke::Edge->new(shared => $redis)->start;
my @leaked = ('leaked-1', jws('{"sub":"eve","exp":' . ($now + 600) . '}'));

is($edge->verdict($_), '', 'passes') for @leaked;

$r = $command->run('import', '-', { stdin => join '', map { "$_\n" } @leaked });
is($r->{status}, 0, 'imported');

$edge->sync;
is($edge->verdict($_), 'token', 'is refused') for @leaked;

$edge->nginx->finish;

done_testing();
