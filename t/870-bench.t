#!/usr/bin/env perl

# make bench: its arithmetic, how it reads what its tools print, that it does
# not time what lets a revoked token pass, and that nginx and HAProxy accept
# the configurations it writes.

use strict;
use warnings;

use lib 't/lib', 'bench/lib';

use Test::More;

use Bench::Conf ();
use Bench::Cpu ();
use Bench::Goals ();
use Bench::Instructions qw(parse_callgrind difference by_object);
use Bench::Machine qw(slurp which describe note);
use Bench::Report ();
use Bench::Stage ();
use Bench::Stat qw(median quantile summary differences parse_schedstat
                   parse_slice parse_wrk parse_status figure);
use Bench::Tokens ();
use TokenRevoke::Nginx ();
use TokenRevoke::Port qw(free_port);
use TokenRevoke::Token qw(identity);


sub dies (&) { return eval { $_[0]->(); 1 } ? '' : $@ }


subtest 'medians and quartiles' => sub {
    is(median(3, 1, 2), 2, 'of an odd number');
    is(median(4, 1, 3, 2), 2.5, 'of an even number');
    is(median(7), 7, 'of one');
    is(median(), undef, 'of none');
    is(median(10, 9, 100), 10, 'numbers are sorted as numbers');
    is(quantile(0.25, 1 .. 5), 2, 'a quartile that is a value');
    is(quantile(0.75, 1 .. 4), 3.25, 'one between two values');
    is(quantile(1, 5, 9, 2), 9, 'the largest');
    is(quantile(0.99, 0 .. 100), 99, 'p99');

    is_deeply(summary(4, 2, 1, 3, 5),
              { n => 5, median => 3, q1 => 2, q3 => 4, p99 => 4.96, min => 1,
                max => 5 }, 'a summary has all of them');

    is_deeply([differences([1, 2, 3], [2, 2, 10])], [1, 0, 7],
              'pairs are subtracted one by one');
    like(dies { differences([1], [1, 2]) }, qr/pairs/,
         'what is no pair is not');
};


subtest 'CPU of processes' => sub {
    is(parse_schedstat("1234567890 42 17\n"), 1234567890, 'schedstat');
    like(dies { parse_schedstat("0\n") }, qr/not a schedstat/,
         'a kernel without it is noticed');

    SKIP: {
        skip 'no /proc/PID/schedstat', 1 if !-e '/proc/self/schedstat';
        like(parse_schedstat(slurp('/proc/self/schedstat')), qr/^\d+$/,
             'that of this process');
    }

    is(parse_status("VmRSS:\t  100 kB\nRssShmem:\t    2048 kB\n", 'RssShmem'),
       2048 * 1024, 'memory');
    is(parse_status("VmRSS:\t 100 kB\n", 'RssShmem'), undef, 'or none');
};


subtest 'a slice of bench/load' => sub {
    my $slice = parse_slice("on 4000 2000000000 500 900 1000 40000,8000"
                            . " 200=3999 401=1\n");

    is_deeply($slice, {
        name => 'on', requests => 4000, seconds => 2, p50 => 500, p99 => 900,
        max => 1000, cpu => [10, 2], status => { 200 => 3999, 401 => 1 },
    }, 'is read');

    like(dies { parse_slice('load: port 1: Connection refused') },
         qr/not a slice/, 'anything else is an error');
};


subtest 'what wrk prints' => sub {
    my $text = <<'_EOC_';
Running 1s test @ http://127.0.0.1
  1 threads and 32 connections
  Thread Stats   Avg      Stdev     Max   +/- Stdev
    Latency   387.13us   80.51us   2.46ms   88.04%
    Req/Sec    82.28k     3.22k   86.15k    72.73%
  Latency Distribution
     50%  378.00us
     75%  410.00us
     90%  443.00us
     99%    1.25ms
  90002 requests in 1.10s, 21.46MB read
Requests/sec:  81867.30
Transfer/sec:     19.52MB
_EOC_

    is_deeply(parse_wrk($text), { rate => "81867.30", p50 => 378, p99 => 1250,
                                  bad => 0, errors => '' }, 'is read');

    $text =~ s/^Requests/  Non-2xx or 3xx responses: 7\nRequests/m;
    is(parse_wrk($text)->{bad}, 7, 'bad answers are seen');

    $text =~ s/^Requests/  Socket errors: connect 1, read 0\nRequests/m;
    like(parse_wrk($text)->{errors}, qr/connect 1/, 'errors are seen');

    like(dies { parse_wrk('unable to connect') }, qr/unable/, 'or none at all');
};


