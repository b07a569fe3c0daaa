package Bench::Goals;

# The tables that are read first: what the design wants to reach, beside what
# this run has seen, and the systems side by side.  No verdict: who reads it
# sees which figure is below which.

use strict;
use warnings;

use Bench::Stat qw(figure);

# [what, goal, [part, row of its data, column], ...]: the last ones are shown
# one after the other

my @goals = (
    ['opaque token, 10 M rules, inside the handler', 'at most 0.8 us',
     [handler => 'rules-10000000', 'median']],
    ['the same, CPU of the whole request', '',
     [cpu => 'rules-10000000', 'median']],
    ['JWT seen before, 6 shapes, inside the handler', 'at most 1.5 us',
     [handler => 'jwt-seen-6', 'median']],
    ['JWT the first time, payload of 183 / 700 bytes', 'at most 8 / 16 us',
     [handler => 'jwt-183-6', 'median'], [handler => 'jwt-700-6', 'median']],
    ['10 M rules above 10 k, inside the handler / CPU of the request',
     'at most 0.35 us more', [handler => 'rules-more', 'median'],
     [cpu => 'rules-more-10000000', 'median']],
    ['memory of a rule, 10 M of them', '20 bytes',
     [import => 'zone-10000000', 'median']],
    ['one XADD to refusal in every worker, at rest / under full load, p99',
     'below 1 / 5 ms', [latency => 'rest', 'p99'], [latency => 'full', 'p99']],
    ["1 M tokens imported, in force after Redis's last answer", '1,000 ms',
     [import => 'force-1000000', 'median']],
    ['10 M rules, cold edge', 'live within 10 s',
     [import => 'cold-10000000', 'median']],
    ['p99 of other requests, at rest / while 1 M rules arrive',
     'not more than 3 ms apart', [import => 'rest99-1000000', 'median'],
     [import => 'during99-1000000', 'median']],
    ['token_revoke_query, 64 connections, nginx / Redis',
     'at most 6.6 us, both', [cpu => 'query-64', 'median'],
     [cpu => 'query-64', 'asked']],
);


# lines of a table in Markdown, "-" for what this run has left out

sub table {
    my ($report) = @_;

    my $text = "| what | goal | seen |\n|---|---|---|\n";

    for my $goal (@goals) {
        my ($what, $wanted, @where) = @$goal;
        my $unit = '';

        my @seen = map {
            my ($part, $name, $column) = @$_;
            my ($row) = grep { $_->{name} eq $name } $report->rows($part);

            $unit = " $row->{unit}" if $row;
            figure($row ? $row->{$column} : undef);
        } @where;

        $text .= "| $what | $wanted | " . join(' / ', @seen) . "$unit |\n";
    }

    return $text;
}


# those of the README: [row, what]

my @systems = (
    [edge        => 'this module'],
    [query       => 'this module, asking Redis (`token_revoke_query`)'],
    ['lua-dict'  => 'Lua, shared dictionary'],
    [haproxy     => 'HAProxy, ACL file'],
    ['lua-redis' => 'Lua, lua-resty-redis'],
    [auth        => 'auth_request, Lua, Redis'],
);


sub systems {
    my ($report) = @_;

    my %row = map { $_->{name} => $_ } $report->rows('cpu');
    my $text = "| CPU added to a request | in the server | in whom it asks |\n"
        . "|---|---|---|\n";

    for my $system (@systems) {
        my ($name, $what) = @$system;
        my $row = $row{$name} or next;

        $text .= sprintf "| %s | %s us | %s |\n", $what,
            figure($row->{median}),
            $row->{asked} ? figure($row->{asked}) . ' us' : '';
    }

    return $text;
}


1;
