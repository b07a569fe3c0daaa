# What a rule matches: the table of docs/redis.md and of "Match", "Names",
# "Values", "Cut-off" and "Issue time" below it, case by case, in a running
# nginx.  Each rule is lifted again before the next case.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use TokenRevoke::Edge;
use TokenRevoke::Token;

my $now = time;

my $location = 'token_revoke_from bearer header:X-Other cookie:c arg:a;'
    . 'token_revoke_attribute device $http_x_device;'
    . 'token_revoke_attribute tenant $http_x_tenant;';

# joined by AND and OR; with "always" the issue time has no say

my @joined = (
    ['one claim', ['sub alice before always'],
     '{"sub":"alice"}' => 'sub',
     '{"iat":1,"sub":"alice","x":{"sub":"bob"}}' => 'sub',
     qq({"sub":"alice","iat":$now}) => 'sub',
     '{"sub":"bob"}' => '', '{"sub":"Alice"}' => '',
     '{"sub":"alice "}' => '', '{"sub":" alice"}' => '',
     '{"sub":"alic"}' => '', '{"sub":"alicea"}' => '', '{"sub":""}' => '',
     '{"Sub":"alice"}' => '', '{"subject":"alice"}' => '', '{}' => '',
     '{"x":{"sub":"alice"}}' => '', '{"alice":"sub"}' => '',
     'alice' => '', 'sub.alice' => '',
     ['{}', '{"alg":"HS256","sub":"alice"}'] => ''],

    ['different fields are joined by AND',
     ['sub alice iss https://idp.example before always'],
     '{"sub":"alice","iss":"https://idp.example"}' => 'iss+sub',
     '{"iss":"https://idp.example","sub":"alice"}' => 'iss+sub',
     '{"sub":"alice"}' => '', '{"iss":"https://idp.example"}' => '',
     '{"sub":"alice","iss":"https://idp.example/"}' => '',
     '{"sub":"https://idp.example","iss":"alice"}' => ''],

    ['the same field repeated is OR', ['sub alice sub bob before always'],
     '{"sub":"alice"}' => 'sub', '{"sub":"bob"}' => 'sub',
     '{"sub":"carol"}' => '', '{"sub":"alicebob"}' => ''],

    ['AND and OR together',
     ['sub alice aud web sub bob aud tv before always'],
     '{"sub":"alice","aud":"web"}' => 'aud+sub',
     '{"sub":"alice","aud":"tv"}' => 'aud+sub',
     '{"sub":"bob","aud":"web"}' => 'aud+sub',
     '{"sub":"bob","aud":"tv"}' => 'aud+sub',
     '{"sub":"alice","aud":"car"}' => '', '{"sub":"carol","aud":"tv"}' => '',
     '{"sub":"alice"}' => '', '{"aud":"tv"}' => ''],

    ['two entries are OR', ['sub alice before always', 'aud tv before always'],
     '{"sub":"alice","aud":"web"}' => 'sub',
     '{"sub":"bob","aud":"tv"}' => 'aud', '{"sub":"bob","aud":"web"}' => ''],

    ['eight fields joined by AND',
     [[(map { ("f$_" => "v$_") } 1 .. 8), before => 'always']],
     '{"f1":"v1","f2":"v2","f3":"v3","f4":"v4","f5":"v5","f6":"v6",'
     . '"f7":"v7","f8":"v8"}' => 'f1+f2+f3+f4+f5+f6+f7+f8',
     '{"f1":"v1","f2":"v2","f3":"v3","f4":"v4","f5":"v5","f6":"v6",'
     . '"f7":"v7"}' => '',
     '{"f1":"v1","f2":"v2","f3":"v3","f4":"v4","f5":"v5","f6":"v6",'
     . '"f7":"v7","f8":"v7"}' => ''],

    ['"all" is every token', ['all 1 before always'],
     '{}' => 'all', '{"sub":"alice"}' => 'all', 'opaque' => 'all',
     'a.b' => 'all'],

    ['the value of "all" is ignored', [[all => '', before => 'always']],
     '{"sub":"alice"}' => 'all'],

    ['"all" beside a claim adds nothing', ['all 1 sub alice before always'],
     '{"sub":"alice"}' => 'sub', '{"sub":"bob"}' => '', 'opaque' => ''],

    ['a token AND a claim',
     [['token', jws('{"sub":"alice"}'), 'sub', 'alice']],
     '{"sub":"alice"}' => 'token+sub', '{"sub":"alice","x":1}' => ''],

    ['a token AND a claim that it has not',
     [['token', jws('{"sub":"alice"}'), 'sub', 'bob']],
     '{"sub":"alice"}' => '', '{"sub":"bob"}' => ''],
);

