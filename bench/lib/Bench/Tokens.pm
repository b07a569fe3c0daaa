package Bench::Tokens;

# Files of tokens, one a line, that all systems are asked with: those that
# pass, and some that are revoked.

use strict;
use warnings;

use Digest::SHA qw(sha256_hex);
use Exporter 'import';
use MIME::Base64 qw(encode_base64url);

our @EXPORT_OK = qw(opaque jwt identity write_tokens);

# as bench/push names them: 40 bytes

sub opaque {
    my ($kind, $i) = @_;
    return sprintf '%s-%032d', $kind, $i;
}


# A JWT of somebody, its payload filled up to about so many bytes, with a
# signature of RS256 that nobody looks at.

my $header = encode_base64url('{"alg":"RS256","typ":"JWT","kid":"2024-key-1"}');
my $signature = 'A' x 342;

sub jwt {
    my ($kind, $i, $size) = @_;

    my $now = int(time / 3600) * 3600;

    my $payload = sprintf '{"iss":"https://idp.example.com/",'
        . '"sub":"%s-%05d","aud":"forum","iat":%d,"exp":%d,"jti":"%032d",'
        . '"client_id":"tv-app"', $kind, $i, $now - 7200, $now + 86400, $i;

    for (my $k = 0; length($payload) + 40 < $size; $k++) {
        $payload .= sprintf ',"claim_number_%03d":"a value"', $k;
    }

    return "$header." . encode_base64url("$payload}") . ".$signature";
}


# what a token is known by (docs/redis.md)

sub identity {
    my ($token) = @_;

    $token =~ s/^(ey[^.]*\.[^.]*)\..*/$1/s;

    return sha256_hex($token);
}


sub write_tokens {
    my ($file, @tokens) = @_;

    open my $out, '>', $file or die "$file: $!\n";
    print $out "$_\n" for @tokens;
    close $out or die "$file: $!\n";

    return $file;
}


1;
