package Demo::Conf;

# The configurations of the application and of an edge.

use strict;
use warnings;


# what all of them need to stay within their directory
sub _main {
    my ($dir) = @_;

    my $user = $> == 0 ? 'user root;' : '';

    return <<"_EOC_";
daemon off;
$user
pid "$dir/nginx.pid";
error_log "$dir/error.log" notice;
events { worker_connections 512; }
_EOC_
}


sub _http {
    my ($dir) = @_;

    my $paths = join '', map { "    ${_}_temp_path \"$dir/$_\";\n" }
                             qw(client_body proxy fastcgi uwsgi scgi);

    return <<"_EOC_";
$paths    access_log off;
    default_type text/plain;
    keepalive_requests 10000000;
    client_header_buffer_size 8k;
_EOC_
}


# It says hello to whoever comes with a token that it has given out, and has
# never heard of revocation.
sub app {
    my ($dir, @people) = @_;

    my $map = sub {
        my ($prefix, $kind) = @_;
        return join '', map { "        \"$prefix$_->{$kind}\" "
                              . "\"$_->{name}\";\n" } @people;
    };

    return _main("$dir/app") . "worker_processes 1;\nhttp {\n"
        . _http("$dir/app") . <<"_EOC_";
    map_hash_max_size 16384;
    map_hash_bucket_size 2048;

    map \$http_authorization \$app_user {
        default "";
${\$map->('Bearer ', 'jwt')}    }

    map \$cookie_session \$name {
        default \$app_user;
${\$map->('', 'session')}    }

    server {
        listen "unix:$dir/app.sock";

        if (\$name = "") {
            return 403 "who are you?\\n";
        }

        return 200 "hello \$name\\n";
    }
}
_EOC_
}


# what an operator adds to an nginx.conf
sub edge_lines {
    my ($module, $redis) = @_;

    return (
        ["load_module \"$module\";"],
        ["token_revoke_zone  zone=edge:64m \"redis=unix:$redis\";"],
        ['token_revoke       zone=edge;',
         'token_revoke_from  bearer cookie:session;'],
    );
}


# dir, port, workers, module, redis
sub edge {
    my (%o) = @_;

    my $name = $o{name};
    my ($load, $zone, $server) = map { join "\n", @$_ }
                                     edge_lines($o{module}, $o{redis});

    return "$load\n" . _main("$o{dir}/$name")
        . "worker_processes $o{workers};\nhttp {\n"
        . _http("$o{dir}/$name") . <<"_EOC_";
    $zone

    upstream app {
        server "unix:$o{dir}/app.sock";
        keepalive 16;
        keepalive_requests 10000000;
    }

    server {
        listen 127.0.0.1:$o{port} reuseport;

        $server

        # a line for each of 200,000 refusals would only fill the log
        token_revoke_log_level info;

        location / {
            proxy_pass http://app;
            proxy_http_version 1.1;
            proxy_set_header Connection "";
            add_header X-Worker \$pid always;
        }
    }
}
_EOC_
}


1;
