package TokenRevoke::Attack;

# The cases of t/attacks/ (its README has the format), their tokens, and the
# nginx that they are sent to:
#
#     my @cases = TokenRevoke::Attack::cases();
#     my $nginx = TokenRevoke::Attack::start(@cases);
#
#     for my $case (@cases) {
#         my ($line, @fields) = $case->request('revoked');     # or 'other'
#         ok($case->expects(401, 200), $case->name);
#     }
#
# Each set of sources has a server of its own, with a unix socket for HTTP/1
# and, if start() is told "h2 => 1", a port for HTTP/2: $case->socket, ->port.

use strict;
use warnings;

use Digest::SHA qw(sha256 sha256_hex);
use File::Temp ();
use MIME::Base64 qw(decode_base64url encode_base64 encode_base64url);
use Math::BigInt ();

use TokenRevoke::Nginx qw(start_redis temp_dir wait_for);
use TokenRevoke::Port qw(free_port);
use TokenRevoke::Token ();

# braces that came out of an escape or a function: not those of a placeholder

my ($open, $close) = ("\x{e000}", "\x{e001}");

# the order of P-256

my $order = Math::BigInt->from_hex(
    'ffffffff00000000ffffffffffffffffbce6faada7179e84f3b9cac2fc632551');

my $key;                     # a file with the private key of P-256
my @written;                 # every spelling of a token that was sent


