#include "stack/tcp/common.h"
#include "stack/base/hash.h"
#include "stack/base/mem.h"
#include "stack/tcp/tcb.h"

#define COMBINATION offsetof(struct common, users) /* bytes that are compared */

static struct common *common_at(const struct lk_tcp_stack *tcp, uint32_t index)
{
    return (struct common *)lk_pool_at(&tcp->commons, index);
}

/* Numbers lie in memory in this machine's order, so the bucket may differ between machines; nothing else depends on it. */
static uint32_t *bucket_of(const struct lk_tcp_stack *tcp, const struct common *c)
{
    uint64_t hash = lk_siphash(tcp->keys[TCP_KEY_TUPLE], c, COMBINATION);
    return (uint32_t *)(uintptr_t)&tcp->common_buckets[hash % TCP_COMMON_BUCKETS];
}

static uint32_t find(const struct lk_tcp_stack *tcp, const struct common *wanted)
{
    uint32_t i = *bucket_of(tcp, wanted);
    while (i != LK_NONE && !lk_memequal(common_at(tcp, i), wanted, COMBINATION))
        i = common_at(tcp, i)->next;
    return i;
}

static uint32_t add(struct lk_tcp_stack *tcp, const struct common *wanted)
{
    uint32_t index = lk_pool_take(&tcp->commons);
    if (index == LK_NONE)
        return LK_NONE;
    uint32_t *bucket = bucket_of(tcp, wanted);
    struct common *c = common_at(tcp, index);
    *c = *wanted;
    c->users = 0;
    c->next = *bucket;
    *bucket = index;
    return index;
}

static void leave(struct lk_tcp_stack *tcp, uint32_t index)
{
    struct common *c = common_at(tcp, index);
    if (--c->users != 0)
        return;
    uint32_t *link = bucket_of(tcp, c);
    while (*link != index)
        link = &common_at(tcp, *link)->next;
    *link = c->next;
    lk_pool_give(&tcp->commons, index);
}

static uint32_t to_milliseconds(lk_time t)
{
    lk_time ms = t / LK_MILLISECOND;
    return t == LK_NEVER || ms >= UINT32_MAX ? UINT32_MAX : (uint32_t)ms;
}

void tcp_common_init(struct lk_tcp_stack *tcp)
{
    const struct lk_tcp_config *config = &tcp->config;
    struct common defaults = {
        .iface = LK_ANY,
        .snd_buf = config->send_buffer,
        .rcv_buf = config->receive_buffer,
        .keep_idle = to_milliseconds(config->keepalive_idle),
        .keep_interval = to_milliseconds(config->keepalive_interval),
        .r2 = config->r2_time == LK_NEVER ? 0 : to_milliseconds(config->r2_time),
        .keep_count = (uint8_t)(config->keepalive_count < UINT8_MAX ? config->keepalive_count : UINT8_MAX),
    };
    for (uint32_t i = 0; i < TCP_COMMON_BUCKETS; i++)
        tcp->common_buckets[i] = LK_NONE;
    common_at(tcp, add(tcp, &defaults))->users = 1; /* the stack's own */
}

const struct common *tcp_common(const struct lk_tcp_stack *tcp, const struct tcb *tcb)
{
    return common_at(tcp, tcb->common);
}

bool tcp_common_change(struct lk_tcp_stack *tcp, struct tcb *tcb, const struct common *wanted)
{
    uint32_t index = find(tcp, wanted);
    if (index == LK_NONE)
        index = add(tcp, wanted);
    if (index == LK_NONE)
        return false;
    common_at(tcp, index)->users++;
    leave(tcp, tcb->common);
    tcb->common = (uint16_t)index;
    return true;
}

void tcp_common_join(struct lk_tcp_stack *tcp, struct tcb *tcb)
{
    tcb->common = 0;
    common_at(tcp, 0)->users++;
}

void tcp_common_leave(struct lk_tcp_stack *tcp, struct tcb *tcb)
{
    leave(tcp, tcb->common);
}

bool tcp_common_check(const struct lk_tcp_stack *tcp)
{
    uint64_t users = 0;
    for (uint32_t i = 0; i < tcp->commons.fresh; i++) {
        if (!lk_pool_taken(&tcp->commons, i))
            continue;
        if (common_at(tcp, i)->users == 0 || find(tcp, common_at(tcp, i)) != i)
            return false;
        users += common_at(tcp, i)->users;
    }
    return users == (uint64_t)tcp->tcbs.in_use + 1;
}
