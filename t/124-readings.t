#!/usr/bin/env perl

# Every reading of a value is judged, and most of them are no tokens: a rule
# that refuses opaque tokens for want of an issue time must not refuse a JWT of
# today for the word "Bearer" in front of it.  It must go on to refuse an old
# opaque token that is sent beside a JWT of today.
#
# Red without ngx_http_token_revoke_judge_doubts(), and when what is doubtful is
# not looked at again.

use strict;
use warnings;

use lib 't/lib';

use Test::More;
use TokenRevoke::Edge;
use TokenRevoke::Token;

my $now = time;
my $fresh = jws(qq({"sub":"alice","iat":$now}));
my $old = jws(qq({"sub":"alice","iat":@{[ $now - 7200 ]}}));
my $undated = jws('{"sub":"alice"}');
my $ahead = jws(qq({"sub":"alice","iat":@{[ $now + 864000 ]}}));
my $opaque = 'opaque-token-of-a-server-0123456789';

(my $dots = $fresh) =~ s/\./%2e/g;

my $edge = TokenRevoke::Edge->new(
    location => 'token_revoke_from bearer header:X-Token cookie:session'
        . ' arg:t header:Sec-WebSocket-Protocol;'
        . ' token_revoke_attribute host $host;')->start;


# the verdict on a request with this URI and these fields

sub verdict {
    my ($uri, @fields) = @_;
    return $edge->verdict(undef, $uri, @fields);
}


# name, what a token is written into: a URI, and header fields

my @places = (
    ['Authorization', sub { '/', "Authorization: Bearer $_[0]" }],
    ['quoted credentials',
     sub { '/', qq(Authorization: Bearer token="$_[0]") }],
    ['a field with a scheme', sub { '/', "X-Token: Bearer $_[0]" }],
    ['a field with some word', sub { '/', "X-Token: JWT $_[0]" }],
    ['a cookie', sub { '/', "Cookie: session=$_[0]" }],
    ['a cookie with a scheme', sub { '/', "Cookie: session=Bearer%20$_[0]" }],
    ['a quoted cookie', sub { '/', qq(Cookie: session="$_[0]") }],
    ['an argument', sub { "/?t=$_[0]" }],
    ['a WebSocket protocol',
     sub { '/', "Sec-WebSocket-Protocol: access_token, $_[0]" }],
);

for my $rule ('all 1', 'host h') {
    my $match = (split / /, $rule)[0];
    my $before = $now - 3600;

    $edge->apply("$rule before $before");

    for my $place (@places) {
        my ($name, $write) = @$place;

        is(verdict($write->($fresh)), '', "$rule: $name, a JWT of today");
        isnt(verdict($write->($old)), '', "$rule: $name, an old JWT");
        like(verdict($write->($undated)), qr/\(no iat\)/,
             "$rule: $name, a JWT without iat");
        like(verdict($write->($ahead)), qr/\(no iat\)/,
             "$rule: $name, a JWT of the week after next");
        like(verdict($write->($opaque)), qr/\(no iat\)/,
             "$rule: $name, an opaque token");
    }

    is(verdict("/?t=$dots"), '', "$rule: dots percent-encoded");

    # two tokens, of which one is old

    like(verdict('/', "Authorization: Bearer $fresh",
                 "Cookie: session=$opaque"), qr/\(no iat\)/,
         "$rule: an opaque token in another place");
    like(verdict('/', "X-Token: $opaque, $fresh"), qr/\(no iat\)/,
         "$rule: an opaque token before it in a list");
    like(verdict('/', "X-Token: $fresh, $opaque"), qr/\(no iat\)/,
         "$rule: an opaque token behind it");
    like(verdict('/', "X-Token: $opaque $fresh"), qr/\(no iat\)/,
         "$rule: a blank between them");
    like(verdict("/?t=$opaque&t=$fresh"), qr/\(no iat\)/,
         "$rule: two arguments");
    isnt(verdict('/', "Authorization: Bearer $fresh",
                 "Cookie: session=$old"), '', "$rule: an old JWT beside it");

    $edge->restore($rule);
    is(verdict('/', "X-Token: Bearer $opaque"), '', "$rule: lifted");
}

# a rule on a token is about that token, whatever it spells

$edge->apply('all 1 before ' . ($now - 3600),
             [token => sha256_hex("Bearer $fresh")]);
isnt(verdict('/', "X-Token: Bearer $fresh"), '',
     'a hash of what was pasted with its scheme is looked up');

$edge->nginx->finish;

done_testing();
