
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * --wait: what the edges say, for scripts.
 */


#include "cli_wait.h"


json_t *
cli_wait_json(const cli_wait_t *wait)
{
    size_t             i;
    json_t            *list, *object;
    const cli_edge_t  *edge;

    list = json_array();

    for (i = 0; i < wait->edges.n; i++) {
        edge = &wait->edges.edges[i];

        object = json_pack("{s:o,s:s,s:b,s:I}",
                           "edge", cli_json_text(edge->id),
                           "answer", cli_wait_answers[wait->answers[i]],
                           "silent", (int) edge->silent,
                           "time", (json_int_t) edge->time);

        if (wait->answers[i] != CLI_ANSWER_MISSING) {
            (void) json_object_set_new(object, "milliseconds",
                                       json_real(wait->after[i]));
        }

        (void) json_array_append_new(list, object);
    }

    return json_pack("{s:I,s:I,s:I,s:i,s:i,s:o}",
                     "registered", (json_int_t) wait->edges.n,
                     "enforced", (json_int_t) wait->enforced,
                     "others", (json_int_t) wait->others,
                     "replicas", (int) wait->replicas,
                     "replicas_confirmed", (int) wait->confirmed,
                     "edges", list);
}