subtest 'figures have three digits that mean something' => sub {
    is(figure(0.5789), '0.58');
    is(figure(-0.5789), '-0.58');
    is(figure(12.44), '12.4');
    is(figure(1339.6), '1340');
    is(figure(undef), '-');
};


subtest 'what callgrind counts' => sub {
    my $text = <<'_EOC_';
Ir
1,000  PROGRAM TOTALS
Ir     file:function
1,000  ???:main [/usr/sbin/nginx]
  300  src/core/trv_find.c:trv_find_add [/x/ngx_http_token_revoke_module.so]
  100  src/core/trv_reading.h:trv_find_add
  250  ???:0x000000000029c680 [/usr/lib/libcrypto.so.3]
   50  src/core/trv_writer_sweep.c:trv_writer_sweep [/x/ngx_http_token.so]
  300  ???:ngx_palloc'2 [/usr/sbin/nginx]
_EOC_

    my $once = parse_callgrind($text);

    is($once->{'ngx_http_token_revoke_module.so'}{trv_find_add}, 400,
       'what was inlined from a header belongs to its function');
    is($once->{nginx}{ngx_palloc}, 300, 'a cycle is a function');
    ok(!exists $once->{nginx}{main}, 'main() is not all');
    ok(!(grep { exists $_->{trv_writer_sweep} } values %$once),
       'the follower is left out');

    my $twice = parse_callgrind($text =~ s/  300  src/  500  src/r);
    my $cost = difference($once, $twice, 10);

    is_deeply($cost, { 'ngx_http_token_revoke_module.so' =>
                       { trv_find_add => 20 } }, 'the difference is divided');
    is_deeply(by_object(by_object_cost()),
              { all => 33, ours => 20, libcrypto => 10 }, 'and summed up');

    like(dies { parse_callgrind('') }, qr/not of callgrind/, 'or an error');
};


sub by_object_cost {
    return { 'ngx_http_token_revoke_module.so' => { a => 15, b => 5 },
             'libcrypto.so.3' => { c => 10 }, nginx => { d => 3 } };
}


subtest 'tokens' => sub {
    is(length Bench::Tokens::opaque('passing', 7), 40, 'opaque: 40 bytes');

    my $jwt = Bench::Tokens::jwt('passing', 1, 183);

    is(length $jwt, 628, 'a JWT: 628 bytes');
    isnt(Bench::Tokens::jwt('passing', 2, 183), $jwt, 'each is another');
    cmp_ok(length Bench::Tokens::jwt('passing', 1, 700), '>', 1200,
           'or longer');
    is(Bench::Tokens::identity($jwt), identity($jwt), 'known as by the edge');
};


subtest 'what lets a revoked token pass is not timed' => sub {
    is(dies { Bench::Cpu::expect('a', { 401 => 500 }, 401, 500) }, '',
       'all are refused');
    like(dies { Bench::Cpu::expect('a', { 401 => 499, 200 => 1 }, 401, 500) },
         qr/^a: of 500 requests 1 were answered with 200, 499 .*not with 401/,
         'one passes: the run ends');
    like(dies { Bench::Cpu::expect('a', { 200 => 500, 401 => 1 }, 200, 500) },
         qr/1 were answered with 401/, 'one more than were sent');
    like(dies { Bench::Cpu::expect('a', {}, 200, 5) }, qr/^a: /, 'no answer');
};


subtest 'data of a run is kept' => sub {
    my $dir = TokenRevoke::Nginx::temp_dir();
    my $report = Bench::Report->new(dir => "$dir/data", file => "$dir/r.md");

    {
        open my $old, '>&', \*STDOUT;
        open STDOUT, '>', '/dev/null';
        $report->title('a title');
        $report->row(cpu => 'on', 'module on', 'us', summary(1, 2, 3),
                     group => 'systems', asked => 7);
        $report->finish(1);
        open STDOUT, '>&', $old;
    }

    my ($row) = Bench::Report->new(dir => "$dir/data", again => 1)->rows('cpu');

    is("@$row{qw(name label group unit n median q1 q3 asked)}",
       'on module on systems us 3 2 1.5 2.5 7', 'and read again');
    like(slurp("$dir/r.md"), qr/^\| module on \| 2.00 us \| 1.50 to 2.50 \|/m,
         'and there is a table');
};


