#!/usr/bin/env perl

# Shows the module at work: a private Redis, an application and two edges in a
# temporary directory, and the story that the module is built for.
#
# usage: make demo, or perl demo/run.pl when the module is built
#
#   NGINX   the nginx to start, if it is not the one in the path
#
# exit status: 0 all that was told did hold; not 0 something did not, and the
# last line says what

use strict;
use warnings;

use FindBin ();
use lib "$FindBin::Bin/lib", "$FindBin::Bin/../t/lib";

use Cwd ();
use Time::HiRes ();

use Demo::Check
    qw(now must wait_until all_answer until_refused no_alarms);
use Demo::Conf ();
use Demo::Http qw(request);
use Demo::People qw(people random_tokens identity verified);
use Demo::Say qw(heading say_text say_code say_ok say_log figures commas);
use Demo::Stage ();
use Demo::Traffic ();

use constant {
    LOG     => 'revoked',    # the key of the log
    LEAKED  => 100_000,
    KNOWN   => 500,          # of the leaked tokens are of our people
    ENTRY   => 1_000,        # tokens to an entry of the log
};

my $started = now();
my $module = Cwd::abs_path("$FindBin::Bin/..")
             . '/build/ngx_http_token_revoke_module.so';

my ($dir, $redis, @ports, @edges, $traffic);
my (@people, $victim, $next, @spared);
my %figure;                  # for the summary


sub _ms { sprintf '%.2f ms', 1000 * $_[0] }
sub _s { sprintf '%.2f s', $_[0] }
sub _tokens { map { ['jwt', $_->{jwt}], ['session', $_->{session}] } @_ }


# One token, as an operator does it; returns how long each worker took.
sub revoke {
    my ($token) = @_;

    $redis->cmd('XADD', LOG, '*', 'token', identity($token));

    return until_refused(\@edges, $token, now());
}


sub _slowest { (sort { $b <=> $a } @_)[0] }


sub traffic_is_right {
    my $counts = $traffic->counts;

    must($counts->{wrong} == 0, "the traffic got $counts->{wrong} wrong "
         . "answers; the first: $counts->{first}");

    no_alarms();

    return $counts;
}


sub set_the_stage {
    heading('Signing people out at the edge');
    say_text('A token is valid until it expires, whatever has happened in the',
             'meantime. Here two nginx edges check every token of every',
             'request against a list of revoked ones, which they follow in',
             'Redis and keep in their own memory.');

    heading('The stage');

    my $start = now();

    $dir = Demo::Stage::open_stage();
    $redis = Demo::Stage::redis();
    @people = people($dir, \&Demo::Stage::in_child);

    my $signed = now() - $start;

    @ports = Demo::Stage::start_servers($module, @people);
    @edges = map { Demo::Http::each_worker($_, Demo::Stage::WORKERS) } @ports;

    say_text('In', "$dir, which goes away again, there are now:");
    print "\n";
    figures('a Redis of its own', 'keeps the log of revocations',
            'an application', 'says hello to whoever has a token it gave out',
            'two edges in front of it', 'nginx '
            . Demo::Stage::nginx_version() . ', ' . Demo::Stage::WORKERS
            . ' workers each, with the module',
            commas(scalar @people) . ' people',
            'each with a JWT and a session cookie');
    print "\n";
    say_text('openssl has signed the JWTs (RS256) within', _s($signed) . '.',
             'This is what an edge was told to do:');
    say_code(map { @$_ } Demo::Conf::edge_lines('ngx_http_token_revoke_module'
                                                . '.so', 'redis.sock'));
}


# Who will be refused is known from here on, so that the traffic can tell a
# right answer from a wrong one.
sub start_the_traffic {
    $victim = $people[7];
    $next = $people[8];

    my @doomed = (['jwt', $victim->{jwt}], ['jwt', $next->{jwt}],
                  map { ['session', $_->{session}] } @people[-KNOWN .. -1]);

    my %doomed = map { $_->[1] => 1 } @doomed;
    @spared = grep { !$doomed{$_->[1]} } _tokens(@people);

    my $served = all_answer(\@ports, 200, 'before anything is revoked',
                            _tokens(@people));

    say_ok('Everybody is served:', commas($served), 'requests, each token on',
           'both edges, all answered with 200.');

    $traffic = Demo::Traffic->start(\@ports, \@spared, \@doomed);

    say_text('From now on the people keep sending requests over both edges.');
}


sub revoke_one_token {
    heading('One token');

    my $token = ['jwt', $victim->{jwt}];

    must(verified($dir, $victim->{jwt}), 'openssl does not take the JWT');

    say_text("The phone of $victim->{name} is stolen. Its JWT is valid for",
             'another hour, and no key can be changed for one person.',
             'An operator writes one line to Redis:');
    say_code('XADD ' . LOG . " '*' token "
             . substr(identity($token), 0, 16) . '...');

    my @after = revoke($token);

    $figure{one} = _slowest(@after);

    say_ok('Both edges refuse it. From the answer of Redis to the first',
           'refusal, worker by worker:',
           join(', ', map { _ms($_) } @after) . '.');

    my $answer = $edges[0]->ask(request('GET', $token));

    say_text('For openssl its signature is as good as before. An edge says:');
    say_code(grep { /^(?:HTTP|WWW-Auth)/ } split /\n/, $answer->{head});

    $answer = $edges[-1]->ask(request('GET', ['session', $victim->{session}]));
    must($answer->{status} == 200 && $answer->{body} =~ /$victim->{name}/,
         "the session of $victim->{name} is not served any more");

    chomp(my $hello = $answer->{body});
    say_ok('The session in the browser at home goes on:', "\"$hello\".");

    my $served = all_answer(\@ports, 200, 'everybody else', @spared);
    say_ok('Everybody else is served:', commas($served), 'requests.');
}


