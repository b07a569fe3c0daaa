package Demo::People;

# A thousand people who do not exist, and what they are signed in with.  Each
# is a hash of
#
#     name      "Ada Okafor"
#     jwt       a JWT that openssl has signed (RS256)
#     session   a random token of 40 characters
#
# and tokens are spoken of as pairs: ['jwt', $text] or ['session', $text].

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use Exporter 'import';
use Fcntl qw(F_SETFD);
use JSON::PP ();
use MIME::Base64 qw(decode_base64url encode_base64url);

our @EXPORT_OK = qw(people random_tokens identity verified);

# settings of the machine have no say in it

$ENV{OPENSSL_CONF} = '/dev/null';

my @first = qw(
    Ada Ali Amara Anna Bao Bela Carlos Chen Clara Dara Diego Elif Emma Eva
    Farid Femi Grace Hana Hugo Ines Ivan Jamal Jana Kenji Kofi Lars Leila Luca
    Maja Marek Mei Milan Nadia Noor Olga Omar Paula Pedro Priya Rafael Rosa
    Samir Sara Tariq Tomas Uma Vera Wei Yara Zoe
);

my @last = qw(
    Adeyemi Bauer Costa Dubois Eriksen Fischer Garcia Haddad Ito Jansen Kaya
    Lopez Mensah Novak Okafor Park Rossi Silva Tanaka Weber
);


# Makes the key in $dir and signs with it; returns the list.  A child is
# started by $start->($code), which returns a handle to read its output from.
sub people {
    my ($dir, $start) = @_;

    my $key = "$dir/issuer.pem";

    system('openssl', 'genrsa', '-out', $key, '2048') == 0
        and system('openssl', 'pkey', '-in', $key, '-pubout', '-out',
                   "$dir/issuer.pub.pem") == 0
        or die "openssl makes no key\n";

    my @people;

    for my $first (@first) {
        push @people, map { { name => "$first $_" } } @last;
    }

    my @sessions = random_tokens(scalar @people);
    $_->{session} = shift @sessions for @people;

    _sign($dir, $start, \@people);

    return @people;
}


# 30 random bytes are 40 characters
sub random_tokens {
    my ($n) = @_;

    open my $in, '<:raw', '/dev/urandom' or die "/dev/urandom: $!\n";
    read($in, my $bytes, 30 * $n) == 30 * $n or die "/dev/urandom: $!\n";

    return map { encode_base64url($_) } unpack '(a30)*', $bytes;
}


# What the log calls a token: of a JWT, what was signed is hashed.
sub identity {
    my ($token) = @_;

    my ($kind, $text) = @$token;
    $text =~ s/\.[^.]*\z// if $kind eq 'jwt';

    return sha256_hex($text);
}


# what is signed for a person: header and claims
sub _unsigned {
    my ($person, $jti) = @_;

    my $json = JSON::PP->new->canonical;
    my $now = time;

    (my $sub = lc $person->{name}) =~ tr/ /./;

    return join '.', map { encode_base64url($json->encode($_)) }
        { alg => 'RS256', typ => 'JWT', kid => 'demo' },
        { iss => 'https://idp.example', sub => $sub, jti => $jti,
          iat => $now, exp => $now + 3600 };
}


# openssl signs one text for each time that it is started, so that is done as
# cheaply as can be: by a few shells, side by side.
sub _sign {
    my ($dir, $start, $people) = @_;

    my @jti = random_tokens(scalar @$people);
    my @jobs = map { [] } 1 .. 4;

    mkdir "$dir/jwt" or die "$dir/jwt: $!\n";

    for my $i (0 .. $#$people) {
        $people->[$i]{jwt} = _unsigned($people->[$i], $jti[$i]);
        _write("$dir/jwt/$i", $people->[$i]{jwt});
        push @{ $jobs[$i % @jobs] }, "$dir/jwt/$i";
    }

    my @shells = map {
        my @files = @$_;
        $start->(sub { _sign_files($_[0], "$dir/issuer.pem", @files) });
    } @jobs;

    readline $_ for @shells;

    for my $i (0 .. $#$people) {
        $people->[$i]{jwt} .= '.' . encode_base64url(_read("$dir/jwt/$i.sig"));
    }
}


# Becomes a shell, which keeps the socket open until it ends.
sub _sign_files {
    my ($socket, @words) = @_;

    fcntl $socket, F_SETFD, 0 or die "fcntl: $!\n";

    exec 'sh', '-c', 'key=$1; shift; for file; do '
        . 'openssl dgst -sha256 -sign "$key" -out "$file.sig" "$file" '
        . '|| exit 1; done', 'sh', @words or die "sh: $!\n";
}


sub _write {
    my ($file, $text) = @_;

    open my $out, '>:raw', $file or die "$file: $!\n";
    print $out $text;
    close $out or die "$file: $!\n";
}


sub _read {
    my ($file) = @_;

    open my $in, '<:raw', $file or die "$file: $!\n";
    local $/;

    return scalar <$in>;
}


# whether openssl takes the signature for the issuer's
sub verified {
    my ($dir, $jwt) = @_;

    my ($text, $signature) = $jwt =~ /\A(.*)\.([^.]*)\z/s;

    _write("$dir/unsigned", $text);
    _write("$dir/signature", decode_base64url($signature));

    open my $in, '-|', 'openssl', 'dgst', '-sha256',
        '-verify', "$dir/issuer.pub.pem", '-signature', "$dir/signature",
        "$dir/unsigned" or die "openssl: $!\n";
    my $answer = <$in> // '';
    close $in;

    return $answer eq "Verified OK\n";
}


1;
