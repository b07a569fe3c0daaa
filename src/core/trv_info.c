
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * What a Redis says of itself.
 */


#include "trv_info.h"
#include "trv_number.h"


static void trv_info_line(trv_info_t *info, trv_str_t line);
static void trv_info_take(trv_info_t *info, unsigned key, trv_str_t value);
static void trv_info_take_role(trv_info_t *info, trv_str_t value);
static void trv_info_take_memory(trv_info_t *info, unsigned key,
    trv_str_t value);
static unsigned trv_info_version(trv_str_t value);
static void trv_info_copy(char *to, size_t size, trv_str_t value);
static int64_t trv_info_number(trv_str_t value);
static uint64_t trv_info_count(trv_str_t value);
static int trv_info_is(trv_str_t value, const char *text, size_t len);


/* true if the value is, or begins with, a literal */

#define trv_info_value(value, text)                                           \
    ((value).len == sizeof(text) - 1                                          \
     && trv_info_is(value, text, sizeof(text) - 1))

#define trv_info_begins(value, text)  trv_info_is(value, text, sizeof(text) - 1)


enum {
    TRV_INFO_VERSION = 0,
    TRV_INFO_RUN_ID,
    TRV_INFO_ROLE,
    TRV_INFO_REPLID,
    TRV_INFO_REPLID2,
    TRV_INFO_SECOND_OFFSET,
    TRV_INFO_LINK,
    TRV_INFO_SYNCING,
    TRV_INFO_LAST_IO,
    TRV_INFO_HOST,
    TRV_INFO_PORT,
    TRV_INFO_CLUSTER,
    TRV_INFO_LOADING,
    TRV_INFO_MAXMEMORY,
    TRV_INFO_POLICY,
    TRV_INFO_AOF,
    TRV_INFO_NKEYS
};


static const trv_str_t  trv_info_keys[TRV_INFO_NKEYS] = {
    [TRV_INFO_VERSION] = trv_string("redis_version"),
    [TRV_INFO_RUN_ID] = trv_string("run_id"),
    [TRV_INFO_ROLE] = trv_string("role"),
    [TRV_INFO_REPLID] = trv_string("master_replid"),
    [TRV_INFO_REPLID2] = trv_string("master_replid2"),
    [TRV_INFO_SECOND_OFFSET] = trv_string("second_repl_offset"),
    [TRV_INFO_LINK] = trv_string("master_link_status"),
    [TRV_INFO_SYNCING] = trv_string("master_sync_in_progress"),
    [TRV_INFO_LAST_IO] = trv_string("master_last_io_seconds_ago"),
    [TRV_INFO_HOST] = trv_string("master_host"),
    [TRV_INFO_PORT] = trv_string("master_port"),
    [TRV_INFO_CLUSTER] = trv_string("cluster_enabled"),
    [TRV_INFO_LOADING] = trv_string("loading"),
    [TRV_INFO_MAXMEMORY] = trv_string("maxmemory"),
    [TRV_INFO_POLICY] = trv_string("maxmemory_policy"),
    [TRV_INFO_AOF] = trv_string("aof_enabled"),
};


void
trv_info_clear(trv_info_t *info)
{
    memset(info, 0, sizeof(trv_info_t));

    info->second_offset = -1;
    info->last_io = -1;
}


void
trv_info_parse(trv_info_t *info, trv_str_t text)
{
    size_t          n;
    trv_str_t       line;
    const uint8_t  *end;

    while (text.len != 0) {

        end = memchr(text.data, '\n', text.len);
        n = end != NULL ? (size_t) (end - text.data) + 1 : text.len;

        line.data = text.data;
        line.len = end != NULL ? n - 1 : n;

        if (line.len != 0 && line.data[line.len - 1] == '\r') {
            line.len--;
        }

        trv_info_line(info, line);

        text.data += n;
        text.len -= n;
    }
}


static void
trv_info_line(trv_info_t *info, trv_str_t line)
{
    unsigned        key;
    trv_str_t       name, value;
    const uint8_t  *colon;

    colon = line.len != 0 ? memchr(line.data, ':', line.len) : NULL;

    if (colon == NULL) {
        return;
    }

    name.data = line.data;
    name.len = (size_t) (colon - line.data);
    value.data = colon + 1;
    value.len = line.len - name.len - 1;

    for (key = 0; key < TRV_INFO_NKEYS; key++) {
        if (trv_str_eq(name, trv_info_keys[key])) {
            trv_info_take(info, key, value);
            return;
        }
    }
}


