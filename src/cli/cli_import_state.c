
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * How far an import had come when it was stopped, in a file of the operator's
 * (XDG_STATE_HOME, or ~/.local/state):
 *
 *     token-revoke/import-<hash of file, log and options>.json
 *
 *     {"size": 6500000, "mtime": "1487894400.500000000", "line": 412000,
 *      "last": "1487894412345-0", "before": "always", "until": 1490486400}
 *
 * It goes on from there only if the file is as it was and the last entry is
 * still in the log: a Redis that has lost it has lost others, too.  There is
 * nothing of a token in it.
 */


#include <errno.h>
#include <inttypes.h>
#include <jansson.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

#include "cli_import.h"


#define CLI_STATE_DIR   "token-revoke"
#define CLI_STATE_TIME  40

/* milliseconds between two writes of it */

#define CLI_STATE_PAUSE  1000


static int cli_import_state_name(cli_import_t *im, const char *path);
static int cli_import_state_key(cli_import_t *im, const char *path,
    char hex[2 * TRV_SHA256_LEN]);
static const char *cli_import_state_server(const cli_import_t *im);
static int cli_import_state_stat(const cli_import_t *im, struct stat *st,
    char mtime[CLI_STATE_TIME]);
static int cli_import_state_take(cli_import_t *im, json_t *json);


void
cli_import_state_find(cli_import_t *im)
{
    char    *path;
    json_t  *json;

    if (strcmp(im->o->file, "-") == 0 || im->o->dry_run) {
        return;
    }

    path = realpath(im->o->file, NULL);

    if (path == NULL || !cli_import_state_name(im, path)) {
        free(path);
        return;
    }

    free(path);

    if (im->o->restart || im->o->skip != 0) {
        return;
    }

    json = json_load_file(im->state, 0, NULL);

    if (json != NULL && !cli_import_state_take(im, json)) {
        cli_import_state_done(im);
    }

    json_decref(json);
}


/* where it is kept; 0: nowhere */

static int
cli_import_state_name(cli_import_t *im, const char *path)
{
    int          n;
    char         hex[2 * TRV_SHA256_LEN], name[4096];
    const char  *home, *local;

    local = "";
    home = getenv("XDG_STATE_HOME");

    if (home == NULL || home[0] != '/') {
        local = "/.local/state";
        home = getenv("HOME");
    }

    if (home == NULL || home[0] != '/'
        || !cli_import_state_key(im, path, hex))
    {
        return 0;
    }

    n = snprintf(name, sizeof(name), "%s%s/" CLI_STATE_DIR
                 "/import-%.16s.json", home, local, hex);

    if (n < 0 || (size_t) n >= sizeof(name)) {
        return 0;
    }

    im->state = strdup(name);

    return im->state != NULL;
}


/* another file, another log or other options: another import */

static int
cli_import_state_key(cli_import_t *im, const char *path,
    char hex[2 * TRV_SHA256_LEN])
{
    size_t                        i, len, n;
    uint8_t                       id[TRV_SHA256_LEN];
    char                          text[8192];
    trv_str_t                     key;
    const cli_import_options_t   *o;

    o = im->o;

    const char *const  words[] = {
        path, cli_import_state_server(im), o->target.log, o->match,
        o->before_text, o->until_text, o->record.column, o->record.field,
        o->keep_expired ? "kept" : "", o->record.header ? "header" : ""
    };

    n = (size_t) snprintf(text, sizeof(text), "%d", o->record.format);

    for (i = 0; i < sizeof(words) / sizeof(words[0]); i++) {
        len = words[i] == NULL ? 0 : strlen(words[i]);

        if (n + len + 1 > sizeof(text)) {
            return 0;
        }

        text[n++] = '\0';
        memcpy(text + n, len == 0 ? "" : words[i], len);
        n += len;
    }

    key.data = (const uint8_t *) text;
    key.len = n;

    if (trv_digest_sha256(im->digest, key, id) != TRV_OK) {
        return 0;
    }

    trv_digest_to_hex(id, (uint8_t *) hex);

    return 1;
}


/* without user and password */