my @names = (
    ['a dotted path', ['realm_access.roles admin before always'],
     '{"realm_access":{"roles":"admin"}}' => 'realm_access.roles',
     '{"realm_access":{"roles":["user","admin"]}}' => 'realm_access.roles',
     '{"realm_access.roles":"admin"}' => 'realm_access.roles',
     '{"realm_access":{"x":1,"y":{"roles":"admin"}}}' => '',
     '{"realm_access":"admin"}' => '', '{"roles":"admin"}' => '',
     '{"realm_access":{"Roles":"admin"}}' => '',
     '{"x":{"realm_access":{"roles":"admin"}}}' => ''],

    ['a longer path', ['a.b.c x before always'],
     '{"a":{"b":{"c":"x"}}}' => 'a.b.c', '{"a.b.c":"x"}' => 'a.b.c',
     '{"a":{"b":"x"}}' => '', '{"a":{"b":{"c":{"d":"x"}}}}' => '',
     '{"a":{"c":"x"},"b":{"c":"x"}}' => ''],

    ['the confirmation key, and an actor',
     ['cnf.jkt 0ZcOCORZNYy before always', 'act.sub svc before always'],
     '{"cnf":{"jkt":"0ZcOCORZNYy"}}' => 'cnf.jkt',
     '{"act":{"sub":"svc"}}' => 'act.sub',
     '{"cnf":{"jkt":"other"},"act":{"sub":"other"}}' => ''],

    ['a claim whose own name has dots',
     ['https://example.com/tenant acme before always'],
     '{"https://example.com/tenant":"acme"}' => 'https://example.com/tenant',
     '{"https://example.com/tenant":"other"}' => '', '{"tenant":"acme"}' => ''],

    ['"claim.sub" and "sub" are the same', ['claim.sub alice before always'],
     '{"sub":"alice"}' => 'sub', '{"claim.sub":"alice"}' => '',
     '{"claim":{"sub":"alice"}}' => ''],

    ['kid is of the header', ['kid k1 before always'],
     ['{}', '{"alg":"RS256","kid":"k1"}'] => 'kid',
     ['{}', '{"alg":"RS256","kid":"k2"}'] => '', '{"kid":"k1"}' => ''],

    ['and so are alg and typ', ['alg none', 'typ at+jwt'],
     ['{}', '{"alg":"none"}'] => 'alg (no iat)',
     ['{}', '{"alg":"ES256","typ":"at+jwt"}'] => 'typ (no iat)',
     ['{}', '{"alg":"ES256","typ":"JWT"}'] => '',
     '{"alg":"none","typ":"at+jwt"}' => ''],

    ['"header.kid" and "kid" are the same', ['header.kid k1'],
     ['{}', '{"alg":"RS256","kid":"k1"}'] => 'kid', '{"kid":"k1"}' => ''],

    ['another parameter of the header', ['header.x5t abc before always'],
     ['{}', '{"alg":"RS256","x5t":"abc"}'] => 'header.x5t',
     '{"x5t":"abc"}' => ''],

    ['a claim named like one of the header', ['claim.kid k1 before always'],
     '{"kid":"k1"}' => 'claim.kid',
     ['{}', '{"alg":"RS256","kid":"k1"}'] => ''],

    ['claims named like fields of the log',
     ['claim.token x before always', 'claim.before y before always',
      'claim.all z before always', 'claim.action restore before always'],
     '{"token":"x"}' => 'claim.token', '{"before":"y"}' => 'claim.before',
     '{"all":"z"}' => 'claim.all', '{"action":"restore"}' => 'claim.action',
     '{"sub":"x"}' => ''],

    ['the header AND a claim', ['kid k1 sub alice'],
     ['{"sub":"alice"}', '{"alg":"RS256","kid":"k1"}'] => 'kid+sub',
     ['{"sub":"alice"}', '{"alg":"RS256","kid":"k2"}'] => '',
     ['{"sub":"bob"}', '{"alg":"RS256","kid":"k1"}'] => ''],

    ['a defined attribute goes before a claim', ['tenant acme before always'],
     '{"tenant":"acme"}' => ''],

    ['unless it is called a claim', ['claim.tenant acme before always'],
     '{"tenant":"acme"}' => 'tenant'],

    ['an attribute that is not defined is a claim', ['zone eu before always'],
     '{"zone":"eu"}' => 'zone'],

    ['and with its prefix it is of no request', ['attr.zone eu before always'],
     '{"zone":"eu"}' => '', '{"attr.zone":"eu"}' => '',
     '{"attr":{"zone":"eu"}}' => ''],
);

