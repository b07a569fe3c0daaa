#!/usr/bin/env perl

# README.md, done as it says: its configuration is what nginx is started with,
# and its commands are run, one after the other, with a look at the edge in
# between.

use strict;
use warnings;

use lib 't/lib';

use Test::More;
use TokenRevoke::Docs;
use TokenRevoke::Nginx qw(wait_for start_redis);
use TokenRevoke::Token;

my $redis = start_redis(port => 1);
my $app = TokenRevoke::Nginx->new(check => '')->start;
my $edge = TokenRevoke::Nginx->new;

my @configs = TokenRevoke::Docs::blocks('README.md', 'nginx');
is(@configs, 2, 'README.md has one configuration, and a query');

my $conf = $configs[0]{text};
my $lines = () = $conf =~ /\n/g;
cmp_ok($lines, '<', 30, 'it is a short one');

# what differs on this machine: paths and ports

my $module = TokenRevoke::Nginx::_module();
my $edge_port = $edge->port;
my $app_port = $app->port;
my $redis_port = $redis->port;

ok($conf =~ s/^load_module .*;$/$module daemon off; pid logs\/nginx.pid;/m,
   'it loads the module');
ok($conf =~ s/127\.0\.0\.1:6379/127.0.0.1:$redis_port/, 'it names a Redis');
ok($conf =~ s/listen 8080/listen 127.0.0.1:$edge_port/, 'it listens');
ok($conf =~ s/127\.0\.0\.1:9000/127.0.0.1:$app_port/, 'it has an application');

my $temp = join ' ', map { "${_}_temp_path logs;" }
    qw(client_body proxy fastcgi uwsgi scgi);
$conf =~ s/http \{/http { $temp/;
$conf = "error_log logs/error.log notice;\n$conf";

$edge->set(conf => $conf)->start;
ok($edge->wait_live, 'the edge follows the log');

# alice and her application, whose tokens are revoked by their claims, and bob
# and an opaque token, which are revoked one by one

my $now = time;

my %tokens = (
    opaque => 'opaque-token-of-readme',
    bob    => jws(qq({"sub":"bob","iat":$now})),
    alice  => jws(qq({"sub":"alice","iat":$now})),
    later  => jws(qq({"sub":"alice","iat":@{[ $now + 3600 ]}})),
    carol  => jws(qq({"sub":"carol","iat":$now})),
    leaked => 'leaked-token-of-readme',
    tv     => jws(qq({"client_id":"tv-app","app":{"version":4.2},"iat":$now})),
    tv42   => jws(qq({"client_id":"tv-app","app":{"version":"4.2"},)
                  . qq("iat":$now})),
);

my %variables = (
    TOKEN => $tokens{opaque}, JWT => $tokens{bob},
    hashes => [sha256_hex($tokens{leaked})],
    TOKEN_REVOKE_REDIS => 'redis://127.0.0.1:' . $redis->port,
);

my @commands = TokenRevoke::Docs::blocks('README.md', 'sh');
my @steps = split /\n\n/, join "\n", map { $_->{text} } @commands;


sub refused {
    return join ' ', grep { $edge->status($tokens{$_}) == 401 }
        sort keys %tokens;
}


is(refused(), '', 'all tokens pass at first');

# who is refused after each step

my @expected = (
    'alice',
    'alice tv42',
    'alice opaque tv42',
    'alice bob opaque tv42',
    'alice opaque tv42',
    'alice carol opaque tv42',
    'alice carol leaked opaque tv42',
);

is(@steps, @expected, 'there are as many steps as this test expects');

for my $i (0 .. $#expected) {
    my ($what) = $steps[$i] =~ /^# (.*)$/m;

    my ($status, $output, $hash) =
        TokenRevoke::Docs::run($redis, $steps[$i], \%variables);

    is($status, 0, "\"$what\" can be run") or diag($output);
    $variables{HASH} = $hash;

    wait_for { refused() eq $expected[$i] };
    is(refused(), $expected[$i], "\"$what\": who is refused");
}

my $answer = $edge->get($tokens{opaque});

like($answer, qr/^HTTP\/1\.1 401 Unauthorized\r$/m, 'the status line');
like($answer, qr/^WWW-Authenticate:\ Bearer\ error="invalid_token",
                 \ error_description="The\ token\ has\ been\ revoked"\r$/mx,
     'the challenge');

for my $line (split /\n/, join '', map { $_->{text} }
                                   TokenRevoke::Docs::blocks('README.md', ''))
{
    like($answer, qr/^\Q$line\E\r$/m, 'README.md shows this line')
        if $line =~ /^(?:HTTP|WWW-)/;
}

# what is to be installed is what tools/setup.sh says is needed to build

my ($packages) = (join '', map { $_->{text} }
                  TokenRevoke::Docs::blocks('README.md', ''))
                 =~ /^apt-get install (.*)/m;

open my $setup, '<', 'tools/setup.sh' or die;
my ($build) = do { local $/; <$setup> } =~ /^build='(.*?)'$/ms;

my %needed = map { /^\s+(\S+)  / ? ($1 => 1) : () } split /\n/, $build;
delete $needed{'libc6-dev'};               # comes with gcc

is_deeply([sort split ' ', $packages], [sort keys %needed],
          'README.md names the packages that are needed');

# a set that exists already

my ($query) = $configs[1]{text} =~ /(.*)/s;

ok($query =~ s/127\.0\.0\.1:6379/127.0.0.1:$redis_port/,
   'the query names a Redis');

my $asking = TokenRevoke::Nginx->new(check => $query)->start;

$redis->cmd('SADD', 'revoked_tokens', sha256_hex('in the set'));
is($asking->status('in the set'), 401, 'what is in the set is refused');
is($asking->status('another one'), 200, 'and nothing else');
$asking->finish;

$edge->finish;
$app->finish;

cmp_ok(_lines('README.md'), '<', 150, 'README.md is short');

done_testing();


sub _lines {
    my ($file) = @_;

    open my $in, '<', $file or die "$file: $!\n";
    my $n = () = <$in>;

    return $n;
}