static const char *
cli_import_state_server(const cli_import_t *im)
{
    const char  *at;

    at = strrchr(im->o->target.url, '@');

    return at == NULL ? im->o->target.url : at;
}


static int
cli_import_state_stat(const cli_import_t *im, struct stat *st,
    char mtime[CLI_STATE_TIME])
{
    if (stat(im->o->file, st) != 0 || !S_ISREG(st->st_mode)) {
        return 0;
    }

    snprintf(mtime, CLI_STATE_TIME, "%" PRId64 ".%09ld",
             (int64_t) st->st_mtim.tv_sec, st->st_mtim.tv_nsec);

    return 1;
}


/* 0: of no use any more, and why was said */

static int
cli_import_state_take(cli_import_t *im, json_t *json)
{
    char          mtime[CLI_STATE_TIME], lines[CLI_PROGRESS_NUMBER];
    json_int_t    line, size, until;
    struct stat   st;
    const char   *last, *before, *time;

    until = -1;

    if (json_unpack(json, "{s:I, s:s, s:I, s:s, s:s, s?I}", "size", &size,
                    "mtime", &time, "line", &line, "last", &last,
                    "before", &before, "until", &until)
        != 0
        || line <= 0 || strlen(last) >= sizeof(im->last)
        || strlen(before) >= sizeof(im->before))
    {
        return 0;
    }

    if (!cli_import_state_stat(im, &st, mtime)
        || (json_int_t) st.st_size != size || strcmp(mtime, time) != 0)
    {
        cli_import_say(im, "the file has changed since an import of it was"
                           " stopped: beginning with the first line");
        return 0;
    }

    switch (cli_import_there(im, last)) {

    case CLI_IMPORT_GONE:
        cli_import_say(im, "the log has lost what was written before the"
                       " import was stopped: beginning with the first line");
        return 0;

    case CLI_IMPORT_UNKNOWN:
        cli_import_say(im, "what was written before the import was stopped"
                           " cannot be looked at (XRANGE): beginning with the"
                           " first line");
        return 0;

    default:
        break;
    }

    strcpy(im->last, last);
    strcpy(im->before, before);

    im->until = until < 0 ? TRV_END_NEVER : (int64_t) until;
    im->done = (uint64_t) line;
    im->count.skipped = (uint64_t) line;

    cli_import_say(im, "going on behind line %s, up to which all is in Redis"
                       " (--restart begins with the first line)",
                   cli_progress_number(im->done, lines));

    return 1;
}


/*
 * Written beside and renamed, so that there is always a whole one.  What fails
 * here is no reason to stop: the import begins with its first line next time.
 */

void
cli_import_state_save(cli_import_t *im, int last)
{
    char        *slash, *name, mtime[CLI_STATE_TIME];
    json_t      *json;
    int64_t      now;
    struct stat  st;

    now = cli_progress_clock();

    if (im->state == NULL || im->last[0] == '\0' || im->done == 0
        || (!last && now - im->saved < CLI_STATE_PAUSE)
        || !cli_import_state_stat(im, &st, mtime))
    {
        return;
    }

    im->saved = now;

    json = json_pack("{s:I, s:s, s:I, s:s, s:s}", "size",
                     (json_int_t) st.st_size, "mtime", mtime,
                     "line", (json_int_t) im->done, "last", im->last,
                     "before", im->before);

    name = malloc(strlen(im->state) + 5);

    if (json == NULL || name == NULL) {
        json_decref(json);
        free(name);
        return;
    }

    if (im->until != TRV_END_NEVER) {
        json_object_set_new(json, "until", json_integer(im->until));
    }

    /* the last two directories may not be there yet */

    strcpy(name, im->state);

    for (slash = strchr(name + 1, '/');
         slash != NULL;
         slash = strchr(slash + 1, '/'))
    {
        *slash = '\0';
        (void) mkdir(name, 0700);
        *slash = '/';
    }

    strcat(name, ".new");

    if (json_dump_file(json, name, JSON_INDENT(1)) != 0
        || rename(name, im->state) != 0)
    {
        (void) unlink(name);
    }

    json_decref(json);
    free(name);
}


void
cli_import_state_done(cli_import_t *im)
{
    if (im->state != NULL) {
        (void) unlink(im->state);
    }
}
