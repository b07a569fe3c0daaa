# ca=, cert= and key= of token_revoke_zone: what is refused at "nginx -t", by
# name.  What TLS does with them is for 306-tls.t.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use TokenRevoke::Nginx qw(temp_dir);
use TokenRevoke::TLS;

my $dir = temp_dir();
my $ca = TokenRevoke::TLS->new($dir);
my ($cert, $key) = $ca->issue('client');
my ($other, $other_key) = $ca->issue('other');
my $rediss = 'rediss://127.0.0.1:1';
my $unix = 'unix:/nonexistent/redis.sock';

open my $out, '>', "$dir/empty" or die "empty: $!\n";
close $out;


sub accepted {
    my ($name, $redis, $zone) = @_;

    my $nginx = TokenRevoke::Nginx->new(redis => $redis, zone => $zone);

    ok($nginx->test_config, $name) or diag $nginx->stderr_text;
}


sub refused {
    my ($name, $redis, $zone, $said) = @_;

    my $nginx = TokenRevoke::Nginx->new(redis => $redis, zone => $zone);

    ok(!$nginx->test_config, $name);
    like($nginx->stderr_text, qr/\[emerg\] .*$said/, 'and it is said which');
}


accepted('TLS alone: what the system trusts', $rediss, '');
accepted('a CA', $rediss, 'ca=' . $ca->ca);
accepted('all three', $rediss, 'ca=' . $ca->ca . " cert=$cert key=$key");
accepted('in another order, and before the URL', $rediss,
         "key=$key timeout=1s cert=$cert");
accepted('several hosts', 'rediss://127.0.0.1:1,[::1]:2/3',
         'ca=' . $ca->ca);

refused('a CA without TLS', 'redis://127.0.0.1:1', 'ca=' . $ca->ca,
        '"token_revoke_zone" directive has "ca=" without TLS');
refused('a certificate without TLS', 'redis://127.0.0.1:1',
        "cert=$cert key=$key", 'has "cert=" without TLS');
refused('a key without TLS', 'redis://127.0.0.1:1', "key=$key",
        'has "key=" without TLS');
refused('a CA with a socket', $unix, 'ca=' . $ca->ca,
        'has "ca=" without TLS');
refused('a certificate without its key', $rediss, "cert=$cert",
        'has "cert=" without "key="');
refused('a key without its certificate', $rediss, "key=$key",
        'has "key=" without "cert="');

refused('a CA that is not there', $rediss, 'ca=nowhere.crt',
        'cannot load "ca=/.*nowhere.crt" of "token_revoke_zone" directive');
refused('a CA that is empty', $rediss, "ca=$dir/empty",
        'cannot load "ca=/.*empty" of "token_revoke_zone" directive');
refused('a CA that is none', $rediss, "ca=$key",
        'cannot load "ca=/.*client.key" of "token_revoke_zone" directive');
refused('a certificate that is not there', $rediss,
        "cert=nowhere.crt key=$key", 'cannot load certificate ".*nowhere.crt');
refused('a key that is not there', $rediss, "cert=$cert key=nowhere.key",
        'cannot load certificate key ".*nowhere.key');
refused('a key of another certificate', $rediss,
        "cert=$cert key=$other_key", '(?:client|other)\.key');

refused('no value', $rediss, 'ca=',
        'invalid value "ca=" in "token_revoke_zone" directive, expected a'
        . ' value after "="');
refused('one of them twice', $rediss, "ca=$cert ca=$cert",
        'duplicate parameter "ca" in "token_revoke_zone" directive');

done_testing();
