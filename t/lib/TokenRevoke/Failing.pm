package TokenRevoke::Failing;

# An nginx whose n-th allocation fails when a test wants it: see
# t/preload/failing.c, which is compiled here.
#
#     my $failing = TokenRevoke::Failing->new;
#     $failing->run(sub { $nginx->start });    # with it in front of malloc()
#     $failing->arm($pid, 7);                  # -1: of any of its processes
#     ...
#     my $has = $failing->disarm;              # true: it has failed

use strict;
use warnings;

use TokenRevoke::Nginx qw(temp_dir);
use TokenRevoke::Preload qw(preload);


sub new {
    my ($class) = @_;

    my $self = bless { library => preload('failing'),
                       file => temp_dir() . '/failing' }, $class;

    open my $out, '>', $self->{file} or die "$self->{file}: $!\n";
    print $out pack 'l3', 0, 0, 0;
    close $out;
    chmod 0666, $self->{file};

    return $self;
}


sub run {
    my ($self, $what) = @_;

    local $ENV{FAILING} = $self->{file};
    local $ENV{LD_PRELOAD} = $self->{library};

    return $what->();
}


sub _write {
    my ($self, @values) = @_;

    open my $file, '+<', $self->{file} or die "$self->{file}: $!\n";
    syswrite $file, pack 'l*', @values;
    close $file;
}


# the countdown last: it is what the others wait for

sub arm {
    my ($self, $pid, $n) = @_;

    $self->_write(0, 0, 0);
    $self->_write($pid, $n);
}


sub _read {
    my ($self) = @_;

    open my $file, '<', $self->{file} or die "$self->{file}: $!\n";
    sysread $file, my $bytes, 12;

    return unpack 'l3', $bytes;
}


# what is left of the countdown, and how often something has failed

sub left   { ($_[0]->_read)[1] }
sub failed { ($_[0]->_read)[2] }


sub disarm {
    my ($self) = @_;

    my $failed = $self->failed;
    $self->_write(0, 0, 0);

    return $failed;
}


1;
