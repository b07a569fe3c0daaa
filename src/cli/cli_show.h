
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Rules as people and scripts read them.
 */


#ifndef _CLI_SHOW_H_INCLUDED_
#define _CLI_SHOW_H_INCLUDED_


#include "cli_fold.h"
#include "cli_json.h"


#pragma GCC visibility push(hidden)


/*
 * "sub alice client_id tv-app": as it is typed behind "restore"; a value of
 * more than "max" bytes is cut (0: none is).
 */

void cli_show_parts(FILE *out, unsigned nparts, const cli_part_t *parts,
    size_t max);

/* one value: in quotes if it is not plain, of a token the hex digits */

void cli_show_value(FILE *out, const cli_part_t *part, size_t max);

/* "issued until 2026-11-22 03:15:07 UTC" or "whenever issued" */

void cli_show_cutoff(FILE *out, uint32_t cutoff);

/* ", until 2026-11-29 03:15:07 UTC", or nothing if there is no end */

void cli_show_end(FILE *out, int64_t end);

void cli_show_id(FILE *out, trv_id_t id);

/* the name of what is compared: "sub", "attr.device", "token" */

json_t *cli_show_name(const trv_selector_t *selector);

/*
 * {"id", "state", "match": {name: value}, "before", "until", "reason", "by"};
 * "before" is seconds or "always", "until" seconds or null.
 */

json_t *cli_show_json(const cli_rule_t *rule);

/* a value as it stands in "match" */

json_t *cli_show_value_json(const cli_part_t *part);


#pragma GCC visibility pop


#endif /* _CLI_SHOW_H_INCLUDED_ */
