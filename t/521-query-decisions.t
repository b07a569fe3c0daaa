# token_revoke_query: what is asked, for which tokens, and what follows from
# the answer, with a real Redis; alone and with a zone.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use TokenRevoke::Nginx qw(wait_for start_redis);
use TokenRevoke::Token;

my $redis = start_redis();
my $url = 'redis=unix:' . $redis->socket;

my @bloom = eval { $redis->cmd('BF.ADD', 'bloom', 'bad') } ? 'bloom' : ();

# a location for each way to ask; "bad" is the token that is revoked

my %query = (
    sismember  => 'SISMEMBER set $token_revoke_token_sha256',
    identity   => 'SISMEMBER set $token_revoke_token',
    smismember => 'SMISMEMBER raw never $token_revoke_token_raw',
    exists     => 'EXISTS raw:$token_revoke_token_raw',
    braces     => 'EXISTS ${token_revoke_token_raw}:raw',
    get        => 'GET raw:$token_revoke_token_raw',
    lower      => 'get raw:$token_revoke_token_raw',
    empty      => 'GET empty:$token_revoke_token_raw',
    hexists    => 'HEXISTS hash $token_revoke_token_raw',
    zscore     => 'ZSCORE zset $token_revoke_token_raw',
    lrange     => 'LRANGE list:$token_revoke_token_raw 0 -1',
    nested     => 'EVAL "return {{0, {false, redis.call(\'EXISTS\','
                  . ' KEYS[1])}}}" 1 raw:$token_revoke_token_raw',
    nothing    => 'EVAL "return {0, {false, 0}, {}}" 0',
    negative   => 'EVAL "return redis.call(\'EXISTS\', KEYS[1]) * -7" 1'
                  . ' raw:$token_revoke_token_raw',
    status     => 'TYPE raw:$token_revoke_token_raw',
    jti        => 'EXISTS jti:$token_revoke_claim_jti',
    two_claims => 'EXISTS both:$token_revoke_claim_jti:$token_revoke_claim_sub',
    claim_host => 'SISMEMBER hosts:$token_revoke_claim_jti $host',
    header     => 'EXISTS x:$http_x_device',
    mapped     => 'EXISTS jti:$mapped',
    stream     => 'XREAD COUNT 1 STREAMS log:$token_revoke_token_raw 0',
    wrongtype  => 'GET set',
    unknown    => 'NOSUCH $token_revoke_token_raw',
    bloom      => 'BF.EXISTS bloom $token_revoke_token_raw',
);

my $server = join '', map { <<"_EOC_" } sort keys %query;
    location = /$_ {
        token_revoke_query $url $query{$_};
        add_header X-Status \$token_revoke_status always;
        add_header X-Match "\$token_revoke_match" always;
        add_header X-Token "\$token_revoke_token" always;
        add_header X-Source "\$token_revoke_source" always;
        add_header X-Raw "\$token_revoke_token_raw\$token_revoke_token_sha256"
                   always;
        empty_gif;
    }
_EOC_

my $nginx = TokenRevoke::Nginx->new(
    check => '', http => <<'_EOC_',
    map $token_revoke_claim_jti $mapped { default $token_revoke_claim_jti; }
    log_format raw '$token_revoke_token_raw|$token_revoke_token_sha256';
    access_log logs/access.log raw;
_EOC_
    server => $server . <<"_EOC_");
    location = /several {
        token_revoke_from bearer cookie:s header:X-T arg:t;
        token_revoke_query $url EXISTS raw:\$token_revoke_token_raw;
        token_revoke_query $url SISMEMBER set \$token_revoke_token_sha256;
        token_revoke_query $url EXISTS jti:\$token_revoke_claim_jti;
        add_header X-Status \$token_revoke_status always;
        add_header X-Match "\$token_revoke_match" always;
        add_header X-Token "\$token_revoke_token" always;
        add_header X-Source "\$token_revoke_source" always;
        empty_gif;
    }
    location = /allow {
        token_revoke_on_error allow;
        token_revoke_from bearer cookie:s;
        token_revoke_query $url NOSUCH;
        token_revoke_query $url EXISTS raw:\$token_revoke_token_raw;
        token_revoke_query $url EXISTS jti:\$token_revoke_claim_jti;
        add_header X-Status \$token_revoke_status always;
        empty_gif;
    }
    location = /mapped_two {
        token_revoke_from bearer cookie:s;
        token_revoke_query $url EXISTS jti:\$mapped;
        add_header X-Status \$token_revoke_status always;
        add_header X-Token "\$token_revoke_token" always;
        empty_gif;
    }
    location = /dry {
        token_revoke_dry_run on;
        token_revoke_query $url EXISTS raw:\$token_revoke_token_raw;
        add_header X-Status \$token_revoke_status always;
        empty_gif;
    }
    location = /code {
        token_revoke_status 403;
        token_revoke_query $url EXISTS raw:\$token_revoke_token_raw;
        empty_gif;
    }
    location /outer/ {
        token_revoke_query $url EXISTS raw:\$token_revoke_token_raw;

        location /outer/same { empty_gif; }
        location /outer/other {
            token_revoke_query $url SISMEMBER set \$token_revoke_token;
            empty_gif;
        }
        location /outer/off {
            token_revoke_query off;
            empty_gif;
        }
        location /outer/rules_off {
            token_revoke off;
            empty_gif;
        }
    }
    location = /first {
        token_revoke_query $url EXISTS raw:\$token_revoke_token_raw;
        error_page 401 = /page;
        try_files /nothing /second;
    }
    location = /second {
        token_revoke_query $url EXISTS second:\$token_revoke_token_raw;
        add_header X-Status \$token_revoke_status always;
        empty_gif;
    }
    location = /page { return 402; }
