
/*
 * Copyright (C) the ngx_http_token_revoke_module authors
 */


#include "trv_lineage.h"
#include "trv_sum.h"


static uint64_t trv_lineage_sum(const char id[TRV_INFO_ID_LEN + 1]);


trv_lineage_t
trv_lineage(const trv_info_t *info)
{
    trv_lineage_t  lineage;

    lineage.id = trv_lineage_sum(info->replid);
    lineage.before = trv_lineage_sum(info->replid2);

    return lineage;
}


static uint64_t
trv_lineage_sum(const char id[TRV_INFO_ID_LEN + 1])
{
    trv_str_t       text;
    trv_sum_t       sum;
    const uint8_t  *end;

    end = memchr(id, '\0', TRV_INFO_ID_LEN + 1);

    text.data = (const uint8_t *) id;
    text.len = (size_t) (end - text.data);

    trv_sum_clear(&sum);

    if (text.len != 0) {
        trv_sum_add(&sum, text);
    }

    return trv_sum_value(&sum);
}


trv_lineage_kin_t
trv_lineage_compare(trv_lineage_t followed, trv_lineage_t asked)
{
    if (followed.id == asked.id || followed.id == 0 || asked.id == 0) {
        return TRV_LINEAGE_SAME;
    }

    return followed.before == asked.id ? TRV_LINEAGE_DEPOSED
                                       : TRV_LINEAGE_OTHER;
}


void
trv_lineage_store(trv_lineage_t *shared, trv_lineage_t lineage)
{
    __atomic_store_n(&shared->before, lineage.before, __ATOMIC_RELEASE);
    __atomic_store_n(&shared->id, lineage.id, __ATOMIC_RELEASE);
}


trv_lineage_t
trv_lineage_load(const trv_lineage_t *shared)
{
    trv_lineage_t  lineage;

    lineage.id = __atomic_load_n(&shared->id, __ATOMIC_ACQUIRE);
    lineage.before = __atomic_load_n(&shared->before, __ATOMIC_ACQUIRE);

    return lineage;
}