subtest 'tables for documents' => sub {
    my $dir = Bench::Stage::file('tables');
    my $document = Bench::Stage::write_file("$dir.md", "before\n"
        . "<!-- make bench -->\nold\n<!-- end of make bench -->\nbehind\n");

    Bench::Report::put($document, "new \$1\n");
    is(slurp($document), "before\n<!-- make bench -->\nnew \$1\n"
       . "<!-- end of make bench -->\nbehind\n", 'replace what was there');
    like(dies { Bench::Report::put(Bench::Stage::write_file("$dir.none", 'x'),
                                   'y') }, qr/no marks/, 'and nothing else');

    my $report = bless { rows => {
        cpu => [{ name => 'edge', unit => 'us', median => 1.5 },
                { name => 'auth', unit => 'us', median => 60, asked => 70 }],
        handler => [{ name => 'jwt-seen-6', unit => 'us', median => 1.25 }],
    } }, 'Bench::Report';

    my $systems = Bench::Goals::systems($report);

    like($systems, qr/^\| this module \| 1.50 us \|  \|$/m, 'the systems');
    like($systems, qr/^\| auth_request, .* \| 60.0 us \| 70.0 us \|$/m,
         'and whom they ask');
    unlike($systems, qr/HAProxy/, 'without what was not measured');

    my $goals = Bench::Goals::table($report);

    like($goals, qr/^\| JWT seen before, .* \| at most 1.5 us \| 1.25 us \|$/m,
         'a goal, and what was seen');
    like($goals, qr/^\| memory of .* \| 20 bytes \| - \|$/m,
         'or that nothing was');
};


subtest 'the machine is described without its name' => sub {
    my ($host) = slurp('/proc/sys/kernel/hostname') =~ /^(\S+)/;

    like(describe(), qr/^\d{4}-\d\d-\d\d\n.*cpus.*nginx \d/s, 'with versions');

    SKIP: {
        skip 'it has none', 1 if !defined $host or length $host < 5;
        unlike(describe() . note(), qr/\Q$host/, 'no name');
    }
};


subtest 'nginx accepts the configurations' => sub {
    my $hashes = Bench::Stage::write_file(Bench::Stage::file('hashes'),
                                          'AB' x 32 . "\n");
    my %o = (redis => '/nowhere/redis.sock', hashes => $hashes, size => '8m',
             service => 1, only_test => 1);

    my %extra = (
        strict => Bench::Stage::has_directive(
            'token_revoke zone=z; token_revoke_strict on;') && 'a',
        query  => Bench::Stage::has_directive(
            'token_revoke_query redis=unix:/nowhere EXISTS a;'),
    );

    ok(!Bench::Stage::has_directive('token_revoke_bogus on;'),
       'a directive that is not there is noticed');

    my %case = (
        plain   => [\&Bench::Conf::plain],
        edge    => [\&Bench::Conf::edge, %extra,
                    zones => { a => '2m', b => '4m' }],
        workers => [\&Bench::Conf::edge, zones => { revoked => '2m' },
                    workers => 2, affinity => 'auto'],
        single  => [\&Bench::Conf::edge, zones => { j6 => '2m' }, single => 1],
        auth    => [\&Bench::Conf::auth],
        lua     => [\&Bench::Conf::lua],
    );

    for my $name (sort keys %case) {
        my ($conf, @more) = @{ $case{$name} };

        SKIP: {
            skip 'no Lua here', 1 if $name eq 'lua' and !has_lua();

            my $nginx = Bench::Stage::nginx($conf, %o, @more);
            ok($nginx->test_config, $name) or diag($nginx->stderr_text);
        }
    }
};


sub has_lua {
    return -e Bench::Stage::modules() . '/ngx_http_lua_module.so'
        && -e '/usr/share/lua/5.1/nginx/redis.lua'
        && -e '/usr/share/lua/5.1/nginx/sha256.lua';
}


SKIP: {
    my $haproxy = which('haproxy') or skip 'no haproxy here', 1;
    my $file = Bench::Stage::file('haproxy.cfg');

    Bench::Stage::write_file($file, Bench::Conf::haproxy(
        port => free_port(), off_port => free_port(),
        gif => Bench::Stage::write_file(Bench::Stage::file('a.gif'), 'GIF'),
        hashes => Bench::Stage::write_file(Bench::Stage::file('list'),
                                           'AB' x 32 . "\n")));

    is(system("$haproxy -c -f $file > /dev/null 2>&1"), 0,
       'haproxy accepts its configuration');
}


done_testing();