_EOC_

$redis->cmd('SADD', 'set', sha256_hex('bad'));
$redis->cmd('SADD', 'raw', 'bad');
$redis->cmd('SET', $_, 1) for 'raw:bad', 'bad:raw', 'jti:bad', 'both:bad:alice',
                              'x:bad', 'second:two';
$redis->cmd('SET', 'empty:bad', '');
$redis->cmd('HSET', 'hash', 'bad', '');
$redis->cmd('ZADD', 'zset', 0, 'bad');
$redis->cmd('RPUSH', 'list:bad', 'because');
$redis->cmd('SADD', 'hosts:bad', 'h');
$redis->cmd('XADD', 'log:bad', '*', 'a', 'b');

$nginx->start;


# "200 PASSED", and other fields of the answer if they are asked for

sub said {
    my ($text, @fields) = @_;

    return join ' ', TokenRevoke::Nginx::status_of($text),
        map { $text =~ /^X-$_: (.*?)\r$/m ? $1 : '-' } 'Status', @fields;
}


# any request: the fields of its header

sub fetch {
    my ($uri, @lines) = @_;

    my $c = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                               PeerPort => $nginx->port);
    $c->printflush(join "\r\n", "GET $uri HTTP/1.0", 'Host: h', @lines, '', '');

    return $nginx->answer($c);
}


sub exists_asked {
    return $redis->cmd('INFO', 'commandstats')
        =~ /cmdstat_exists:calls=(\d+)/ ? $1 : 0;
}


my ($revoked, $passed, $lost) = ('401 REVOKED', '200 PASSED',
                                 '503 UNAVAILABLE');

for my $name (qw(sismember identity smismember exists braces get lower empty
                 hexists zscore lrange nested negative stream), @bloom)
{
    my ($command) = $query{$name} =~ /^(\S+)/;

    is(said($nginx->get('bad', "/$name"), 'Match', 'Token', 'Source', 'Raw'),
       "$revoked query $command " . sha256_hex('bad') . ' bearer -',
       "$name: yes");
    is(said($nginx->get('good', "/$name"), 'Match', 'Token'),
       "$passed - " . sha256_hex('good'), "$name: no");
}

SKIP: {
    skip 'this Redis has no Bloom filters', 1 if !@bloom;
    pass('it has Bloom filters');
}

is(said($nginx->get('good', '/nothing')), $passed, 'an array of noes is no');
is(said($nginx->get('good', '/status')), $revoked, 'a status is yes');
is(said($nginx->get(undef, '/exists')), '200 NONE', 'no token, no question');

# claims, and what is empty

my $jwt = jws('{"jti":"bad","sub":"alice"}');

for my $name (qw(jti two_claims claim_host mapped)) {
    is(said($nginx->get($jwt, "/$name"), 'Token'),
       "$revoked " . identity($jwt), "$name: of a claim");
    is(said($nginx->get(jws('{"jti":"x","sub":"alice"}'), "/$name")), $passed,
       "$name: another claim");
    is(said($nginx->get(jws('{"sub":"alice"}'), "/$name")), $passed,
       "$name: none, so it does not apply");
    is(said($nginx->get('bad', "/$name")), $passed,
       "$name: an opaque token has no claims");
    is(said($nginx->get(jws('{"jti":"bad'), "/$name")), '503 MALFORMED',
       "$name: claims that cannot be read");
    is(said($nginx->get(jws('{"jti":"a\r\nb"}'), "/$name")), '503 MALFORMED',
       "$name: control bytes");
    is(said($nginx->get(jws('{"jti":"' . 'a' x 1025 . '"}'), "/$name")),
       '503 MALFORMED', "$name: too long");
}

is(said(fetch('/header', 'Authorization: Bearer t', 'X-Device: bad')),
   $revoked, 'a header');
is(said(fetch('/header', 'Authorization: Bearer t', 'X-Device: good')),
   $passed, 'another one');
is(said(fetch('/header', 'Authorization: Bearer t')), $passed,
   'without it the question does not apply');

# errors

is(said($nginx->get('good', '/wrongtype')), $lost, 'WRONGTYPE is an error');
ok($nginx->wait_log(qr/query "GET" of redis "unix:\S+" failed: WRONGTYPE/),
   'and is said');
