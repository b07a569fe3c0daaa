package TokenRevoke::TLS;

# Certificates for tests, made by openssl in a directory of the test's own.
#
#     my $ca = TokenRevoke::TLS->new($dir);          # "$dir/ca.crt"
#     my ($cert, $key) = $ca->issue('server',        # "$dir/server.crt", .key
#         names => 'DNS:localhost,IP:127.0.0.1', days => -1);
#     my @conf = $ca->redis('server', clients => 1); # for redis-server
#
# A port for TLS is the caller's: '--tls-port', $port.

use strict;
use warnings;


sub new {
    my ($class, $dir, $name) = @_;

    my $self = bless { dir => $dir, name => $name // 'ca', serial => 1 },
        $class;

    _openssl('req', '-x509', _new_key($self->file("$self->{name}.key")),
             '-out', $self->ca, '-subj', "/CN=test $self->{name}",
             '-days', 30);

    return $self;
}


sub file { "$_[0]{dir}/$_[1]" }
sub ca   { $_[0]->file("$_[0]{name}.crt") }


sub issue {
    my ($self, $name, %o) = @_;

    my ($cert, $key, $csr, $ext) =
        map { $self->file("$name.$_") } qw(crt key csr ext);

    open my $out, '>', $ext or die "$ext: $!\n";
    print $out "subjectAltName=$o{names}\n" if $o{names};
    print $out "basicConstraints=CA:FALSE\n";
    close $out;

    _openssl('req', _new_key($key), '-out', $csr, '-subj', "/CN=$name");
    _openssl('x509', '-req', '-in', $csr, '-out', $cert, '-CA', $self->ca,
             '-CAkey', $self->file("$self->{name}.key"),
             '-set_serial', $self->{serial}++, '-extfile', $ext,
             '-days', $o{days} // 30);

    chmod 0644, $cert, $key;

    return ($cert, $key);
}


sub redis {
    my ($self, $name, %o) = @_;

    return ('--tls-cert-file', $self->file("$name.crt"),
            '--tls-key-file', $self->file("$name.key"),
            '--tls-ca-cert-file', $self->ca,
            '--tls-auth-clients', $o{clients} ? 'yes' : 'no');
}


sub _new_key {
    return ('-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256',
            '-nodes', '-keyout', $_[0]);
}


sub _openssl {
    my (@args) = @_;

    my $pid = open my $in, '-|';
    die "fork: $!\n" unless defined $pid;

    if ($pid == 0) {
        open STDERR, '>&', \*STDOUT;
        no warnings 'exec';
        exec 'openssl', @args;
        exit 127;
    }

    my $said = do { local $/; <$in> };

    close $in or die "openssl @args:\n$said\n";
}


1;
