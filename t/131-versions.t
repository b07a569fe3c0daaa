# The attack corpus in other versions of HTTP: through curl, which writes it as
# HTTP/1.0, 1.1 and 2, and as frames of HTTP/2, where values come with all their
# blanks and fields can be what no client would send.  nghttp does once more
# what needs another implementation than ours.

use strict;
use warnings;

use lib 't/lib';

use File::Temp ();
use Test::More;

use TokenRevoke::Attack;
use TokenRevoke::H2;
use TokenRevoke::Nginx qw(wait_for);

my @cases = grep { !$_->only_1 } TokenRevoke::Attack::cases();
my ($nginx, $redis) = TokenRevoke::Attack::start(\@cases, h2 => 1);


# target and fields of a request, as [name, value]

sub parts {
    my ($case, $who) = @_;

    my ($line, @fields) = map { split /\r\n/ } $case->request($who);
    my ($target) = $line =~ /^[A-Z]+ (.*) HTTP\/1\.1$/;

    return $target, map { [/^([^:]*): ?(.*)$/s] } @fields;
}


# The answer to a request in frames of HTTP/2; 0: the stream was reset.

sub ask {
    my ($port, $target, @fields) = @_;

    my $h2 = TokenRevoke::H2->new($port);

    return $h2->status($h2->ask($target, \@fields, cut => 16000));
}

sub h2 {
    my ($case, $who) = @_;

    my ($target, @fields) = parts($case, $who);

    return ask($case->port, $target, map { lc $_->[0], $_->[1] } @fields);
}


# Statuses of all cases, in their order, of one process for each server.

