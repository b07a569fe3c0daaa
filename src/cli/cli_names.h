
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * The names of claims that tokens had, as edges have seen them and written
 * them into the hash "{revoked}:names" (docs/redis.md).
 */


#ifndef _CLI_NAMES_H_INCLUDED_
#define _CLI_NAMES_H_INCLUDED_


#include "cli_edges.h"


#pragma GCC visibility push(hidden)


/*
 * Asks for the names, which then belong to the edges.  What cannot be asked
 * for is not known: no error.
 */

void cli_names_load(cli_redis_t *redis, const cli_target_t *target,
    cli_edges_t *edges);

/* all names that the edge has seen, borrowed; null if they are not known */

json_t *cli_names_list(const cli_edge_t *edge);


typedef enum {
    CLI_NAMES_UNKNOWN = 0,        /* it could have been seen */
    CLI_NAMES_SEEN,               /* or an object that can have it in it */
    CLI_NAMES_UNSEEN              /* by any edge */
} cli_names_t;


/*
 * Whether tokens had a claim of this name, or path.  It is unseen only if all
 * edges that are not silent have told all names that they have seen.
 */

cli_names_t cli_names_look(const cli_edges_t *edges, trv_str_t name);

/* true if an edge has seen just this name, and not only what it begins with */

int cli_names_exact(const cli_edges_t *edges, trv_str_t name);

/*
 * A name that an edge has seen and that was probably meant, the path that
 * begins with it if "name" is one: a copy that the caller frees, escaped to be
 * shown, or NULL.
 */

char *cli_names_near(const cli_edges_t *edges, trv_str_t name);


#pragma GCC visibility pop


#endif /* _CLI_NAMES_H_INCLUDED_ */
