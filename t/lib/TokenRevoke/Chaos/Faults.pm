package TokenRevoke::Chaos::Faults;

# What can go wrong, each with a beginning and an end:
#
#     my $fault = $faults{$name};
#     $fault->{begin}->($chaos);  ...;  $fault->{end}->($chaos) if there is one
#
#     kind     "link" and "redis" one at a time, "nginx" also meanwhile
#     hold     seconds between the two, at most
#     loss     Redis can lose what it has acknowledged
#     weight   how often, compared with others (1)
#
# $chaos is the TokenRevoke::Chaos that runs: its store, edge and checker.

use strict;
use warnings;

use Exporter 'import';
use IO::Socket::INET ();

use TokenRevoke::Chaos::Clock;
use TokenRevoke::Chaos::Store qw(PASSWORD);
use TokenRevoke::Nginx qw(wait_for);

our @EXPORT_OK = qw(%faults);


sub redis { $_[0]{store}->try([@_[1 .. $#_]]) }
sub good  { $_[0]{store}->proxy->mode('good') }


sub killed {
    my ($keep) = @_;

    return (
        kind  => 'redis', hold => 1.5,
        begin => sub { $_[0]{store}->kill_master($keep) },
        end   => sub { $_[0]{store}->master->start },
    );
}


our %faults = (

    # what is between the edge and Redis

    silent => {
        kind  => 'link', hold => 3, weight => 2,
        begin => sub { $_[0]{store}->proxy->mode('silent') }, end => \&good,
    },
    slow => {
        kind  => 'link', hold => 3,
        begin => sub { $_[0]{store}->proxy->mode('slow', int rand 300) },
        end   => \&good,
    },
    cut => {
        kind  => 'link', hold => 3, weight => 2,
        begin => sub { $_[0]{store}->proxy->mode('cut', 1 + int rand 400) },
        end   => \&good,
    },
    refused => {
        kind  => 'link', hold => 2,
        begin => sub { $_[0]{store}->proxy->mode('refuse') }, end => \&good,
    },

    # the life of Redis

    frozen => {
        kind  => 'redis', hold => 3,
        begin => sub {
            $_[0]{store}->frozen(1);
            $_[0]{store}->master->freeze;
        },
        end   => sub {
            $_[0]{store}->master->thaw;
            $_[0]{store}->frozen(0);
        },
    },
    killed       => { killed('all') },
    killed_empty => { killed('none'), loss => 1 },
    killed_old   => {
        kind  => 'redis', hold => 1.5, loss => 1,
        begin => sub {
            $_[0]{store}->save;
            $_[0]->run_for(0.5);
            $_[0]{store}->kill_master('old');
        },
        end   => sub { $_[0]{store}->master->start },
    },
    loading => {
        kind  => 'redis', hold => 0.2,
        begin => sub {
            my $store = $_[0]{store};

            redis($_[0], 'DEBUG', 'POPULATE', 200, 'ballast');
            $store->kill_master('all');
            local $store->master->{conf} = [
                @{ $store->master->{conf} }, '--key-load-delay', '5000',
                '--loading-process-events-interval-bytes', '1024'];
            $store->master->start;
        },
    },
    flushed => {
        kind  => 'redis', hold => 0.5, loss => 1,
        begin => sub { redis($_[0], 'FLUSHALL') },
    },
    deleted => {
        kind  => 'redis', hold => 0.5, loss => 1,
        begin => sub { redis($_[0], 'DEL', 'revoked') },
    },
    renamed => {
        kind  => 'redis', hold => 1, loss => 1,
        begin => sub { redis($_[0], 'RENAME', 'revoked', 'away') },
        end   => sub { redis($_[0], 'RENAME', 'away', 'revoked') },
    },
    overwritten => {
        kind  => 'redis', hold => 1, loss => 1,
        begin => sub { redis($_[0], 'SET', 'revoked', 'something else') },
        end   => sub { redis($_[0], 'DEL', 'revoked') },
    },
    trimmed => {
        kind  => 'redis', hold => 0.1, loss => 1,
        begin => sub {
            redis($_[0], 'XTRIM', 'revoked', 'MAXLEN', int rand 20);
        },
    },
    unlinked => {
        kind  => 'redis', hold => 0.1,
        begin => sub { redis($_[0], 'CLIENT', 'KILL', 'USER', 'edge') },
    },
    out_of_memory => {
        kind  => 'redis', hold => 1.5,
        begin => sub { redis($_[0], 'CONFIG', 'SET', 'maxmemory', 1) },
        end   => sub { redis($_[0], 'CONFIG', 'SET', 'maxmemory', 0) },
    },
    no_right => {
        kind  => 'redis', hold => 2,
        begin => sub { redis($_[0], 'ACL', 'SETUSER', 'edge', '-xread') },
        end   => sub { redis($_[0], 'ACL', 'SETUSER', 'edge', '+xread') },
    },
    locked_out => {
        kind  => 'redis', hold => 2,
        begin => sub {
            redis($_[0], 'ACL', 'SETUSER', 'edge', 'resetpass', '>other');
            redis($_[0], 'CLIENT', 'KILL', 'USER', 'edge');
        },
        end   => sub {
            redis($_[0], 'ACL', 'SETUSER', 'edge',
                  '>' . PASSWORD);
        },
    },
    failed_over => {
        kind  => 'redis', hold => 0.5, loss => 1, weight => 3,
        begin => sub {
            $_[0]{store}->cut_replica;
            $_[0]->run_for(rand 1);
            $_[0]{store}->fail_over;
        },
    },
    clock_behind => {
        kind  => 'redis', hold => 2, loss => 1,
        begin => sub {
            redis($_[0], 'DEL', 'revoked');
            $_[0]{store}->clock(-600 - int rand 3600);
        },
        end   => sub { $_[0]{store}->clock(0) },
    },

    # the life of nginx

    reload => {
        kind => 'nginx', hold => 0.2, begin => sub { $_[0]{edge}->reload },
    },
    reloads => {
        kind  => 'nginx', hold => 0.2,
        begin => sub {
            for (1 .. 2 + rand 4) {
                $_[0]{edge}->signal('HUP');
                $_[0]->run_for(rand 0.3);
            }
            $_[0]{edge}->reload;
        },
    },
    reload_stale => {
        kind  => 'nginx', hold => 0.2,
        begin => sub {
            $_[0]{edge}->set(stale => 700 + int rand 2000)->reload;
        },
    },
    resize => {
        kind  => 'nginx', hold => 0.5, weight => 2,
        begin => sub {
            my $size = $_[0]{edge}{size} eq '16m' ? '24m' : '16m';

            $_[0]->new_zone;
            $_[0]{edge}->set(size => $size)->reload;
        },
    },
    upgrade => {
        kind  => 'nginx', hold => 0.5, weight => 2,
        begin => sub {
            return $_[0]->note('not now: an old binary is still there')
                if !$_[0]{edge}->upgradable;

            $_[0]->new_zone;
            $_[0]{edge}->upgrade
                or $_[0]->violation('nginx did not upgrade itself');
        },
    },
    killed_worker => {
        kind  => 'nginx', hold => 0.3, weight => 3,
        begin => sub {
            my @workers = $_[0]{edge}->workers;

            $_[0]->push_import;
            CORE::kill('KILL', $workers[rand @workers]) if @workers;
            my $edge = $_[0]{edge};
            wait_for(sub { $edge->workers >= 2 });
        },
    },
    stopped_worker => {
        kind  => 'nginx', hold => 2.5, weight => 2,
        begin => sub {
            my @workers = $_[0]{edge}->workers;

            $_[0]{stopped} = $workers[rand @workers];
            $_[0]{checker}->stop_begins(now());
            CORE::kill('STOP', $_[0]{stopped});
        },
        end   => sub {
            CORE::kill('CONT', $_[0]{stopped});
            $_[0]{checker}->stop_ends(now());
        },
    },
    long_connection => {
        kind  => 'nginx', hold => 0.1,
        begin => sub {
            my $c = IO::Socket::INET->new(
                PeerAddr => '127.0.0.1', PeerPort => $_[0]{edge}->port)
                or return;

            $c->printflush("GET /long.html HTTP/1.0\r\nHost: h\r\n\r\n");

            push @{ $_[0]{long} }, $c;
            close shift @{ $_[0]{long} } if @{ $_[0]{long} } > 3;
        },
    },
);


1;
