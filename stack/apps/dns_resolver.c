/* The calls of dns_resolver.h. */
#include "stack/apps/dns_resolver.h"

#include "stack/apps/dns_answer.h"
#include "stack/apps/dns_resolver_state.h"
#include "stack/base/arena.h"
#include "stack/base/error.h"
#include "stack/base/mem.h"
#include "stack/wire/dns_record.h"

#define PURPOSE UINT64_C(0x646e732d7265736f) /* of the random numbers, among all that come from one seed */

static size_t text_len(const char *text, size_t cap)
{
    size_t len = 0;
    while (len < cap && text[len] != 0)
        len++;
    return len;
}

void lk_dns_resolver_config_init(struct lk_dns_resolver_config *config)
{
    *config = (struct lk_dns_resolver_config){.size_of = sizeof *config, .queries = 8, .cache_entries = 64, .cache_bytes = 1232, .message_bytes = 4096,
                                              .udp_size = 1232, .attempts = 2, .timeout = 2 * LK_SECOND, .negative_ttl = 3600, .iface = LK_ANY,
                                              .ndots = 1};
}

static bool valid_search(const struct lk_dns_resolver_config *config)
{
    struct lk_dns_name name;
    if (config->search_count > LK_DNS_SEARCH)
        return false;
    for (uint32_t i = 0; i < config->search_count; i++) {
        size_t len = text_len(config->search[i], sizeof config->search[i]);
        if (len == sizeof config->search[i] || lk_dns_name_from_text(config->search[i], len, &name, NULL) < 0)
            return false;
    }
    return true;
}

static bool valid(const struct lk_dns_resolver_config *c)
{
    bool sizes = c->queries > 0 && c->queries <= UINT16_MAX && c->message_bytes >= LK_DNS_UDP_MAX && c->message_bytes <= LK_DNS_MESSAGE_MAX &&
                 c->cache_bytes <= LK_DNS_MESSAGE_MAX;
    bool udp = c->udp_size == 0 || (c->udp_size >= LK_DNS_UDP_MAX && c->udp_size <= c->message_bytes);
    bool tries = c->attempts > 0 && c->attempts <= 32 && c->timeout > 0;
    return c->size_of == sizeof *c && sizes && udp && tries && c->server_count <= LK_DNS_SERVERS && valid_search(c);
}

static void layout(struct lk_arena *arena, const struct lk_dns_resolver_config *c, struct lk_dns_resolver *r, const uint8_t seed[32])
{
    lk_arena_carve(arena, 1, sizeof *r);
    r->queries = (int64_t)lk_arena_carve(arena, c->queries, sizeof(struct lk_dns_query));
    r->messages = (int64_t)lk_arena_carve(arena, c->queries, c->message_bytes);
    r->scratch = (int64_t)lk_arena_carve(arena, 2, c->message_bytes);
    r->stream_in = (int64_t)lk_arena_carve(arena, LK_DNS_SERVERS, 2u + c->message_bytes);
    r->stream_out = (int64_t)lk_arena_carve(arena, LK_DNS_SERVERS, (uint64_t)c->queries * (2u + LK_DNS_QUERY_MAX));
    lk_dns_cache_init(&r->cache, arena, c->cache_entries, c->cache_bytes, seed);
}

size_t lk_dns_resolver_footprint(const struct lk_dns_resolver_config *config)
{
    static const uint8_t no_seed[32];
    struct lk_dns_resolver measured;
    struct lk_arena arena;
    if (!valid(config))
        return 0;
    lk_arena_measure(&arena);
    layout(&arena, config, &measured, no_seed);
    return lk_arena_error(&arena) == 0 ? lk_arena_used(&arena) : 0;
}

static void set_servers(struct lk_dns_resolver *r, const struct lk_endpoint *server, uint32_t count)
{
    r->config.server_count = count;
    r->plain_servers = 0;
    for (uint32_t i = 0; i < count; i++) {
        r->config.server[i] = server[i];
        if (server[i].port == 0)
            r->config.server[i].port = LK_DNS_PORT;
    }
}

int lk_dns_resolver_init(void *memory, size_t size, const struct lk_dns_resolver_config *config, lk_time now, const uint8_t seed[32])
{
    struct lk_arena arena;
    struct lk_dns_resolver *r = memory;
    size_t needed = lk_dns_resolver_footprint(config);
    (void)now;
    if (needed == 0 || lk_arena_open(&arena, memory, size) < 0)
        return LK_E_INVALID;
    if (size < needed)
        return LK_E_NOSPACE;
    lk_memset(r, 0, sizeof *r);
    layout(&arena, config, r, seed);
    r->config = *config;
    set_servers(r, config->server, config->server_count);
    lk_rng_init(&r->rng, seed, PURPOSE);
    return 0;
}

int lk_dns_resolver_servers(struct lk_dns_resolver *r, const struct lk_endpoint *server, uint32_t count, lk_time now)
{
    (void)now;
    if (count > LK_DNS_SERVERS)
        return LK_E_INVALID;
    set_servers(r, server, count);
    for (uint32_t i = 0; i < r->config.queries; i++) {
        struct lk_dns_query *q = lk_dns_query_at(r, i);
        q->failed_servers = 0;
        q->server = UINT8_MAX; /* the next try begins with the first */
    }
    return 0;
}

/* ---- questions ---- */

static uint32_t number_of(const struct lk_dns_resolver *r, const struct lk_dns_query *q)
{
    return (uint32_t)(q - lk_dns_query_at(r, 0)) | (uint32_t)q->generation << 16;
}

