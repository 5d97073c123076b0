/* The configuration as data: one table names every value with its range. Checking a configuration, setting a value by
 * its name, copying it without padding and hashing it all walk that table. The profiles stand below it. */
#include "stack/host/config.h"
#include "stack/base/mem.h"

#define FIELD(type_of, member, kind, low, high) {#member, (uint16_t)offsetof(struct lk_config, member), kind, low, high}
#define U32(member, low, high) FIELD(uint32_t, member, FIELD_U32, low, high)
#define U16(member, low, high) FIELD(uint16_t, member, FIELD_U16, low, high)
#define U8(member, low, high) FIELD(uint8_t, member, FIELD_U8, low, high)
#define FLAG(member) FIELD(bool, member, FIELD_BOOL, 0, 1)
#define TIME(member, low, high) FIELD(lk_time, member, FIELD_TIME, low, high)

enum { FIELD_U32, FIELD_U16, FIELD_U8, FIELD_BOOL, FIELD_TIME };

struct field {
    const char *name;
    uint16_t offset;
    uint16_t kind;
    int64_t low, high; /* both allowed */
};

#define SECOND INT64_C(1000000000)
#define MILLI INT64_C(1000000)
#define DAY (86400 * SECOND)
#define TABLE_MAX 16777216 /* entries of one table: 24 bits of index leave room for tags */
#define BYTES_MAX 1073725440 /* RFC 7323 2.3: the largest window, 65535 << 14 */

static const struct field fields[] = {
    U32(addresses, 0, 65536),
    U32(routes, 0, TABLE_MAX),
    U32(neighbours, 0, TABLE_MAX),
    U32(neighbour_queue, 0, TABLE_MAX),
    U32(udp_sockets, 0, TABLE_MAX),
    U32(udp_queue, 0, TABLE_MAX),
    U32(udp_queue_bytes, 0, 65507), /* 65535 less the headers of RFC 791 and RFC 768 */
    U32(udp_send_queue, 0, TABLE_MAX),
    U32(intents, 0, TABLE_MAX),
    U32(forward_queue, 0, TABLE_MAX),
    TIME(arp_retry, SECOND, DAY), /* RFC 1122 2.3.2.1: at most one request a second */
    U32(arp_tries, 1, 255),
    TIME(arp_expiry, SECOND, LK_NEVER),
    U8(ttl, 1, 255), /* RFC 1122 3.2.1.7: never 0 */
    FLAG(icmp_echo),
    FLAG(forwarding),
    FLAG(ignore_checksums),
    U32(tcp.connections, 0, TABLE_MAX),
    U32(tcp.listeners, 0, TABLE_MAX),
    U32(tcp.active, 0, TABLE_MAX),
    U32(tcp.segments, 0, TABLE_MAX),
    U32(tcp.out_of_order, 0, TABLE_MAX),
    U32(tcp.send_buffer, 0, BYTES_MAX),
    U32(tcp.receive_buffer, 0, BYTES_MAX),
    U32(tcp.commons, 0, 65535),
    U32(tcp.resets, 0, TABLE_MAX),
    FLAG(tcp.timestamps),
    FLAG(tcp.sack),
    FLAG(tcp.wscale),
    FLAG(tcp.dsack),
    U8(tcp.wscale_shift, 0, 255), /* 0..14 (RFC 7323 2.2) or 255: see config_odd() */
    U16(tcp.mss, 0, 65495),
    TIME(tcp.rto_initial, MILLI, DAY),
    TIME(tcp.rto_min, MILLI, DAY),
    TIME(tcp.rto_max, MILLI, DAY),
    TIME(tcp.rto_granularity, 1, 10 * SECOND),
    FLAG(tcp.rttvar_floor_linux),
    U32(tcp.r1, 0, 1000),
    U32(tcp.r2, 0, 1000),
    TIME(tcp.r2_time, SECOND, LK_NEVER),
    U32(tcp.syn_retries, 0, 1000),
    U32(tcp.synack_retries, 0, 1000),
    TIME(tcp.syn_time, SECOND, LK_NEVER),
    U32(tcp.initial_window, 0, 65535),
    U32(tcp.initial_cwnd_bytes, 0, BYTES_MAX),
    FLAG(tcp.limited_transmit),
    FLAG(tcp.sack_outlives_rto),
    U8(tcp.dup_threshold, 1, 255),
    TIME(tcp.ack_delay, 0, 500 * MILLI - 1), /* RFC 9293 3.8.6.3, MUST-40: less than 0.5 s */
    U8(tcp.ack_every, 1, 255),
    U8(tcp.quick_acks, 0, 255),
    FLAG(tcp.psh_on_last),
    FLAG(tcp.nagle),
    FLAG(tcp.sws_receiver),
    TIME(tcp.persist_min, MILLI, DAY),
    TIME(tcp.persist_max, MILLI, DAY),
    TIME(tcp.keepalive_idle, SECOND, LK_NEVER),
    TIME(tcp.keepalive_interval, SECOND, LK_NEVER),
    U32(tcp.keepalive_count, 1, 1000),
    TIME(tcp.msl, MILLI, DAY),
    TIME(tcp.fin_wait_2, MILLI, LK_NEVER),
    FLAG(tcp.time_wait_reuse),
    U32(tcp.challenge_limit, 0, UINT32_MAX),
    TIME(tcp.challenge_window, 1, DAY),
    U16(tcp.port_first, 1, 65535),
    U16(tcp.port_last, 1, 65535),
    FLAG(tcp.rst_on_unread_close),
};
#define FIELDS (sizeof fields / sizeof fields[0])

