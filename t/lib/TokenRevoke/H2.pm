package TokenRevoke::H2;

# A client of HTTP/2 without TLS, for what needs to be said frame by frame:
#
#     my $h2 = TokenRevoke::H2->new($port);
#
#     my $one = $h2->ask('/t', [authorization => 'Bearer a']);
#     my $two = $h2->ask('/t', [authorization => 'Bearer b'], method => 'POST',
#                        open => 1);
#     $h2->data($two, 'body', 1);
#     is($h2->status($one), 200);
#
# Options of ask(): "open" leaves the stream open for data(), "index" puts the
# fields into the table of the connection, of which "again(N)" in place of the
# fields takes the Nth latest, "cut" sends the fields in frames of so many
# bytes.  What is asked is kept back until flush(), or until an answer is read.
#
# Of an answer there are status, body and the code of a reset: no more of its
# fields is read than nginx writes plainly.

use strict;
use warnings;

use IO::Select ();
use IO::Socket::INET ();
use Time::HiRes ();

my ($DATA, $HEADERS, $RST, $SETTINGS, $PING, $GOAWAY, $CONTINUATION)
    = (0, 1, 3, 4, 6, 7, 9);

my ($END_STREAM, $ACK, $END_HEADERS) = (1, 1, 4);

# fields that the table of RFC 7541 has by name, and statuses by value

my %name = (':authority' => 1, authorization => 23, cookie => 32);
my %status = (8 => 200, 9 => 204, 10 => 206, 11 => 304, 12 => 400, 13 => 404,
              14 => 500);


sub new {
    my ($class, $port) = @_;

    my $c = IO::Socket::INET->new(PeerAddr => '127.0.0.1', PeerPort => $port)
        or die "connect: $!\n";

    my $self = bless { c => $c, next => 1, in => '', answers => {} }, $class;

    $self->{out} = "PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n" . frame($SETTINGS, 0, 0);

    return $self;
}


sub frame {
    my ($type, $flags, $stream, $bytes) = @_;

    $bytes //= '';

    return substr(pack('N', length $bytes), 1)
           . pack('CCN', $type, $flags, $stream) . $bytes;
}


# an integer of RFC 7541 behind $bits bits of $first

sub _integer {
    my ($first, $bits, $n) = @_;

    my $max = 2 ** (8 - $bits) - 1;

    return pack 'C', $first | $n if $n < $max;

    my $text = pack 'C', $first | $max;

    for ($n -= $max; $n > 127; $n >>= 7) {
        $text .= pack 'C', 128 | $n & 127;
    }

    return $text . pack 'C', $n;
}


sub _string { _integer(0, 1, length $_[0]) . $_[0] }


sub _field {
    my ($name, $value, $index) = @_;

    my $known = $name{$name};
    my ($first, $bits) = $index ? (0x40, 2) : (0, 4);

    return _integer($first, $bits, $known // 0)
           . ($known ? '' : _string($name)) . _string($value);
}


sub again {
    my ($n) = @_;
    return \$n;
}


sub ask {
    my ($self, $path, $fields, %o) = @_;

    my $stream = $self->{next};
    $self->{next} += 2;

    my $block = _integer(0, 4, 2) . _string($o{method} // 'GET')
        . "\x86" . _integer(0, 4, 4) . _string($path)
        . _field(':authority', 'h');

    if (ref $fields eq 'ARRAY') {
        my @fields = @$fields;

        while (my ($name, $value) = splice @fields, 0, 2) {
            $block .= _field($name, $value, $o{index});
        }

    } else {
        $block .= _integer(0x80, 1, 61 + $$fields);
    }

    my @parts = $o{cut} ? unpack("(a$o{cut})*", $block) : $block;
    my $type = $HEADERS;
    my $flags = $o{open} ? 0 : $END_STREAM;

    while (defined(my $part = shift @parts)) {
        $self->{out} .= frame($type, $flags | (@parts ? 0 : $END_HEADERS),
                              $stream, $part);
        ($type, $flags) = ($CONTINUATION, 0);
    }

    return $stream;
}


sub data {
    my ($self, $stream, $bytes, $end) = @_;
    $self->{out} .= frame($DATA, $end ? $END_STREAM : 0, $stream, $bytes);
}


# code 8: the client does not want the answer any more

sub cancel {
    my ($self, $stream) = @_;
    $self->{out} .= frame($RST, 0, $stream, pack 'N', 8);
}


sub flush {
    my ($self) = @_;

    local $SIG{PIPE} = 'IGNORE';
    $self->{c}->printflush($self->{out});
    $self->{out} = '';
}


# { status => 200, body => "...", reset => 0, done => 1 }; what is not there
# after so many seconds is not defined

sub answer {
    my ($self, $stream, $seconds) = @_;

    my $until = Time::HiRes::time() + ($seconds // 10);
    my $select = IO::Select->new($self->{c});

    while (1) {
        1 while $self->_take;

        my $answer = $self->{answers}{$stream} || {};
        my $left = $until - Time::HiRes::time();

        $self->flush if $self->{out} ne '';

        return $answer if $answer->{done} or $left <= 0
            or !$select->can_read($left);

        sysread $self->{c}, $self->{in}, 65536, length $self->{in}
            or return $answer;
    }
}


sub status { $_[0]->answer(@_[1 .. $#_])->{status} // 0 }


# one frame out of what was read

sub _take {
    my ($self) = @_;

    return if length $self->{in} < 9;

    my ($high, $low, $type, $flags, $stream) = unpack 'CnCCN', $self->{in};
    my $length = $high << 16 | $low;

    return if length $self->{in} < 9 + $length;

    my $bytes = substr $self->{in}, 9, $length;
    substr $self->{in}, 0, 9 + $length, '';

    my $answer = $self->{answers}{$stream} ||= {};

    $self->{out} .= frame($type, $ACK, 0, $type == $PING ? $bytes : '')
        if ($type == $SETTINGS or $type == $PING) and !($flags & $ACK);

    $self->{gone} = unpack 'x4N', $bytes if $type == $GOAWAY;
    $answer->{body} .= $bytes if $type == $DATA;
    $answer->{status} //= _status($bytes) if $type == $HEADERS;
    $answer->{reset} = unpack 'N', $bytes if $type == $RST;

    $answer->{done} = 1
        if $type == $RST
           or ($type == $DATA or $type == $HEADERS) and $flags & $END_STREAM;

    return 1;
}


# nginx writes the status first, and its digits plainly

sub _status {
    my ($block) = @_;

    $block =~ s/^[\x20-\x3f]+//;           # a new size of the table

    my $first = unpack 'C', $block;

    return $status{$first & 127} if $first & 128;
    return $1 if $block =~ /^[\x08\x48]\x03(\d{3})/;
    return 0;
}


1;
