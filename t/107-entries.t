# What an entry of the log does to the tokens that it names, and what entries
# that are wrong do not.

use lib 't/lib';
use TokenRevoke;
use TokenRevoke::Token;

sub bearer { [map { "Authorization: Bearer $_" } @_] }

# seconds from now, as an operator would write them

sub in_seconds { time + $_[0] }

add_block_preprocessor(sub {
    my ($block) = @_;

    $block->set_value('config', <<'_EOC_');
    location = /t {
        token_revoke  zone=edge;
        try_files     /index.html =404;
    }
_EOC_

    $block->set_value('request', [('GET /t') x @{ $block->more_headers }]);
});

run_tests();

__DATA__

=== TEST 1: a raw token is hashed by the edge
--- redis
XADD revoked * token entry-1
--- more_headers eval
::bearer('entry-1', 'entry-1b')
--- error_code eval
[401, 200]



=== TEST 2: what is pasted around a raw token is left out
--- redis
XADD revoked * token " entry-2a " token "Bearer entry-2b"
XADD revoked * token "bearer  entry-2c" token "  BEARER entry-2d  "
--- more_headers eval
::bearer('entry-2a', 'entry-2b', 'entry-2c', 'entry-2d')
--- error_code eval
[401, 401, 401, 401]



=== TEST 3: what is pasted around a hash is left out
--- redis eval
'XADD revoked * token " ' . ::sha256_hex('entry-3') . ' "'
--- more_headers eval
::bearer('entry-3')
--- error_code eval
[401]



=== TEST 4: a raw signed token is revoked with every signature
--- redis eval
'XADD revoked * token ' . ::jws('{"sub":"entry-4"}')
--- more_headers eval
::bearer(::jws('{"sub":"entry-4"}'), ::jws('{"sub":"entry-4"}') . 'x')
--- error_code eval
[401, 401]



=== TEST 5: a thousand tokens in one entry
--- redis eval
::revoked(map { "entry-5-$_" } 1 .. 1000)
--- more_headers eval
::bearer('entry-5-1', 'entry-5-2', 'entry-5-500', 'entry-5-999',
         'entry-5-1000', 'entry-5-1001')
--- error_code eval
[401, 401, 401, 401, 401, 200]



=== TEST 6: remarks do not change what is matched
--- redis
XADD revoked * reason "found in a log" token entry-6 by "the one on duty"
--- more_headers eval
::bearer('entry-6')
--- error_code eval
[401]



=== TEST 7: "action revoke" is the default
--- redis
XADD revoked * token entry-7 action revoke
--- more_headers eval
::bearer('entry-7')
--- error_code eval
[401]



=== TEST 8: what is restored passes, and can be revoked again
--- redis eval
[::revoked('entry-8'), 'XADD revoked * token entry-8 action restore',
 'XADD revoked * token entry-8']
--- more_headers eval
::bearer('entry-8', 'entry-8', 'entry-8')
--- error_code eval
[401, 200, 401]



=== TEST 9: what is restored is that token only
--- redis
XADD revoked * token entry-9a token entry-9b
XADD revoked * action restore token entry-9a
--- more_headers eval
::bearer('entry-9a', 'entry-9b')
--- error_code eval
[200, 401]



=== TEST 10: to restore what was never revoked changes nothing
--- redis
XADD revoked * token entry-10 action restore
--- more_headers eval
::bearer('entry-10')
--- error_code eval
[200]



=== TEST 11: "revoke" beats "restore" in one entry
--- redis
XADD revoked * token entry-11a action restore action revoke
XADD revoked * token entry-11b action revoke action restore
--- more_headers eval
::bearer('entry-11a', 'entry-11b')
--- error_code eval
[401, 401]



=== TEST 12: an end that is over
--- redis eval
'XADD revoked * token entry-12 until ' . ::in_seconds(-60)
--- more_headers eval
::bearer('entry-12')
--- error_code eval
[200]



=== TEST 13: an end that is to come, in seconds and in milliseconds
--- redis eval
'XADD revoked * token entry-13a until ' . ::in_seconds(3600) . "\n"
. 'XADD revoked * token entry-13b until ' . ::in_seconds(3600) . "000\n"
. 'XADD revoked * token entry-13c until ' . ::in_seconds(-3600) . '000'
--- more_headers eval
::bearer('entry-13a', 'entry-13b', 'entry-13c')
--- error_code eval
[401, 401, 200]