static int64_t field_get(const struct lk_config *config, const struct field *f)
{
    const uint8_t *at = (const uint8_t *)config + f->offset;
    switch (f->kind) {
    case FIELD_U32: return *(const uint32_t *)(const void *)at;
    case FIELD_U16: return *(const uint16_t *)(const void *)at;
    case FIELD_TIME: return *(const lk_time *)(const void *)at;
    default: return *at; /* a bool read as its byte: one that holds neither 0 nor 1 is seen, not undefined */
    }
}

static void field_set(struct lk_config *config, const struct field *f, int64_t value)
{
    uint8_t *at = (uint8_t *)config + f->offset;
    switch (f->kind) {
    case FIELD_U32: *(uint32_t *)(void *)at = (uint32_t)value; break;
    case FIELD_U16: *(uint16_t *)(void *)at = (uint16_t)value; break;
    case FIELD_TIME: *(lk_time *)(void *)at = value; break;
    default: *at = (uint8_t)value; break;
    }
}

/* Two names equal? The stack has no string library. */
static bool same_name(const char *a, const char *b)
{
    while (*a != 0 && *a == *b) {
        a++;
        b++;
    }
    return *a == *b;
}

static const struct field *field_find(const char *name)
{
    for (size_t i = 0; i < FIELDS; i++)
        if (same_name(fields[i].name, name))
            return &fields[i];
    return NULL;
}

int lk_config_set(struct lk_config *config, const char *name, int64_t value)
{
    const struct field *f = field_find(name);
    if (f == NULL)
        return LK_E_NOTFOUND;
    if (value < f->low || value > f->high)
        return LK_E_INVALID;
    field_set(config, f, value);
    return 0;
}

int lk_config_get(const struct lk_config *config, const char *name, int64_t *value)
{
    const struct field *f = field_find(name);
    if (f == NULL)
        return LK_E_NOTFOUND;
    *value = field_get(config, f);
    return 0;
}

static const char *iface_bad(const struct lk_iface_config *iface)
{
    if (iface->link != LK_LINK_ETHERNET && iface->link != LK_LINK_RAW_IP)
        return "iface.link";
    if (iface->link == LK_LINK_ETHERNET) {
        uint8_t any = 0;
        for (size_t i = 0; i < 6; i++)
            any |= iface->mac[i];
        if ((iface->mac[0] & 1) != 0 || any == 0)
            return "iface.mac";
    }
    if (iface->mtu < 68) /* RFC 791 3.2: every link carries 68 octets */
        return "iface.mtu";
    if (iface->reserved != 0 || iface->reserved2 != 0)
        return "iface.reserved";
    return NULL;
}

static bool syn_order_bad(const uint8_t order[LK_TCP_ORDER])
{
    size_t i = 0;
    while (i < LK_TCP_ORDER && order[i] != 0)
        i++;
    if (i == LK_TCP_ORDER)
        return true; /* no end */
    for (; i < LK_TCP_ORDER; i++)
        if (order[i] != 0)
            return true;
    return false;
}

