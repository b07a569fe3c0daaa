package TokenRevoke::Port;

# TCP ports that nobody uses, and no other test will choose while this one
# runs: each is locked in a directory that all tests of a user share.  They
# are taken from below the range that the kernel gives to clients.

use strict;
use warnings;

use Exporter 'import';
use Fcntl qw(:flock O_CREAT O_RDWR);
use File::Spec ();
use IO::Socket::INET ();

our @EXPORT_OK = qw(free_port);

my @locks;                   # held until the process ends


sub free_port {
    my $dir = File::Spec->tmpdir . "/token-revoke-ports-$<";
    mkdir $dir, 0700;

    for (1 .. 1000) {
        my $port = 10240 + int rand 22000;

        sysopen my $lock, "$dir/$port", O_CREAT | O_RDWR, 0600
            or die "$dir/$port: $!\n";
        flock $lock, LOCK_EX | LOCK_NB or next;

        my $listener = IO::Socket::INET->new(
            LocalAddr => '0.0.0.0', LocalPort => $port, Proto => 'tcp',
            Listen => 1, ReuseAddr => 1) or next;

        close $listener;
        push @locks, $lock;

        return $port;
    }

    die "no free port was found\n";
}


1;