my @values = (
    ['any element of an array', ['aud web before always'],
     '{"aud":["web"]}' => 'aud', '{"aud":["tv","web"]}' => 'aud',
     '{"aud":["tv","car","x","y","web"]}' => 'aud',
     '{"aud":[null,{"web":1},7,"web"]}' => 'aud',
     '{"aud":[]}' => '', '{"aud":["tv"]}' => '', '{"aud":["web,tv"]}' => '',
     '{"aud":{"web":"web"}}' => ''],

    ['arrays joined by AND', ['aud web roles admin before always'],
     '{"aud":["tv","web"],"roles":["user","admin"]}' => 'aud+roles',
     '{"aud":["tv"],"roles":["user","admin"]}' => '',
     '{"aud":["tv","admin"],"roles":["user","web"]}' => ''],

    ['arrays and OR', ['aud web aud car before always'],
     '{"aud":["tv","car"]}' => 'aud', '{"aud":["tv","bus"]}' => ''],

    ['a whole number, by its digits', ['level 10 before always'],
     '{"level":10}' => 'level', '{"level":10.0}' => 'level',
     '{"level":1e1}' => 'level', '{"level":1.0E+1}' => 'level',
     '{"level":100e-1}' => 'level', '{"level":[1,10]}' => 'level',
     '{"level":"10"}' => 'level',
     '{"level":"10.0"}' => '', '{"level":"1e1"}' => '', '{"level":1}' => '',
     '{"level":100}' => '', '{"level":-10}' => '', '{"level":10.5}' => '',
     '{"level":"010"}' => ''],

    ['a number below zero', ['level -5 before always'],
     '{"level":-5}' => 'level', '{"level":-5.0}' => 'level',
     '{"level":-50e-1}' => 'level', '{"level":5}' => ''],

    ['zero', ['level 0 before always'],
     '{"level":0}' => 'level', '{"level":0.0}' => 'level',
     '{"level":0e9}' => 'level', '{"level":false}' => '',
     '{"level":null}' => '', '{"level":""}' => '', '{"level":0.1}' => ''],

    ['numbers that no machine word holds',
     ['id 9007199254740993 before always', 'id 18446744073709551616'
      . ' before always', 'id 123456789012345678901234567890 before always',
      'id 100000000000000000000000 before always'],
     '{"id":9007199254740993}' => 'id', '{"id":9007199254740992}' => '',
     '{"id":18446744073709551616}' => 'id', '{"id":0}' => '',
     '{"id":123456789012345678901234567890}' => 'id',
     '{"id":123456789012345678901234567891}' => '',
     '{"id":1e23}' => 'id', '{"id":1e24}' => ''],

    ['a number that is not whole does not match',
     ['level 4.2 before always', 'level 4 before always'],
     '{"level":4.2}' => '', '{"level":"4.2"}' => 'level',
     '{"level":4}' => 'level'],

    ['a rule with the spelling of a number', ['level 1e1 before always'],
     '{"level":1e1}' => '', '{"level":10}' => '', '{"level":"1e1"}' => 'level'],

    ['true, by name', ['admin true before always'],
     '{"admin":true}' => 'admin', '{"admin":"true"}' => 'admin',
     '{"admin":[false,true]}' => 'admin', '{"admin":false}' => '',
     '{"admin":1}' => '', '{"admin":"True"}' => ''],

    ['false, by name', ['admin false before always'],
     '{"admin":false}' => 'admin', '{"admin":0}' => '', '{"admin":null}' => '',
     '{"admin":""}' => '', '{}' => ''],

    ['null and objects do not match',
     ['x null before always', 'x {} before always'],
     '{"x":null}' => '', '{"x":{}}' => '', '{"x":[null]}' => '',
     '{"x":"null"}' => 'x', '{"x":"{}"}' => 'x'],

    ['an empty string', [[nick => '', before => 'always']],
     '{"nick":""}' => 'nick', '{"nick":[]}' => '', '{"nick":null}' => '',
     '{"nick":" "}' => '', '{}' => ''],

    ['bytes, however they are spelled',
     [[sub => "zo\xc3\xab", before => 'always'],
      [sub => "\xf0\x9f\x98\x80", before => 'always'],
      [sub => 'a/b"c\\d', before => 'always'],
      [sub => "tab\there", before => 'always']],
     "{\"sub\":\"zo\xc3\xab\"}" => 'sub', '{"sub":"zo\u00eb"}' => 'sub',
     '{"sub":"zo\u00EB"}' => 'sub', '{"sub":"zoe"}' => '',
     '{"sub":"\ud83d\ude00"}' => 'sub', '{"sub":"a\/b\"c\\\\d"}' => 'sub',
     '{"sub":"tab\there"}' => 'sub', '{"sub":"tab\u0009here"}' => 'sub'],

    ['names, however they are spelled', ['sub alice before always'],
     '{"\u0073ub":"alice"}' => 'sub', '{"s\u0075b":"alice"}' => 'sub',
     '{"\\\\u0073ub":"alice"}' => ''],
);

