# Kinds of rules: the sets of fields that rules have.  64 are in use at most, a
# set is in force in every worker at once, and its place is free again some
# time after its last rule has gone.

use strict;
use warnings;

use lib 't/lib';

use Test::More;

use TokenRevoke::Edge qw(token_of);
use TokenRevoke::Nginx qw(wait_for);
use TokenRevoke::Token;

my $edge = TokenRevoke::Edge->new(workers => 3, size => '1m')->start;
my $nginx = $edge->nginx;

# {token} is one of the 64, and in use for ever: see sync() in Edge.pm

my @names = map { "kind$_" } 1 .. 63;


# Asks until each worker has answered, and returns what they said: the verdicts
# that differ, in one string.  nginx spreads connections as it likes, so it is
# asked many times at once.

sub everywhere {
    my ($token, $workers) = @_;

    my (%seen, %said);

    $workers //= 3;

    wait_for {
        my @open = map { $nginx->ask(token_of($token)) } 1 .. 4 * $workers;

        for my $c (@open) {
            my $answer = $nginx->answer($c);

            $seen{TokenRevoke::Edge::field_of($answer, 'X-Worker')} = 1;
            $said{TokenRevoke::Nginx::status_of($answer)} = 1;
        }

        keys %seen >= $workers;
    } 10;

    return join ' ', sort keys %said;
}


# a token that has all kinds is remembered by each worker, as it is now

my %claims = map { $_ => "v-$_" } @names, 'kind64', 'kind65';


sub token_with {
    my (@with) = @_;
    return '{' . join(',', '"iat":1', map { qq("$_":"$claims{$_}") } @with)
           . '}';
}


sub rule { return "$_[0] $claims{$_[0]} before always" }

is(everywhere(token_with($_)), '200', "before: $_")
    for 'kind1', 'kind32', 'kind63', 'kind64';

for my $name (@names) {
    my $token = token_with($name);
    my $before = everywhere($token, 1);

    $edge->apply(rule($name));

    my %n = %{ $nginx->statuses((token_of($token)) x 12) };

    fail("$name: $before, then " . join ' ', %n)
        if $before ne '200' or ($n{401} // 0) != 12;
}

is(everywhere(token_with($_)), '401', "63 kinds: $_ is refused everywhere")
    for @names[0, 1, 30, 61, 62];
is($edge->verdict(token_with($_)), $_, "63 kinds: $_") for @names;
is($nginx->log_count(qr/is the first of its kind and refuses/), 63,
   'each of them was said in words');
like($nginx->log_text, qr/refuses kind63="v-kind63"/, 'for example');


# one more

sub refusals {
    return $nginx->log_count(qr/needs one shape too many, it is not applied/);
}

my ($id) = $edge->apply("kind64 v-kind64 sub x before always");
is(refusals(), 1, 'one more is refused');
like($nginx->log_text,
     qr/\[warn\].*\ zone\ "edge":\ entry\ $id\ of\ log\ "revoked"\ needs\ one
        \ shape\ too\ many,\ it\ is\ not\ applied/x, 'with its ID');
is($edge->verdict('{"kind64":"v-kind64","sub":"x"}'), '',
   'nothing of it is applied');

$edge->apply('kind64 v-kind64 kind64 other kind65 a kind65 b before always');
is(refusals(), 2, 'and one with several rules');
is($edge->verdict(qq({"kind64":"$_->[0]","kind65":"$_->[1]"})), '',
   "nothing of it: @$_")
    for ['v-kind64', 'a'], ['v-kind64', 'b'], ['other', 'a'], ['other', 'b'];

is($edge->verdict(token_with('kind64')), '', 'those tokens pass');
is($edge->verdict('{"kind1":"x"}'), '', 'others as well');

$edge->apply('kind1 another before always');
is($edge->verdict('{"kind1":"another"}'), 'kind1',
   'another rule of a known kind is applied');
is($edge->verdict(token_with($_)), $_, "after it: $_") for @names;

$edge->restore('sub never', 'never here');
is(refusals(), 2, 'what was never revoked can be restored all the same');


# the kinds stay through reloads, and the tokens are remembered by new workers

my $live = $nginx->log_count(qr/follows log/);

for my $round (1 .. 20) {
    $nginx->write_config;
    $nginx->signal('HUP');
    wait_for { $nginx->log_count(qr/reconfiguring$/m) >= $round };

    my $name = $names[$round];

    $edge->apply("$name round$round before always");
    is($edge->verdict(qq({"$name":"round$round"})), $name, "reload $round");
}

ok(wait_for(sub { $nginx->workers == 3 }), 'the old workers leave');

my @lost = grep { $edge->verdict(token_with($_)) ne $_ } @names;
is("@lost", '', '20 reloads have lost no kind');

@lost = grep {
    $edge->verdict(qq({"$names[$_]":"round$_"})) ne $names[$_]
} 1 .. 20;
is("@lost", '', 'and none of the rules that came meanwhile');

is(everywhere(token_with('kind63')), '401', 'in all workers');
is(everywhere(token_with('kind64')), '200', 'and nothing else');


# A worker that remembers a token sees a rule of a new kind at once, and that
# it was lifted.

$edge->restore('kind2 v-kind2', 'kind2 round1', 'kind3 v-kind3',
               'kind3 round2');

my $known = token_with('kind64', 'kind65');

is(everywhere($known), '200', 'a token that all workers know');

# the places of the two are free when the zone was looked through

sub place_for {
    my ($name) = @_;

    return wait_for(sub {
        $edge->apply(rule($name));
        $edge->verdict(token_with($name)) eq $name;
    }, 60);
}

ok(place_for('kind64'), 'a place that nobody uses any more is used again');
is(everywhere($known), '401', 'a token that they know is refused at once');

$edge->restore("kind64 $claims{kind64}");
is(everywhere($known), '200', 'and passes when the rule was lifted');

ok(place_for('kind65'), 'the other place');
is(everywhere($known), '401', 'is a kind of its own');
$edge->restore("kind65 $claims{kind65}");

@lost = grep { $edge->verdict(token_with($_)) ne $_ } @names[3 .. 62];
is("@lost", '', 'the others were there all the time');
is($edge->verdict(token_with('kind2')), '', 'but those that have gone');
is($edge->verdict(token_with('kind3')), '', 'both of them');


# all of them go

$edge->restore(map { "$_ $claims{$_}" } @names);
$edge->restore('kind1 another', map { "$names[$_] round$_" } 1 .. 20);

@lost = grep { $edge->verdict(token_with($_)) ne '' } @names;
is("@lost", '', 'every rule was lifted');

my @new = map { "new$_" } 1 .. 63;
my %other = map { $_ => qq({"$_":"x"}) } @new;

sub missing { return grep { $edge->verdict($other{$_}) ne $_ } @new }

ok(wait_for(sub {
    my @missing = missing();

    $edge->apply("$missing[0] x before always") if @missing;
    !@missing;
}, 60), 'and their places are used by as many new ones');

is(join(' ', missing()), '', 'which are in force');
is($edge->verdict(token_with(@names)), '', 'and nothing else');

$nginx->finish;

done_testing();
