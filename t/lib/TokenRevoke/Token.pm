package TokenRevoke::Token;

# Tokens and what they are known by, made from the contract alone: nothing of
# the module is used here.

use strict;
use warnings;

use Digest::SHA qw(hmac_sha256 sha256_hex);
use Exporter 'import';
use MIME::Base64 qw(encode_base64url);

our @EXPORT = qw(jws identity revoked sha256_hex);


# A signed token of compact JWS: jws('{"sub":"alice"}').

sub jws {
    my ($payload, $header) = @_;

    $header //= '{"alg":"HS256","typ":"JWT"}';

    my $signed = encode_base64url($header) . '.' . encode_base64url($payload);

    return "$signed." . encode_base64url(hmac_sha256($signed, 'key'));
}


# what is before the second dot of a JWS, the whole of an opaque token

sub identity {
    my ($token) = @_;

    $token =~ s/^(ey[^.]*\.[^.]*)\..*/$1/s;

    return sha256_hex($token);
}


# the command that revokes these tokens in one entry

sub revoked {
    return join ' ', 'XADD revoked *', map { 'token ' . identity($_) } @_;
}


1;
