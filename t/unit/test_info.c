
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 */


#include <stdlib.h>
#include "../../src/core/trv_info.h"
#include "tap.h"


#define ID1  "0123456789abcdef0123456789abcdef01234567"
#define ID2  "89abcdef0123456789abcdef0123456789abcdef"

#define VERSION(major, minor, patch)  ((major) << 16 | (minor) << 8 | (patch))


/* as Redis 7.0 writes it, less most lines that are of no interest */

#define MASTER                                                                \
    "# Server\r\nredis_version:7.0.15\r\nredis_mode:standalone\r\n"           \
    "run_id:" ID1 "\r\nuptime_in_seconds:7200\r\n\r\n"                        \
    "# Memory\r\nmaxmemory:1048576\r\nmaxmemory_human:1.00M\r\n"              \
    "maxmemory_policy:allkeys-lru\r\n\r\n"                                    \
    "# Persistence\r\nloading:0\r\nasync_loading:0\r\n"                       \
    "rdb_changes_since_last_save:17\r\nrdb_saves:0\r\n"                       \
    "rdb_last_bgsave_time_sec:-1\r\naof_enabled:0\r\n\r\n"                    \
    "# Replication\r\nrole:master\r\nconnected_slaves:0\r\n"                  \
    "master_replid:" ID1 "\r\nmaster_replid2:" ID2 "\r\n"                     \
    "master_repl_offset:0\r\nsecond_repl_offset:4711\r\n\r\n"                 \
    "# Cluster\r\ncluster_enabled:1\r\n"

#define REPLICA                                                               \
    "# Replication\r\nrole:slave\r\nmaster_host:redis-1.example\r\n"          \
    "master_port:6380\r\nmaster_link_status:up\r\n"                           \
    "master_last_io_seconds_ago:3\r\nmaster_sync_in_progress:0\r\n"           \
    "master_replid:" ID2 "\r\nsecond_repl_offset:-1\r\n"

#define VALKEY                                                                \
    "# Server\r\nredis_version:7.2.4\r\nserver_name:valkey\r\n"               \
    "valkey_version:8.0.1\r\n"


static trv_str_t
str(const char *text)
{
    trv_str_t  s;

    s.data = (const uint8_t *) text;
    s.len = strlen(text);

    return s;
}


static void
test_sections(void)
{
    trv_info_t  info;

    trv_info_clear(&info);

    tap_ok(info.role == TRV_ROLE_UNKNOWN && info.last_io == -1
           && info.second_offset == -1 && trv_info_lag(&info) == -1
           && !info.persistence_known, "nothing is known");

    trv_info_parse(&info, str(MASTER));

    tap_ok(info.role == TRV_ROLE_MASTER && info.version == VERSION(7, 0, 15)
           && strcmp(info.run_id, ID1) == 0 && strcmp(info.replid, ID1) == 0
           && strcmp(info.replid2, ID2) == 0 && info.second_offset == 4711,
           "a master: who it is");

    tap_ok(info.cluster && !info.loading && info.maxmemory == 1048576
           && info.evicts && info.persistence_known && !info.aof,
           "and how it keeps the log");

    tap_ok(trv_info_lag(&info) == 0, "it confirms what it says");

    trv_info_parse(&info, str(REPLICA));

    tap_ok(info.role == TRV_ROLE_REPLICA && info.link_up && !info.syncing
           && info.last_io == 3 && info.master_port == 6380
           && strcmp(info.master_host, "redis-1.example") == 0
           && strcmp(info.replid, ID2) == 0 && info.second_offset == -1
           && trv_info_lag(&info) == 4000, "it has become a replica");

    tap_ok(info.cluster && info.version == VERSION(7, 0, 15),
           "what a section does not say stays");

    trv_info_parse(&info, str("role:master\r\n"));

    tap_ok(trv_info_lag(&info) == 0 && info.last_io == -1 && !info.link_up
           && info.master_host[0] == '\0' && info.master_port == 0,
           "and a master again");

    trv_info_parse(&info, str(VALKEY));

    tap_ok(info.version == VERSION(7, 2, 4), "Valkey: the Redis it is like");
}


/* what the lag is: a base, and lines that change it */

typedef struct {
    const char  *lines;
    int64_t      lag;
} lag_case_t;


