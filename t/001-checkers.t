# Whether the checkers find anything: each sees one fault, planted in a small
# tree of its own, where it was silent before.

use strict;
use warnings;

use File::Copy qw(copy);
use File::Path qw(make_path);
use File::Temp qw(tempdir);
use Test::More;

my $tree = tempdir(CLEANUP => 1);

my %good = (
    'src/core/trv_sample.h' => <<'_EOC_',

/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 */


#include <stdint.h>
#include <string.h>


int trv_sample_eq(const uint8_t *a, const uint8_t *b, size_t len);
_EOC_

    'src/core/trv_sample.c' => <<'_EOC_',

/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 */


#include "trv_sample.h"


int
trv_sample_eq(const uint8_t *a, const uint8_t *b, size_t len)
{
    if (len == 0) {
        return 1;
    }

    return memcmp(a, b, len) == 0;
}
_EOC_

    'src/codec/trv_copy.c' => <<'_EOC_',

/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 */


#include <stdlib.h>
#include <jansson.h>

#include "../core/trv_sample.h"


void *trv_copy(const void *data, size_t len);


void *
trv_copy(const void *data, size_t len)
{
    void  *copy;

    copy = malloc(len);
    if (copy == NULL) {
        return NULL;
    }

    return memcpy(copy, data, len);
}
_EOC_

    'src/codec/trv_token.h' => <<'_EOC_',
int trv_sample_eq(const void *a, const void *b, unsigned long len);
_EOC_

    't/100-sample.t' => <<'_EOC_',
=== TEST 1: a sample
--- config
    proxy_pass http://127.0.0.1:$TEST_NGINX_SERVER_PORT;
_EOC_
);


# what is planted: where, what there, instead of it, what is said

my $core = 'src/core/trv_sample.c';
my $codec = 'src/codec/trv_copy.c';
my $sample = 't/100-sample.t';

my @faults = (

    # checker, file, text, fault, answer
    ['style', $core, 'if (len', 'if(len', qr/^-    if\(len/m],
    ['style', $core, "len)\n{", 'len) {', qr/^-trv_sample_eq.* \{$/m],
    ['style', $core, '  return 1', ' return 1', qr/^-       return 1/m],

    ['lint', $core, 'return 1;', 'return 1;' . ' ' x 80 . '/* */',
     qr/trv_sample\.c:14: line is over 80 columns/],
    ['lint', $core, '    if', "\tif", qr/:13: tab/],
    ['lint', $core, 'return 1;', 'return 1; ', qr/:14: trailing space/],
    ['lint', $core, 'return 1;', 'return 1; // yes', qr{:14: a // comment}],
    ['lint', $core, "}\n\n    ret", "}\n    ret\n}\n\nint x;\n",
     qr/two empty lines between definitions/],
    ['lint', $core, 'Copyright', 'Written', qr/:2: no copyright notice/],
    ['lint', $core, "{\n    if", "{\n" . "\n" x 483 . '    if',
     qr/trv_sample\.c:501: file has over 500 lines/],
    ['lint', $codec, 'if (copy == NULL)', 'if (len == 0)',
     qr/:21: copy is not tested for NULL/],
    ['lint', $codec, 'copy = m', 'ngx_log_error(1, 2, 3, "Bad");copy = m',
     qr/:21: log text starts with a capital/],
    ['lint', $codec, 'copy = m', "ngx_log_error(1, 2, 3, \"bad.\");\n",
     qr/:21: log text ends with a full stop/],
    ['lint', $codec, 'copy = m', "ngx_log_error(1, \"x %V\", &r->token);\n",
     qr/:21: a token in the log/],
    ['lint', $sample, '--- config', "--- ONLY\n--- config",
     qr/100-sample\.t:2: ONLY or LAST left behind/],
    ['lint', $sample, '$TEST_NGINX_SERVER_PORT', '6379',
     qr/100-sample\.t:3: a literal port/],
    ['lint', $sample, '=== ', "plan tests =>" . " 3;\n\n=== ",
     qr/100-sample\.t:1: a literal plan/],

    ['layers', $core, '"trv_sample.h"', "\"trv_sample.h\"\n#include <stdio.h>",
     qr{trv_sample\.c: core may not include stdio\.h}],
    ['layers', $core, 'return memcmp(a, b, len)',
     'return strncmp((char *) a, (char *) b, len)',
     qr{trv_sample\.c needs strncmp\(\), the core calls only mem}],
    ['layers', $codec, '<jansson.h>', '<sys/socket.h>',
     qr{trv_copy\.c: codec may not include sys/socket\.h}],
    ['layers', $codec, '<jansson.h>', '"../ngx_http_token_revoke.h"',
     qr{trv_copy\.c: codec may not include \.\./ngx_http_token_revoke\.h}],
    ['layers', 'src/codec/trv_sample.h', '', '',
     qr/a header of this name is in core and in codec/],
    ['layers', $core, '"trv_sample.h"', '"trv_token.h"',
     qr/core may not include trv_token\.h, it is of codec/],
    ['layers', 'src/cli/cli_sample.c', '', "#include <ngx_core.h>\n",
     qr/cli_sample\.c: cli may not include ngx_core\.h/],
    ['layers', 'src/cli/cli_sample.c', '', "#include <sys/socket.h>\n",
     qr{cli_sample\.c: cli may not include sys/socket\.h}],
    ['layers', $codec, '<jansson.h>', '"../cli/cli.h"',
     qr{trv_copy\.c: codec may not include \.\./cli/cli\.h}],
    ['layers', 'src/sample.c', '', "#include \"cli/cli.h\"\n",
     qr/nothing may include the command/],
    ['layers', 't/unit/test_sample.c', '', "#include <ngx_core.h>\n",
     qr/test_sample\.c: nginx is for the glue only/],
);

my %command = (
    style  => "tools/style.sh $core $codec",
    lint   => "perl tools/lint.pl $core $codec $sample",
    layers => 'tools/layers.sh',
);

make_path(map { "$tree/$_" } qw(tools src/core src/codec src/cli
                            t/unit));

for my $file ('.uncrustify.cfg', glob 'tools/*') {
    copy($file, "$tree/$file") or die "$file: $!\n";
    chmod 0755, "$tree/$file";
}

write_file($_, $good{$_}) for keys %good;

for my $checker (sort keys %command) {
    my ($status, $said) = run($checker);

    is("$status $said", '0 ', "$checker: nothing to say of a good tree");
}

for my $fault (@faults) {
    my ($checker, $file, $text, $instead, $answer) = @$fault;

    my $is = $good{$file} // '';
    my $at = index $is, $text;

    die "no \"$text\" in $file\n" if $at < 0;

    substr $is, $at, length $text, $instead;
    write_file($file, $is);

    my ($status, $said) = run($checker);

    is($status, 1, "$checker sees: $answer");
    like($said, $answer, '  and says where');

    if (defined $good{$file}) {
        write_file($file, $good{$file});

    } else {
        unlink "$tree/$file";
    }
}

done_testing();


sub write_file {
    my ($name, $text) = @_;

    open my $out, '>', "$tree/$name" or die "$name: $!\n";
    print $out $text;
    close $out;
}


sub run {
    my ($checker) = @_;

    my $said = `cd $tree && $command{$checker} 2>&1`;

    return ($? >> 8, $said);
}
