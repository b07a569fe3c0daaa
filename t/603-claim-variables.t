# $token_revoke_claim_NAME: a claim of the token that decided, else of the first
# one, in the access log and in header fields for the application.

use strict;
use warnings;

use lib 't/lib';

use MIME::Base64 qw(encode_base64url);
use Test::More;

use TokenRevoke::Edge qw(token_of);
use TokenRevoke::Nginx qw(wait_for);
use TokenRevoke::Token;

my $app = TokenRevoke::Nginx->new(
    server => 'location = /echo {'
        . 'add_header Seen-Sub "[$http_x_sub]" always;'
        . 'add_header Seen-Aud "[$http_x_aud]" always;'
        . 'add_header Seen-Forged "[$http_x_forged]" always;'
        . 'return 200; }',
    check => '')->start;

my $forward = 'proxy_set_header X-Sub $token_revoke_claim_sub;'
    . 'proxy_set_header X-Aud $token_revoke_claim_aud;'
    . 'proxy_set_header Authorization "";'
    . 'proxy_pass http://127.0.0.1:' . $app->port . '/echo;';

my $edge = TokenRevoke::Edge->new(
    http => 'large_client_header_buffers 4 64k;'
        . 'log_format claims escape=none "$arg_n|sub=$token_revoke_claim_sub|'
        . 'aud=$token_revoke_claim_aud|roles=$token_revoke_claim_realm_roles|'
        . 'level=$token_revoke_claim_level|";'
        . 'log_format missing "$arg_n|$token_revoke_claim_sub|";',
    location => 'token_revoke_from bearer header:X-Other;'
        . 'add_header X-Sub "$token_revoke_claim_sub" always;',
    server => <<"_EOC_")->start;
        access_log logs/claims.log claims;
        access_log logs/missing.log missing;

        location = /proxy {
            token_revoke zone=edge;
            $forward
        }
        location = /off {
            token_revoke off;
            $forward
        }
        location = /dry {
            token_revoke zone=edge;
            token_revoke_dry_run on;
            $forward
        }
        location = /early {
            token_revoke zone=edge;
            return 200;
        }
_EOC_

my $n = 0;


# what a log says of a request with this token

