# What one connection carries: streams of HTTP/2, each with its own token, gRPC,
# WebSocket, bodies, pipelining.  Above each test stands which change breaks it.

use strict;
use warnings;

use lib 't/lib';

use Digest::SHA qw(sha256_hex);
use IO::Select ();
use IO::Socket::INET ();
use POSIX ();
use Test::More;

use TokenRevoke::H2;
use TokenRevoke::Nginx qw(wait_for temp_dir start_redis);
use TokenRevoke::Port qw(free_port);

my $app_port = free_port();
my $h2_port = free_port();
my $grpc_port = free_port();

my $diary = temp_dir() . '/diary';       # what the application was asked for
my $app = application($app_port, $diary);

END {
    local $?;
    kill 'KILL', $app if $app;
}


# An application that upgrades whoever wants to, and says of a body how long it
# is, with its hash.

sub application {
    my ($port, $file) = @_;

    my $listener = IO::Socket::INET->new(
        LocalAddr => '127.0.0.1', LocalPort => $port, Listen => 64,
        ReuseAddr => 1) or die "application: $!\n";

    my $pid = fork // die "fork: $!\n";

    return $pid if $pid;

    local $SIG{CHLD} = 'IGNORE';
    alarm 300;                           # it does not outlive a killed test

    while (my $c = $listener->accept) {
        if (!fork) {
            serve($c, $file);
            POSIX::_exit(0);
        }
    }

    POSIX::_exit(0);
}


sub serve {
    my ($c, $file) = @_;

    my $head = '';

    while ($head !~ /\r\n\r\n/) {
        sysread $c, $head, 65536, length $head or return;
    }

    ($head, my $body) = split /(?<=\r\n\r\n)/, $head, 2;
    $body //= '';

    open my $out, '>>', $file or return;
    syswrite $out, $head =~ s/\r\n.*/\n/sr;

    if ($head =~ /^Upgrade: websocket\r$/mi) {
        syswrite $c, "HTTP/1.1 101 Switching Protocols\r\n"
                     . "Upgrade: websocket\r\nConnection: Upgrade\r\n\r\n"
                     . 'hello;';

        while (sysread $c, my $bytes, 65536) {
            syswrite $c, uc $bytes;
        }

        return;
    }

    my ($length) = $head =~ /^Content-Length: (\d+)/mi;

    while (length $body < ($length // 0)) {
        sysread $c, $body, 65536, length $body or return;
    }

    my $answer = length($body) . ' ' . sha256_hex($body);

    syswrite $c, "HTTP/1.0 200 OK\r\nContent-Length: " . length($answer)
                 . "\r\n\r\n$answer";
}


# how often the application was asked for this

sub asked {
    my ($path) = @_;

    open my $in, '<', $diary or return 0;
    return scalar grep { / \Q$path\E / } <$in>;
}


my $http = <<"_EOC_";
    log_format grpc 'trailer \$sent_trailer_grpc_status, '
                    'header \$sent_http_grpc_status, '
                    'service saw \$sent_trailer_grpc_message';
    server {
        listen 127.0.0.1:$grpc_port http2;
        location / {
            default_type application/grpc;
            add_trailer grpc-status 0;
            add_trailer grpc-message \$http_authorization;
            return 200 "answer";
        }
    }
    server {
        listen 127.0.0.1:$h2_port http2;
        access_log off;
        keepalive_requests 100000;
        token_revoke zone=edge;
        location / {
            token_revoke_from bearer cookie:session;
            empty_gif;
        }
        location = /app {
            proxy_pass http://127.0.0.1:$app_port;
        }
        location = /plain {
            token_revoke off;
            empty_gif;
        }
        location /pkg. {
            access_log logs/grpc.log grpc;
            grpc_pass grpc://127.0.0.1:$grpc_port;
        }
        location = /pkg.Service/Told {
            error_page 401 = \@told;
            grpc_pass grpc://127.0.0.1:$grpc_port;
        }
        location \@told {
            access_log logs/grpc.log grpc;
            default_type application/grpc;
            add_header grpc-status 16;
            add_header grpc-message revoked;
            return 204;
        }
    }
_EOC_

my $server = <<"_EOC_";
    token_revoke zone=edge;

    location /app {
        client_max_body_size 4m;
        proxy_pass http://127.0.0.1:$app_port;
    }
    location /unbuffered {
        proxy_request_buffering off;
        proxy_http_version 1.1;
        proxy_pass http://127.0.0.1:$app_port;
    }
    location /ws {
        token_revoke_from bearer arg:t header:Sec-WebSocket-Protocol;
        proxy_http_version 1.1;
        proxy_set_header Upgrade \$http_upgrade;
        proxy_set_header Connection upgrade;
        proxy_pass http://127.0.0.1:$app_port;
    }
_EOC_

my $redis = start_redis();

my $nginx = TokenRevoke::Nginx->new(redis => 'unix:' . $redis->socket,
                                    http => $http, server => $server)->start;

$nginx->wait_live;
$redis->cmd('XADD', 'revoked', '*', 'token', 'bad', 'token', 'x' x 300 . 'bad');
$nginx->wait_refused('bad');


sub connection {
    return IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                 PeerPort => $nginx->port);
}


