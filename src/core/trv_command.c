
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 */


#include "trv_command.h"


typedef struct {
    trv_str_t      name;
    trv_command_t  kind;
} trv_command_name_t;


static trv_command_t trv_command_stream(const trv_str_t *words,
    const uint8_t *varies, size_t n);


static const trv_command_name_t  trv_commands[] = {
    { trv_string("BLPOP"), TRV_COMMAND_BLOCKS },
    { trv_string("BRPOP"), TRV_COMMAND_BLOCKS },
    { trv_string("BRPOPLPUSH"), TRV_COMMAND_BLOCKS },
    { trv_string("BLMOVE"), TRV_COMMAND_BLOCKS },
    { trv_string("BLMPOP"), TRV_COMMAND_BLOCKS },
    { trv_string("BZPOPMIN"), TRV_COMMAND_BLOCKS },
    { trv_string("BZPOPMAX"), TRV_COMMAND_BLOCKS },
    { trv_string("BZMPOP"), TRV_COMMAND_BLOCKS },
    { trv_string("WAIT"), TRV_COMMAND_BLOCKS },
    { trv_string("WAITAOF"), TRV_COMMAND_BLOCKS },
    { trv_string("DEBUG"), TRV_COMMAND_BLOCKS },

    { trv_string("SUBSCRIBE"), TRV_COMMAND_CONNECTION },
    { trv_string("PSUBSCRIBE"), TRV_COMMAND_CONNECTION },
    { trv_string("SSUBSCRIBE"), TRV_COMMAND_CONNECTION },
    { trv_string("UNSUBSCRIBE"), TRV_COMMAND_CONNECTION },
    { trv_string("PUNSUBSCRIBE"), TRV_COMMAND_CONNECTION },
    { trv_string("SUNSUBSCRIBE"), TRV_COMMAND_CONNECTION },
    { trv_string("MULTI"), TRV_COMMAND_CONNECTION },
    { trv_string("EXEC"), TRV_COMMAND_CONNECTION },
    { trv_string("DISCARD"), TRV_COMMAND_CONNECTION },
    { trv_string("WATCH"), TRV_COMMAND_CONNECTION },
    { trv_string("UNWATCH"), TRV_COMMAND_CONNECTION },
    { trv_string("SELECT"), TRV_COMMAND_CONNECTION },
    { trv_string("AUTH"), TRV_COMMAND_CONNECTION },
    { trv_string("HELLO"), TRV_COMMAND_CONNECTION },
    { trv_string("MONITOR"), TRV_COMMAND_CONNECTION },
    { trv_string("CLIENT"), TRV_COMMAND_CONNECTION },
    { trv_string("QUIT"), TRV_COMMAND_CONNECTION },
    { trv_string("RESET"), TRV_COMMAND_CONNECTION },
    { trv_string("ASKING"), TRV_COMMAND_CONNECTION },
    { trv_string("READONLY"), TRV_COMMAND_CONNECTION },
    { trv_string("READWRITE"), TRV_COMMAND_CONNECTION },
    { trv_string("SYNC"), TRV_COMMAND_CONNECTION },
    { trv_string("PSYNC"), TRV_COMMAND_CONNECTION },
    { trv_string("REPLCONF"), TRV_COMMAND_CONNECTION },
    { trv_string("SHUTDOWN"), TRV_COMMAND_CONNECTION },
};


trv_command_t
trv_command_check(const trv_str_t *words, const uint8_t *varies, size_t n)
{
    size_t     i;
    uint8_t    c;
    trv_str_t  name;

    static const trv_str_t  xread = trv_string("XREAD");
    static const trv_str_t  xreadgroup = trv_string("XREADGROUP");

    name = words[0];

    if (varies[0] || name.len == 0 || name.len > TRV_COMMAND_NAME_MAX) {
        return TRV_COMMAND_NO_NAME;
    }

    for (i = 0; i < name.len; i++) {
        c = trv_lower(name.data[i]);

        if (!(c >= 'a' && c <= 'z') && !(c >= '0' && c <= '9') && c != '.'
            && c != '_' && c != '-')
        {
            return TRV_COMMAND_NO_NAME;
        }
    }

    for (i = 0; i < sizeof(trv_commands) / sizeof(trv_commands[0]); i++) {
        if (trv_str_caseeq(name, trv_commands[i].name)) {
            return trv_commands[i].kind;
        }
    }

    if (trv_str_caseeq(name, xread) || trv_str_caseeq(name, xreadgroup)) {
        return trv_command_stream(words, varies, n);
    }

    return TRV_COMMAND_FIT;
}


/* XREAD waits where it is told to: in front of the names of its streams */

static trv_command_t
trv_command_stream(const trv_str_t *words, const uint8_t *varies, size_t n)
{
    size_t  i;

    static const trv_str_t  block = trv_string("BLOCK");
    static const trv_str_t  streams = trv_string("STREAMS");

    for (i = 1; i < n; i++) {

        if (varies[i] || trv_str_caseeq(words[i], block)) {
            return TRV_COMMAND_BLOCKS;
        }

        if (trv_str_caseeq(words[i], streams)) {
            break;
        }
    }

    return TRV_COMMAND_FIT;
}
