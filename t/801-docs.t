#!/usr/bin/env perl

# docs/*.md: every configuration is accepted by "nginx -t", every command can
# be run, the ACL users can do their work and no more, and the lists of
# directives, variables and log lines are those of the source.

use strict;
use warnings;

use lib 't/lib';

use Digest::SHA qw(sha256_hex);
use Test::More;
use TokenRevoke::Docs;
use TokenRevoke::Nginx qw(wait_for start_redis);
use TokenRevoke::TLS;


sub text_of {
    my ($file) = @_;

    open my $in, '<', $file or die "$file: $!\n";
    local $/;
    return scalar <$in>;
}


# configurations: in "http", with a zone unless they bring their own

for my $file (glob 'docs/*.md') {
    for my $block (TokenRevoke::Docs::blocks($file, 'nginx')) {
        my $nginx = TokenRevoke::Nginx->new(http => $block->{text});

        $nginx->set(redis => 'redis://127.0.0.1:1')
            if $block->{text} !~ /token_revoke_zone/;
        $nginx->set(check => '') if $block->{text} !~ /zone=edge/
                                    and $block->{text} =~ /_zone/;

        open my $out, '>', $nginx->dir . '/redis.password' or die $!;
        print $out "secret\n";
        close $out;

        TokenRevoke::TLS->new($nginx->dir, 'redis-ca')->issue('edge')
            if $block->{text} =~ /redis-ca\.crt/;

        ok($nginx->test_config, "$file:$block->{line} is accepted")
            or diag($nginx->stderr_text);
    }
}


# commands, in the order of the document

my $redis = start_redis(port => 1);
my %variables = (
    TOKEN  => 'some-token',
    JWT    => 'eyJhbGciOiJIUzI1NiJ9.e30.sig',
    HASH   => sha256_hex('some-token'),
    hashes => [map { sha256_hex($_) } 1 .. 2500],
);

for my $block (TokenRevoke::Docs::blocks('docs/redis.md', 'sh')) {
    my ($status, $output, $hash) =
        TokenRevoke::Docs::run($redis, $block->{text}, \%variables);

    is($status, 0, "docs/redis.md:$block->{line} can be run")
        or diag($output);

    is($hash, sha256_hex($variables{JWT} =~ s/\.sig$//r), 'and is right')
        if $block->{text} =~ /token-revoke hash/;

    unlike($output, qr/error|ERR|unknown/i, 'and complains of nothing');
}

is($redis->cmd('XLEN', 'revoked'), 4, 'a list of 2,500 hashes took 3 entries');

my $edge = TokenRevoke::Nginx->new(
    redis => 'redis://edge:secret@127.0.0.1:' . $redis->port, size => '4m');

$edge->start;
ok($edge->wait_live, 'the smallest ACL user is enough for an edge');

is($edge->status('some-token'), 401, 'one token is refused');
is_deeply($edge->statuses(1 .. 2500), { 401 => 2500 },
          'all tokens of the list are refused');

my (undef, $said) = TokenRevoke::Docs::run($redis,
    "redis-cli --user oncall --pass other --no-auth-warning"
    . " XADD revoked '*' token " . sha256_hex('of oncall'), {});

ok($edge->wait_refused('of oncall'), 'whoever is on call can revoke')
    or diag($said);

($said) = (TokenRevoke::Docs::run($redis,
    "redis-cli --user oncall --pass other --no-auth-warning DEL revoked",
    {}))[1];

like($said, qr/NOPERM/, 'and no more');

$edge->finish;


# lists

my $directives = text_of('docs/directives.md');
my $door = text_of('ngx_http_token_revoke_module.c');

my @commands = $door =~ /^    \{ ngx_string\("(token_revoke\w*)"\)/mg;
my @headings = $directives =~ /^## (token_revoke\w*)$/mg;

is(join(' ', sort @headings), join(' ', sort @commands),
   'docs/directives.md has an entry for each directive, and no other');

for my $name (@commands) {
    my ($entry) = $directives =~ /^## \Q$name\E\n(.*?)(?=^## |\z)/ms;

    like($entry, qr/^Syntax:\s+\Q$name\E\ .*^Default:\ .*^Context:\ /msx,
         "the entry of $name is complete");

    my ($flags) = $door =~ /ngx_string\("\Q$name\E"\),\n\s+(\S+?)\|NGX_CONF_/;
    my $context = $flags =~ /ANY/ ? 'http, server, location' : 'http';

    like($entry, qr/^Context:  \Q$context\E$/m, "its context is $context");
}

my @variables = text_of('src/ngx_http_token_revoke_variable.c')
    =~ /^    \{ ngx_string\("(token_revoke_\w+)"\)/mg;

cmp_ok(@variables, '>', 4, 'there are variables');

# a name that ends with "_" is a prefix

for my $name (@variables) {
    my $described = $name =~ /_$/ ? "${name}NAME" : $name;

    like($directives, qr/^\|\ `\$\Q$described\E`\ \|/mx,
         "\$$described is described");
}


# what a log line says, without what is filled in

my $operations = text_of('docs/operations.md');
$operations =~ s/\s+/ /g;

my $n = 0;

for my $file (glob 'src/ngx_http_token_revoke_*.c') {
    my $source = text_of($file);

    while ($source =~ /ngx_log_error\((.*?)\);/gs) {
        # the format: one string, written as several

        my ($line) = $1 =~ /((?:"(?:[^"\\]|\\.)*"\s*)+)/;

        next if !defined $line;

        $line =~ s/"\s+"//g;
        $line =~ s/^"|"\s*$//g;

        next if $line !~ /^token.revoke/;

        $n++;

        # the words around "%V", as they stand in the document

        for my $words (split /%[*\w]+/, $line) {
            $words =~ s/\\"/"/g;
            $words =~ s/%%/%/g;
            $words =~ s/^[\s",:;]+|[\s",:;]+$//g;

            like($operations, qr/\Q$words\E/,
                 "docs/operations.md has \"$words\"")
                if $words =~ /\w{3}/;
        }
    }
}

cmp_ok($n, '>', 10, 'there are log lines');

done_testing();