# cut-offs and issue times

my $t = 1487894400;
my $ahead = $now + 3600;
my $day = $now + 86400;

my @times = (
    ['at or before the cut-off', ["sub alice before $t"],
     qq({"sub":"alice","iat":$t}) => 'sub',
     qq({"sub":"alice","iat":@{[ $t - 1 ]}}) => 'sub',
     qq({"sub":"alice","iat":@{[ $t + 1 ]}}) => '',
     qq({"sub":"alice","iat":0}) => 'sub',
     qq({"sub":"alice","iat":-1}) => 'sub',
     qq({"sub":"bob","iat":0}) => ''],

    ['a cut-off in milliseconds', ["sub alice before ${t}999"],
     qq({"sub":"alice","iat":$t}) => 'sub',
     qq({"sub":"alice","iat":@{[ $t + 1 ]}}) => ''],

    ['a cut-off with a fraction', ["sub alice before $t.9"],
     qq({"sub":"alice","iat":$t}) => 'sub',
     qq({"sub":"alice","iat":@{[ $t + 1 ]}}) => ''],

    ['the cut-off 0', ['sub alice before 0'],
     '{"sub":"alice","iat":0}' => 'sub', '{"sub":"alice","iat":0.9}' => 'sub',
     '{"sub":"alice","iat":1}' => '', '{"sub":"alice","iat":-5}' => 'sub'],

    ['a cut-off to come', ["sub alice before $ahead"],
     qq({"sub":"alice","iat":$ahead}) => 'sub',
     qq({"sub":"alice","iat":@{[ $ahead + 1 ]}}) => ''],

    ['of several cut-offs the latest', ["sub alice before $t before 5"],
     qq({"sub":"alice","iat":$t}) => 'sub',
     qq({"sub":"alice","iat":@{[ $t + 1 ]}}) => ''],

    ['"always" beside a cut-off', ["sub alice before always before $t"],
     qq({"sub":"alice","iat":$now}) => 'sub'],

    ['what is no cut-off is the time of the entry', ['sub alice before noon'],
     qq({"sub":"alice","iat":@{[ $now - 60 ]}}) => 'sub',
     qq({"sub":"alice","iat":$ahead}) => ''],

    ['without one it is that time as well', ['sub alice'],
     qq({"sub":"alice","iat":@{[ $now - 60 ]}}) => 'sub',
     qq({"sub":"alice","iat":$ahead}) => ''],

    ['and so for every kind of match but four',
     ['all 1', 'aud web', 'iss i', 'typ JWT', 'client_id c app.version 4'],
     qq({"iat":$ahead,"aud":"web","iss":"i","client_id":"c",)
     . q("app":{"version":4}}) => q(), qq({"iat":$t}) => 'all'],

    ['which are sid', ['sid s1'], qq({"sid":"s1","iat":$ahead}) => 'sid'],
    ['jti', ['jti j1'], qq({"jti":"j1","iat":$ahead}) => 'jti'],
    ['kid', ['kid k1'],
     [qq({"iat":$ahead}), '{"alg":"HS256","kid":"k1"}'] => 'kid'],
    ['and token', [[token => jws(qq({"iat":$ahead}))]],
     qq({"iat":$ahead}) => 'token'],

    ['one of them in an AND is enough', ['sub alice sid s1'],
     qq({"sub":"alice","sid":"s1","iat":$ahead}) => 'sid+sub'],

    ['and so is one by its exact name', ['claim.sid s1', 'header.kid k1'],
     qq({"sid":"s1","iat":$ahead}) => 'sid',
     [qq({"iat":$ahead}), '{"alg":"HS256","kid":"k1"}'] => 'kid'],

    ['a cut-off is one for them too', ["sid s1 before $t"],
     qq({"sid":"s1","iat":$t}) => 'sid', qq({"sid":"s1","iat":$now}) => ''],

    ['an issue time with a fraction', ["sub alice before $t"],
     qq({"sub":"alice","iat":$t.999}) => 'sub',
     qq({"sub":"alice","iat":1.4878944009e9}) => 'sub',
     qq({"sub":"alice","iat":1.4878944010e9}) => ''],

    ['an issue time in milliseconds', ["sub alice before $t"],
     qq({"sub":"alice","iat":${t}999}) => 'sub',
     qq({"sub":"alice","iat":@{[ $t + 1 ]}000}) => ''],

    ['no issue time is older than any cut-off', ['sub alice before 0'],
     '{"sub":"alice"}' => 'sub (no iat)',
     '{"sub":"alice","iat":null}' => 'sub (no iat)',
     '{"sub":"alice","iat":true}' => 'sub (no iat)',
     '{"sub":"alice","iat":"today"}' => 'sub (no iat)',
     qq({"sub":"alice","iat":"$now"}) => 'sub (no iat)',
     qq({"sub":"alice","iat":[$now]}) => 'sub (no iat)',
     qq({"sub":"alice","iat":{"iat":$now}}) => 'sub (no iat)',
     qq({"sub":"alice","x":{"iat":$now}}) => 'sub (no iat)',
     qq({"sub":"alice","IAT":$now}) => 'sub (no iat)',
     ['{"sub":"alice"}', qq({"alg":"HS256","iat":$now})] => 'sub (no iat)',
     '{"sub":"alice","iat":1e400}' => 'sub (no iat)',
     '{"sub":"alice","iat":-1e400}' => 'sub (no iat)',
     qq({"sub":"alice","iat":$now}) => '', '{"sub":"bob"}' => ''],

    ['and so is one of more than a day ahead', ["sub alice before $t"],
     qq({"sub":"alice","iat":@{[ $day + 900 ]}}) => 'sub (no iat)',
     qq({"sub":"alice","iat":@{[ $day + 900 ]}000}) => 'sub (no iat)',
     qq({"sub":"alice","iat":@{[ $day - 900 ]}}) => '',
     '{"sub":"alice","iat":1e300}' => 'sub (no iat)'],

    ['of two issue times the earlier', ["sub alice before $t"],
     qq({"sub":"alice","iat":$t,"iat":$now}) => 'sub',
     qq({"sub":"alice","iat":$now,"iat":$t}) => 'sub',
     qq({"sub":"alice","iat":$now,"iat":null}) => 'sub (no iat)',
     qq({"sub":"alice","iat":$now,"iat":$now}) => ''],

    ['"always" needs none', ['sub alice before always', "all 1 before 5"],
     qq({"sub":"alice","iat":$now}) => 'sub', qq({"sub":"bob","iat":6}) => ''],

    ['everybody until a time, opaque tokens all of them',
     ["all 1 before $t"],
     qq({"iat":$t}) => 'all', qq({"iat":$now}) => '',
     '{}' => 'all (no iat)', 'opaque-1' => 'all (no iat)',
     'opaque.2' => 'all (no iat)', 'a.b.c.d.e' => 'all (no iat)'],

    ['a token that is revoked needs no issue time', ['token opaque-3'],
     'opaque-3' => 'token', 'opaque-4' => ''],

    ['unless there is a cut-off', ["token opaque-3 before $t",
                                   [token => jws('{"iat":1}'), before => 1],
                                   [token => jws('{"iat":3}'), before => 2]],
     'opaque-3' => 'token (no iat)', '{"iat":1}' => 'token',
     '{"iat":3}' => ''],
);