/* What one range cannot say: how values hang together. */
static const char *config_odd(const struct lk_config *config)
{
    const struct lk_tcp_config *tcp = &config->tcp;
    if (tcp->wscale_shift > 14 && tcp->wscale_shift != 255)
        return "tcp.wscale_shift";
    if (tcp->rto_max < tcp->rto_min)
        return "tcp.rto_max";
    if (tcp->persist_max < tcp->persist_min)
        return "tcp.persist_max";
    if (tcp->port_last < tcp->port_first)
        return "tcp.port_last";
    if (tcp->connections > 0 && (tcp->active == 0 || tcp->segments == 0))
        return tcp->active == 0 ? "tcp.active" : "tcp.segments";
    if (tcp->active > 0 && tcp->send_buffer == 0)
        return "tcp.send_buffer";
    if (tcp->active > 0 && tcp->receive_buffer == 0)
        return "tcp.receive_buffer";
    if (syn_order_bad(tcp->syn_order))
        return "tcp.syn_order";
    if (tcp->mss != 0 && tcp->mss < 28)
        return "tcp.mss"; /* 68 - 40: no link carries less */
    if (config->udp_queue > 0 && config->udp_queue_bytes == 0)
        return "udp_queue_bytes";
    return NULL;
}

const char *lk_config_check(const struct lk_config *config)
{
    if (config->size_of != sizeof *config)
        return "size_of";
    if (config->ifaces < 1 || config->ifaces > LK_MAX_IFACES)
        return "ifaces";
    for (uint32_t i = 0; i < config->ifaces; i++) {
        const char *bad = iface_bad(&config->iface[i]);
        if (bad != NULL)
            return bad;
    }
    for (size_t i = 0; i < FIELDS; i++) {
        int64_t value = field_get(config, &fields[i]);
        if (value < fields[i].low || value > fields[i].high)
            return fields[i].name;
    }
    return config_odd(config);
}

void config_copy(struct lk_config *to, const struct lk_config *from)
{
    lk_memset(to, 0, sizeof *to);
    to->size_of = from->size_of;
    to->ifaces = from->ifaces;
    for (uint32_t i = 0; i < from->ifaces; i++)
        to->iface[i] = from->iface[i];
    lk_memcpy(to->tcp.syn_order, from->tcp.syn_order, LK_TCP_ORDER);
    for (size_t i = 0; i < FIELDS; i++)
        field_set(to, &fields[i], field_get(from, &fields[i]));
}

/* ---- profiles ---- */

/* Tables for one interface and a few connections; the same in every profile. */
static void default_tables(struct lk_config *config)
{
    config->size_of = sizeof *config;
    config->ifaces = 1;
    config->iface[0] = (struct lk_iface_config){.link = LK_LINK_ETHERNET, .mac = {2, 0, 0, 0, 0, 1}, .mtu = 1500};
    config->addresses = 8;
    config->routes = 16;
    config->neighbours = 16;
    config->neighbour_queue = 8;
    config->udp_sockets = 8;
    config->udp_queue = 16;
    config->udp_queue_bytes = 1472;
    config->udp_send_queue = 8;
    config->intents = 16;
    config->tcp.connections = 16;
    config->tcp.listeners = 4;
    config->tcp.active = 8;
    config->tcp.segments = 512;
    config->tcp.out_of_order = 64;
    config->tcp.send_buffer = 65536;
    config->tcp.receive_buffer = 65536;
}

/* What both profiles agree on: the RFCs' own defaults. */
static void default_policy(struct lk_config *config)
{
    struct lk_tcp_config *tcp = &config->tcp;
    config->arp_retry = SECOND;       /* RFC 1122 2.3.2.1 */
    config->arp_tries = 3;
    config->arp_expiry = 60 * SECOND; /* RFC 1122 2.3.2.1: on the order of a minute */
    config->ttl = 64;                 /* RFC 1700's recommendation, RFC 1122 3.2.1.7: configurable */
    config->icmp_echo = true;         /* RFC 1122 3.2.2.6 */
    tcp->timestamps = tcp->sack = tcp->wscale = true;
    tcp->wscale_shift = 255;
    tcp->rto_initial = SECOND;        /* RFC 6298 2.1 */
    tcp->rto_granularity = MILLI;
    tcp->r1 = 3;                      /* RFC 9293 3.8.3, SHLD-10 */
    tcp->r2 = 15;
    tcp->syn_retries = 6;
    tcp->synack_retries = 5;
    tcp->limited_transmit = true;     /* RFC 3042 */
    tcp->dup_threshold = 3;           /* RFC 5681 3.2 */
    tcp->ack_every = 2;               /* RFC 5681 4.2 */
    tcp->psh_on_last = true;          /* RFC 9293 MUST-61 */
    tcp->nagle = true;                /* RFC 9293 SHLD-7 */
    tcp->sws_receiver = true;         /* RFC 9293 MUST-39 */
    tcp->keepalive_idle = 7200 * SECOND; /* RFC 9293 MUST-28: no less than two hours */
    tcp->keepalive_interval = 75 * SECOND;
    tcp->keepalive_count = 9;
    tcp->time_wait_reuse = true;      /* RFC 6191, RFC 9293 MAY-2 */
    tcp->rst_on_unread_close = true;  /* RFC 9293 SHLD-3 */
}