=== TEST 14: a time to live from the time of the entry
--- redis eval
'XADD revoked * token entry-14 ttl 3600'
--- more_headers eval
::bearer('entry-14')
--- error_code eval
[401]



=== TEST 15: the later of two ends stands
--- redis eval
'XADD revoked * token entry-15 until ' . ::in_seconds(-60) . ' until '
. ::in_seconds(3600) . "\n"
. 'XADD revoked * token entry-15b ttl 3600 until ' . ::in_seconds(-60)
--- more_headers eval
::bearer('entry-15', 'entry-15b')
--- error_code eval
[401, 401]



=== TEST 16: an end that is over does not lift what has none
--- redis eval
::revoked('entry-16') . "\nXADD revoked * token entry-16 until "
. ::in_seconds(-60)
--- more_headers eval
::bearer('entry-16')
--- error_code eval
[401]



=== TEST 17: an earlier end does not shorten a later one
--- redis eval
'XADD revoked * token entry-17 ttl 3600' . "\n"
. 'XADD revoked * token entry-17 until ' . ::in_seconds(-60)
--- more_headers eval
::bearer('entry-17')
--- error_code eval
[401]



=== TEST 18: an end that cannot be understood is none
--- redis
XADD revoked * token entry-18a until tomorrow
XADD revoked * token entry-18b ttl -1
XADD revoked * token entry-18c until ""
--- more_headers eval
::bearer('entry-18a', 'entry-18b', 'entry-18c')
--- error_code eval
[401, 401, 401]



=== TEST 19: an empty token beside others
--- redis
XADD revoked * token "" token entry-19 token " "
--- more_headers eval
::bearer('entry-19')
--- error_code eval
[401]



=== TEST 20: an entry without a match, and the next one is applied
--- redis
XADD revoked * reason nothing
XADD revoked * token entry-20
--- more_headers eval
::bearer('entry-20')
--- error_code eval
[401]
--- error_log
has no match, it is not applied



=== TEST 21: an unknown action is not applied, and the next entry is
--- redis
XADD revoked * token entry-21a action remove
XADD revoked * token entry-21b
--- more_headers eval
::bearer('entry-21b')
--- error_code eval
[401]
--- error_log
has an unknown action, it is not applied



=== TEST 22: a token AND something else is not taken for the token alone
--- redis
XADD revoked * token entry-22 aud forum
XADD revoked * token entry-22b
--- more_headers eval
::bearer('entry-22', 'entry-22b')
--- error_code eval
[200, 401]



=== TEST 23: the first match of something else is said in words
--- redis
XADD revoked * sub alice client_id tv-app before 1487894400
--- more_headers eval
::bearer('entry-23')
--- error_code eval
[200]
--- error_log eval
qr/\[notice\]\ .*:\ entry\ \d{13}-\d+
   \ is\ the\ first\ of\ its\ kind\ and\ refuses
   \ (?:sub="alice"\ and\ client_id="tv-app"
       |client_id="tv-app"\ and\ sub="alice")\ issued\ until\ 1487894400/x



=== TEST 24: "accept" revokes nothing
--- redis
XADD revoked * action accept token entry-24
--- more_headers eval
::bearer('entry-24')
--- error_code eval
[200]



=== TEST 25: the names of fields are written in small letters
--- redis
XADD revoked * Token entry-25
--- more_headers eval
::bearer('entry-25')
--- error_code eval
[200]



=== TEST 26: entries that were there before nginx
--- redis_before
XADD revoked * token entry-26
--- redis
XADD revoked * token entry-26b
--- more_headers eval
::bearer('entry-26', 'entry-26b')
--- error_code eval
[401, 401]



=== TEST 27: a revocation is in force at once on a running edge
--- redis eval
['', ::revoked('entry-27')]
--- more_headers eval
::bearer('entry-27', 'entry-27')
--- error_code eval
[200, 401]



=== TEST 28: an end that cannot be understood is reported
--- redis
XADD revoked * token entry-28 until tomorrow
--- more_headers eval
::bearer('entry-28')
--- error_code eval
[401]
--- error_log
has an invalid "until" or "ttl", the rest of it is applied