# several tokens in one request

my $alice = '{"sub":"alice","n":1}';
my $bob = '{"sub":"bob","n":2}';
my $idp = '{"iss":"i","n":3}';

my @several = (
    ['each of several tokens is matched', ['sub alice before always'],
     { Authorization => $alice, 'X-Other' => $bob } => 'sub',
     { Authorization => $bob, 'X-Other' => $alice } => 'sub',
     { Authorization => 'opaque', 'X-Other' => $alice } => 'sub',
     { Authorization => $bob, 'X-Other' => $idp } => ''],

    ['but not two of them together', ['sub alice iss i before always'],
     { Authorization => $alice, 'X-Other' => $idp } => '',
     { Authorization => $idp, 'X-Other' => $alice } => '',
     { Authorization => $idp, 'X-Other' => '{"sub":"alice","iss":"i"}' }
     => 'iss+sub'],

    ['nor the issue time of one with the other', ["sub alice before $t"],
     { Authorization => qq({"sub":"alice","iat":$now}),
       'X-Other' => '{"sub":"bob","iat":1}' } => '',
     { Authorization => qq({"sub":"alice","iat":$now}),
       'X-Other' => 'opaque' } => ''],
);

for my $table (\@joined, \@names, \@values, \@times, \@several) {
    my $edge = TokenRevoke::Edge->new(location => $location)->start;

    $edge->case($_) for @$table;
    $edge->nginx->finish;
}