is(said($nginx->get('secret-token', '/unknown')), $lost,
   'so is an unknown command');

# several tokens and queries

my $other = jws('{"jti":"other"}');
my @good = ('Authorization: Bearer good', 'Cookie: s=good2; s=good3',
            "X-T: $other");

is(said(fetch('/several?t=good4', @good)), $passed, 'five tokens, all good');

for my $case (
    ['Cookie: a=b;s="bad"', 'cookie:s', 'bad', 'EXISTS'],
    ['Cookie: s=bad', 'cookie:s', 'bad', 'EXISTS'],
    ['Cookie: s=%62ad', 'cookie:s', 'bad', 'EXISTS'],
    ["X-T: $jwt", 'header:X-T', $jwt, 'EXISTS'],
) {
    my ($line, $source, $token, $command) = @$case;

    is(said(fetch('/several?t=good4', @good, $line), 'Match', 'Token',
            'Source'),
       "$revoked query $command " . identity($token) . " $source",
       "one more that is bad: $line");
}

is(said(fetch('/several?t=bad', @good), 'Source'), "$revoked arg:t",
   'as an argument');
is(said(fetch('/several?t=good', @good), 'Token'),
   "$passed " . sha256_hex('good'), 'the first token is shown');

my @two = (jws('{"jti":"good"}'), $jwt);

for my $first (0, 1) {
    my @two = @two[$first, 1 - $first];

    is(said(fetch('/mapped_two', "Authorization: Bearer $two[0]",
                  "Cookie: s=$two[1]"), 'Token'),
       "$revoked " . identity($jwt), 'a map is made for each token');
}

# on_error allow: a yes counts nevertheless

is(said($nginx->get('good', '/allow')), '200 UNAVAILABLE_ALLOWED',
   'an error that is allowed');
is(said($nginx->get('bad', '/allow')), $revoked, 'a yes beside an error');
is(said(fetch('/allow', 'Authorization: Bearer ' . jws('{"jti":"bad'),
              'Cookie: s=bad')), $revoked, 'and beside what is not readable');

# what a dry run does not ask, and the rest of the directives

is(said($nginx->get('bad', '/dry')), $passed, 'a dry run does not ask');
is($nginx->status('bad', '/code'), 403, 'token_revoke_status');
is($nginx->status('bad', '/outer/same'), 401, 'queries are inherited');
is($nginx->status('good', '/outer/same'), 200, 'as they are');
$redis->cmd('DEL', 'raw:bad');
is($nginx->status('bad', '/outer/same'), 200, 'no longer revoked');
is($nginx->status('bad', '/outer/other'), 401, 'replaced by others');
$redis->cmd('SET', 'raw:bad', 1);
is($nginx->status('bad', '/outer/off'), 200, 'or by none');
is($nginx->status('bad', '/outer/rules_off'), 401,
   '"token_revoke off" is of rules');

# redirects

is($nginx->status('bad', '/first'), 402, 'the page of a refusal');
is($nginx->status('good', '/first'), 200, 'a pass is asked again');
is($nginx->status('two', '/first'), 401, 'where it was redirected to');

# a thousand on a connection, and each answer is its own

$redis->cmd('SET', "raw:bad-$_", 1) for 1 .. 500;

$nginx->set(location => "token_revoke_query $url"
                        . ' EXISTS raw:$token_revoke_token_raw;')->reload;
is_deeply($nginx->statuses(map { ("bad-$_", "good-$_") } 1 .. 500),
          { 200 => 500, 401 => 500 }, 'many requests');

# with a zone

$nginx->set(redis => 'unix:' . $redis->socket,
            check => 'token_revoke zone=edge;');
$nginx->reload;
ok($nginx->wait_live, 'a zone beside queries');

$redis->cmd('XADD', 'revoked', '*', 'token', 'by-rule');
ok($nginx->wait_refused('by-rule'), 'refused by a rule');
is($nginx->status('bad'), 401, 'refused by a query');
is($nginx->status('good'), 200, 'and by none of them');

my $before = exists_asked();
is($nginx->status('by-rule'), 401, 'a rule refuses');
is(exists_asked(), $before, 'and nobody was asked');

$nginx->set(location => "token_revoke_query $url"
                        . ' EXISTS raw:$token_revoke_token_raw;'
                        . ' token_revoke_strict on;')->reload;
is($nginx->status('bad'), 401, 'strict, and a query');
is($nginx->status('good'), 200, 'and neither refuses');
$redis->cmd('XADD', 'revoked', '*', 'token', 'strictly');
is($nginx->status('strictly'), 401, 'strict');

is(scalar(grep { /\S/ && !/^-\|-$/ }
          split /\n/, TokenRevoke::Nginx::_slurp($nginx->dir
                                                 . '/logs/access.log')),
   0, 'raw tokens are not for logs');
unlike($nginx->log_text, qr/secret-token/, 'nor are those of errors');
$nginx->finish;

done_testing();
