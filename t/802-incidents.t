# The table of incidents in docs/redis.md: each command is run as it stands, and
# does what the first column says, no more and no less.  A row that is not in
# this file fails the test.

use strict;
use warnings;

use lib 't/lib';

use Test::More;
use Text::ParseWords ();

use TokenRevoke::Docs;
use TokenRevoke::Edge;
use TokenRevoke::Token;

my $now = time;
my $old = $now - 60;
my $later = $now + 3600;

my $feb24 = 1487894400;      # midnight
my $noon = 1487851200;


sub text_of {
    my ($file) = @_;

    open my $in, '<', $file or die "$file: $!\n";
    local $/;
    return scalar <$in>;
}


# ([what has happened, what to push], ...)

sub incidents {
    my ($section) = text_of('docs/redis.md') =~ /^## Incidents\n(.*?)^## /ms
        or return;

    return grep { $_->[0] !~ /^-+$|^what has happened$/ }
        map { [/^\| (.*?) \| `?(.*?)`? \|$/] }
        grep { /^\|/ } map { s/^\|-+\|-+\|$/| - | - |/r } split /\n/, $section;
}


# for each row: a token that is refused, and one that is not; what more a
# request has

my %expected = (
    'one token has leaked' => [
        ['test', 'token'], ['test2', '']],

    'a user wants to be signed out everywhere' => [
        [qq({"sub":"alice","iat":$old}), 'sub'],
        [qq({"sub":"alice","iat":$later}), ''],
        [qq({"sub":"bob","iat":$old}), '']],

    'one session of a user' => [
        [qq({"sid":"08a5019c-17e1-4977-8f42-65a12843ea02","sub":"alice",)
         . qq("iat":$later}), 'sid'],
        [qq({"sid":"08a5019c-17e1-4977-8f42-65a12843ea03","sub":"alice",)
         . qq("iat":$old}), '']],

    'one device (an attribute of the edge)' => [
        [qq({"sub":"alice","iat":$later}), 'sub+attr.device',
         'X-Device-Id: tv-4711'],
        [qq({"sub":"alice","iat":$old}), '', 'X-Device-Id: tv-4712'],
        [qq({"sub":"bob","iat":$old}), '', 'X-Device-Id: tv-4711'],
        ['opaque', '', 'X-Device-Id: tv-4711']],

    'one version of an application' => [
        [qq({"client_id":"tv-app","app":{"version":"4.2"},"iat":$old}),
         'app.version+client_id'],
        [qq({"client_id":"tv-app","app":{"version":"4.3"},"iat":$old}), ''],
        [qq({"client_id":"web","app":{"version":"4.2"},"iat":$old}), '']],

    'a signing key has leaked' => [
        [[qq({"sub":"bob","iat":$later}), '{"alg":"RS256","kid":"2024-key-1"}'],
         'kid'],
        [[qq({"sub":"bob","iat":$old}), '{"alg":"RS256","kid":"2024-key-2"}'],
         ''],
        [qq({"kid":"2024-key-1","iat":$old}), '']],

    'an issuer is not to be trusted any more' => [
        [qq({"iss":"https://idp.example","iat":$later}), 'iss'],
        [qq({"iss":"https://other.example","iat":$old}), '']],

    'one user of one issuer' => [
        [qq({"sub":"alice","iss":"https://idp.example","iat":$old}),
         'iss+sub'],
        [qq({"sub":"alice","iss":"https://other.example","iat":$old}), ''],
        [qq({"sub":"bob","iss":"https://idp.example","iat":$old}), '']],

    'everybody who was an administrator' => [
        [qq({"realm_access":{"roles":["user","admin"]},"iat":$old}),
         'realm_access.roles'],
        [qq({"realm_access":{"roles":["user"]},"iat":$old}), ''],
        [qq({"realm_access":{"roles":["admin"]},"iat":$later}), '']],

    'one audience, tokens from before a date' => [
        [qq({"aud":["web","forum"],"iat":$feb24}), 'aud'],
        [qq({"aud":"forum","iat":@{[ $feb24 + 1 ]}}), ''],
        [qq({"aud":"web","iat":$feb24}), '']],

    'a host was behind a leaking CDN until a date' => [
        [qq({"sub":"bob","iat":$feb24}), 'attr.host', 'Host: www.example.com'],
        ['opaque', 'attr.host (no iat)', 'Host: www.example.com'],
        [qq({"sub":"bob","iat":@{[ $feb24 + 1 ]}}), '',
         'Host: www.example.com'],
        [qq({"sub":"bob","iat":$feb24}), '', 'Host: api.example.com']],

    'everybody, issued before noon' => [
        [qq({"sub":"bob","iat":$noon}), 'all'],
        ['opaque', 'all (no iat)'],
        [qq({"sub":"bob","iat":@{[ $noon + 1 ]}}), '']],

    # lifts what was pushed before it

    'it was a mistake' => [
        [qq({"sub":"alice","iat":$old}), ''],
        [qq({"sub":"carol","iat":$old}), 'sub']],
);

my %before = (
    'it was a mistake' => ['sub alice', 'sub alice before always', 'sub carol'],
);

my @rows = incidents();

cmp_ok(@rows, '>', 9, 'docs/redis.md has a table of incidents');


# the attributes are those that it shows below the table

my ($attributes) = grep { /token_revoke_attribute/ }
    map { $_->{text} } TokenRevoke::Docs::blocks('docs/redis.md', 'nginx');

ok($attributes, 'docs/redis.md defines attributes');

my $edge = TokenRevoke::Edge->new(server => $attributes)->start;

my %seen;

for my $row (@rows) {
    my ($what, $command) = @$row;

    $seen{$what} = 1;

    if (!$expected{$what}) {
        fail("\"$what\" is not in this test");
        next;
    }

    subtest $what => sub {
        my @requests = map { [$_->[1], $_->[0], undef, @$_[2 .. $#$_]] }
            @{ $expected{$what} };

        is($edge->verdict(@$_[1 .. $#$_]), '', 'not refused before')
            for @requests;

        $edge->apply(@{ $before{$what} || [] });

        my @words = Text::ParseWords::shellwords($command);
        my $id = eval { $edge->redis->cmd(@words) };

        like($id, qr/^\d+-\d+$/, $command) or diag($@);
        $edge->sync;

        is($edge->verdict(@$_[1 .. $#$_]), $_->[0],
           ($_->[0] ? 'refused: ' : 'not refused: ')
           . join ' ', map { ref ? "@$_" : $_ // () } @$_[1 .. $#$_])
            for @requests;

        $edge->restore([splice @words, 3], @{ $before{$what} || [] });
    };
}

ok($seen{$_}, "docs/redis.md has \"$_\"") for sort keys %expected;

$edge->nginx->finish;

done_testing();
