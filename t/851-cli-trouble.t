#!/usr/bin/env perl

# What goes wrong between token-revoke and Redis at three in the morning: each
# has one line that says what happened, what is in force now and what to do
# next; the password is in none of them.  Kills: a message without the server's
# name, a write that is said to be done and is not, a replica that is written
# to, a certificate that is not looked at.

use strict;
use warnings;

use lib 't/lib';

use IO::Socket::INET ();
use Test::More;
use TokenRevoke::Command;
use TokenRevoke::Nginx qw(temp_dir start_redis wait_for);
use TokenRevoke::Port qw(free_port);

my $dir = temp_dir();
my $command = TokenRevoke::Command->new(dir => $dir);


sub file {
    my ($name, $text) = @_;

    open my $out, '>', "$dir/$name" or die "$dir/$name: $!\n";
    print $out $text;
    close $out;

    return "$dir/$name";
}


# "add sub alice" there: the status, and one line that has all of this

sub fails {
    my ($what, $url, $patterns, @options) = @_;

    my %o = ref $options[-1] eq 'HASH' ? %{ pop @options } : ();
    my $r = $command->run('add', 'sub', 'alice', '--create', @options,
                          { env => { TOKEN_REVOKE_REDIS => $url,
                                     %{ $o{env} || {} } } });

    is($r->{status}, 1, "$what: failed");
    like($r->{err}, qr/^token-revoke add: [^\n]+\n\z/, 'in one line');
    like($r->{err}, qr/$_/, "it has /$_/") for @$patterns;
    unlike($r->{err}, qr/secret/, 'and no password');
    is($r->{out}, '', 'nothing is said to be done');

    return $r;
}


# not there

my $nowhere = 'redis://alice:secret@127.0.0.1:' . free_port();

fails('nobody listens', $nowhere,
      ['127\.0\.0\.1:\d+ cannot be reached \(Connection refused\)',
       'nothing was revoked', 'is the address right']);
fails('no such socket', "unix:$dir/none",
      ["unix:$dir/none cannot be reached \\(No such file"]);
fails('no such host', 'redis://nowhere.invalid',
      ['nowhere\.invalid:6379 cannot be reached \(its name']);
fails('no URL at all', '', ['which Redis is not known', '--redis']);
fails('not a URL', 'http://secret', ['URL of Redis cannot be understood']);


# somebody else, who does not answer, or not as Redis

my $silent = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 5)
    or die "$!\n";

fails('no answer', 'redis://127.0.0.1:' . $silent->sockport,
      ['has not answered within 0\.2 s'], '--timeout', '0.2');
fails('no answer in TLS', 'rediss://127.0.0.1:' . $silent->sockport,
      ['cannot be reached \(it accepts the connection and does not answer in'
       . ' TLS'], '--timeout', '0.2');


# Redis that says no, in ways that a real one does not on demand: each question
# but XADD is refused, so all that is left is the answer to that