int lk_dns_resolve(struct lk_dns_resolver *r, struct lk_stack *stack, const char *name, uint16_t type, uint32_t *query, lk_time now)
{
    struct lk_dns_query begun = {.type = type};
    if (lk_dns_name_from_text(name, text_len(name, LK_DNS_NAME_TEXT), &begun.given, &begun.absolute) < 0)
        return LK_E_INVALID;
    if (type == LK_DNS_AXFR || type == LK_DNS_IXFR)
        return LK_E_UNSUPPORTED;
    if (r->config.server_count == 0)
        return LK_E_DESTADDRREQ;
    for (uint32_t i = 0; i < r->config.queries; i++) {
        struct lk_dns_query *q = lk_dns_query_at(r, i);
        if (q->state != LK_DNS_FREE)
            continue;
        begun.generation = (uint16_t)(q->generation + 1);
        *q = begun;
        *query = number_of(r, q);
        lk_dns_query_start(r, stack, q, now);
        return 0;
    }
    return LK_E_FULL;
}

void lk_dns_resolver_cancel(struct lk_dns_resolver *r, struct lk_stack *stack, uint32_t query, lk_time now)
{
    uint32_t i = query & UINT16_MAX;
    if (i >= r->config.queries)
        return;
    struct lk_dns_query *q = lk_dns_query_at(r, i);
    if (q->state == LK_DNS_FREE || number_of(r, q) != query)
        return;
    lk_dns_query_silence(stack, q, now);
    q->state = LK_DNS_FREE;
}

void lk_dns_resolver_close(struct lk_dns_resolver *r, struct lk_stack *stack, lk_time now)
{
    for (uint32_t i = 0; i < r->config.queries; i++) {
        struct lk_dns_query *q = lk_dns_query_at(r, i);
        lk_dns_query_silence(stack, q, now);
        q->state = LK_DNS_FREE;
    }
    lk_dns_stream_close(r, stack, now);
}

bool lk_dns_resolver_next(struct lk_dns_resolver *r, struct lk_dns_result *out)
{
    struct lk_dns_query *first = NULL;
    for (uint32_t i = 0; i < r->config.queries; i++) {
        struct lk_dns_query *q = lk_dns_query_at(r, i);
        if (q->state == LK_DNS_DONE && (first == NULL || q->done_order < first->done_order))
            first = q;
    }
    if (first == NULL)
        return false;
    *out = (struct lk_dns_result){.query = number_of(r, first), .error = first->error, .rcode = first->rcode, .cached = first->cached,
                                  .over_tcp = first->over_tcp, .server = first->from};
    if (first->len > 0) {
        out->message = lk_dns_message_of(r, first);
        out->len = first->len;
    }
    first->state = LK_DNS_FREE; /* the bytes stay until the next question takes their place */
    return true;
}

static int address_of(const struct lk_dns_record *record, struct lk_addr *out)
{
    uint32_t ip4;
    if (record->type == LK_DNS_AAAA)
        return lk_dns_aaaa(record, out->octet);
    int error = lk_dns_a(record, &ip4);
    if (error == 0)
        *out = lk_addr_from_ip4(ip4);
    return error;
}

int lk_dns_result_address(const struct lk_dns_result *result, uint32_t index, struct lk_addr *out)
{
    struct lk_dns_reader r;
    struct lk_dns_question question;
    struct lk_dns_record record;
    struct lk_dns_finding finding;
    if (result->error != 0 || result->message == NULL || lk_dns_read_begin(&r, result->message, result->len) < 0 ||
        lk_dns_read_question(&r, &question) != 1)
        return LK_E_NOTFOUND;
    lk_dns_answer_read(result->message, result->len, &question, &finding);
    while (lk_dns_read_record(&r, &record) > 0)
        if (record.section == LK_DNS_ANSWER && record.class == LK_DNS_IN && lk_dns_name_equal(&record.name, &finding.end) &&
            address_of(&record, out) == 0 && index-- == 0)
            return 0;
    return LK_E_NOTFOUND;
}

/* ---- the application ---- */

static lk_time deadline(const void *self)
{
    const struct lk_dns_resolver *r = self;
    lk_time least = lk_dns_stream_deadline(r);
    for (uint32_t i = 0; i < r->config.queries; i++) {
        const struct lk_dns_query *q = lk_dns_query_at(r, i);
        if (q->state == LK_DNS_ASKING || q->state == LK_DNS_STREAM)
            least = lk_time_min(least, q->deadline);
    }
    return least;
}

static void tick(void *self, struct lk_stack *stack, lk_time now)
{
    struct lk_dns_resolver *r = self;
    for (uint32_t i = 0; i < r->config.queries; i++) {
        struct lk_dns_query *q = lk_dns_query_at(r, i);
        if ((q->state == LK_DNS_ASKING || q->state == LK_DNS_STREAM) && q->deadline <= now)
            lk_dns_query_late(r, stack, q, now);
    }
    lk_dns_stream_tick(r, stack, now);
}

static bool event(void *self, struct lk_stack *stack, const struct lk_event_sock *event, lk_time now)
{
    struct lk_dns_resolver *r = self;
    for (uint32_t i = 0; i < r->config.queries; i++) {
        struct lk_dns_query *q = lk_dns_query_at(r, i);
        if (q->state == LK_DNS_ASKING && q->socket != 0 && q->socket == event->socket) {
            lk_dns_query_event(r, stack, q, now);
            return true;
        }
    }
    for (uint32_t i = 0; i < LK_DNS_SERVERS; i++)
        if (r->stream[i].socket != 0 && r->stream[i].socket == event->socket) {
            lk_dns_stream_event(r, stack, &r->stream[i], event->bits, now);
            return true;
        }
    return false;
}

const struct lk_app_kind lk_dns_resolver_app = {.name = "dns-resolver", .deadline = deadline, .tick = tick, .event = event};
