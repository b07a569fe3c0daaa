
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What --json prints.
 */


#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#include "cli_json.h"
#include "cli_text.h"


/* ASCII: what turns the direction of text is escaped, too */

#define CLI_JSON_FLAGS  (JSON_COMPACT | JSON_ENSURE_ASCII)


static const char  cli_json_unknown[] = "\xef\xbf\xbd";


json_t *
cli_json_text(trv_str_t text)
{
    char    *buf, *p;
    size_t   n;
    json_t  *value;

    value = json_stringn((const char *) text.data, text.len);

    if (value != NULL || text.len == 0) {
        return value != NULL ? value : json_string("");
    }

    buf = malloc(3 * text.len);

    if (buf == NULL) {
        return NULL;
    }

    for (p = buf; text.len != 0; /* void */ ) {
        n = cli_text_char(text);

        if (n != 0 || text.data[0] < 0x80) {
            n = n != 0 ? n : 1;
            memcpy(p, text.data, n);
            p += n;

        } else {
            n = 1;
            memcpy(p, cli_json_unknown, sizeof(cli_json_unknown) - 1);
            p += sizeof(cli_json_unknown) - 1;
        }

        text.data += n;
        text.len -= n;
    }

    value = json_stringn(buf, (size_t) (p - buf));

    free(buf);

    return value;
}


json_t *
cli_json_id(trv_id_t id)
{
    uint8_t  buf[TRV_ID_LEN];

    return json_stringn((char *) buf, trv_id_format(id, buf));
}


json_t *
cli_json_hex(trv_str_t bytes)
{
    char               *hex;
    size_t              i;
    json_t             *value;
    static const char   digits[] = "0123456789abcdef";

    hex = malloc(2 * bytes.len + 1);

    if (hex == NULL) {
        return NULL;
    }

    for (i = 0; i < bytes.len; i++) {
        hex[2 * i] = digits[bytes.data[i] >> 4];
        hex[2 * i + 1] = digits[bytes.data[i] & 15];
    }

    value = json_stringn(hex, 2 * bytes.len);

    free(hex);

    return value;
}


cli_status_t
cli_json_put(const cli_command_t *command, json_t *object)
{
    int  rc;

    rc = object != NULL ? json_dumpf(object, stdout, CLI_JSON_FLAGS) : -1;

    json_decref(object);

    if (rc != 0 && !ferror(stdout)) {
        fprintf(stderr, CLI_NAME " %s: there is no memory\n", command->name);
        return CLI_FAILED;
    }

    putchar('\n');

    return CLI_DONE;
}