sub refusing {
    my ($answer, %others) = @_;

    my $listener = IO::Socket::INET->new(LocalAddr => '127.0.0.1', Listen => 5)
        or die "$!\n";
    my $pid = fork // die "fork: $!\n";

    if ($pid == 0) {
        my $in = $listener->accept;

        while (defined(my $line = <$in>)) {
            my ($n) = $line =~ /^\*(\d+)/;
            my @words = map { <$in>; <$in> =~ s/\r\n//r } 1 .. $n;

            exit 0 if $words[0] eq 'XADD' and !defined $answer;
            $in->printflush(($words[0] eq 'XADD' ? $answer
                             : $others{$words[0]} // '-NOPERM not for you')
                            . "\r\n");
        }

        exit 0;
    }

    my $url = 'redis://127.0.0.1:' . $listener->sockport;
    close $listener;

    return ($url, $pid);
}

for (['-MISCONF Redis is configured to save RDB snapshots, but',
      'cannot save its data to disk', 'the log of Redis says why'],
     ['-LOADING Redis is loading the dataset in memory',
      'is still loading its data', 'repeat the command in a moment'],
     ["-READONLY You can't write against a read only replica.",
      'is a replica and takes no writes', 'name the master'],
     ['-MASTERDOWN Link with MASTER is down', 'has lost its master'],
     ['-CLUSTERDOWN The cluster is down', 'says that the cluster is down'],
     ['-TRYAGAIN Multiple keys', 'the log is being moved'],
     ['-BUSY Redis is busy running a script', 'is busy with a script'],
     ["-ERR unknown command 'XADD'", 'says "ERR unknown', '6\.2 or later'],
     ["-ERR some\e[31mthing", 'says "ERR some\?\[31mthing"'],
     [':1', 'answers something else than was asked for'],
     ['!1', 'does not answer as Redis does', 'was written is not known'],
     [undef, 'closed the connection', 'was written is not known'])
{
    my ($answer, @patterns) = @$_;
    my ($to, $pid) = refusing($answer);

    push @patterns, 'nothing was revoked' if "@patterns" !~ /not known/;
    fails($answer // 'closed', $to, \@patterns);
    waitpid $pid, 0;
}

{
    my ($to, $pid) = refusing('-ERR Invalid stream ID specified as stream'
                              . ' command argument');
    my $r = $command->run('add', 'sub', 'a', '--redis', $to);

    is($r->{status}, 1, 'a Redis without NOMKSTREAM');
    like($r->{err}, qr/is older than 6\.2 .* --create$/, 'is too old for it');
    waitpid $pid, 0;
}

for (['behind', 3600], ['ahead of', -3600], ['', 0]) {
    my ($how, $ahead) = @$_;
    my $time = time + $ahead;
    my $seconds = length $time;

    my ($to, $pid) = refusing("+1-1", HGETALL => '*0',
        TIME => "*2\r\n\$$seconds\r\n$time\r\n\$1\r\n0");

    my $r = $command->run('add', 'sub', 'a', '--redis', $to);

    is($r->{status}, 0, 'it is written');
    like($r->{err}, $how ? qr/this machine is $how that of Redis by \d+ min/
                         : qr/^$/, "a clock that is '$how' is said");
    waitpid $pid, 0;
}


# real ones

my $redis = start_redis(port => 1);
my $url = 'redis://127.0.0.1:' . $redis->port;

{
    my $locked = start_redis(password => 'correct');
    my $to = 'unix:' . $locked->socket;

    fails('no password', $to, ['wants a password, and none was given',
                               'nothing was revoked', '--password-file']);
    fails('wrong password', $to, ['does not accept this user and password'],
          { env => { TOKEN_REVOKE_PASSWORD => 'secret' } });
    fails('a password that is not asked for', $url,
          ['has no password, and one was given'],
          { env => { TOKEN_REVOKE_PASSWORD => 'secret' } });
    fails('no such file', $to, ['cannot be read from ".*/none" \(No such'],
          '--password-file', "$dir/none");
    fails('an empty file', $to, ['has no password in its first line'],
          '--password-file', file('empty', "\n"));

    my $r = $command->run('add', 'sub', 'a', '--create', '--redis', $to,
                          '--password-file', file('pw', "correct\nmore\n"));
    is($r->{status}, 0, 'the password of a file');

    $r = $command->run('add', 'sub', 'a', '--redis', $to,
                       { env => { TOKEN_REVOKE_PASSWORD => 'correct' } });
    is($r->{status}, 0, 'the password of the environment');
}

{
    $redis->cmd('ACL', 'SETUSER', 'look', 'on', '>secret', 'resetkeys',
                '~*', '-@all', '+xlen');
    fails('a user who may not', 'redis://look:secret@127.0.0.1:'
          . $redis->port, ['says "NOPERM ', 'nothing was revoked']);

    $redis->cmd('ACL', 'SETUSER', 'write', 'on', '>secret', 'resetkeys',
                '~revoked', '-@all', '+xadd');

    my $r = $command->run('add', 'sub', 'a', '--create', '--redis',
                          'redis://write:secret@127.0.0.1:' . $redis->port);
    is($r->{status}, 0, 'XADD is enough for a revocation');
    is($redis->cmd('XLEN', 'revoked'), 1, 'it is there');
    $redis->cmd('DEL', 'revoked');
}

$redis->cmd('SET', 'revoked', 'x');
fails('another type', $url,
      ['has something else than a log under this key', 'nothing was revoked']);

like($command->run('list', '--redis', $url)->{err},
     qr/^token-revoke list: .*something else than a log.*\n\z/, 'for list too');

$redis->cmd('DEL', 'revoked');

$redis->cmd('CONFIG', 'SET', 'maxmemory', '1');
fails('a full Redis', $url, ['is full \(maxmemory\)', 'nothing was revoked',
                             'raise maxmemory']);
$redis->cmd('CONFIG', 'SET', 'maxmemory', '0');

fails('no such database', "$url/99", ['has no database of this number']);


# replicas

{
    my $replica = start_redis(port => 1,
        conf => ['--replicaof', '127.0.0.1 ' . $redis->port,
                 '--repl-diskless-sync-delay', '0']);
    my $at = 'redis://127.0.0.1:' . $replica->port;

    ok(wait_for(sub { @{ $redis->cmd('ROLE')->[2] } == 1 }), 'a replica');

    my $r = $command->run('add', 'sub', 'a', '--create', '--wait=0.5',
                          '--json', '--redis', $at);

    is($redis->cmd('XLEN', 'revoked'), 1, 'the master is written to');
    is($r->{status}, 3, 'no edge is there');
    like($r->{out}, qr/"replicas":1,"replicas_confirmed":1/,
         'the replica has it');
    like($command->run('list', '--redis', $at)->{out}, qr/^\d+-\d+  sub a,/,
         'and is read from');

    $r = $command->run('add', 'sub', 'b', '--redis',
                       'redis://127.0.0.1:' . $replica->port . ',127.0.0.1:'
                       . $redis->port);
    is($r->{status}, 0, 'of several hosts the master is found');

    $r = $command->run('add', 'sub', 'b', '--redis',
                       'redis://127.0.0.1:' . free_port() . ',127.0.0.1:'
                       . $redis->port);
    is($r->{status}, 0, 'and one that is not there is left out');

    $replica->cmd('REPLICAOF', '127.0.0.1', free_port());
    fails('the master is gone', $at,
          ['is a replica, and its master cannot be used: .*refused',
           'nothing was revoked']);

    $redis->cmd('CONFIG', 'SET', 'min-replicas-to-write', '3');
    fails('too few replicas', $url, ['too few replicas']);
    $redis->cmd('CONFIG', 'SET', 'min-replicas-to-write', '0');
}


# TLS

{
    my @ca = map { "$dir/$_" } qw(ca.key ca.pem);
    my @us = map { "$dir/$_" } qw(us.key us.pem);
    my $ext = file('ext', "subjectAltName=IP:127.0.0.1\n");

    is(system("{ openssl req -x509 -newkey rsa:2048 -nodes -days 2"
              . " -subj /CN=ca -keyout $ca[0] -out $ca[1]"
              . " && openssl req -newkey rsa:2048 -nodes -subj /CN=redis"
              . " -keyout $us[0] -out $dir/us.csr"
              . " && openssl x509 -req -in $dir/us.csr -CA $ca[1]"
              . " -CAkey $ca[0] -CAcreateserial -days 2 -extfile $ext"
              . " -out $us[1]; } > $dir/openssl.log 2>&1"), 0, 'certificates');

    my $port = free_port();
    my $tls = start_redis(conf => [
        '--tls-port', $port, '--tls-cert-file', $us[1], '--tls-key-file',
        $us[0], '--tls-ca-cert-file', $ca[1], '--tls-auth-clients', 'no']);

    my $r = $command->run('add', 'sub', 'a', '--create', '--redis',
                          "rediss://127.0.0.1:$port", '--ca', $ca[1]);
    is($r->{status}, 0, 'TLS') or diag($r->{err});
    is($tls->cmd('XLEN', 'revoked'), 1, 'it is written');

    fails('an authority that is not known', "rediss://127.0.0.1:$port",
          ['cannot be spoken to in TLS \((?:self-signed|unable to)', '--ca']);
    fails('another name', "rediss://localhost:$port",
          ['cannot be spoken to in TLS \(hostname mismatch'], '--ca', $ca[1]);
    fails('TLS to a port without it', 'rediss://127.0.0.1:' . $redis->port,
          ['not answer in TLS in time', 'does this port speak TLS'],
          '--ca', $ca[1], '--timeout', '0.3');
    fails('no TLS to a port with it', "redis://127.0.0.1:$port",
          ['does not answer as Redis does|closed the connection'
           . '|has not answered'], '--timeout', '0.5');
    fails('no such file', "rediss://127.0.0.1:$port",
          ['/none" cannot be used for TLS'], '--ca', "$dir/none");

    $tls->cmd('CONFIG', 'SET', 'tls-auth-clients', 'yes');
    fails('no certificate of ours', "rediss://127.0.0.1:$port",
          ['TLS|closed the connection'], '--ca', $ca[1]);

    $r = $command->run('add', 'sub', 'a', '--redis',
                       "rediss://127.0.0.1:$port", '--ca', $ca[1],
                       '--cert', $us[1], '--key', $us[0]);
    is($r->{status}, 0, 'a certificate of ours') or diag($r->{err});
}

done_testing();
