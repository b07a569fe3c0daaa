package Bench::Conf;

# The configurations: each system as somebody who knows it would write it, and
# all of them answer with the same empty picture.  One worker, which has the
# first core; no access log.
#
# %o of each: port, modules (a directory), module (ours), redis (a socket),
# and what is said at the function.

use strict;
use warnings;


sub _nginx {
    my ($o, $main, $http, $server) = @_;

    my $temp = join ' ', map { "${_}_temp_path logs;" }
        qw(client_body proxy fastcgi uwsgi scgi);
    my $workers = $o->{workers} // 1;
    my $affinity = $o->{affinity} // '01';

    return <<"_EOC_";
$main
daemon off;
@{[ $o->{single} ? 'master_process off;' : '' ]}
pid logs/nginx.pid;
error_log logs/error.log notice;
worker_processes $workers;
@{[ $affinity ? "worker_cpu_affinity $affinity;" : '' ]}
events { worker_connections 2048; }
http {
    access_log off;
    $temp
    keepalive_requests 1000000000;
    keepalive_timeout 1h;
$http
    server {
        listen 127.0.0.1:$o->{port} backlog=1024;
$server
    }
}
_EOC_
}


# nginx with nothing added

sub plain {
    my (%o) = @_;

    return _nginx(\%o, '', '', <<'_EOC_');
        location / { empty_gif; }
_EOC_
}


# The module.  zones: { name => size }; each follows the log of its name and
# has a location /name.  "strict" is the zone that this is tried with, "query"
# true if it is tried, "probe" the module of bench/probe.

sub edge {
    my (%o) = @_;

    my ($http, $server) = ('', '');

    for my $name (sort keys %{ $o{zones} }) {
        $http .= "    token_revoke_zone zone=$name:$o{zones}{$name}"
            . " redis=unix:$o{redis} log=$name;\n";
        $server .= "        location = /$name {"
            . " token_revoke zone=$name; empty_gif; }\n";
    }

    $http .= "    token_revoke_log_level info;\n";

    $server .= "        location = /strict { token_revoke zone=$o{strict};"
        . " token_revoke_strict on; empty_gif; }\n" if $o{strict};

    $server .= "        location = /query {"
        . " token_revoke_query redis=unix:$o{redis}"
        . " EXISTS keys:\$token_revoke_token_sha256; empty_gif; }\n"
        if $o{query};

    $server .= <<'_EOC_';
        location = /off { empty_gif; }
        location = /worker { add_header X-Worker $pid always; empty_gif; }
_EOC_

    my $main = "load_module $o{module};";

    if ($o{probe}) {
        $main .= "\nload_module $o{probe};";
        $server .= "        location = /probe { token_revoke_probe; }\n";
    }

    return _nginx(\%o, $main, $http, $server);
}


# Lua: "/dict" looks up the binary SHA-256 in a shared dictionary, the best
# that Lua can do; "/redis" asks Redis once, over a pool of connections.
# hashes: a file of upper case hex digits for the dictionary, of "size".

sub lua {
    my (%o) = @_;

    my $main = join "\n", map { "load_module $o{modules}/$_.so;" }
        'ndk_http_module', 'ngx_http_lua_module';

    my $http = <<"_EOC_";
    lua_shared_dict revoked $o{size};
    init_by_lua_block {
        sha256 = require "nginx.sha256"
        redis = require "nginx.redis"
        to_hex = require("nginx.string").to_hex

        local byte = {}

        for i = 0, 255 do
            byte[string.format("%02X", i)] = string.char(i)
        end

        for line in io.lines("$o{hashes}") do
            assert(ngx.shared.revoked:safe_set((line:gsub("%x%x", byte)), 1))
        end

        collectgarbage()
        hash = sha256:new()
    }
_EOC_

    my $server = <<"_EOC_";
        location = /dict {
            access_by_lua_block {
                local value = ngx.var.http_authorization

                if value and value:sub(1, 7) == "Bearer " then
                    hash:reset()
                    hash:update(value:sub(8))

                    if ngx.shared.revoked:get(hash:final()) then
                        return ngx.exit(401)
                    end
                end
            }
            empty_gif;
        }
        location = /redis {
            access_by_lua_block {
                local value = ngx.var.http_authorization

                if value and value:sub(1, 7) == "Bearer " then
                    local hash = sha256:new()
                    hash:update(value:sub(8))

                    local r = redis:new()
                    r:set_timeout(1000)

                    if not r:connect("unix:$o{redis}") then
                        return ngx.exit(503)
                    end

                    local found, err = r:get("keys:" .. to_hex(hash:final()))

                    if err then
                        return ngx.exit(503)
                    end

                    r:set_keepalive(10000, 100)

                    if found ~= ngx.null then
                        return ngx.exit(401)
                    end
                end
            }
            empty_gif;
        }
_EOC_

    return _nginx(\%o, $main, $http, $server);
}


# auth_request to a service on this machine, which is /redis of Lua: "service"
# is its port

sub auth {
    my (%o) = @_;

    my $http = <<"_EOC_";
    upstream service {
        server 127.0.0.1:$o{service};
        keepalive 64;
        keepalive_requests 1000000000;
    }
_EOC_

    return _nginx(\%o, '', $http, <<'_EOC_');
        location = /auth { auth_request /ask; empty_gif; }
        location = /ask {
            internal;
            proxy_pass http://service/redis;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            proxy_pass_request_body off;
            proxy_set_header Content-Length "";
        }
_EOC_
}


# HAProxy with its own base beside it: off_port answers without asking.
# hashes: a file of upper case hex digits; gif: the empty picture.

sub haproxy {
    my (%o) = @_;

    my $answer = "http-request return status 200 content-type image/gif"
        . " file $o{gif}";
    my $hash = "req.hdr(authorization),word(2,' '),sha2(256),hex";

    return <<"_EOC_";
global
    nbthread 1
    maxconn 4000

defaults
    mode http
    timeout client 1h
    timeout connect 5s
    timeout server 5s
    timeout http-keep-alive 1h

frontend off
    bind 127.0.0.1:$o{off_port}
    $answer

frontend on
    bind 127.0.0.1:$o{port}
    acl revoked $hash -m str -f $o{hashes}
    http-request deny deny_status 401 if revoked
    $answer
_EOC_
}


1;
