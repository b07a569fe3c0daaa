# The writer asks for huge pages as far as its table reaches, when it does not
# grow: one after the other, aligned, and no more when there are none; a small
# zone has none, and without them everything is as it was.

use strict;
use warnings;

use lib 't/lib';

use Errno qw(EAGAIN EINVAL);
use Test::More;

use TokenRevoke::Nginx qw(wait_for start_redis temp_dir);
use TokenRevoke::Preload qw(preload);

plan skip_all => 'huge pages are asked for on Linux' if $^O ne 'linux';

my $huge = 2 * 1024 * 1024;
my $redis = start_redis();
my $library = preload('pages');

# a table of 300,000 rules takes about 6 MB, in the fourth huge page or so

for my $n (0 .. 299) {
    $redis->cmd('XADD', 'revoked', '*',
                map { (token => "many-$_") } 1000 * $n + 1 .. 1000 * $n + 1000);
}

$redis->cmd('XADD', 'revoked', '*', token => 'bad');


sub asked {
    my ($file) = @_;

    open my $in, '<', $file or die "$file: $!\n";

    return map { [map { hex } (split)[1, 2]] } <$in>;
}


# An edge says how it is when that changes, and once a second; it sweeps ten
# times as often.

sub edges { join ' ', @{ $redis->cmd('HVALS', '{revoked}:edges') } }

sub seconds_pass {
    for (1 .. 2) {
        my $before = edges();
        ok(wait_for(sub { edges() ne $before }), 'time passes');
    }
}


# an nginx that has all rules, and asks with this answer

sub edge {
    my ($size, $errno) = @_;

    my $file = temp_dir() . '/pages';

    local $ENV{LD_PRELOAD} = $library;
    local $ENV{PAGES} = $file;
    local $ENV{PAGES_ERRNO} = $errno;

    my $nginx = TokenRevoke::Nginx->new(redis => 'unix:' . $redis->socket,
                                        main => 'env PAGES; env PAGES_ERRNO;',
                                        size => $size)->start;

    ok($nginx->wait_live, "a zone of $size is live");
    is_deeply($nginx->statuses('bad', 'many-1', 'many-300000', 'good'),
              { 401 => 3, 200 => 1 }, 'with all rules');

    return ($nginx, $file);
}


# where a worker has mapped the zone: [from, to, offset]

sub mapped {
    my ($nginx) = @_;

    open my $in, '<', '/proc/' . ($nginx->workers)[0] . '/maps' or die "$!\n";

    my ($line) = grep { /memfd:token_revoke:/ } <$in>;
    my ($from, $to, $offset) = $line =~ /^(\w+)-(\w+) \S+ (\w+)/;

    return map { hex } $from, $to, $offset;
}


my ($nginx, $file) = edge('32m', 0);
my ($from, $to, $offset) = mapped($nginx);

ok(wait_for(sub { -e $file && asked($file) >= 3 }),
   'it asks for as many as the table reaches');
seconds_pass();

my @asked = asked($file);

is($from % $huge, 0, 'the zone begins at a huge page');
is($offset, 0, 'and so does its memory');
cmp_ok(scalar @asked, '<=', 6, 'and not for all of the zone');
is_deeply(\@asked, [map { [$from + $huge * $_, $huge] } 0 .. $#asked],
          'each once, one after the other');

ok($nginx->reload, 'a reload');
$nginx->wait_live;
$redis->cmd('XADD', 'revoked', '*', token => 'later');
ok($nginx->wait_refused('later'), 'goes on with the same memory');

$nginx->finish;

($nginx, $file) = edge('32m', EAGAIN);
ok(wait_for(sub { -e $file && asked($file) >= 3 }),
   'it goes on if one is not to be had');
$nginx->finish;

($nginx, $file) = edge('32m', EINVAL);
ok(wait_for(sub { -e $file }), 'it asks');
seconds_pass();
is(scalar(asked($file)), 1, 'and does not ask again if there are none');
$nginx->finish;

($nginx, $file) = edge('15m', 0);
seconds_pass();
ok(! -e $file, 'a zone below 16m has none');
$nginx->finish;

# what the kernel makes of it depends on the machine

$nginx = TokenRevoke::Nginx->new(redis => 'unix:' . $redis->socket,
                                 size => '32m')->start;
ok($nginx->wait_live, 'and for real');
seconds_pass();

open my $smaps, '<', '/proc/' . ($nginx->workers)[0] . '/smaps' or die "$!\n";
my ($kb) = map { /^ShmemPmdMapped:\s+([1-9]\d*) kB/ } <$smaps>;
diag('in huge pages: ' . ($kb // 0) . ' KB');

is_deeply($nginx->statuses('bad', 'many-1', 'many-300000', 'later', 'good'),
          { 401 => 4, 200 => 1 }, 'it has all rules');
$nginx->finish;

done_testing();
