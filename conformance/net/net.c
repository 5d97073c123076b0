/* Links as FIFOs, arrivals in a binary heap ordered by (time, order of sending). */
#include "conformance/net/net.h"
#include "stack/base/error.h"

#define NANOSECONDS UINT64_C(1000000000)

struct link_state {
    struct lk_net_link link;
    lk_time idle_at;            /* when the sending side is free again */
    lk_time *leaving;           /* ring: when each frame in the queue is out; link.queue entries */
    uint32_t first, waiting;
};

struct arrival { struct lk_net_frame frame; uint64_t order; };

struct lk_net {
    struct lk_bump *memory;
    struct link_state *links; size_t link_count, link_capacity;
    struct arrival *heap; size_t count, capacity;
    uint64_t sent;
};

struct lk_net *lk_net_new(struct lk_bump *memory)
{
    struct lk_net *net = lk_bump_take(memory, sizeof *net);
    if (net != NULL)
        net->memory = memory;
    return net;
}

static struct link_state *find_link(struct lk_net *net, uint32_t from)
{
    for (size_t i = 0; i < net->link_count; i++)
        if (net->links[i].link.from == from)
            return &net->links[i];
    return NULL;
}

int lk_net_link(struct lk_net *net, const struct lk_net_link *link)
{
    if (link->delay < 0)
        return LK_E_INVALID;
    if (find_link(net, link->from) != NULL)
        return LK_E_EXISTS;
    void *grown = lk_bump_grow(net->memory, net->links, net->link_count, &net->link_capacity, sizeof *net->links);
    lk_time *leaving = lk_bump_array(net->memory, link->queue, sizeof *leaving);
    if (grown == NULL || leaving == NULL)
        return LK_E_NOMEM;
    net->links = grown;
    net->links[net->link_count++] = (struct link_state){.link = *link, .idle_at = INT64_MIN, .leaving = leaving};
    return 0;
}

static bool earlier(const struct arrival *a, const struct arrival *b)
{
    return a->frame.at != b->frame.at ? a->frame.at < b->frame.at : a->order < b->order;
}

static int push(struct lk_net *net, const struct arrival *arrival)
{
    void *grown = lk_bump_grow(net->memory, net->heap, net->count, &net->capacity, sizeof *net->heap);
    if (grown == NULL)
        return LK_E_NOMEM;
    net->heap = grown;
    size_t at = net->count++;
    while (at > 0 && earlier(arrival, &net->heap[(at - 1) / 2])) {
        net->heap[at] = net->heap[(at - 1) / 2];
        at = (at - 1) / 2;
    }
    net->heap[at] = *arrival;
    return 0;
}

static void pop(struct lk_net *net)
{
    struct arrival last = net->heap[--net->count];
    size_t at = 0;
    for (size_t child = 1; child < net->count; child = 2 * at + 1) {
        if (child + 1 < net->count && earlier(&net->heap[child + 1], &net->heap[child]))
            child++;
        if (!earlier(&net->heap[child], &last))
            break;
        net->heap[at] = net->heap[child];
        at = child;
    }
    if (net->count > 0)
        net->heap[at] = last;
}

/* Whether the frame finds room at the sending side; then it takes a place there until `out`. */
static bool enqueue(struct link_state *state, lk_time now, lk_time out)
{
    if (state->link.queue == 0)
        return true;
    while (state->waiting > 0 && state->leaving[state->first] <= now) {
        state->first = (state->first + 1) % state->link.queue;
        state->waiting--;
    }
    if (state->waiting == state->link.queue)
        return false;
    state->leaving[(state->first + state->waiting++) % state->link.queue] = out;
    return true;
}

/* ns that `len` bytes take at `rate` bit/s. Frames are below 2^20 bytes, so nothing overflows. */
static lk_time duration(size_t len, uint64_t rate)
{
    return rate == 0 ? 0 : (lk_time)((uint64_t)len * 8 * NANOSECONDS / rate);
}

int lk_net_send(struct lk_net *net, uint32_t from, const uint8_t *bytes, size_t len, lk_time now, const struct lk_net_fate *fate, uint64_t tag, lk_time *arrives)
{
    struct link_state *state = find_link(net, from);
    if (arrives != NULL)
        *arrives = LK_NEVER;
    if (state == NULL)
        return LK_E_NOTFOUND;
    if (fate->lost)
        return 0;
    uint8_t *copy = lk_bump_copy(net->memory, bytes, len);
    if (copy == NULL)
        return LK_E_NOMEM;
    if (fate->corrupted && len > 0)
        copy[len - 1] ^= 1;
    int count = 0;
    for (uint32_t i = 0; i <= fate->copies; i++) {
        lk_time out = (state->idle_at > now ? state->idle_at : now) + duration(len, state->link.rate);
        if (!enqueue(state, now, out))
            break;
        state->idle_at = out;
        lk_time at = lk_time_add(out, lk_time_add(state->link.delay, fate->late));
        struct arrival arrival = {{copy, len, from, state->link.to, now, at, tag}, net->sent++};
        if (push(net, &arrival) < 0)
            return LK_E_NOMEM;
        if (count++ == 0 && arrives != NULL)
            *arrives = at;
    }
    return count;
}

lk_time lk_net_next(const struct lk_net *net)
{
    return net->count == 0 ? LK_NEVER : net->heap[0].frame.at;
}

bool lk_net_receive(struct lk_net *net, lk_time until, struct lk_net_frame *out)
{
    if (net->count == 0 || net->heap[0].frame.at > until)
        return false;
    *out = net->heap[0].frame;
    pop(net);
    return true;
}
