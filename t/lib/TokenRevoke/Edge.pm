package TokenRevoke::Edge;

# A Redis and an nginx that follows it, for tables of what is refused by what:
#
#     my $edge = TokenRevoke::Edge->new(location => '...')->start;
#
#     $edge->apply('sub alice', [sub => 'bob', before => 'always']);
#     is($edge->verdict('{"sub":"alice"}'), 'sub (no iat)');
#     $edge->restore('sub alice');
#
# apply() returns when all of it is applied.  A verdict is what a rule matched
# by, '' if the token passes, and in other cases the status: "503 MALFORMED".
# A dry run of "sub" is "200 sub".
#
# A token is written as its payload (it begins with a brace), as [payload,
# header], or as it is; several of them as { Field => token }, each in a header
# field of the request; none is undef.

use strict;
use warnings;

use Exporter 'import';
use IO::Socket::INET ();
use Test::More ();

use TokenRevoke::Nginx qw(wait_for start_redis);
use TokenRevoke::Token;

our @EXPORT_OK = qw(token_of words);

my $marks = 0;


sub new {
    my ($class, %o) = @_;

    my $redis = delete $o{shared} || start_redis();

    my $location = 'add_header X-Match "$token_revoke_match" always;'
                   . 'add_header X-Token "$token_revoke_token" always;'
                   . ($o{location} // '');

    my $nginx = TokenRevoke::Nginx->new(
        redis => 'unix:' . $redis->socket, %o, location => $location);

    return bless { redis => $redis, nginx => $nginx }, $class;
}


sub redis { $_[0]{redis} }
sub nginx { $_[0]{nginx} }


sub start {
    my ($self) = @_;

    $self->{nginx}->start;
    $self->{nginx}->wait_live or die "the edge does not follow the log\n";

    return $self;
}


# the pairs of an entry: as they are, or words separated by blanks

sub words { ref $_[0] ? @{ $_[0] } : split / +/, $_[0] }


# An entry may begin with an ID of its own: "1487894400500-0 sub alice".

sub add {
    my ($self, @entries) = @_;

    my @commands;

    for my $entry (@entries) {
        my @words = words($entry);
        my $id = $words[0] =~ /^\d+-\d+$/ ? shift @words : '*';

        push @commands, ['XADD', 'revoked', $id, @words];
    }

    return $self->{redis}->pipeline(@commands);
}


sub apply {
    my ($self, @entries) = @_;

    my @ids = $self->add(@entries);

    $self->sync;

    return @ids;
}


# what is in the log now is applied

sub sync {
    my ($self) = @_;

    my $mark = 'mark-' . ++$marks;

    $self->add("token $mark");
    wait_for { $self->status($mark) == 401 }
        or die "what was pushed is not applied\n";
}


# lifts what these entries revoke: their times do not matter

sub restore {
    my ($self, @entries) = @_;

    my @lifts;

    for my $entry (@entries) {
        my @words = words($entry);
        my @match;

        shift @words if $words[0] =~ /^\d+-\d+$/;

        while (my ($name, $value) = splice @words, 0, 2) {
            push @match, $name, $value
                if $name !~ /^(?:before|until|ttl|action|reason|by|ack)$/;
        }

        push @lifts, [@match, action => 'restore'] if @match;
    }

    return $self->apply(@lifts);
}


sub token_of {
    my ($token) = @_;

    return jws(@$token) if ref $token eq 'ARRAY';
    return jws($token) if $token =~ /^\{/;
    return $token;
}


# the answer to GET $uri with these tokens and fields

sub get {
    my ($self, $token, $uri, @fields) = @_;

    my %tokens = ref $token eq 'HASH' ? %$token
        : defined $token ? (Authorization => $token) : ();

    for my $name (sort keys %tokens) {
        my $value = token_of($tokens{$name});
        $value = "Bearer $value" if $name eq 'Authorization';
        unshift @fields, "$name: $value";
    }

    my $c = IO::Socket::INET->new(PeerAddr => '127.0.0.1',
                                  PeerPort => $self->{nginx}->port)
        or return '';

    $c->printflush(join "\r\n", 'GET ' . ($uri // '/') . ' HTTP/1.0',
                   grep({ /^Host:/ } @fields) ? () : 'Host: h', @fields,
                   '', '');

    return $self->{nginx}->answer($c);
}


sub status { TokenRevoke::Nginx::status_of(get(@_)) }


sub field_of { $_[0] =~ /^\Q$_[1]\E: (.*)\r$/m ? $1 : '' }


sub verdict {
    my ($self, @args) = @_;

    my $answer = $self->get(@args);

    my $status = TokenRevoke::Nginx::status_of($answer);
    my $says = field_of($answer, 'X-Status');
    my $match = field_of($answer, 'X-Match');

    return '' if "$status $says" eq '200 PASSED' and $match eq '';
    return $match if "$status $says" eq '401 REVOKED';
    return "200 $match" if "$status $says" eq '200 REVOKED_DRY_RUN';
    return "$status $says";
}


# One case of a table: [sentence, [entries], token => verdict, ...].  The rules
# are lifted afterwards, and then every token has to pass.

sub case {
    my ($self, $case) = @_;

    my ($name, $entries, @expected) = @$case;
    my @asked = @expected;

    Test::More::subtest($name => sub {
        $self->apply(@$entries);

        while (my ($token, $verdict) = splice @expected, 0, 2) {
            Test::More::is($self->verdict($token), $verdict, _shown($token));
        }

        $self->restore(@$entries);

        my @left;

        while (my ($token) = splice @asked, 0, 2) {
            push @left, _shown($token) if $self->verdict($token) ne '';
        }

        Test::More::is("@left", '', 'restored');
    });
}


# a token in the name of a test

sub _shown {
    my ($token) = @_;

    $token = join ' of ', @$token if ref $token eq 'ARRAY';
    $token = join ' and ', map { _shown($token->{$_}) } sort keys %$token
        if ref $token eq 'HASH';

    $token =~ s/([^ -~])/sprintf '\\x%02x', ord $1/ge;
    $token =~ s/#/\\#/g;

    return length $token > 100 ? substr($token, 0, 97) . '...' : $token;
}


1;
