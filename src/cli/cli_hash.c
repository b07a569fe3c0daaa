
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * token-revoke hash: the identities of tokens, as the edge knows them.
 */


#define _GNU_SOURCE
#include <errno.h>
#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <unistd.h>

#include "../codec/trv_entry.h"
#include "../codec/trv_token.h"
#include "cli_option.h"


typedef struct {
    trv_digest_t  *digest;
    uint64_t       line;
    uint64_t       tokens;
    unsigned       all:1;
    unsigned       json:1;
} cli_hash_t;


static const char *const  cli_kinds[] = {
    [TRV_TOKEN_OPAQUE] = "opaque",
    [TRV_TOKEN_JWS] = "jws",
    [TRV_TOKEN_JWE] = "jwe",
};


static const struct option  cli_hash_options[] = {
    { "all", no_argument, NULL, 'a' },
    { "json", no_argument, NULL, 'j' },
    { "help", no_argument, NULL, 'h' },
    { NULL, 0, NULL, 0 }
};


static void
cli_hash_print_id(const char *before, const uint8_t id[TRV_SHA256_LEN],
    const char *behind)
{
    uint8_t  hex[2 * TRV_SHA256_LEN];

    trv_digest_to_hex(id, hex);
    printf("%s%.*s%s", before, (int) sizeof(hex), (char *) hex, behind);
}


/* one line for each token, so that it can be cut(1) */

static void
cli_hash_print(const cli_hash_t *hash, const trv_token_t *token)
{
    unsigned  i;

    cli_hash_print_id("", token->id[0], "  ");
    printf("%s", cli_kinds[token->kind]);

    for (i = 1; hash->all && i < token->nids; i++) {
        cli_hash_print_id("  ", token->id[i], "");
    }

    printf("\n");
}


/* or an object on each line; no value has to be escaped */

static void
cli_hash_print_json(const cli_hash_t *hash, const trv_token_t *token)
{
    unsigned  i;

    printf("{\"line\":%" PRIu64 ",", hash->line);
    cli_hash_print_id("\"identity\":\"", token->id[0], "\",");
    printf("\"kind\":\"%s\"", cli_kinds[token->kind]);

    if (hash->all) {
        printf(",\"others\":[");

        for (i = 1; i < token->nids; i++) {
            cli_hash_print_id(i == 1 ? "\"" : ",\"", token->id[i], "\"");
        }

        printf("]");
    }

    printf("}\n");
}


static trv_rc_t
cli_hash_line(cli_hash_t *hash, const char *line, size_t len)
{
    trv_rc_t     rc;
    trv_str_t    raw;
    trv_token_t  token;

    raw.data = (const uint8_t *) line;
    raw.len = len;

    hash->line++;

    /* "\r" is a blank, too */

    raw = trv_entry_strip(raw);
    if (raw.len == 0) {
        return TRV_OK;
    }

    rc = trv_token_identify(hash->digest, raw, &token);

    if (rc == TRV_OK) {
        hash->tokens++;

        if (hash->json) {
            cli_hash_print_json(hash, &token);

        } else {
            cli_hash_print(hash, &token);
        }
    }

    return rc;
}


static cli_status_t
cli_hash_lines(cli_hash_t *hash)
{
    char      *line;
    size_t     size;
    ssize_t    n;
    trv_rc_t   rc;

    rc = TRV_OK;
    line = NULL;
    size = 0;

    for ( ;; ) {
        n = getline(&line, &size, stdin);

        if (n <= 0) {
            break;
        }

        rc = cli_hash_line(hash, line, (size_t) n - (line[n - 1] == '\n'));

        if (rc != TRV_OK || ferror(stdout)) {
            break;
        }
    }

    if (line != NULL) {
        explicit_bzero(line, size);
        free(line);
    }

    if (rc != TRV_OK || !(feof(stdin) || ferror(stdin) || ferror(stdout))) {
        fprintf(stderr, CLI_NAME " hash: out of memory in line %" PRIu64 "\n",
                hash->line + 1);
        return CLI_FAILED;
    }

    if (ferror(stdin)) {
        fprintf(stderr, CLI_NAME " hash: cannot read standard input: %s\n",
                strerror(errno));
        return CLI_FAILED;
    }

    return CLI_DONE;
}


static cli_status_t
cli_hash_input(cli_hash_t *hash)
{
    cli_status_t  status;

    if (isatty(STDIN_FILENO)) {
        fputs("One token a line, then Ctrl-D:\n", stderr);
    }

    hash->digest = trv_digest_create();
    if (hash->digest == NULL) {
        fputs(CLI_NAME " hash: OpenSSL has no SHA-256\n", stderr);
        return CLI_FAILED;
    }

    status = cli_hash_lines(hash);

    trv_digest_destroy(hash->digest);

    if (status == CLI_DONE) {
        status = cli_flush(&cli_hash);
    }

    if (status == CLI_DONE && hash->tokens == 0) {
        fputs(CLI_NAME " hash: there was no token on standard input\n", stderr);
        status = CLI_FAILED;
    }

    return status;
}


static cli_status_t
cli_hash_option(void *ctx, int c, char *value)
{
    cli_hash_t  *hash;

    (void) value;

    hash = ctx;

    hash->all |= c == 'a';
    hash->json |= c == 'j';

    return CLI_DONE;
}


static cli_status_t
cli_hash_run(int argc, char **argv)
{
    cli_hash_t    hash;
    cli_status_t  status;

    memset(&hash, 0, sizeof(hash));

    if (!cli_options(&cli_hash, NULL, &hash, argc, argv, &status)) {
        return status;
    }

    /* nor is it repeated here */

    if (optind != argc) {
        return cli_usage(&cli_hash, "a token is not taken as an argument: all"
                         " users of this machine can see it in the list of"
                         " processes, and the shell keeps it in its history;"
                         " give it on standard input");
    }

    return cli_hash_input(&hash);
}


const cli_command_t  cli_hash = {
    "hash",
    "the identities of tokens, to be revoked by them",

    "usage: " CLI_NAME " hash [--all] [--json] < TOKENS\n"
    "\n"
    "Reads one token a line from standard input and prints for each a line:\n"
    "its identity in hex, as the edge knows it and $token_revoke_token has\n"
    "it, and its kind, \"jws\" (a signed JWT), \"jwe\" or \"opaque\".  Blanks\n"
    "around a token and \"Bearer\" before it are dropped, empty lines are\n"
    "left out.  A token is not taken as an argument: the list of processes\n"
    "shows arguments to everybody.\n"
    "\n"
    "    -a, --all   also the other identities it is found by, behind the\n"
    "                kind: the hash of the whole of a JWT, the 64 hex digits\n"
    "                a token consists of, the canonical spelling of a JWE\n"
    "    -j, --json  an object a line: line, identity, kind, and others with\n"
    "                --all\n"
    "    -h, --help  this text\n"
    "\n"
    "To revoke what is in a file:\n"
    "\n"
    "    " CLI_NAME " hash < leaked.txt | sed 's/ .*//; s/^/token /' \\\n"
    "    | xargs -n 2000 redis-cli XADD revoked '*'\n"
    "\n"
    "exit status: 0 each token was hashed; 1 there was none, or reading or\n"
    "writing failed; 2 wrong usage\n",

    cli_hash_run, cli_hash_options, cli_hash_option
};