sub logged {
    my ($token, $uri, $log) = @_;

    $n++;
    $edge->get($token, ($uri // '/') . "?n=$n");

    my $said = wait_for {
        open my $in, '<:raw', $edge->nginx->dir . '/logs/'
            . ($log // 'claims') . '.log' or return;
        local $/;
        my $text = <$in> // '';
        $text =~ /^$n\|(.*?)\|\n(?=\z|\d)/ms ? [$1] : undef;
    };

    return $said && $said->[0];
}


my $long = 'x' x 1024;

for my $case (
    ['a string', '{"sub":"alice"}', 'alice'],
    ['a number', '{"sub":42}', '42'],
    ['another spelling of it', '{"sub":4.2e1}', '42'],
    ['a number beyond 64 bits', '{"sub":123456789012345678901234567890}',
     '123456789012345678901234567890'],
    ['a number that is not whole', '{"sub":4.5}', ''],
    ['true', '{"sub":true}', 'true'], ['false', '{"sub":false}', 'false'],
    ['null', '{"sub":null}', ''], ['an object', '{"sub":{"a":"b"}}', ''],
    ['an array', '{"sub":["first","second"]}', 'first'],
    ['an array with nothing in front', '{"sub":[null,{},"second"]}', 'second'],
    ['an empty array', '{"sub":[]}', ''],
    ['a name twice', '{"sub":"first","sub":"second"}', 'first'],
    ['missing', '{"iss":"i"}', ''], ['in another object',
     '{"x":{"sub":"alice"}}', ''],
    ['UTF-8', "{\"sub\":\"zo\xc3\xab\"}", "zo\xc3\xab"],
    ['UTF-8 that is escaped', '{"sub":"zo\u00eb"}', "zo\xc3\xab"],
    ['half a surrogate pair', '{"sub":"a\ud83d"}', "a\xef\xbf\xbd"],
    ['blanks', '{"sub":" a b "}', ' a b '],
    ['quotes', '{"sub":"\"a\\\\b\""}', '"a\\b"'],
    ['a line break', '{"sub":"alice\r\nX-Forged: yes"}', ''],
    ['a line feed alone', '{"sub":"alice\nX-Forged: yes"}', ''],
    ['a tab', '{"sub":"a\tb"}', ''], ['NUL', '{"sub":"a\u0000b"}', ''],
    ['escape', '{"sub":"\u001b[31m"}', ''], ['DEL', '{"sub":"a\u007f"}', ''],
    ['the last control byte', '{"sub":"\u001f"}', ''],
    ['no control byte', '{"sub":"\u0020~\u0080"}', " ~\xc2\x80"],
    ['1 KB', qq({"sub":"$long"}), $long],
    ['over 1 KB', qq({"sub":"${long}x"}), ''],
    ['far over 1 KB', '{"sub":"' . 'x' x 9000 . '"}', ''],
    ['1 KB of escapes', '{"sub":"' . '\u0078' x 1024 . '"}', $long],
    ['an opaque token', 'sub', ''], ['one with dots', 'a.b.c', ''],
    ['a header without alg', ['{"sub":"alice"}', '{"typ":"JWT"}'], ''],
    ['five parts', join('.', encode_base64url('{"alg":"dir","enc":"A"}'),
                        encode_base64url('{"sub":"alice"}'), 'a', 'b', 'c'),
     ''],
    ['claims that cannot be read', '{"sub":"alice"', ''],
    ['no token', undef, ''])
{
    my ($what, $token, $expected) = @$case;

    like(logged($token), qr/^sub=\Q$expected\E\|aud=/, "$what: in the log");

    my $answer = $edge->get($token, '/proxy');

    # nginx strips blanks around the value of a field, and so does everybody

    (my $field = $expected) =~ s/^ +| +$//g;

    is(TokenRevoke::Edge::field_of($answer, 'Seen-Sub'), "[$field]",
       "$what: as the application sees it");
    is(TokenRevoke::Edge::field_of($answer, 'Seen-Forged'), '[]',
       "$what: nothing else");
}

is(logged('{"iss":"i"}', '/', 'missing'), '-', 'not found is a dash');
is(logged('{"sub":""}', '/', 'missing'), '', 'an empty claim is empty');

is(logged('{"sub":"a","aud":["web","tv"],"level":3,"realm_roles":["r"]}'),
   'sub=a|aud=web|roles=r|level=3', 'several of them');
is(logged('{"sub":"a"}', '/off'), 'sub=|aud=|roles=|level=',
   'where tokens are not looked for');
is(logged('{"sub":"a"}', '/early'), 'sub=|aud=|roles=|level=',
   'when the request was answered before');


# of which token

my ($alice, $bob) = ('{"sub":"alice"}', '{"sub":"bob"}');

sub sub_of { return TokenRevoke::Edge::field_of($edge->get(@_), 'X-Sub') }

is(sub_of({ Authorization => $alice, 'X-Other' => $bob }), 'alice',
   'of two tokens the first one');
is(sub_of({ Authorization => 'opaque', 'X-Other' => $bob }), '',
   'also if it has no claims');

$edge->apply('sub bob before always');

is(sub_of({ Authorization => $alice, 'X-Other' => $bob }), 'bob',
   'but rather the one that is revoked');
is(sub_of({ Authorization => $bob, 'X-Other' => $alice }), 'bob',
   'wherever it is');
is(sub_of($bob), 'bob', 'when it is refused');
is(TokenRevoke::Edge::field_of($edge->get($bob, '/dry'), 'Seen-Sub'),
   '[bob]', 'and in a dry run');

$edge->nginx->finish;
$app->finish;

done_testing();
