
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The lines of token-revoke list.
 */


#include <inttypes.h>
#include <stdlib.h>

#include "cli_line.h"
#include "cli_show.h"
#include "cli_term.h"
#include "cli_text.h"


#define CLI_LINE_TEXT  64         /* bytes of a value or a remark */


static int cli_line_same(const cli_line_t *line, const cli_rule_t *rule);
static void cli_line_begin(cli_line_t *line, const cli_rule_t *rule);


void
cli_line_put(cli_line_t *line, const cli_rule_t *rule, int alone)
{
    if (!alone && line->open && cli_line_same(line, rule)) {
        line->more++;
        return;
    }

    cli_line_end(line);
    cli_line_begin(line, rule);
}


static int
cli_line_same(const cli_line_t *line, const cli_rule_t *rule)
{
    return trv_id_cmp(line->last.id, rule->id) == 0
           && line->last.state == rule->state
           && line->last.cutoff == rule->cutoff
           && line->last.end == rule->end;
}


static void
cli_line_begin(cli_line_t *line, const cli_rule_t *rule)
{
    line->open = 1;
    line->more = 0;
    line->last = *rule;
    line->reason = cli_text_escape(rule->reason, CLI_LINE_TEXT);
    line->by_whom = cli_text_escape(rule->by, CLI_LINE_TEXT);

    if (rule->state != CLI_RULE_FORCE) {
        fputs(cli_term_colour(stdout, CLI_COLOUR_DIM), stdout);
    }

    cli_show_id(stdout, rule->id);
    fputs("  ", stdout);
    cli_show_parts(stdout, rule->nparts, rule->parts, CLI_LINE_TEXT);
}


void
cli_line_end(cli_line_t *line)
{
    if (!line->open) {
        return;
    }

    if (line->more != 0) {
        printf(" and %" PRIu64 " more", line->more);
    }

    fputs(", ", stdout);
    cli_show_cutoff(stdout, line->last.cutoff);
    cli_show_end(stdout, line->last.end);

    if (line->last.state != CLI_RULE_FORCE) {
        printf(", %s", line->last.state == CLI_RULE_ENDED ? "ended"
               : "restored");
    }

    if (line->by_whom != NULL && *line->by_whom != '\0') {
        printf("  by %s", line->by_whom);
    }

    if (line->reason != NULL && *line->reason != '\0') {
        printf(": %s", line->reason);
    }

    if (line->last.state != CLI_RULE_FORCE) {
        fputs(cli_term_colour(stdout, CLI_COLOUR_NONE), stdout);
    }

    putchar('\n');

    free(line->by_whom);
    free(line->reason);

    line->open = 0;
}
