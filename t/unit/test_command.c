
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Which commands may be asked over a shared connection.  The words are
 * separated by blanks; one that begins with "$" varies.
 */


#include <string.h>
#include "tap.h"

#include "trv_command.h"


typedef struct {
    const char     *words;
    trv_command_t   kind;
} command_case_t;


static const command_case_t  cases[] = {
    { "SISMEMBER set $token", TRV_COMMAND_FIT },
    { "smismember set a b", TRV_COMMAND_FIT },
    { "PING", TRV_COMMAND_FIT },
    { "BF.EXISTS bloom $token", TRV_COMMAND_FIT },
    { "my-module.ask_1 $token", TRV_COMMAND_FIT },
    { "EVALSHA 0123456789abcdef 1 BLOCK", TRV_COMMAND_FIT },
    { "GET BLOCK", TRV_COMMAND_FIT },
    { "SELECTED a", TRV_COMMAND_FIT },
    { "AUT h", TRV_COMMAND_FIT },

    { "$command a", TRV_COMMAND_NO_NAME },
    { "get$command a", TRV_COMMAND_NO_NAME },
    { "name=value GET a", TRV_COMMAND_NO_NAME },
    { "GET;DEL a", TRV_COMMAND_NO_NAME },
    { "'GET' a", TRV_COMMAND_NO_NAME },
    { "G\303\211T a", TRV_COMMAND_NO_NAME },
    { "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa a",
      TRV_COMMAND_FIT },
    { "aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa a",
      TRV_COMMAND_NO_NAME },

    { "BLPOP a 0", TRV_COMMAND_BLOCKS },
    { "bZpOpMiN a 0", TRV_COMMAND_BLOCKS },
    { "WAIT 1 0", TRV_COMMAND_BLOCKS },
    { "DEBUG SLEEP 1", TRV_COMMAND_BLOCKS },
    { "XREAD BLOCK 0 STREAMS a 0", TRV_COMMAND_BLOCKS },
    { "XREAD COUNT 1 block 0 STREAMS a 0", TRV_COMMAND_BLOCKS },
    { "XREADGROUP GROUP g c BLOCK 0 STREAMS a 0", TRV_COMMAND_BLOCKS },
    { "XREAD $one $two STREAMS a 0", TRV_COMMAND_BLOCKS },
    { "XREAD COUNT $one STREAMS a 0", TRV_COMMAND_BLOCKS },
    { "XREAD COUNT 1 STREAMS BLOCK 0", TRV_COMMAND_FIT },
    { "xread streams $key 0", TRV_COMMAND_FIT },

    { "SUBSCRIBE a", TRV_COMMAND_CONNECTION },
    { "MULTI", TRV_COMMAND_CONNECTION },
    { "SELECT 1", TRV_COMMAND_CONNECTION },
    { "auth a", TRV_COMMAND_CONNECTION },
    { "HELLO 3", TRV_COMMAND_CONNECTION },
    { "CLIENT REPLY OFF", TRV_COMMAND_CONNECTION },
    { "MONITOR", TRV_COMMAND_CONNECTION },
    { "QUIT", TRV_COMMAND_CONNECTION },
    { "RESET", TRV_COMMAND_CONNECTION },
};


int
main(void)
{
    size_t       i, n;
    uint8_t      varies[16];
    trv_str_t    words[16];
    const char  *p;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {

        for (p = cases[i].words, n = 0; *p != '\0'; n++) {
            words[n].data = (const uint8_t *) p;
            words[n].len = strcspn(p, " ");
            varies[n] = memchr(p, '$', words[n].len) != NULL;

            p += words[n].len;
            p += *p == ' ';
        }

        tap_uint(trv_command_check(words, varies, n), cases[i].kind,
                 cases[i].words);
    }

    words[0].len = 0;
    tap_uint(trv_command_check(words, varies, 1), TRV_COMMAND_NO_NAME,
             "an empty name");

    return tap_done();
}
