# The attack corpus: every case of t/attacks/ is sent to nginx as it is
# written, with a revoked token and with one that is not.  Then the error log
# is looked at: nothing went wrong, and nothing of any token is in our lines.

use strict;
use warnings;

use lib 't/lib';

use IO::Socket::UNIX ();
use Test::More;

use TokenRevoke::Attack;
use TokenRevoke::Nginx;

my @cases = TokenRevoke::Attack::cases();
my ($nginx, $redis) = TokenRevoke::Attack::start(\@cases);


# The status of the answer, also of one in HTTP/0.9; 0: none came.

sub status {
    my ($case, $who) = @_;

    my $c = IO::Socket::UNIX->new(Peer => $case->socket) or return 0;

    $c->printflush($case->bytes($who));
    shutdown $c, 1 if $case->is_raw;

    my $answer = $nginx->answer($c) =~ s/^HTTP\/1\.1 100 .*?\r\n\r\n//sr;

    return $1 if $answer =~ /^HTTP\/1\.\d (\d+)/;
    return $1 if $answer =~ /<title>(\d+) /;
    return $answer =~ /^GIF/ ? 200 : 0;
}


cmp_ok(@cases, '>', 100, 'there are cases');

for my $case (@cases) {
    my @statuses = map { status($case, $_) } qw(revoked other);

    ok($case->expects(@statuses), $case->name)
        or diag("got @statuses, expected $case->{expect}");
}

# the other signature of ECDSA is one that a verifier accepts

my ($es256) = grep { $_->{token} eq 'es256' } @cases;

for my $function ('', 'negated ') {
    my $token = $es256->fill('revoked', $function ? '{negated {TOKEN}}'
                                                  : '{TOKEN}');

    ok(TokenRevoke::Attack::verifies($token), "${function}ES256 is genuine");
}

isnt($es256->fill('revoked', '{negated {TOKEN}}'), $es256->token('revoked'),
     'and another one');

$nginx->finish;

my ($ours, $bad) = TokenRevoke::Attack::lines($nginx);

cmp_ok(@$ours, '>', @cases / 2, 'refusals are logged');
is(join("\n", @$bad), '', 'and nothing of a token with them');

done_testing();