sub percent { join '', map { sprintf $_[0], ord } split //, $_[1] }

sub part { (split /\./, $_[1], -1)[$_[0]] }


# changes the signature of a JWS

sub resign {
    my ($token, $change) = @_;

    my ($signed, $signature) = $token =~ /^(.*)\.(.*)$/s;
    local $_ = $signature;
    $change->();

    return "$signed.$_";
}


# another signature of the same key for the same bytes, made without the key

sub negate {
    my ($signature) = @_;

    my ($r, $s) = unpack 'H64H64', decode_base64url($signature);
    my $hex = $order->copy->bsub(Math::BigInt->from_hex($s))->as_hex;

    return encode_base64url(pack 'H64H64', $r,
                            substr '0' x 64 . substr($hex, 2), -64);
}


# sets the bits of the last character that no byte comes from

sub spare {
    my ($text) = @_;

    my @alphabet = ('A' .. 'Z', 'a' .. 'z', 0 .. 9, '-', '_');
    my %at = map { $alphabet[$_] => $_ } 0 .. 63;
    my $bits = { 2 => 15, 3 => 3 }->{length($text) % 4} // 0;

    $text =~ s/(.)$/$alphabet[$at{$1} | $bits]/e;

    return $text;
}


sub all_but_header {
    my ($change, $token) = @_;

    my ($header, @parts) = split /\./, $token, -1;

    return join '.', $header, map { $change->($_) } @parts;
}


sub pad { $_[0] . '=' x (-length($_[0]) % 4) }

sub json_of {
    my ($header, $payload, $signature) = split /\./, $_[0], -1;

    return qq({"payload":"$payload","protected":"$header",)
           . qq("signature":"$signature"});
}

my %functions = (
    pct      => sub { percent('%%%02X', @_) },
    pctl     => sub { percent('%%%02x', @_) },
    pct1     => sub { sprintf('%%%02x', ord $_[0]) . substr $_[0], 1 },
    pct2     => sub { percent('%%25%02X', @_) },
    pctu     => sub { percent('%%u00%02X', @_) },
    overlong => sub { sprintf('%%C1%%%02X', ord($_[0]) | 0x80)
                      . substr $_[0], 1 },
    pluses   => sub { $_[0] =~ tr/ /+/r },
    octal    => sub { percent('\\%03o', @_) },
    escaped  => sub { join '', map { "\\$_" } split //, $_[0] },
    b64      => sub { encode_base64($_[0], '') },
    b64url   => sub { encode_base64url($_[0]) },
    standard => sub { $_[0] =~ tr{-_}{+/}r },
    header   => sub { part(0, @_) },
    payload  => sub { part(1, @_) },
    signature => sub { part(2, @_) },
    signed   => sub { $_[0] =~ s/\.[^.]*$//r },
    spare    => sub { resign($_[0], sub { $_ = spare($_) }) },
    negated  => sub { resign($_[0], sub { $_ = negate($_) }) },
    padded   => sub { all_but_header(\&pad, @_) },
    tail     => sub { (split /\./, $_[0], -1)[-1] },
    spared   => sub { all_but_header(\&spare, @_) },
    json     => sub { json_of(@_) },
);

my $names = join '|', map { quotemeta } sort keys %functions;


# Fills in placeholders, from the inside to the outside.

sub fill {
    my ($case, $who, $text) = @_;

    my $token = $case->token($who);

    my $call = sub {
        my ($name, $given) = @_;

        return $token if $name eq 'TOKEN';
        return $case->subject($who) if $name eq 'SUB';
        return $case->other($1) if $name =~ /^OTHER(\d*)$/;

        $given =~ tr/\x{e000}\x{e001}/{}/;

        return $given x $1 if $name =~ /^(\d+)\*$/;
        return join '', map { $given . $case->other($_) } 1 .. $1
            if $name =~ /^others(\d+)$/;

        return $functions{$name}->($given);
    };

    1 while $text =~ s/\{(TOKEN|SUB|OTHER\d*|\d+\*|others\d+|$names)
                        (?:\ ([^{}]*))?\}
                      /my $made = $call->($1, $2);
                       push @written, $made
                           if $1 ne 'SUB' and length $made < 4096;
                       $made =~ tr{{}}{\x{e000}\x{e001}}r/gsex;

    $text =~ tr/\x{e000}\x{e001}/{}/;

    return $text;
}


# "\x41", and single letters; a brace that is no placeholder's is "\{"

my %escapes = (t => "\t", r => "\r", n => "\n", s => ' ', '{' => $open,
               '}' => $close);

sub unescape {
    my ($text) = @_;

    $text =~ s/\\(?:x([0-9a-f]{2})|(.))/
               defined $1 ? chr hex $1 : $escapes{$2} || $2/gsexi;

    return $text;
}


sub letters {
    my ($seed, $n) = @_;
    my $text = encode_base64(sha256($seed) . sha256("$seed."), '');
    $text =~ tr/A-Za-z0-9//cd;
    return substr $text, 0, $n;
}


sub openssl {
    my ($input, @command) = @_;

    my $file = File::Temp->new;
    print $file $input;
    close $file;

    open my $out, '-|', 'openssl', @command, "$file" or die "openssl: $!\n";
    local $/;
    return scalar <$out>;
}


sub key {
    if (!defined $key) {
        $key = temp_dir() . '/key.pem';
        system('openssl', 'ecparam', '-name', 'prime256v1', '-genkey',
               '-noout', '-out', $key) == 0 or die "openssl: $?\n";
    }

    return $key;
}


# r and s of a DER signature, 32 bytes each

sub es256 {
    my ($signed) = @_;

    my $der = openssl($signed, 'dgst', '-sha256', '-sign', key());
    my ($r, $s) = unpack 'xx x C/a x C/a', $der;

    return encode_base64url(join '', map { substr "\0" x 32 . $_, -32 } $r, $s);
}


# what the same key says of a signature: true if it is good

sub verifies {
    my ($token) = @_;

    my ($signed, $signature) = $token =~ /^(.*)\.(.*)$/;
    my ($r, $s) = unpack 'a32a32', decode_base64url($signature);

    my @numbers = map { s/^\0+(?=.)//sr =~ s/^(?=[\x80-\xff])/\0/r } $r, $s;
    my $body = join '', map { pack 'CC/a', 2, $_ } @numbers;

    my $file = File::Temp->new;
    print $file pack 'CC/a', 0x30, $body;
    close $file;

    return openssl($signed, 'dgst', '-sha256', '-prverify', key(),
                   '-signature', "$file") =~ /^Verified OK/;
}


sub jwe {
    my ($seed, $header) = @_;

    return join '.', encode_base64url($header), '',
        map { encode_base64url($_) } substr(sha256("$seed-iv"), 0, 12),
        substr(sha256("$seed-text") x 4, 0, 100),
        substr(sha256("$seed-tag"), 0, 16);
}


# what a token of that kind is, made of a seed; and what it is known by

sub make {
    my ($case, $seed, $who) = @_;

    my $kind = $case->{token};

    return letters($seed, 32) if $kind eq 'opaque';
    return letters($seed, 10) . '+' . letters("$seed+", 10) . '/=='
        if $kind eq 'base64';
    return letters($seed, 10) . ' ' . letters("$seed+", 10)
        if $kind eq 'blank';
    return sha256_hex($seed) if $kind eq 'hex';
    return jwe($seed, '{"alg":"dir","enc":"A128GCM"}') if $kind eq 'jwe';
    return jwe($seed, '{"alg":"dir","enc":"A128GCM","cty":"JWT"}')
        if $kind eq 'nested';

    my $payload = $case->{payload} // '{"sub":"{SUB}","jti":"' . $seed . '"}';
    my $header = $case->{header} // '{"alg":"HS256","typ":"JWT"}';

    for ($payload, $header) {
        s/\{(\d+)\* ([^{}]*)\}/$2 x $1/ge;
        s/\\x([0-9a-f]{2})/chr hex $1/gie;
        s/\{SUB\}/$case->subject($who)/ge;
    }

    return TokenRevoke::Token::jws($payload, $header) if $kind eq 'jws';

    if ($kind eq 'detached') {
        $header = qq({"alg":"HS256","b64":false,"kid":"$seed"});
        return TokenRevoke::Token::jws($payload, $header)
            =~ s/\.[^.]*\./../r;
    }

    die "$case->{file}: no such kind of token: $kind\n" if $kind ne 'es256';

    my $signed = encode_base64url('{"alg":"ES256"}') . '.'
                 . encode_base64url($payload);

    return "$signed." . es256($signed);
}


sub identity {
    my ($case) = @_;

    my $token = $case->token('revoked');
    my $kind = $case->{token};

    $token =~ s/^([^.]*\.[^.]*)\..*/$1/s if $kind =~ /^(?:jws|es256|detached)$/;

    return sha256_hex($token);
}


sub token {
    my ($case, $who) = @_;
    return $case->{tokens}{$who} //= $case->make("$case->{id}-$who", $who);
}

sub subject { letters("$_[0]{id} $_[1]", 16) }
sub other   { letters("$_[0]{id} other $_[1]", 24) }

sub name    { "$_[0]{file}: $_[0]{name}" }
sub socket  { $_[0]{server}{socket} }
sub port    { $_[0]{server}{port} }
sub is_raw  { defined $_[0]{raw} }
sub only_1  { defined $_[0]{only} or is_raw($_[0]) }


# true if these are the answers to the revoked token, and to another one

sub expects {
    my ($case, @statuses) = @_;

    my @expected = split ' ', $case->{expect};

    return 2 == grep { $statuses[$_] =~ /^(?:$expected[$_])$/ } 0, 1;
}


# the request line, and the fields as they are written

sub request {
    my ($case, $who) = @_;

    my @lines = map { $case->fill($who, $_) } @{ $case->{lines} };

    unshift @lines, 'GET / HTTP/1.1'
        if !$case->is_raw and (!@lines or $lines[0] !~ /^[A-Z]+ /);

    return @lines;
}


# all bytes of it; what is not "@raw" is completed

sub bytes {
    my ($case, $who) = @_;

    my ($line, @fields) = $case->request($who);

    push @fields, 'Host: h', 'Connection: close' if !$case->is_raw;

    return join "\r\n", $line, @fields, '', '';
}


# Every string of 10 bytes that is in a spelling of a token, as keys.

sub fragments {
    my %windows;

    for my $text (@written) {
        $windows{substr $text, $_, 10} = 1 for 0 .. length($text) - 10;
    }

    return \%windows;
}


my %known = map { $_ => 1 }
    qw(from token expect rule payload header http only raw);

sub _read_file {
    my ($file) = @_;

    my %state = (token => 'opaque', expect => '401 200');
    my ($case, @cases);

    open my $in, '<:raw', $file or die "$file: $!\n";

    while (my $line = <$in>) {
        chomp $line;
        next if $line =~ /^(?:#.*)?$/;

        if (my ($indent, $word, $value) = $line =~ /^( *)@(\w+) *(.*)$/) {
            die "$file:$.: no such word: \@$word\n" if !$known{$word};
            my $set = $indent eq '' ? \%state : $case;
            length $value || $word =~ /^(?:raw|only)$/
                ? ($set->{$word} = $value) : delete $set->{$word};

        } elsif ($line =~ /^- (.+)$/) {
            $case = { %state, name => "$1", lines => [], tokens => {},
                      file => (split /\//, $file)[-1], id => "$file:$." };
            push @cases, bless $case, __PACKAGE__;

        } elsif ($line =~ /^  (.*)$/ and $case) {
            push @{ $case->{lines} }, unescape($1);

        } else {
            die "$file:$.: neither a case nor a line of one\n";
        }
    }

    for (@cases) {
        die "$file: $_->{name}: no \@from\n" if !defined $_->{from};
    }

    return @cases;
}


sub cases {
    my @files = @_ ? @_ : sort glob 't/attacks/*.txt';
    return map { _read_file($_) } @files;
}


sub _servers {
    my ($dir, $h2, @cases) = @_;

    my (%servers, $text);

    for my $case (@cases) {
        my $zone = defined $case->{rule} ? 'claims' : 'edge';
        my $http = $case->{http} // '';
        my $id = "$zone $case->{from} $http";

        $case->{server} = $servers{$id};
        next if defined $case->{server};

        my $server = { socket => "$dir/" . keys(%servers) . '.sock' };
        $server->{port} = free_port() if $h2;

        # curl 7.88 cannot use a connection of HTTP/2 without TLS again

        my $listen = $h2 ? "listen 127.0.0.1:$server->{port} http2;"
                           . 'keepalive_requests 1;' : '';

        $case->{server} = $servers{$id} = $server;
        $text .= <<"_EOC_";
    server {
        listen unix:$server->{socket};
        $listen
        $http
        location / {
            token_revoke zone=$zone;
            token_revoke_from $case->{from};
            add_header X-Status \$token_revoke_status always;
            empty_gif;
        }
    }
_EOC_
    }

    return $text;
}


# What is revoked is applied when it returns.  More of nginx.conf in %o.

sub start {
    my ($cases, %o) = @_;

    my $redis = start_redis();
    my $url = 'unix:' . $redis->socket;

    $redis->cmd('XADD', 'revoked', '*',
                map { (token => $_->identity) } grep { !$_->{rule} } @$cases);

    for my $case (grep { $_->{rule} } @$cases) {
        my @rule = map { $case->fill('revoked', $_) }
                   split ' ', $case->{rule};
        $redis->cmd('XADD', 'claims', '*', @rule);
    }

    my $nginx = TokenRevoke::Nginx->new(
        redis => $url, level => 'debug', %o,
        http => "token_revoke_zone zone=claims:4m redis=$url log=claims;"
                . 'large_client_header_buffers 4 32k;'
                . 'client_header_buffer_size 32k;'
                . _servers(temp_dir(), delete $o{h2}, @$cases));

    $nginx->start;
    wait_for { $nginx->log_count(qr/follows log/) >= 2 }
        or die "the edge does not follow its logs\n";

    return ($nginx, $redis);
}


# Our lines in the error log, and those of them that have a piece of a token.

sub lines {
    my ($nginx) = @_;

    my $windows = fragments();
    my @ours = grep { /token revoke/ } split /\n/, $nginx->log_text;
    my @bad;

    LINE: for my $line (@ours) {
        for (0 .. length($line) - 10) {
            next if !$windows->{substr $line, $_, 10};
            push @bad, $line;
            next LINE;
        }
    }

    return (\@ours, \@bad);
}


1;