# which of them it was

my $edge = TokenRevoke::Edge->new(location => $location)->start;

$edge->apply('sub alice before always');

for my $other ($bob, 'opaque') {
    for my $request ({ Authorization => $alice, 'X-Other' => $other },
                     { Authorization => $other, 'X-Other' => $alice })
    {
        my $answer = $edge->get($request);

        is(TokenRevoke::Edge::field_of($answer, 'X-Token'),
           identity(jws($alice)), "it was alice's, not $other");
    }
}

my $cookie = 'Cookie: c=' . jws($alice);

is($edge->verdict($bob, '/', $cookie), 'sub', 'in a cookie');
is($edge->verdict($bob, '/?a=' . jws($alice)), 'sub', 'in an argument');
is($edge->verdict($bob, '/?a=' . jws($idp)), '', 'none of them');

$edge->nginx->finish;


# cut-offs from the ID of an entry

$edge = TokenRevoke::Edge->new;
$edge->add("${t}500-0 sub early", "${t}999-0 sub almost",
           "${t}999-1 sub bad before noon", '9999999999999-0 sub late');
$edge->start;

for my $case (
    ['early', $t, 'sub'], ['early', $t + 1, ''], ['almost', $t, 'sub'],
    ['almost', $t + 1, ''], ['bad', $t, 'sub'], ['bad', $t + 1, ''],
    ['late', $now - 1, 'sub'], ['late', $ahead, ''])
{
    my ($sub, $iat, $expected) = @$case;

    is($edge->verdict(qq({"sub":"$sub","iat":$iat})), $expected,
       "$sub, issued at $iat");
}

$edge->nginx->finish;

done_testing();
