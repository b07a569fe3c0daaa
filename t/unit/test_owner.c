
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 *
 * Who writes a zone: every case of the table, and the lives that it is for.
 */


#include "tap.h"

#include "trv_owner.h"


#define W  TRV_OWNER_DO_WAIT
#define T  TRV_OWNER_DO_TAKE
#define K  TRV_OWNER_DO_KEEP
#define G  TRV_OWNER_DO_GIVE_WAY


typedef struct {
    const char          *name;
    trv_owner_state_t    state;
    trv_owner_posted_t   posted;
    trv_owner_action_t   action[TRV_OWNER_NMUTEX];
} owner_case_t;


static const owner_case_t  cases[] = {

    /* busy, free, abandoned */
    { "candidate, older", TRV_OWNER_CANDIDATE, TRV_OWNER_OLDER, { W, T, T } },
    { "candidate, ours", TRV_OWNER_CANDIDATE, TRV_OWNER_OURS, { W, T, T } },
    { "candidate, newer", TRV_OWNER_CANDIDATE, TRV_OWNER_NEWER, { W, W, T } },
    { "writer, older", TRV_OWNER_WRITER, TRV_OWNER_OLDER, { K, K, K } },
    { "writer, ours", TRV_OWNER_WRITER, TRV_OWNER_OURS, { K, K, K } },
    { "writer, newer", TRV_OWNER_WRITER, TRV_OWNER_NEWER, { G, G, G } },
};


static void
every_case(void)
{
    size_t    i;
    unsigned  mutex, n;

    n = 0;

    for (i = 0; i < sizeof(cases) / sizeof(cases[0]); i++) {
        for (mutex = 0; mutex < TRV_OWNER_NMUTEX; mutex++, n++) {
            tap_ok(trv_owner_decide(cases[i].state, cases[i].posted,
                                    (trv_owner_mutex_t) mutex)
                   == cases[i].action[mutex],
                   "%s is posted, mutex %u", cases[i].name, mutex);
        }
    }

    tap_ok(n == TRV_OWNER_NSTATES * TRV_OWNER_NPOSTED * TRV_OWNER_NMUTEX,
           "no case is missing");
}


static void
upgrade(void)
{
    trv_owner_t  old = { 1, 0, TRV_OWNER_CANDIDATE };
    trv_owner_t  new = { 2, 0, TRV_OWNER_CANDIDATE };

    tap_ok(trv_owner_try(&old, 1, 1) == T, "the first takes it");
    tap_ok(!trv_owner_wanted(&old, 1), "and keeps it");

    tap_ok(trv_owner_try(&new, 2, 0) == W, "the newer one waits");
    tap_ok(trv_owner_wanted(&old, 2), "the older one is to give way");

    trv_owner_release(&old);

    tap_ok(!trv_owner_wanted(&old, 2), "which it has done");
    tap_ok(trv_owner_try(&old, 2, 1) == W, "and does not take it back");
    tap_ok(trv_owner_try(&new, 2, 1) == T, "the newer one takes it");
    tap_ok(!trv_owner_wanted(&new, 1), "and gives way to no older one");
}


static void
rollback(void)
{
    unsigned     i;
    trv_owner_t  old = { 1, 0, TRV_OWNER_CANDIDATE };
    trv_owner_t  new = { 2, 0, TRV_OWNER_WRITER };

    for (i = 0; i < 3 * TRV_OWNER_PATIENCE; i++) {
        if (trv_owner_try(&old, 2, 0) != W) {
            break;
        }
    }

    tap_ok(i == 3 * TRV_OWNER_PATIENCE, "it waits as long as it has to");

    for (i = 1; i < TRV_OWNER_PATIENCE; i++) {
        if (trv_owner_try(&old, 2, 1) != W) {
            break;
        }
    }

    tap_ok(i == TRV_OWNER_PATIENCE, "and a while longer");
    tap_ok(trv_owner_try(&old, 2, 0) == W, "somebody has it");

    for (i = 1; i < TRV_OWNER_PATIENCE; i++) {
        if (trv_owner_try(&old, 2, 1) != W) {
            break;
        }
    }

    tap_ok(i == TRV_OWNER_PATIENCE, "so it begins to wait again");
    tap_ok(trv_owner_try(&old, 2, 1) == T, "then takes it");
    tap_ok(!trv_owner_wanted(&old, 1), "and keeps it: its own is posted");

    trv_owner_release(&new);

    tap_ok(trv_owner_try(&new, 2, 0) == W && trv_owner_wanted(&old, 2),
           "the newer one comes back: it gives way again");
}


int
main(void)
{
    every_case();
    upgrade();
    rollback();

    return tap_done();
}
