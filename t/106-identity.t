# What a token is known by: a signed one by the part that was signed, whatever
# its holder does to the rest; any other one by all of its bytes.

use lib 't/lib';
use Digest::SHA qw(hmac_sha256);
use MIME::Base64 qw(encode_base64url);
use TokenRevoke;
use TokenRevoke::Token;

sub bearer { [map { "Authorization: Bearer $_" } @_] }

# header and payload of a signed token, and its signature

sub signed { jws(@_) =~ /^(.*)\.(.*)$/ }

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

=== TEST 1: an opaque token by its SHA-256
--- redis eval
'XADD revoked * token ' . ::sha256_hex('identity-1')
--- more_headers eval
::bearer('identity-1', 'identity-1a', 'identity-', ::sha256_hex('identity-1'))
--- error_code eval
[401, 200, 200, 401]



=== TEST 2: the hash is written in capitals
--- redis eval
'XADD revoked * token ' . uc ::sha256_hex('identity-2')
--- more_headers eval
::bearer('identity-2')
--- error_code eval
[401]



=== TEST 3: an opaque token may have dots
--- redis eval
'XADD revoked * token ' . ::sha256_hex('identity.3.x')
--- more_headers eval
::bearer('identity.3.x', 'identity.3.y', 'identity.3')
--- error_code eval
[401, 200, 200]



=== TEST 4: a signed token by what was signed
--- redis eval
'XADD revoked * token ' . ::sha256_hex((::signed('{"sub":"identity-4"}'))[0])
--- more_headers eval
::bearer(::jws('{"sub":"identity-4"}'), ::jws('{"sub":"identity-4b"}'))
--- error_code eval
[401, 200]



=== TEST 5: an altered signature does not help
--- redis eval
::revoked(::jws('{"sub":"identity-5"}'))
--- more_headers eval
my ($head, $sig) = ::signed('{"sub":"identity-5"}');
::bearer("$head." . CORE::reverse($sig), "$head.A$sig", "$head.x")
--- error_code eval
[401, 401, 401]



=== TEST 6: a signature that is spelt anew does not help
--- redis eval
::revoked(::jws('{"sub":"identity-6"}'))
--- more_headers eval
my ($head, $sig) = ::signed('{"sub":"identity-6"}');
(my $standard = $sig) =~ tr{-_}{+/};
(my $spare = $sig) =~ s/(.)$/chr(ord($1) ^ 1)/e;
::bearer("$head.$sig=", "$head.$sig==", "$head.$standard", "$head.$spare",
         "$head.$sig%3D")
--- error_code eval
[401, 401, 401, 401, 401]



=== TEST 7: a signature that is missing does not help
--- redis eval
::revoked(::jws('{"sub":"identity-7"}'))
--- more_headers eval
my ($head) = ::signed('{"sub":"identity-7"}');
::bearer("$head.", $head)
--- error_code eval
[401, 401]



=== TEST 8: parts behind the signature do not help
--- redis eval
::revoked(::jws('{"sub":"identity-8"}'))
--- more_headers eval
my $token = ::jws('{"sub":"identity-8"}');
::bearer("$token.", "$token.x", "$token.x.y", "$token.x.y.z")
--- error_code eval
[401, 401, 401, 401]



=== TEST 9: a signed token by the hash of the whole
--- redis eval
'XADD revoked * token ' . ::sha256_hex(::jws('{"sub":"identity-9"}'))
--- more_headers eval
my ($head) = ::signed('{"sub":"identity-9"}');
::bearer(::jws('{"sub":"identity-9"}'), "$head.other")
--- error_code eval
[401, 200]



=== TEST 10: another algorithm, other header fields, white space in the header
--- redis eval
::revoked(::jws('{"sub":"identity-10"}', '{"alg":"RS256","kid":"1"}'),
          ::jws('{"sub":"identity-10"}',
                "{ \"typ\":\"JWT\",\n\"alg\":\"ES256\" }"))
--- more_headers eval
::bearer(::jws('{"sub":"identity-10"}', '{"alg":"RS256","kid":"1"}') . 'x',
         ::jws('{"sub":"identity-10"}',
               "{ \"typ\":\"JWT\",\n\"alg\":\"ES256\" }") . 'x',
         ::jws('{"sub":"identity-10"}', '{"alg":"RS256","kid":"2"}'))
--- error_code eval
[401, 401, 200]



=== TEST 11: a payload that is not JSON is signed all the same
--- redis eval
::revoked(::jws('identity-11'))
--- more_headers eval
::bearer(::jws('identity-11') . 'x', ::jws('identity-11b'))
--- error_code eval
[401, 200]



=== TEST 12: a claim that no parser likes does not hide the token
--- redis eval
::revoked(::jws('{"sub":"identity-12","name":"\ud83d","n":1e400}'))
--- more_headers eval
::bearer(::jws('{"sub":"identity-12","name":"\ud83d","n":1e400}') . 'x')
--- error_code eval
[401]



=== TEST 13: what only looks like a signed token is opaque
--- redis eval
my $no_alg = ::encode_base64url('{"typ":"JWT"}') . '.identity-13.x';
'XADD revoked * token ' . ::sha256_hex($no_alg)
--- more_headers eval
my $no_alg = ::encode_base64url('{"typ":"JWT"}') . '.identity-13';
::bearer("$no_alg.x", "$no_alg.y")
--- error_code eval
[401, 200]



=== TEST 14: an encrypted token by the whole of it
--- redis eval
my $head = ::encode_base64url('{"alg":"dir","enc":"A128GCM"}');
'XADD revoked * token ' . ::sha256_hex("$head..aXY.aWRlbnRpdHktMTQ.dGFn")
--- more_headers eval
my $head = ::encode_base64url('{"alg":"dir","enc":"A128GCM"}');
::bearer("$head..aXY.aWRlbnRpdHktMTQ.dGFn", "$head..aXY.b3RoZXI.dGFn")
--- error_code eval
[401, 200]



=== TEST 15: an encrypted token that is spelt anew
--- redis eval
my $head = ::encode_base64url('{"alg":"dir","enc":"A128GCM"}');
'XADD revoked * token ' . ::sha256_hex("$head..aXY.aWRlbnRpdHktMTU.dGFn")
--- more_headers eval
my $head = ::encode_base64url('{"alg":"dir","enc":"A128GCM"}');
::bearer("$head..aXY=.aWRlbnRpdHktMTU.dGFn", "$head..aXY.aWRlbnRpdHktMTU=.dGFn",
         "$head..aXZ.aWRlbnRpdHktMTU.dGFn")
--- error_code eval
[401, 401, 401]



=== TEST 16: a token that is 64 hex digits itself, by these digits
--- redis eval
'XADD revoked * token ' . ::sha256_hex('identity-16')
--- more_headers eval
::bearer(::sha256_hex('identity-16'), uc ::sha256_hex('identity-16'))
--- error_code eval
[401, 401]



=== TEST 17: a token that is 64 hex digits itself, by its SHA-256
--- redis eval
'XADD revoked * token ' . ::sha256_hex(::sha256_hex('identity-17'))
--- more_headers eval
::bearer(::sha256_hex('identity-17'), ::sha256_hex('identity-17b'))
--- error_code eval
[401, 200]