static void profile_rfc(struct lk_tcp_config *tcp)
{
    static const uint8_t order[LK_TCP_ORDER] = {2, 1, 3, 4, 8}; /* MSS, NOP, WS, SACK permitted, TS: words stay aligned */
    lk_memcpy(tcp->syn_order, order, sizeof order);
    tcp->rto_min = SECOND;            /* RFC 6298 2.4 */
    tcp->rto_max = 60 * SECOND;       /* RFC 6298 2.5: at least 60 s */
    tcp->r2_time = 100 * SECOND;      /* RFC 9293 SHLD-11 */
    tcp->syn_time = 180 * SECOND;     /* RFC 9293 MUST-23: at least 3 minutes */
    tcp->initial_window = 0;          /* RFC 5681 3.1 */
    tcp->ack_delay = 200 * MILLI;     /* RFC 9293 MUST-40: below 0.5 s */
    tcp->quick_acks = 0;
    tcp->persist_min = SECOND;        /* RFC 9293 3.8.6.1, SHLD-29: the first probe after one RTO */
    tcp->persist_max = 60 * SECOND;
    tcp->msl = 120 * SECOND;          /* RFC 9293 3.4.2 */
    tcp->fin_wait_2 = LK_NEVER;
    tcp->challenge_limit = 10;        /* RFC 5961 7: 10 in 5 s */
    tcp->challenge_window = 5 * SECOND;
    tcp->port_first = 49152;          /* RFC 6056 3.2, RFC 6335 6 */
    tcp->port_last = 65535;
}

static void profile_linux(struct lk_tcp_config *tcp)
{
    static const uint8_t order[LK_TCP_ORDER] = {2, 4, 8, 1, 3}; /* MSS, SACK permitted, TS, NOP, WS */
    lk_memcpy(tcp->syn_order, order, sizeof order);
    tcp->rto_min = 200 * MILLI;
    tcp->rto_max = 120 * SECOND;
    tcp->rttvar_floor_linux = true;
    tcp->dsack = true;
    tcp->sack_outlives_rto = true;
    tcp->r2_time = LK_NEVER;          /* counted: tcp_retries2 = 15 */
    tcp->syn_time = LK_NEVER;         /* counted: tcp_syn_retries = 6, tcp_synack_retries = 5 */
    tcp->initial_window = 10;         /* RFC 6928 */
    tcp->ack_delay = 40 * MILLI;
    tcp->quick_acks = 16;
    tcp->persist_min = 200 * MILLI;   /* probes start at the RTO, whatever it is */
    tcp->persist_max = 120 * SECOND;
    tcp->msl = 30 * SECOND;           /* TIME-WAIT of 60 s */
    tcp->fin_wait_2 = 60 * SECOND;
    tcp->challenge_limit = 1;         /* tcp_invalid_ratelimit: one in 500 ms */
    tcp->challenge_window = 500 * MILLI;
    tcp->port_first = 32768;
    tcp->port_last = 60999;
}

int lk_config_init(struct lk_config *config, const char *profile)
{
    bool rfc = same_name(profile, "rfc");
    if (!rfc && !same_name(profile, "linux"))
        return LK_E_INVALID;
    lk_memset(config, 0, sizeof *config);
    default_tables(config);
    default_policy(config);
    if (rfc)
        profile_rfc(&config->tcp);
    else
        profile_linux(&config->tcp);
    return 0;
}