sub quoted {
    my ($text) = @_;
    $text =~ s/([\\"])/\\$1/g;
    $text =~ s/\t/\\t/g;
    $text =~ s/\x0b/\\v/g;
    return qq("$text");
}

sub curl_config {
    my ($version, $case, $who) = @_;

    my ($target, @fields) = parts($case, $who);

    my @lines = (
        'silent', 'globoff', 'path-as-is', 'output = "/dev/null"',
        'max-time = 10', 'write-out = "%{http_version} %{http_code}\n"',
        'request-target = ' . quoted($target),
        'header = "Host: h"', $version,
        map { 'header = ' . quoted(length $_->[1] ? "$_->[0]: $_->[1]"
                                                  : "$_->[0];") } @fields);

    if ($version =~ /http2/) {
        push @lines, 'url = "http://127.0.0.1:' . $case->port . '/"';

    } else {
        push @lines, 'url = "http://h/"',
            'unix-socket = ' . quoted($case->socket);
    }

    return join "\n", @lines, '';
}

sub curl {
    my ($version, @requests) = @_;

    my $config = File::Temp->new;
    print $config join "next\n", map { curl_config($version, @$_) } @requests;
    close $config;

    open my $out, '-|', 'curl', '-q', '-K', "$config" or die "curl: $!\n";
    chomp(my @answers = <$out>);

    return @answers;
}


# curl strips blanks around values, and has no line that long

my @plain = grep { my @parts = parts($_, 'other');
                   !grep { length > 8000 || /[\x00\x0c\x7f-\xff]/ }
                       $parts[0], map { $_->[1] } @parts[1 .. $#parts] } @cases;

my $curl_2 = `curl --version 2>/dev/null` =~ /\bHTTP2\b/;

for my $version (['http1.0', '1'], ['http1.1', '1.1'],
                 ['http2-prior-knowledge', '2'])
{
    my ($option, $number) = @$version;

    subtest "curl --$option" => sub {
        plan skip_all => 'curl knows no HTTP/2' if $number eq '2' && !$curl_2;

        my @answers = curl($option, map { my $case = $_;
                                          map { [$case, $_] }
                                              qw(revoked other) } @plain);

        for my $case (@plain) {
            my @answer = map { split ' ' } splice @answers, 0, 2;

            ok($case->expects(@answer[1, 3]), $case->name)
                or diag("got @answer, expected $case->{expect}");
        }
    };
}

subtest 'frames of HTTP/2' => sub {
    for my $case (@cases) {
        my @statuses = map { h2($case, $_) } qw(revoked other);

        ok($case->expects(@statuses), $case->name)
            or diag("got @statuses, expected $case->{expect}");
    }
};

# What only frames can say: [status, name, target, fields]

my ($crumbs) = grep { $_->{from} =~ /^bearer cookie:session arg:t header/
                      and $_->{token} eq 'opaque' and !$_->{rule} } @cases;

sub tricks {
    my ($who) = @_;

    my $t = $crumbs->token($who);
    my $o = $crumbs->other('');
    my $ok = $who eq 'revoked' ? 401 : 200;

    return (
        [$ok, 'a cookie in crumbs', '/',
         cookie => 'a=b', cookie => "session=$t", cookie => 'c=d'],
        [$ok, 'crumbs of one name, the first', '/',
         cookie => "session=$t", cookie => "session=$o"],
        [$ok, 'crumbs of one name, the last', '/',
         cookie => "session=$o", cookie => "session=$t"],
        [$ok, 'an empty crumb', '/', cookie => '', cookie => "session=$t"],
        [$ok, 'a crumb with its semicolon', '/',
         cookie => "a=b;", cookie => "session=$t;"],
        [$ok, 'a crumb in quotes', '/',
         cookie => 'a="', cookie => "session=\"$t\""],
        [$ok, 'many crumbs', '/', (cookie => 'a=b') x 500,
         cookie => "session=$t"],
        [$ok, 'crumbs around other fields', '/', cookie => "session=$o",
         'x-a' => 'b', cookie => 'a=b', 'x-c' => 'd', cookie => "session=$t"],
        [$ok, 'blanks around a value', '/', authorization => " Bearer $t \t"],
        [$ok, 'blanks around a value of a field that is named', '/',
         'x-token' => " \t$t \t"],
        [$ok, 'blanks around a crumb', '/', cookie => " \tsession=$t \t"],
        [$ok, 'a field twice', '/', 'x-token' => $o, 'x-token' => $t],
        [$ok, 'an empty value first', '/', 'x-token' => '', 'x-token' => $t],
        [$ok, 'a hundred fields before it', '/', ('x-a' => 'b') x 100,
         authorization => "Bearer $t"],

        # a crumb that is cut inside a value is another value for everybody:
        # nginx joins crumbs with "; "

        [200, 'a value in two crumbs', '/', cookie => 'session='
         . substr($t, 0, 9), cookie => substr $t, 9],

        # names must be in small letters (RFC 9113, section 8.2.1): nginx drops
        # such a field, or the stream

        [400, 'a name in capitals', '/', Authorization => "Bearer $t"],

        # a stream that is malformed

        [400, 'the path twice', '/', ':path' => "/?t=$t"],
        [400, 'the path twice, the token in the first', "/?t=$t",
         ':path' => '/'],
        [400, 'a pseudo-header behind a field', '/', 'x-token' => $t,
         ':path' => '/'],
        [400, 'the method twice', "/?t=$t", ':method' => 'GET'],
        [400, 'the scheme twice', "/?t=$t", ':scheme' => 'https'],
        [400, 'a pseudo-header that there is not', '/', ':t' => $t],
        [400, 'a pseudo-header of an answer', "/?t=$t", ':status' => '200'],
        [400, 'a path that is none', "t=$t"],
        [400, 'no path', '', authorization => "Bearer $t"],
        [400, 'NUL in a value', '/', authorization => "Bearer \0$t"],
        [400, 'a line break in a value', '/',
         authorization => "Bearer $o\r\nAuthorization: Bearer $t"],
        [400, 'a line break in a path', "/?t=$t\r\nX-A: b"],
        [400, 'two authorizations', '/', authorization => "Bearer $o",
         authorization => "Bearer $t"],
    );
}

subtest 'tricks of HTTP/2' => sub {
    for my $who (qw(revoked other)) {
        for my $trick (tricks($who)) {
            my ($status, $name, @request) = @$trick;
            my $got = ask($crumbs->port, @request);

            $got = 400 if $got == 0;           # a reset says no, too

            is($got, $status, "$name, $who");
        }
    }
};


# nghttp: what it says of itself, "recv (stream_id=13) :status: 401"

sub nghttp {
    my ($target, @fields) = @_;

    my @headers;

    while (my ($name, $value) = splice @fields, 0, 2) {
        push @headers, "-H$name: $value";
    }

    open my $out, '-|', 'nghttp', '-nv', '--no-dep', @headers,
        'http://127.0.0.1:' . $crumbs->port . $target or die "nghttp: $!\n";

    return join(' ', map { / :status: (\d+)/ } <$out>);
}

subtest 'nghttp' => sub {
    plan skip_all => 'nghttp is not here (nghttp2-client)'
        if !grep { -x "$_/nghttp" } split /:/, $ENV{PATH};

    for my $who (qw(revoked other)) {
        my @sane = grep { $_->[0] != 400 and $_->[1] !~ /empty|many|blanks/ }
                   tricks($who);

        for my $trick (@sane) {
            my ($status, $name, @request) = @$trick;
            is(nghttp(@request), $status, "$name, $who");
        }

        my $token = $crumbs->token($who);
        my $status = $who eq 'revoked' ? 401 : 200;

        is(nghttp("/?t=$token"), $status, "an argument, $who");
        is(nghttp('/', authorization => "bearer  $token"), $status,
           "a field, $who");
    }
};

subtest 'HTTP/3' => sub {
    my $nginx = $ENV{TEST_NGINX_BINARY} || 'nginx';
    my $has = `PATH="\$PATH:/usr/local/sbin:/usr/sbin" $nginx -V 2>&1`;

    plan skip_all => 'this nginx has no HTTP/3'
        if $has !~ /http_v3_module/;
    plan skip_all => 'HTTP/3 is not tested yet';
};

my ($ours, $bad) = TokenRevoke::Attack::lines($nginx);

cmp_ok(@$ours, '>', 2 * @cases, 'refusals are logged');
is(join("\n", @$bad), '', 'and nothing of a token with them');

$nginx->finish;
done_testing();
