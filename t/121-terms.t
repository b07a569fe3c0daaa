# How long a rule holds, and what is left when several say the same: the later
# cut-off and the later end stand, "always" and a cut-off are two rules, and
# "restore" lifts both of just its match.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use TokenRevoke::Edge;
use TokenRevoke::Nginx qw(wait_for);
use TokenRevoke::Token;

my $t = 1487894400;
my $now = time;
my $past = $now - 3600;
my $future = $now + 3600;


# a token of this user, issued then

sub issued {
    my ($sub, $iat, $more) = @_;
    return qq({"sub":"$sub","iat":$iat@{[ $more // '' ]}});
}


# Without waiting: entries with the time of their ID, and ends that are over.

my $edge = TokenRevoke::Edge->new(zone => 'retain=60s');

my $old = $now - 1000;

$edge->add(
    "${old}000-0 sub kept-no-longer before always",
    "${old}000-1 sub until before always until $future",
    "${old}000-2 sub until-ms before always until ${future}000",
    "${old}000-3 sub ttl before always ttl 5000",
    "${old}000-4 sub ttl-over before always ttl 900",
    "${old}000-5 sub until-over before always until $past",
    "${old}000-6 sub both before always ttl 900 until $future",
    "${old}000-7 sub both-too before always until $past ttl 5000",
    "${old}000-8 sub both-over before always until $past ttl 900",
    "${old}000-9 sub twice before always ttl 900 ttl 5000",
    "${old}000-10 sub bad before always until tomorrow",
    "${old}000-11 sub kept-again before always",
    "${now}000-0 sub kept-again before always",
    "${now}000-1 sub kept before always",
    "${now}000-2 sub ttl-ms before always ttl 100000000000",
    "${now}000-3 token kept-token",
    "${now}000-4 sub far before always until 99999999999",
);

$edge->start;

my %kept = (
    'kept-no-longer' => '', until => 'sub', 'until-ms' => 'sub', ttl => 'sub',
    'ttl-over' => '', 'until-over' => '', both => 'sub', 'both-too' => 'sub',
    'both-over' => '', twice => 'sub', 'kept-again' => 'sub', kept => 'sub',
    'ttl-ms' => 'sub', far => 'sub',
);

is($edge->verdict(issued($_, $now)), $kept{$_}, "with retain=60s: $_")
    for sort keys %kept;

is($edge->verdict('kept-token'), 'token', 'with retain=60s: a token');
$edge->nginx->finish;


# In force until it is restored, and what changes that.

$edge = TokenRevoke::Edge->new->start;

$edge->case($_) for (
    ['a rule without an end', ['sub alice before always'],
     issued('alice', $now) => 'sub'],

    ['the later of two cut-offs', ["sub alice before $t", 'sub alice before 5'],
     issued('alice', $t) => 'sub', issued('alice', $t + 1) => ''],

    ['in whatever order', ['sub alice before 5', "sub alice before $t"],
     issued('alice', $t) => 'sub', issued('alice', $t + 1) => ''],

    ['"always" and then a cut-off',
     ['sub alice before always', "sub alice before $t"],
     issued('alice', $t) => 'sub', issued('alice', $now) => 'sub'],

    ['a cut-off and then "always"',
     ["sub alice before $t", 'sub alice before always'],
     issued('alice', $t) => 'sub', issued('alice', $now) => 'sub'],

    ['an end that is over does not end a rule',
     ["sub alice before $t", "sub alice before $t until $past"],
     issued('alice', $t) => 'sub'],

    ['nor does it bring its cut-off',
     ["sub alice before $t", "sub alice before $future until $past"],
     issued('alice', $t) => 'sub', issued('alice', $t + 1) => ''],

    ['the same twice is once', [('sub alice before always') x 2],
     issued('alice', $now) => 'sub'],

    ['fields in another order are the same rule',
     ["sub alice iss i before $t", 'iss i sub alice before 5'],
     issued('alice', $t, ',"iss":"i"') => 'iss+sub',
     issued('alice', $t + 1, ',"iss":"i"') => ''],
);


# What is left of two rules when one of them is restored.

sub left {
    my ($name, $entries, $restore, @expected) = @_;

    subtest $name => sub {
        $edge->apply(@$entries);
        $edge->restore(@$restore);

        while (my ($token, $verdict) = splice @expected, 0, 2) {
            is($edge->verdict($token), $verdict, $token);
        }

        $edge->restore(@$entries);
    };
}


my $both = '{"sub":"alice","iss":"i"}';
my $always = 'before always';

left('restore lifts "always" and the cut-off',
     ["sub alice $always", "sub alice before $t"], ['sub alice'],
     issued('alice', $now) => '', issued('alice', 1) => '');

left('restore says nothing of times', ["sub alice $always"],
     ['sub alice before 5 until 7 ttl 3 reason mistake by bob'],
     issued('alice', $now) => '');

left('not what has one field more', ["sub alice iss i $always"],
     ['sub alice', 'iss i', 'sub alice iss j', 'sub bob iss i'],
     $both => 'iss+sub');

left('nor what has one field less', ["sub alice $always"],
     ['sub alice iss i', 'sub bob', 'jti alice', 'claim.iss alice',
      'header.sub alice', 'attr.sub alice', 'all 1', 'sub Alice'],
     $both => 'sub', '{"sub":"alice"}' => 'sub');

left('nor "all"', ["all 1 $always"], ['sub alice', 'token x'],
     '{"sub":"alice"}' => 'all', x => 'all');

left('with all fields in another order', ["sub alice iss i $always"],
     ['iss i sub alice'], $both => '');

left('by the exact name', ["sub alice kid k $always"],
     ['header.kid k claim.sub alice'],
     '{"sub":"alice"}' => '');

left('one of an OR', ["sub alice sub bob $always"], ['sub alice'],
     '{"sub":"alice"}' => '', '{"sub":"bob"}' => 'sub');

left('all of an OR that came one by one',
     ["sub alice $always", "sub bob $always", "sub carol $always"],
     ['sub bob sub alice sub dave'],
     '{"sub":"alice"}' => '', '{"sub":"bob"}' => '',
     '{"sub":"carol"}' => 'sub');

left('one of AND and OR', ["sub alice sub bob aud web aud tv $always"],
     ['sub alice aud tv'],
     '{"sub":"alice","aud":"tv"}' => '',
     '{"sub":"bob","aud":"tv"}' => 'aud+sub',
     '{"sub":"alice","aud":"web"}' => 'aud+sub');

left('a token beside a claim', ['token x', "sub x $always"], ['token x'],
     x => '', '{"sub":"x"}' => 'sub');

left('a claim beside a token', ['token x', "sub x $always"], ['sub x'],
     x => 'token', '{"sub":"x"}' => '');

left('twice revoked, once restored', [("sub alice $always") x 2],
     ['sub alice'], '{"sub":"alice"}' => '');

subtest 'revoked again it is a new rule' => sub {
    $edge->apply("sub alice before $future");
    $edge->restore('sub alice');
    $edge->apply("sub alice before $t");
    is($edge->verdict(issued('alice', $now)), '', 'the old cut-off is gone');
    is($edge->verdict(issued('alice', $t)), 'sub', 'the new one holds');

    $edge->apply("sub alice $always");
    $edge->restore('sub alice');
    $edge->apply("sub alice before $t");
    is($edge->verdict(issued('alice', $now)), '', '"always" is gone');
    $edge->restore('sub alice');
};

subtest 'to restore what was never revoked' => sub {
    $edge->restore('sub zoe aud never', 'never all', 'all 1');
    is($edge->verdict('{"sub":"zoe","aud":"never"}'), '', 'nothing happens');
};

subtest '"revoke" beats "restore" in one entry' => sub {
    $edge->apply("sub alice $always action restore action revoke",
                 "sub bob $always action revoke action restore");
    is($edge->verdict('{"sub":"alice"}'), 'sub', 'this way');
    is($edge->verdict('{"sub":"bob"}'), 'sub', 'and that way');
    $edge->restore('sub alice', 'sub bob');
};


# Ends that come: everything is pushed first, and then waited for once.

my $end = time + 3;
my $soon = "until $end";
my $late = 'ttl 3600';

my @ends = (
    ['gone', "before $t $soon"],
    ['gone-always', "$always $soon"],

    # the later cut-off with the later end

    ['cutoff-1', "before $t $soon", "before 5 $late"],
    ['cutoff-2', "before 5 $late", "before $t $soon"],
    ['cutoff-3', "before 5 $soon", "before $t $late"],
    ['cutoff-4', "before $t $late", "before 5 $soon"],

    # without an end

    ['ever-1', "before $t $soon", "before $t"],
    ['ever-2', "before $t", "before $t $soon"],
    ['ever-3', "$always", "$always $soon"],

    # blocked for a second, and signed out: two rules, each with its end

    ['blocked-1', "$always $soon", "before $t $late"],
    ['blocked-2', "before $t $late", "$always $soon"],
    ['blocked-3', "$always $soon", "before $t"],

    # signed out for a second, and blocked

    ['signed-1', "before $t $soon", "$always $late"],
    ['signed-2', "$always $late", "before $t $soon"],
);

for my $case (@ends) {
    my ($sub, @rules) = @$case;
    $edge->apply(map { "sub $sub $_" } @rules);
}

sub verdicts {
    my ($sub) = @_;
    return join ' ', map { $edge->verdict(issued($sub, $_)) eq '' ? 0 : 1 }
        1, $t, $t + 1;
}

my %before = map { $_->[0] => verdicts($_->[0]) } @ends;

SKIP: {
    skip 'the end has come already', scalar @ends if time >= $end;

    for my $case (@ends) {
        my ($sub, @rules) = @$case;
        my $expected = grep({ /always/ } @rules) ? '1 1 1' : '1 1 0';

        is($before{$sub}, $expected, "$sub: before the end");
    }
}

ok(wait_for(sub { verdicts('gone') eq '0 0 0' }, 30), 'the end comes');

for my $case (@ends) {
    my ($sub) = @$case;

    my $expected = $sub =~ /^gone/ ? '0 0 0'
        : $sub =~ /^(?:signed|ever-3)/ ? '1 1 1' : '1 1 0';

    is(verdicts($sub), $expected, "$sub: after the end");
}

$edge->apply("sub gone $always");
is(verdicts('gone'), '1 1 1', 'what has ended can be revoked again');

$edge->nginx->finish;

done_testing();
