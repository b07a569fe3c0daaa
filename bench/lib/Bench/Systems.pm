package Bench::Systems;

# What is compared: all servers, started and filled, and one row for each
# thing that is measured.
#
# A row: name (of the data), label (of the table), base and other (a port, a
# path and the processes whose CPU counts, the server's first), tokens (a file
# of such as pass), revoked (a file of such as must not) and connections.

use strict;
use warnings;

use Bench::Conf ();
use Bench::Machine qw(which);
use Bench::Stage ();
use Bench::Tokens qw(opaque jwt identity write_tokens);
use TokenRevoke::Nginx qw(wait_for);
use TokenRevoke::Port qw(free_port);

use constant SHAPES => qw(sub jti iss client_id aud c6 c7 c8 c9 c10 c11);
use constant REVOKED => 500;           # of each file of revoked tokens

my %size = (1e4 => '2m', 1e5 => '4m', 1e6 => '26m', 1e7 => '210m');
my %words = (1e4 => '10 k', 1e5 => '100 k', 1e6 => '1 M', 1e7 => '10 M');


sub words { return $words{ $_[0] } // $_[0] }
sub size  { return $size{ $_[0] } // die "what size has a zone of $_[0]?\n" }


# %o: rules (what everybody has), sizes (a list), opaque and jwts (how many
# different tokens), say (a function for what is left out)

sub new {
    my ($class, %o) = @_;

    my $self = bless { %o, rows => [] }, $class;

    $self->_tokens;
    $self->{redis} = Bench::Stage::redis();
    $self->_fill_redis;
    $self->_start;
    $self->_rows;

    return $self;
}


sub rows  { return @{ $_[0]{rows} } }
sub edge  { return $_[0]{edge} }
sub redis { return $_[0]{redis} }
sub file  { return $_[0]{file}{ $_[1] } }


sub _tokens {
    my ($self) = @_;

    my %tokens = (
        'opaque'      => [map { opaque('passing', $_) } 1 .. $self->{opaque}],
        'opaque-bad'  => [map { opaque('revoked', $_) } 0 .. REVOKED - 1],
        'jwt-seen'    => [map { jwt('passing', $_, 183) } 1 .. 1000],
        'jwt-183'     => [map { jwt('passing', $_, 183) } 1 .. $self->{jwts}],
        'jwt-700'     => [map { jwt('passing', $_, 700) } 1 .. $self->{jwts}],
        'jwt-bad'     => [map { jwt('revoked', $_, 183) } 1 .. REVOKED],
    );

    for my $name (keys %tokens) {
        $self->{file}{$name} = write_tokens(Bench::Stage::file("$name.txt"),
                                            @{ $tokens{$name} });
    }

    $self->{bad_jwts} = $tokens{'jwt-bad'};
}


# Logs: r10000, r100000, ... with rules on tokens alone, and j1, j6, j12 with
# as many shapes.  A user is revoked in those that have the shape.

sub _fill_redis {
    my ($self) = @_;

    my $redis = $self->{redis};

    Bench::Stage::push_log($redis, "r$_", 'revoked', $_, 1000)
        for @{ $self->{sizes} };

    for my $shapes (1, 6, 12) {
        my $log = "j$shapes";

        Bench::Stage::push_log($redis, $log, 'revoked', $self->{rules}, 1000);

        $redis->cmd('XADD', $log, '*',
                    map { (token => identity($_)) } @{ $self->{bad_jwts} });
        $redis->cmd('XADD', $log, '*', $_, 'nobody')
            for (SHAPES)[0 .. $shapes - 2];
    }

    Bench::Stage::run(Bench::Stage::tool('push') . ' keys ' . $redis->socket
                      . " keys revoked- $self->{rules}");

    $self->{hashes} = Bench::Stage::file('hashes.txt');
    Bench::Stage::run(Bench::Stage::tool('push')
                      . " hashes revoked- $self->{rules} > $self->{hashes}");
}


# what zones an edge needs for all rows: { name => size }

sub zones {
    my ($self) = @_;

    return {
        (map { ("r$_" => size($_)) } @{ $self->{sizes} }),
        map { ("j$_" => size($self->{rules})) } 1, 6, 12,
    };
}


sub _start {
    my ($self) = @_;

    my $socket = $self->{redis}->socket;
    my $zones = $self->zones;

    my %extra = (
        strict => Bench::Stage::has_directive(
            'token_revoke zone=z; token_revoke_strict on;')
            && "r$self->{rules}",
        query  => Bench::Stage::has_directive(
            'token_revoke_query redis=unix:/nowhere EXISTS a;'),
    );

    for my $name (sort keys %extra) {
        $self->{say}->("left out: token_revoke_$name,"
                       . ' which this module does not have')
            if !$extra{$name};
    }

    $self->{has} = \%extra;

    $self->{plain} = Bench::Stage::nginx(\&Bench::Conf::plain);
    $self->{edge} = Bench::Stage::nginx(\&Bench::Conf::edge, %extra,
                                        zones => $zones, redis => $socket);

    my %lua = (redis => $socket, hashes => $self->{hashes},
               size => $self->{rules} >= 1e6 ? '256m' : '64m');

    $self->{lua} = Bench::Stage::nginx(\&Bench::Conf::lua, %lua);
    $self->{service} = Bench::Stage::nginx(\&Bench::Conf::lua, %lua,
                                           hashes => '/dev/null',
                                           affinity => '10');
    $self->{auth} = Bench::Stage::nginx(\&Bench::Conf::auth,
                                        service => $self->{service}->port);
    $self->_start_haproxy;

    my $n = keys %$zones;

    wait_for { $self->{edge}->log_count(qr/follows log/) >= $n } 120
        or die "the edge does not follow its logs\n";
}


sub _start_haproxy {
    my ($self) = @_;

    my %o = (port => free_port(), off_port => free_port(),
             gif => Bench::Stage::file('empty.gif'),
             hashes => $self->{hashes});

    Bench::Stage::write_file($o{gif}, pack 'H*',
        '47494638396101000100800100000000ffffff21f90401000001002c00000000'
        . '010001000002024c01003b');

    $self->{haproxy} = Bench::Stage::haproxy(Bench::Conf::haproxy(%o));
    $self->{haproxy_ports} = \%o;

    wait_for { IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                     PeerPort => $o{port}) } 60
        or die "haproxy does not start\n";
}


sub _target {
    my ($server, $path, @pids) = @_;

    return { port => $server->port, path => $path,
             pids => [Bench::Stage::worker($server), @pids] };
}


sub _row {
    my ($self, $name, $label, $other, %o) = @_;

    push @{ $self->{rows} }, {
        name => $name, label => $label, other => $other,
        base => $o{base} // _target($self->{plain}, '/'),
        tokens => $self->{file}{ $o{tokens} // 'opaque' },
        revoked => $self->{file}{ $o{revoked} // 'opaque-bad' },
        lets_all => $o{lets_all}, group => $o{group} // 'systems',
        connections => $o{connections} // 32,
    };
}


sub _rows {
    my ($self) = @_;

    my $edge = $self->{edge};
    my $redis = $self->{redis}->pid;
    my $rules = words($self->{rules});

    $self->_row('off', 'module loaded, off', _target($edge, '/off'),
                lets_all => 1);
    $self->_row('edge', "module on, $rules rules",
                _target($edge, "/r$self->{rules}"));

    $self->_row('strict', 'module on, strict',
                _target($edge, '/strict', $redis)) if $self->{has}{strict};
    $self->_row('query', 'module, token_revoke_query',
                _target($edge, '/query', $redis)) if $self->{has}{query};

    $self->_row('lua-dict', 'Lua, shared dictionary',
                _target($self->{lua}, '/dict'));
    $self->_row('haproxy', 'HAProxy, ACL file', $self->_haproxy('port'),
                base => $self->_haproxy('off_port'));
    $self->_row('lua-redis', 'Lua, lua-resty-redis',
                _target($self->{lua}, '/redis', $redis));
    $self->_row('auth', 'auth_request, Lua, Redis',
                _target($self->{auth}, '/auth', $redis,
                        Bench::Stage::worker($self->{service})));

    $self->_rule_rows;
    $self->_jwt_rows;

    # questions of one pass of the event loop share a write

    $self->_row('query-64', 'module, token_revoke_query, 64 connections',
                _target($edge, '/query', $redis), group => 'query',
                connections => 64) if $self->{has}{query};
}


sub _haproxy {
    my ($self, $which) = @_;

    return { port => $self->{haproxy_ports}{$which}, path => '/',
             pids => [$self->{haproxy}] };
}


sub _rule_rows {
    my ($self) = @_;

    my @sizes = @{ $self->{sizes} };
    my $edge = $self->{edge};

    $self->_row("rules-$_", words($_) . ' rules', _target($edge, "/r$_"),
                group => 'rules') for @sizes;

    $self->_row("rules-more-$sizes[-1]", words($sizes[-1]) . ' above '
                . words($sizes[0]) . ' rules', _target($edge, "/r$sizes[-1]"),
                base => _target($edge, "/r$sizes[0]"), group => 'rules');
}


sub _jwt_rows {
    my ($self) = @_;

    for my $shapes (1, 6, 12) {
        my $target = _target($self->{edge}, "/j$shapes");
        my $words = $shapes == 1 ? '1 shape' : "$shapes shapes";

        my @kinds = ([seen => 'JWT seen before'],
                     [183 => 'JWT the first time, payload of 183 bytes']);

        push @kinds, [700 => 'JWT the first time, payload of 700 bytes']
            if $shapes == 6;

        $self->_row("jwt-$_->[0]-$shapes", "$_->[1], $words", $target,
                    tokens => "jwt-$_->[0]", revoked => 'jwt-bad',
                    group => 'jwt') for @kinds;
    }
}


1;