sub revoke_a_leak {
    heading(commas(LEAKED) . ' tokens at once');

    say_text('A table with', commas(LEAKED), 'sessions was read by a',
             'stranger;', KNOWN, 'of them are of our people. All are revoked,',
             commas(ENTRY), 'to an entry of the log.');

    my @leaked = map { ['session', $_->{session}] } @people[-KNOWN .. -1];

    # ours are spread evenly over the list

    my @others = map { ['session', $_] } random_tokens(LEAKED - KNOWN);
    my $gap = @others / KNOWN;
    my @all = map { (splice(@others, 0, $gap), $leaked[$_]) } 0 .. $#leaked;

    my @ids = map { identity($_) } @all;
    my @entries;

    while (my @some = splice @ids, 0, ENTRY) {
        push @entries, ['XADD', LOG, '*', map { ('token', $_) } @some];
    }

    my $start = now();
    $redis->pipeline(@entries);
    my $end = now();

    my $after = _slowest(until_refused(\@edges, $all[-1], $end));

    @figure{qw(push force)} = ($end - $start, $after);

    say_ok('Written within', _s($end - $start) . ', and in force on both edges',
           _ms($after), 'after the last answer of Redis.');

    $start = now();
    my $refused = all_answer(\@ports, 401, 'the leaked tokens', @all);

    @figure{qw(refused asked)} = ($refused, now() - $start);

    say_ok('Every one of them was then tried on both edges:',
           commas($refused), 'requests, all refused, within',
           _s($figure{asked}) . '.');

    my $served = all_answer(\@ports, 200, 'everybody else', @spared);
    say_ok('Nobody else was signed out:', commas($served), 'requests with all',
           'other tokens were served.');

    say_ok(commas(traffic_is_right()->{sent}), 'requests of the people have',
           'been answered up to now, none of them wrongly.');

    return @all;
}


# the lines of an edge's log that have come since there were $n
sub _log_since {
    my ($edge, $n) = @_;

    my @lines = Demo::Stage::error_log_lines($edge);

    return grep { /token revoke/ } @lines[$n .. $#lines];
}


# Waits until the edges have said something about it, and shows what one said.
sub edges_say {
    my ($what, $pattern, %seen) = @_;

    for my $edge (sort keys %seen) {
        wait_until("$edge does not say that $what", sub {
            grep { /$pattern/ } _log_since($edge, $seen{$edge});
        });
    }

    my ($line) = grep { /$pattern/ } _log_since('edge1', $seen{edge1});

    $line =~ s/ \d+#\d+: / /;
    $line =~ s/\Q$dir\E\///g;
    chomp $line;

    say_log($line);
}


sub _log_sizes {
    return map { $_ => scalar(() = Demo::Stage::error_log_lines($_)) }
               qw(edge1 edge2);
}


sub still_in_force {
    my ($when, @refused) = @_;

    my $n = all_answer(\@ports, 401, "the revoked tokens $when", @refused);
    my $served = all_answer(\@ports, 200, "everybody else $when", @spared);

    say_ok('The revoked tokens are refused', "$when (" . commas($n),
           'requests), everybody else is served (' . commas($served) . ').');

    return traffic_is_right();
}


sub lose_redis {
    my (@refused) = @_;

    heading('Redis is killed, and comes back empty');

    my %seen = _log_sizes();
    my $sent = traffic_is_right()->{sent};

    $redis->kill;

    say_text('kill -9. An edge asks nobody when it decides: it goes on with',
             'the rules that it has, and tells the operator:');

    edges_say('Redis is gone', qr/ lost log /, %seen);

    Time::HiRes::sleep(2);

    my $counts = still_in_force('without a Redis', @refused);
    say_ok(commas($counts->{sent} - $sent), 'requests of the people in that',
           'time, none answered wrongly.');

    %seen = _log_sizes();
    $redis->start;

    must($redis->cmd('DBSIZE') == 0, 'the new Redis is not empty');

    say_text('Redis is started again, on the same address and with nothing in',
             'it. That is what an edge makes of it:');

    edges_say('the log was lost', qr/all rules are kept/, %seen);

    still_in_force('with an empty Redis too, nothing un-revokes by accident',
                   @refused);

    my @after = revoke(['jwt', $next->{jwt}]);
    $figure{next} = _slowest(@after);

    say_ok('The edges follow again: the next revocation, of the JWT of',
           "$next->{name}, was in force within", _ms($figure{next}) . '.');
}


sub close_the_stage {
    my $counts = traffic_is_right();

    $traffic->stop;
    undef @edges;
    Demo::Stage::stop_servers();

    no_alarms();
    Demo::Stage::clear();
    must(!-e $dir, "$dir is still there");

    heading('In short');
    figures('one token',
            'refused by every worker within ' . _ms($figure{one}),
            commas(LEAKED) . ' tokens', 'written within ' . _s($figure{push})
            . ', in force ' . _ms($figure{force}) . ' later',
            'tried again', commas($figure{refused})
            . ' requests, all refused',
            'requests of the people', commas($counts->{sent}) . ': '
            . commas($counts->{served}) . ' served, '
            . commas($counts->{refused}) . ' refused, 0 wrongly',
            'Redis killed, then empty', 'nobody was let in again',
            'servers, files', 'stopped and removed',
            'all of it took', sprintf('%.0f s', now() - $started));
}


die "$module is not there: make module\n" if !-f $module;

set_the_stage();
start_the_traffic();
revoke_one_token();
lose_redis(['jwt', $victim->{jwt}], revoke_a_leak());
close_the_stage();
