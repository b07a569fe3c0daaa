# The module that was built is one that nginx loads, and that other modules do
# not see: nginx loads them with RTLD_GLOBAL.

use lib 't/lib';
use TokenRevoke;

my $module = $ENV{TEST_NGINX_LOAD_MODULES};

my @seen = sort map { (split)[-1] } `nm -D --defined-only $module`;

is("@seen", 'ngx_http_token_revoke_module ngx_module_names'
            . ' ngx_module_order ngx_modules', 'only nginx\'s names are seen');

ok(-s 'build/nginx-src/objs/Makefile', 'nginx was configured here');

run_tests();

__DATA__

=== TEST 1: a configuration that does not use the module is served as ever
--- config
    location = /t {
        return 200 "still here\n";
    }
--- request
GET /t
--- response_body
still here



=== TEST 2: the module is loaded once only
--- main_config eval
"load_module $ENV{TEST_NGINX_LOAD_MODULES};"
--- config
--- must_die
--- error_log
module "ngx_http_token_revoke_module" is already loaded