sub request {
    my ($what, $token, @fields) = @_;

    my $body = ref $fields[-1] ? ${ pop @fields } : '';

    return join "\r\n", "$what HTTP/1.1", 'Host: h',
        defined $token ? "Authorization: Bearer $token" : (), @fields, '',
        $body;
}


# What comes until it matches, or what has come by then.

sub read_until {
    my ($c, $pattern) = @_;

    my $select = IO::Select->new($c);
    my $text = '';

    while ($text !~ $pattern) {
        last if !$select->can_read(10)
                or !sysread $c, $text, 65536, length $text;
    }

    return $text;
}


# the statuses of $n answers on a connection, in their order

sub statuses {
    my ($c, $n) = @_;

    my ($select, $text, @statuses) = (IO::Select->new($c), '');

    while (@statuses < $n) {
        while ($text =~ s/\AHTTP\/1\.1 (\d+)[^\r]*\r\n(.*?\r\n)\r\n//s) {
            my ($status, $fields) = ($1, $2);
            my ($length) = $fields =~ /^Content-Length: (\d+)/m;

            while (length $text < ($length // 0)) {
                sysread $c, $text, 65536, length $text
                    or return "@statuses cut";
            }

            substr $text, 0, $length // 0, '';
            push @statuses, $status;
        }

        last if @statuses >= $n or !$select->can_read(10)
                or !sysread $c, $text, 65536, length $text;
    }

    return "@statuses";
}


# HTTP/2, each stream by its own token: a decision that is kept with the
# connection, or its pool

my $h2 = TokenRevoke::H2->new($h2_port);

my @tokens = map { $_ % 3 ? "good$_" : 'bad' } 1 .. 60;
my @streams = map { $h2->ask('/t', [authorization => "Bearer $_"]) } @tokens;

is(join(' ', map { $h2->status($_) } @streams),
   join(' ', map { /bad/ ? 401 : 200 } @tokens),
   'HTTP/2: 60 streams at once, each by its own token');

# a token in the table of the connection, which is never sent again

my @first = map { $h2->ask('/t', [authorization => "Bearer $_"], index => 1) }
    qw(bad good);

# good was put in last

my %table = (good => 1, bad => 2);
my @again = map { $h2->ask('/t', TokenRevoke::H2::again($table{$_})) }
    qw(bad good good bad good);

is(join(' ', map { $h2->status($_) } @first, @again),
   '401 200 401 200 200 401 200', 'HTTP/2: a token out of the table');

# fields in frames of 5 bytes: a check of what is there so far

@streams = map { $h2->ask('/t', [authorization => "Bearer $_"], cut => 5) }
    'x' x 300 . 'bad', 'x' x 300 . 'good', 'bad';

is(join(' ', map { $h2->status($_) } @streams), '401 200 401',
   'HTTP/2: a token in pieces');

# a body that is not there yet: a check that waits for it, or takes it

my ($bad, $good) = map {
    $h2->ask('/app', [authorization => "Bearer $_"], method => 'POST',
             open => 1)
} qw(bad good);

is($h2->status($bad), 401, 'HTTP/2: refused before the body is there');

$h2->data($bad, 'late');
$h2->data($good, 'a' x 10000);
$h2->data($good, 'b', 1);

is($h2->answer($good)->{body}, '10001 ' . sha256_hex('a' x 10000 . 'b'),
   'HTTP/2: the body of another stream arrives');
is(asked('/app'), 1, 'the application has seen one of them');
is($h2->{gone}, undef, 'the connection is still good');

# gRPC: a check in the content phase, or one that speaks HTTP/1 only.  What
# stands in a trailer is told by access_log.

my $calls = 0;

sub grpc {
    my ($call, $token) = @_;

    my $stream = $h2->ask("/pkg.Service/$call",
                          [authorization => "Bearer $token", te => 'trailers',
                           'content-type' => 'application/grpc'],
                          method => 'POST', open => 1);

    $h2->data($stream, "\0\0\0\0\2\1\2", 1);

    my $status = $h2->status($stream);

    $calls++;
    wait_for { @{ [grpc_log()] } == $calls };

    return "$status: " . ((grpc_log())[-1] // '');
}


sub grpc_log {
    open my $in, '<', $nginx->dir . '/logs/grpc.log' or return;
    chomp(my @lines = <$in>);
    return @lines;
}

is(grpc('Call', 'good'), '200: trailer 0, header -, service saw Bearer good',
   'gRPC: another token is answered');
is(grpc('Call', 'bad'), '401: trailer -, header -, service saw -',
   'gRPC: a revoked one is not; its grpc-status is left to the client');
is(grpc('Told', 'bad'), '204: trailer -, header 16, service saw -',
   'gRPC: or to error_page');

# WebSocket: a check in the content phase; or one that leaves out upgrades

my @upgrade = ('Upgrade: websocket', 'Connection: Upgrade',
               'Sec-WebSocket-Version: 13',
               'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==');

my $c = connection();
$c->printflush(request('GET /ws', 'good', @upgrade));
like(read_until($c, qr/hello;/), qr/^HTTP\/1\.1 101 .*\r\n\r\nhello;$/s,
     'WebSocket: another token is upgraded');

for my $text ('one;', 'z' x 10000 . ';', 'three;') {
    $c->printflush($text);
    is(length read_until($c, qr/;/), length $text,
       'WebSocket: bytes go there and back');
}

close $c;

is(asked('/ws'), 1, 'the application has upgraded one');

for my $case (['/ws', 'bad'], ['/ws?t=bad', 'good'],
              ['/ws', undef, 'Sec-WebSocket-Protocol: bad'],
              ['/ws', undef, 'Sec-WebSocket-Protocol: token, bad'])
{
    my ($uri, $token, @fields) = @$case;

    $c = connection();
    $c->printflush(request("GET $uri", $token, @upgrade, @fields,
                           'Connection: close'));

    my $answer = read_until($c, qr/\r\n\r\n/);

    like($answer, qr/^HTTP\/1\.1 401 .*^WWW-Authenticate: Bearer/ms,
         "WebSocket: refused: $uri " . join ' ', $token // (), @fields);
    unlike($answer, qr/^Upgrade:/mi, 'and not upgraded');
}

is(asked('/ws') + asked('/ws?t=bad'), 1, 'the application saw none of these');

# Expect: 100-continue: a check in the content phase, after the body was asked
# for

$c = connection();
$c->printflush(request('POST /app/expect', 'bad', 'Content-Length: 1000000',
                       'Expect: 100-continue'));
like(read_until($c, qr/\r\n\r\n/), qr/^HTTP\/1\.1 401 /,
     'Expect: refused before the body is sent');
close $c;

$c = connection();
$c->printflush(request('POST /app/expect', 'good', 'Content-Length: 4',
                       'Expect: 100-continue'));
like(read_until($c, qr/\r\n\r\n/), qr/^HTTP\/1\.1 100 Continue\r\n\r\n$/,
     'Expect: the client is asked for the body');
$c->printflush('body');
like(read_until($c, qr/\r\n\r\n.+/s), qr/^HTTP\/1\.1 200 .*\r\n\r\n4 /s,
     'Expect: and is answered');
close $c;

is(asked('/app/expect'), 1, 'the application has seen one of them');

# Bodies on a connection that is kept: one that is left unread is taken for the
# next request, with a token that it has chosen itself

my $large = join '', map { sprintf '%07d.', $_ } 1 .. 100_000;
my $inner = request('GET /', 'good');

for my $uri ('/app/body', '/unbuffered/body') {
    my $chunked = sprintf "%x\r\n%s\r\n%x\r\n%s\r\n0\r\n\r\n", length $inner,
                          $inner, length $large, $large;
    my @requests = (
        [401, request("POST $uri", 'bad', 'Content-Length: ' . length $large,
                      \$large)],
        [200, request("POST $uri", 'good', 'Content-Length: ' . length $large,
                      \$large)],
        [401, request("POST $uri", 'bad', 'Content-Length: ' . length $inner,
                      \$inner)],
        [401, request("PUT $uri", 'bad', 'Transfer-Encoding: chunked',
                      \$chunked)],
        [401, request('GET /', 'bad')],
        [200, request('GET /', 'good')],
    );

    $c = connection();

    my @got;

    for my $request (@requests) {
        $c->printflush($request->[1]);
        push @got, statuses($c, 1);
    }

    is("@got", join(' ', map { $_->[0] } @requests), "$uri: one after another");
    is(asked($uri), 1, 'the application has seen one of them');
}

# pipelining: all requests are there when the first one is decided; what is
# looked at must be the request's own

srand 1487894400;
@tokens = map { (undef, 'good', 'bad')[rand 3] } 1 .. 500;

my @requests = map {
    my $body = request('GET /', rand() < 0.5 ? 'bad' : 'good');
    rand() < 0.3
        ? request('POST /app/pipelined', $_, 'Content-Length: ' . length $body,
                  \$body)
        : request('GET /', $_);
} @tokens;

$c = connection();

my $writer = fork // die "fork: $!\n";

if (!$writer) {
    $c->printflush(join '', @requests);
    POSIX::_exit(0);
}

is(statuses($c, scalar @tokens),
   join(' ', map { ($_ // '') eq 'bad' ? 401 : 200 } @tokens),
   'pipelining: 500 requests, each by its own token');

waitpid $writer, 0;
close $c;
undef $h2;
$nginx->finish;

# Streams and pipelined requests that wait for the first sync, each for itself:
# a wait that holds the connection, or is forgotten when a stream is cancelled

# Redis is found when all is in its log: one without a log is in sync at once

my $socket = temp_dir() . '/redis';

$nginx = TokenRevoke::Nginx->new(redis => "unix:$socket",
                                 location => 'token_revoke_wait 20s;',
                                 http => 'token_revoke_wait 20s;' . $http,
                                 server => $server)->start;

$h2 = TokenRevoke::H2->new($h2_port);

@tokens = ('good', 'bad') x 10;
@streams = map { $h2->ask('/t', [authorization => "Bearer $_"]) } @tokens;

my @cancelled = map { $h2->ask('/t', [authorization => 'Bearer good']) } 1 .. 5;
my $plain = $h2->ask('/plain', [authorization => 'Bearer good']);

$c = connection();
$c->printflush(join '', map { request('GET /', $_) } qw(good bad good));

is($h2->status($plain), 200, 'waiting: another stream is answered');
is(join(' ', grep { $_ } map { $h2->{answers}{$_}{status} } @streams), '',
   'waiting: those with a token are not');

$h2->cancel($_) for @cancelled;
is($h2->status($h2->ask('/plain', [])), 200, 'waiting: some are cancelled');

symlink $redis->socket, $socket or die "symlink: $!\n";

is(join(' ', map { $h2->status($_) } @streams),
   join(' ', map { $_ eq 'good' ? 200 : 401 } @tokens),
   'waiting: each stream is answered, and rightly');
is(statuses($c, 3), '200 401 200', 'waiting: so are pipelined requests');
is($h2->{gone}, undef, 'the connection is still good');

close $c;
undef $h2;
$nginx->finish;

done_testing();
