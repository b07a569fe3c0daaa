# Valkey speaks as Redis does.

use strict;
use warnings;

use lib 't/lib';

use File::Spec ();
use Test::More;

use TokenRevoke::Nginx qw(start_redis);

plan skip_all => 'no valkey-server here'
    if !grep { -x "$_/valkey-server" } File::Spec->path;

my $valkey = start_redis(port => 1, program => 'valkey-server',
                         password => 'secret');
my $url = 'redis://:secret@127.0.0.1:' . $valkey->port;

$valkey->cmd('XADD', 'revoked', '*', 'token', 'bad');

for my $strict (qw(off on)) {
    my $nginx = TokenRevoke::Nginx->new(
        redis => $url, location => "token_revoke_strict $strict;")->start;

    is($nginx->status('bad'), 401, "strict $strict: it is refused");
    is($nginx->status('good'), 200, 'and nothing else');

    $valkey->cmd('XADD', 'revoked', '*', 'token', "later $strict");
    ok($nginx->wait_refused("later $strict"), 'what comes later, too');
    $nginx->finish;
}

done_testing();