static void
trv_info_take(trv_info_t *info, unsigned key, trv_str_t value)
{
    int64_t  number;

    switch (key) {

    case TRV_INFO_VERSION:
        info->version = trv_info_version(value);
        break;

    case TRV_INFO_RUN_ID:
        trv_info_copy(info->run_id, sizeof(info->run_id), value);
        break;

    case TRV_INFO_ROLE:
        trv_info_take_role(info, value);
        break;

    case TRV_INFO_REPLID:
        trv_info_copy(info->replid, sizeof(info->replid), value);
        break;

    case TRV_INFO_REPLID2:
        trv_info_copy(info->replid2, sizeof(info->replid2), value);
        break;

    case TRV_INFO_SECOND_OFFSET:
        info->second_offset = trv_info_number(value);
        break;

    case TRV_INFO_LINK:
        info->link_up = trv_info_value(value, "up");
        break;

    case TRV_INFO_SYNCING:
        info->syncing = !trv_info_value(value, "0");
        break;

    case TRV_INFO_LAST_IO:
        info->last_io = trv_info_number(value);
        break;

    case TRV_INFO_HOST:
        trv_info_copy(info->master_host, sizeof(info->master_host), value);
        break;

    case TRV_INFO_PORT:
        number = trv_info_number(value);
        info->master_port = number > 0 && number <= UINT16_MAX
                            ? (uint16_t) number : 0;
        break;

    case TRV_INFO_CLUSTER:
        info->cluster = trv_info_value(value, "1");
        break;

    case TRV_INFO_LOADING:
        info->loading = !trv_info_value(value, "0");
        break;

    default:
        trv_info_take_memory(info, key, value);
    }
}


/* what was said of a replica is not true of what it has become */

static void
trv_info_take_role(trv_info_t *info, trv_str_t value)
{
    info->link_up = 0;
    info->syncing = 0;
    info->last_io = -1;
    info->master_host[0] = '\0';
    info->master_port = 0;

    if (trv_info_value(value, "master")) {
        info->role = TRV_ROLE_MASTER;

    } else if (trv_info_value(value, "slave")
               || trv_info_value(value, "replica"))
    {
        info->role = TRV_ROLE_REPLICA;

    } else {
        info->role = TRV_ROLE_UNKNOWN;
    }
}


static void
trv_info_take_memory(trv_info_t *info, unsigned key, trv_str_t value)
{
    switch (key) {

    case TRV_INFO_MAXMEMORY:
        info->maxmemory = trv_info_count(value);
        break;

    case TRV_INFO_POLICY:
        info->evicts = trv_info_begins(value, "allkeys-");
        break;

    case TRV_INFO_AOF:
        info->persistence_known = 1;
        info->aof = trv_info_value(value, "1");
        break;
    }
}


/* up to three numbers with dots between them; what follows is of no interest */

static unsigned
trv_info_version(trv_str_t value)
{
    size_t    i;
    unsigned  n, part, version;

    n = 0;
    part = 0;
    version = 0;

    for (i = 0; i < value.len; i++) {

        if (value.data[i] >= '0' && value.data[i] <= '9') {
            part = part * 10 + (value.data[i] - '0');
            part = part < 255 ? part : 255;
            continue;
        }

        if (value.data[i] != '.' || n == 2) {
            break;
        }

        version |= part << (16 - 8 * n++);
        part = 0;
    }

    return version | part << (16 - 8 * n);
}


static void
trv_info_copy(char *to, size_t size, trv_str_t value)
{
    to[0] = '\0';

    if (value.len != 0 && value.len < size) {
        memcpy(to, value.data, value.len);
        to[value.len] = '\0';
    }
}


static int64_t
trv_info_number(trv_str_t value)
{
    int64_t  number;

    return trv_number_parse(value, &number) == TRV_OK ? number : -1;
}


static uint64_t
trv_info_count(trv_str_t value)
{
    int64_t  number;

    number = trv_info_number(value);

    return number > 0 ? (uint64_t) number : 0;
}


static int
trv_info_is(trv_str_t value, const char *text, size_t len)
{
    return value.len >= len && memcmp(value.data, text, len) == 0;
}


int64_t
trv_info_lag(const trv_info_t *info)
{
    if (info->loading) {
        return -1;
    }

    if (info->role == TRV_ROLE_MASTER) {
        return 0;
    }

    if (info->role != TRV_ROLE_REPLICA || !info->link_up || info->syncing
        || info->last_io < 0 || info->last_io > INT64_MAX / 1000 - 1)
    {
        return -1;
    }

    return (info->last_io + 1) * 1000;
}