static const lag_case_t  lags[] = {
    { "role:master\r\n",                                   0 },
    { "role:master\r\nloading:1\r\n",                     -1 },
    { "role:master\r\nmaster_link_status:down\r\n",        0 },
    { "role:replica\r\nmaster_link_status:up\r\n"
      "master_last_io_seconds_ago:0\r\n",               1000 },
    { "role:slave\r\n",                                   -1 },
    { "role:slave\r\nmaster_link_status:up\r\n",          -1 },
    { "role:slave\r\nmaster_last_io_seconds_ago:1\r\n",   -1 },
    { "role:slave\nmaster_link_status:up\n"
      "master_last_io_seconds_ago:59\n",               60000 },
    { "role:slave\r\nmaster_link_status:down\r\n"
      "master_last_io_seconds_ago:1\r\n",                 -1 },
    { "role:slave\r\nmaster_link_status:UP\r\n"
      "master_last_io_seconds_ago:1\r\n",                 -1 },
    { "role:slave\r\nmaster_link_status:up\r\n"
      "master_last_io_seconds_ago:-1\r\n",                -1 },
    { "role:slave\r\nmaster_link_status:up\r\n"
      "master_last_io_seconds_ago:x\r\n",                 -1 },
    { "role:slave\r\nmaster_link_status:up\r\n"
      "master_last_io_seconds_ago:1\r\n"
      "master_sync_in_progress:1\r\n",                    -1 },
    { "role:slave\r\nmaster_link_status:up\r\n"
      "master_last_io_seconds_ago:1\r\nloading:1\r\n",    -1 },
    { "role:slave\r\nmaster_link_status:up\r\n"
      "master_last_io_seconds_ago:9223372036854775807\r\n", -1 },
    { "role:slave\r\nmaster_link_status:up\r\n"
      "master_last_io_seconds_ago:1\r\nrole:slave\r\n",   -1 },
    { "role:sentinel\r\n",                                -1 },
    { "role:\r\n",                                        -1 },
    { "role:masters\r\n",                                 -1 },
    { "Role:master\r\n",                                  -1 },
    { " role:master\r\n",                                 -1 },
    { "# role:master\r\n",                                -1 },
    { "role master\r\n",                                  -1 },
    { "role:master",                                       0 },
    { "",                                                 -1 },
};


typedef struct {
    const char  *text;
    unsigned     version;
} version_case_t;


static const version_case_t  versions[] = {
    { "7.0.15",         VERSION(7, 0, 15) },
    { "255.255.255",    VERSION(255, 255, 255) },
    { "7",              VERSION(7, 0, 0) },
    { "6.2",            VERSION(6, 2, 0) },
    { "8.0.0-rc1",      VERSION(8, 0, 0) },
    { "7.4.1.9",        VERSION(7, 4, 1) },
    { "7.0.4000000000", VERSION(7, 0, 255) },
    { "x",              0 },
    { "",               0 },
    { "-7",             0 },
};


static void
test_versions(void)
{
    char        line[64];
    size_t      i;
    trv_info_t  info;

    for (i = 0; i < sizeof(versions) / sizeof(versions[0]); i++) {
        trv_info_clear(&info);
        sprintf(line, "redis_version:%s\r\n", versions[i].text);
        trv_info_parse(&info, str(line));

        tap_uint(info.version, versions[i].version, versions[i].text);
    }
}


/* what is longer than its room is not known, rather than another thing */

static void
test_long(void)
{
    char        line[400];
    trv_info_t  info;

    trv_info_clear(&info);
    trv_info_parse(&info, str("master_replid:" ID1 "\r\n"));
    trv_info_parse(&info, str("master_replid:" ID1 "0\r\n"));

    tap_ok(info.replid[0] == '\0', "an ID of 41 digits");

    memset(line, 'h', sizeof(line));
    memcpy(line, "master_host:", 12);
    line[12 + TRV_INFO_HOST_LEN] = '\0';

    trv_info_parse(&info, str(line));
    tap_ok(strlen(info.master_host) == TRV_INFO_HOST_LEN, "the longest host");

    line[12 + TRV_INFO_HOST_LEN] = 'h';
    line[12 + TRV_INFO_HOST_LEN + 1] = '\0';

    trv_info_parse(&info, str(line));
    tap_ok(info.master_host[0] == '\0', "one byte more");

    trv_info_parse(&info, str("master_port:65535\r\n"));
    tap_ok(info.master_port == 65535, "the last port");

    trv_info_parse(&info, str("master_port:65536\r\n"));
    tap_ok(info.master_port == 0, "no port");

    trv_info_parse(&info, str("maxmemory:-1\r\nmaxmemory_policy:allkeys\r\n"));
    tap_ok(info.maxmemory == 0 && !info.evicts, "no limit, no policy");

    trv_info_parse(&info, str("maxmemory_policy:volatile-lru\r\n"));
    tap_ok(!info.evicts, "a policy that leaves the log alone");
}


/* every prefix, from memory of its size: a sanitizer looks on */

static void
test_prefixes(void)
{
    size_t      len;
    uint8_t    *memory;
    trv_str_t   text;
    trv_info_t  info, whole;

    trv_info_clear(&whole);

    for (len = 0; len <= sizeof(MASTER) - 1; len++) {
        memory = malloc(len != 0 ? len : 1);
        memcpy(memory, MASTER, len);

        text.data = memory;
        text.len = len;

        trv_info_clear(&info);
        trv_info_parse(&info, text);
        free(memory);
    }

    trv_info_parse(&whole, str(MASTER));
    tap_ok(memcmp(&whole, &info, sizeof(trv_info_t)) == 0, "every prefix");
}


int
main(void)
{
    size_t      i;
    trv_info_t  info;

    test_sections();
    test_versions();
    test_long();
    test_prefixes();

    for (i = 0; i < sizeof(lags) / sizeof(lags[0]); i++) {
        trv_info_clear(&info);
        trv_info_parse(&info, str(lags[i].lines));

        tap_ok(trv_info_lag(&info) == lags[i].lag,
               "lag %" PRId64 " of case %zu", trv_info_lag(&info), i);
    }

    return tap_done();
}
