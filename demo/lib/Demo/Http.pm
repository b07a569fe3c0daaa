package Demo::Http;

# A client of the edges: connections that are kept, and requests that are sent
# without waiting for the answer to the one before.

use strict;
use warnings;

use Exporter 'import';
use IO::Socket::INET ();
use Socket qw(SOL_SOCKET SO_RCVTIMEO IPPROTO_TCP TCP_NODELAY);

our @EXPORT_OK = qw(request each_worker);

use constant SECONDS => 5;   # longer than any answer takes
use constant BATCH => 64;    # fits into what sockets keep, there and back


# A request with a token: a JWT travels as a bearer, a session in a cookie.
sub request {
    my ($method, $token) = @_;

    my ($kind, $text) = @$token;
    my $field = $kind eq 'jwt' ? "Authorization: Bearer $text"
                               : "Cookie: session=$text";

    return "$method / HTTP/1.1\r\nHost: demo\r\n$field\r\n\r\n";
}


sub new {
    my ($class, $port) = @_;

    my $socket = IO::Socket::INET->new(PeerAddr => "127.0.0.1:$port")
        or die "127.0.0.1:$port: $!\n";

    setsockopt $socket, SOL_SOCKET, SO_RCVTIMEO, pack 'l!l!', SECONDS, 0;
    setsockopt $socket, IPPROTO_TCP, TCP_NODELAY, 1;

    return bless { socket => $socket, in => '' }, $class;
}


# One connection to each of $n workers; the system chooses whom it reaches.
sub each_worker {
    my ($port, $n) = @_;

    my %worker;

    for (1 .. 1000) {
        my $http = Demo::Http->new($port);
        my $answer = $http->ask("HEAD / HTTP/1.1\r\nHost: demo\r\n\r\n");
        my ($pid) = $answer->{head} =~ /^X-Worker: (\d+)/m
            or die "an answer without X-Worker:\n$answer->{head}";

        $worker{$pid} ||= $http;
        last if keys %worker == $n;
    }

    die "reached " . keys(%worker) . " workers of $n on port $port\n"
        if keys %worker != $n;

    return map { $worker{$_} } sort { $a <=> $b } keys %worker;
}


sub put {
    my ($self, $bytes) = @_;

    for (my $done = 0; $done < length $bytes; ) {
        my $n = syswrite $self->{socket}, $bytes, length($bytes) - $done,
                         $done;
        die "an edge has closed the connection: $!\n" if !$n;
        $done += $n;
    }
}


sub _more {
    my ($self) = @_;

    my $n = sysread $self->{socket}, $self->{in}, 65536, length $self->{in};

    die "an edge has not answered within ${\SECONDS} s: $!\n" if !defined $n;
    die "an edge has closed the connection\n" if !$n;
}


# the status of one answer that has no body
sub status {
    my ($self) = @_;

    $self->_more until $self->{in} =~ s/\AHTTP\/1\.1 (\d+).*?\r\n\r\n//s;

    return $1;
}


# one question; the answer has a status, a head and a body
sub ask {
    my ($self, $request) = @_;

    $self->put($request);
    $self->_more until $self->{in} =~ s/\AHTTP\/1\.1 (\d+).*?\r\n\r\n//s;

    my %answer = (status => $1, head => $& =~ tr/\r//dr, body => '');

    if ($request !~ /^HEAD/
        and $answer{head} =~ /^Content-Length: (\d+)/mi)
    {
        $self->_more while length $self->{in} < $1;
        $answer{body} = substr $self->{in}, 0, $1, '';
    }

    return \%answer;
}


# the statuses of HEAD requests, which are sent a batch at a time
sub statuses {
    my ($self, @requests) = @_;

    my @statuses;

    while (my @batch = splice @requests, 0, BATCH) {

        $self->put(join '', @batch);

        my $all = @statuses + @batch;

        while (@statuses < $all) {
            $self->_more;
            push @statuses, $1
                while $self->{in} =~ /\GHTTP\/1\.1 (\d+).*?\r\n\r\n/gcs;

            my $read = pos($self->{in}) // 0;
            substr $self->{in}, 0, $read, '';
            pos($self->{in}) = 0;
        }
    }

    return @statuses;
}


1;
