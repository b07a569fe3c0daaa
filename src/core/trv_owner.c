
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 */


#include "trv_owner.h"


/*
 * Older or none, ours, newer is posted; busy, free, abandoned is the mutex.  A
 * writer has it: how it would be found does not matter.
 */

static const trv_owner_action_t
    trv_owner_actions[TRV_OWNER_NSTATES][TRV_OWNER_NPOSTED][TRV_OWNER_NMUTEX] =
{
    {
        { TRV_OWNER_DO_WAIT, TRV_OWNER_DO_TAKE, TRV_OWNER_DO_TAKE },
        { TRV_OWNER_DO_WAIT, TRV_OWNER_DO_TAKE, TRV_OWNER_DO_TAKE },
        { TRV_OWNER_DO_WAIT, TRV_OWNER_DO_WAIT, TRV_OWNER_DO_TAKE }
    },
    {
        { TRV_OWNER_DO_KEEP, TRV_OWNER_DO_KEEP, TRV_OWNER_DO_KEEP },
        { TRV_OWNER_DO_KEEP, TRV_OWNER_DO_KEEP, TRV_OWNER_DO_KEEP },
        { TRV_OWNER_DO_GIVE_WAY, TRV_OWNER_DO_GIVE_WAY,
          TRV_OWNER_DO_GIVE_WAY }
    }
};


static trv_owner_posted_t
trv_owner_compare(const trv_owner_t *owner, uint64_t posted)
{
    if (posted > owner->mine) {
        return TRV_OWNER_NEWER;
    }

    return posted == owner->mine ? TRV_OWNER_OURS : TRV_OWNER_OLDER;
}


trv_owner_action_t
trv_owner_decide(trv_owner_state_t state, trv_owner_posted_t posted,
    trv_owner_mutex_t mutex)
{
    return trv_owner_actions[state][posted][mutex];
}


trv_owner_action_t
trv_owner_try(trv_owner_t *owner, uint64_t posted, int isfree)
{
    trv_owner_mutex_t   mutex;
    trv_owner_action_t  action;

    owner->tries = isfree ? owner->tries + 1 : 0;

    mutex = TRV_OWNER_BUSY;

    if (isfree) {
        mutex = owner->tries >= TRV_OWNER_PATIENCE ? TRV_OWNER_ABANDONED
                                                   : TRV_OWNER_FREE;
    }

    action = trv_owner_decide(owner->state, trv_owner_compare(owner, posted),
                              mutex);

    if (action == TRV_OWNER_DO_TAKE) {
        owner->state = TRV_OWNER_WRITER;
        owner->tries = 0;
    }

    return action;
}


int
trv_owner_wanted(const trv_owner_t *owner, uint64_t posted)
{
    return trv_owner_decide(owner->state, trv_owner_compare(owner, posted),
                            TRV_OWNER_BUSY)
           == TRV_OWNER_DO_GIVE_WAY;
}


void
trv_owner_release(trv_owner_t *owner)
{
    owner->state = TRV_OWNER_CANDIDATE;
    owner->tries = 0;
}
