# token_revoke_query: what a client sends is an argument, byte for byte, and
# never a part of the command.  The query is one that keeps what it was given:
# SADD, which says "yes" to something new.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use IO::Socket::INET ();
use TokenRevoke::Nginx qw(start_redis);
use TokenRevoke::Token;

my $redis = start_redis();
my $url = 'redis=unix:' . $redis->socket . ' timeout=5s';

my $nginx = TokenRevoke::Nginx->new(check => '', server => <<"_EOC_")->start;
    large_client_header_buffers 4 64k;
    location = /token {
        token_revoke_from bearer cookie:s arg:t header:X-T;
        token_revoke_query $url SADD seen \$token_revoke_token_raw;
        add_header X-Status \$token_revoke_status always;
        empty_gif;
    }
    location = /joined {
        token_revoke_query $url
            SADD seen <\$http_x_a|\${http_x_b}>\$token_revoke_token_raw;
        add_header X-Status \$token_revoke_status always;
        empty_gif;
    }
    location = /claim {
        token_revoke_query $url SADD seen jti:\$token_revoke_claim_jti;
        add_header X-Status \$token_revoke_status always;
        empty_gif;
    }
    location = /many {
        token_revoke_from cookie:s;
        token_revoke_query $url EXISTS a:\$token_revoke_token_raw;
        token_revoke_query $url EXISTS b:\$token_revoke_token_raw;
        token_revoke_query $url EXISTS c:\$token_revoke_token_raw;
        add_header X-Status \$token_revoke_status always;
        empty_gif;
    }
_EOC_

$redis->cmd('SET', 'canary', 'alive');


# what was decided, and what Redis has seen

sub attack {
    my ($uri, @lines) = @_;

    $redis->cmd('DEL', 'seen');

    my $c = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                  PeerPort => $nginx->port);
    $c->printflush(join "\r\n", "GET $uri HTTP/1.0", 'Host: h', @lines, '', '');
    my $text = $nginx->answer($c);

    my ($status) = $text =~ /^X-Status: (\S+)\r$/m;
    my %seen = map { $_ => 1 } @{ $redis->cmd('SMEMBERS', 'seen') };

    return ($status // TokenRevoke::Nginx::status_of($text), \%seen);
}


sub percent { join '', map { sprintf '%%%02x', ord } split //, $_[0] }

sub shown {
    my ($text) = @_;
    $text = substr($text, 0, 40) . '...' if length $text > 43;
    return $text =~ s/([^ -~])/sprintf '\\x%02x', ord $1/ger;
}


my $flush = "*1\r\n\$8\r\nFLUSHALL\r\n";

my @values = (
    "\r\nFLUSHALL\r\n", "a\r\n$flush", "x\n$flush", "\r\n\$-1\r\n",
    "a\0b", "\0", "'; FLUSHALL; '", '" FLUSHALL "', "a b FLUSHALL",
    '$canary', '${token_revoke_token}', '%s%n%b', "\xff\xfe\x80",
    "\xf0\x9f\x98", join('', map { chr } 1 .. 255), '*', '[a-z]*',
    'redis=unix:/tmp/other', '--', '{tag}', 'a' x 4000, "\r" x 300,
);

for my $value (@values) {

    # as a cookie, an argument and a header field

    my ($status, $seen) = attack('/token', 'Cookie: s=' . percent($value));
    ok($seen->{$value}, 'cookie: ' . shown($value));
    is($status, 'REVOKED', 'and is answered');

    (undef, $seen) = attack('/token?t=' . percent($value));
    ok($seen->{$value}, 'argument: ' . shown($value));

    next if $value =~ /[\r\n\0]/ or $value =~ /^ | $/;

    (undef, $seen) = attack('/token', "X-T: $value");
    ok($seen->{$value}, 'header: ' . shown($value));
}

# words of several pieces

my (undef, $seen) = attack('/joined', 'Authorization: Bearer t',
                           'X-A: $http_x_b', 'X-B: "|"');
is_deeply([keys %$seen], ['<$http_x_b|"|">t'], 'pieces are joined once');

(undef, $seen) = attack('/joined', 'Authorization: Bearer t', 'X-A: a');
is_deeply($seen, {}, 'an empty one, and nothing is asked');

my $long = 'a' x 30_000;

my ($status) = attack('/joined', "Authorization: Bearer $long", "X-A: $long",
                      "X-B: $long");
is($status, 'MALFORMED', 'too long in all');

# claims

for my $case (
    ["a\\u0000b"], ['a\r\nb'], ['\u007f'], ['x' x 1025],
    ['x' x 1024, 'x' x 1024], ['\"; FLUSHALL', '"; FLUSHALL'],
    ['\u00e9', "\xc3\xa9"], ['*1', '*1'], [' a ', ' a '], ['$host', '$host'],
) {
    my ($json, $value) = @$case;

    ($status, $seen) = attack('/claim', 'Authorization: Bearer '
                                        . jws(qq({"jti":"$json"})));

    is($status, defined $value ? 'REVOKED' : 'MALFORMED',
       'claim: ' . shown($json));
    is_deeply([keys %$seen], [defined $value ? "jti:$value" : ()],
              'and what is asked');
}

# as many questions as can be made: each of sixteen tokens has many readings

my $cookies = 'Cookie: ' . join '; ', map {
    "s=\"Bearer+%2525$_+%22a%2b%252b+$_%22\""
} 1 .. 16;

$redis->cmd('CONFIG', 'RESETSTAT');
($status) = attack('/many', $cookies);
my ($asked) = $redis->cmd('INFO', 'commandstats')
    =~ /cmdstat_exists:calls=(\d+)/;
cmp_ok($asked // 0, '<=', 256, 'questions of one request are bounded');
like($status, qr/^(?:PASSED|MALFORMED|400)$/, "and it is decided: $status");

is($redis->cmd('GET', 'canary'), 'alive', 'nobody has flushed anything');
is($redis->cmd('DBSIZE'), 1, 'or written anything else');
is($nginx->log_count(qr/cannot query|failed:/), 0, 'and no question failed');

$nginx->finish;

done_testing();
