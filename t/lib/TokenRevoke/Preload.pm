package TokenRevoke::Preload;

# Compiles t/preload/NAME.c: returns the library's path, for LD_PRELOAD.
#
#     local $ENV{LD_PRELOAD} = preload('failing');

use strict;
use warnings;

use Exporter 'import';

use TokenRevoke::Nginx qw(temp_dir);

our @EXPORT_OK = qw(preload);


sub preload {
    my ($name) = @_;

    my $library = temp_dir() . "/$name.so";

    my @cc = ($ENV{CC} || 'gcc', qw(-std=gnu99 -O2 -Wall -Wextra -Werror),
              qw(-D_GNU_SOURCE -fno-builtin -shared -fPIC -o), $library,
              "t/preload/$name.c");

    system(@cc) == 0 or die "$name.so cannot be made\n";

    return $library;
}


1;
