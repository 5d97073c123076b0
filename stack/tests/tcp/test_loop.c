/* Two of our own TCPs with a lossy line between them: whatever the line does, every octet arrives once and in order, both
 * ends close, and a recovery sends little more than what was lost.
 */
#include "stack/base/error.h"
#include "stack/base/rng.h"
#include "stack/base/seq.h"
#include "stack/tests/support/run.h"
#include "stack/tests/support/tcp_world.h"
#include <check.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define PACKETS 8192

/* Check writes to a file at each of its asserts: too dear for what is asked millions of times. */
#define REQUIRE(condition) do { if (!(condition)) ck_abort_msg("%s", #condition); } while (0)

struct packet {
    lk_time at;
    uint64_t order;
    int to;
    uint32_t len;
    uint8_t bytes[1600];
};

struct line {
    struct tw end[2];
    struct packet *packets[PACKETS]; /* a heap, the next to arrive first */
    uint32_t count;
    uint64_t order, sent[2], lost[2], data_sent, data_lost, resent_lost;
    lk_time free_at[2];   /* when the wire is free again */
    lk_time delay, per_byte;
    uint32_t loss;        /* in 1/1000 */
    uint32_t reorder, duplicate;
    struct lk_rng rng;
    uint64_t to_send, sent_octets, got_octets;
    lk_socket listener, server, client;
    bool accepted, server_closed, client_closed;
    uint32_t high_seq;
};

static bool before(const struct packet *a, const struct packet *b)
{
    return a->at < b->at || (a->at == b->at && a->order < b->order);
}

static void put(struct line *l, lk_time at, int to, const uint8_t *bytes, uint32_t len)
{
    REQUIRE(l->count < PACKETS);
    struct packet *p = malloc(sizeof *p);
    p->at = at;
    p->order = l->order++;
    p->to = to;
    p->len = len;
    memcpy(p->bytes, bytes, len);
    uint32_t i = l->count++;
    for (; i > 0 && before(p, l->packets[(i - 1) / 2]); i = (i - 1) / 2)
        l->packets[i] = l->packets[(i - 1) / 2];
    l->packets[i] = p;
}

static struct packet *take(struct line *l)
{
    struct packet *first = l->packets[0];
    struct packet *p = l->packets[--l->count];
    uint32_t i = 0;
    for (uint32_t child = 1; child < l->count; child = 2 * i + 1) {
        if (child + 1 < l->count && before(l->packets[child + 1], l->packets[child]))
            child++;
        if (!before(l->packets[child], p))
            break;
        l->packets[i] = l->packets[child];
        i = child;
    }
    l->packets[i] = p;
    return first;
}

/* The segment leaves: rate, delay, and what the line does to it. */
static void transmit(struct line *l, int from, lk_time now, const uint8_t *bytes, uint32_t len)
{
    uint32_t seq = (uint32_t)bytes[4] << 24 | (uint32_t)bytes[5] << 16 | (uint32_t)bytes[6] << 8 | bytes[7];
    bool data = from == 0 && len > 60;
    bool again = data && l->data_sent != 0 && seq_lt(seq, l->high_seq);
    lk_time start = now > l->free_at[from] ? now : l->free_at[from];
    l->free_at[from] = start + l->per_byte * len;
    l->sent[from]++;
    l->data_sent += data;
    if (data && (l->data_sent == 1 || seq_gt(seq, l->high_seq)))
        l->high_seq = seq;
    lk_time at = l->free_at[from] + l->delay;
    if (lk_rng_below(&l->rng, 1000) < l->loss) {
        l->lost[from]++;
        l->data_lost += data;
        l->resent_lost += again;
        return;
    }
    if (lk_rng_below(&l->rng, 1000) < l->reorder)
        at += l->delay / 2;
    put(l, at, 1 - from, bytes, len);
    if (lk_rng_below(&l->rng, 1000) < l->duplicate)
        put(l, at + 1000, 1 - from, bytes, len);
}

static bool pull(struct line *l, int from, lk_time now)
{
    uint8_t bytes[1600];
    struct tw *w = &l->end[from];
    struct lk_ip_out out = {.iface = LK_ANY, .bytes = bytes, .cap = sizeof bytes};
    w->now = now;
    struct lk_tcp_context context = tw_context(w);
    int n = lk_tcp_output(&context, &out);
    REQUIRE(n >= 0);
    if (n > 0)
        transmit(l, from, now, bytes, (uint32_t)n);
    return n > 0;
}

static void deliver(struct line *l, lk_time now)
{
    struct packet *p = take(l);
    struct tw *w = &l->end[p->to];
    uint8_t *exact = malloc(p->len); /* a sanitizer sees every byte too far */
    memcpy(exact, p->bytes, p->len);
    struct lk_ip_in in = {.src = l->end[1 - p->to].us, .dst = w->us, .mtu = 1500, .protocol = 6, .ttl = 64, .bytes = exact, .len = p->len,
                          .packet = exact, .packet_len = p->len};
    tw_to(w, now);
    struct lk_tcp_context context = tw_context(w);
    lk_tcp_input(&context, &in);
    free(exact);
    free(p);
}

static uint8_t octet(uint64_t n)
{
    return (uint8_t)(n * 2654435761u >> 13);
}

static void client_works(struct line *l)
{
    static uint8_t chunk[4096];
    struct lk_tcp_context context = tw_context(&l->end[0]);
    while (l->sent_octets < l->to_send) {
        uint32_t n = lk_rng_below(&l->rng, sizeof chunk) + 1;
        n = l->to_send - l->sent_octets < n ? (uint32_t)(l->to_send - l->sent_octets) : n;
        for (uint32_t i = 0; i < n; i++)
            chunk[i] = octet(l->sent_octets + i);
        int64_t sent = lk_tcp_send(&context, l->client, chunk, n);
        if (sent == LK_E_AGAIN)
            return;
        REQUIRE(sent > 0);
        l->sent_octets += (uint64_t)sent;
    }
    if (!l->client_closed) {
        l->client_closed = true;
        ck_assert_int_eq(lk_tcp_shutdown(&context, l->client, LK_SHUT_WR), 0);
    }
}

static void server_works(struct line *l)
{
    uint8_t chunk[4096];
    struct lk_tcp_context context = tw_context(&l->end[1]);
    if (!l->accepted)
        l->accepted = lk_tcp_accept(&context, l->listener, &l->server, NULL) == 0;
    if (!l->accepted || l->server_closed)
        return;
    int64_t n;
    while ((n = lk_tcp_recv(&context, l->server, chunk, sizeof chunk, 0)) > 0)
        for (int64_t i = 0; i < n; i++)
            REQUIRE(chunk[i] == octet(l->got_octets++));
    if (n == 0) {
        l->server_closed = true;
        ck_assert_int_eq(lk_tcp_close(&context, l->server), 0);
    } else {
        REQUIRE(n == LK_E_AGAIN);
    }
}

static void check_ends(struct line *l)
{
    for (int i = 0; i < 2; i++) {
        const char *where = "?";
        if (lk_tcp_check(l->end[i].tcp, l->end[i].wheel, &where) != 0)
            ck_abort_msg("invariant: %s", where);
    }
}

static lk_time next_time(const struct line *l)
{
    lk_time least = l->count != 0 ? l->packets[0]->at : LK_NEVER;
    for (int i = 0; i < 2; i++) {
        lk_time timer = lk_wheel_deadline(l->end[i].wheel);
        least = timer < least ? timer : least;
    }
    return least;
}

static void begin(struct line *l, const char *profile, void (*tune)(struct lk_config *), uint64_t seed)
{
    uint8_t bytes[32] = {0};
    memcpy(bytes, &seed, sizeof seed);
    lk_rng_init(&l->rng, bytes, 1);
    tw_begin(&l->end[0], profile, tune);
    tw_begin(&l->end[1], profile, tune);
    l->end[1].us = l->end[0].peer;
    l->end[1].peer = l->end[0].us;
    struct lk_tcp_context server = tw_context(&l->end[1]);
    struct lk_endpoint local = {.iface = LK_ANY, .port = 80};
    ck_assert_int_eq(lk_tcp_open(&server, &l->listener), 0);
    ck_assert_int_eq(lk_tcp_bind(&server, l->listener, &local), 0);
    ck_assert_int_eq(lk_tcp_listen(&server, l->listener, 5), 0);
    struct lk_tcp_context client = tw_context(&l->end[0]);
    struct lk_endpoint remote = {.address = l->end[1].us, .iface = LK_ANY, .port = 80};
    struct lk_tcp_route route = {.source = l->end[0].us, .iface = 0, .mtu = 1500};
    ck_assert_int_eq(lk_tcp_open(&client, &l->client), 0);
    ck_assert_int_eq(lk_tcp_connect(&client, l->client, &remote, &route), 0);
}

/* Runs until the client's connection has ended. Returns the virtual time it took until all was delivered. */
static lk_time run(struct line *l, bool check)
{
    lk_time start = l->end[0].now, now = start, delivered = LK_NEVER;
    for (uint64_t steps = 0; steps < 4000000; steps++) {
        client_works(l);
        server_works(l);
        for (int i = 0; i < 2; i++)
            while (pull(l, i, now)) {
            }
        if (check)
            check_ends(l);
        if (l->got_octets == l->to_send && delivered == LK_NEVER)
            delivered = now - start;
        struct lk_sock_info info;
        REQUIRE(lk_tcp_info(l->end[0].tcp, l->client, &info) == 0);
        if (l->server_closed && (info.state == LK_TCP_TIME_WAIT || info.state == LK_TCP_CLOSED))
            return delivered;
        lk_time next = next_time(l);
        if (next == LK_NEVER)
            ck_abort_msg("the line is silent: %llu of %llu octets arrived", (unsigned long long)l->got_octets, (unsigned long long)l->to_send);
        now = next > now ? next : now;
        tw_to(&l->end[0], now);
        tw_to(&l->end[1], now);
        while (l->count != 0 && l->packets[0]->at <= now)
            deliver(l, now);
    }
    ck_abort_msg("too many steps");
    return 0;
}

static void end(struct line *l)
{
    tw_end(&l->end[0]);
    tw_end(&l->end[1]);
    while (l->count != 0)
        free(take(l));
}

static void hostile(const char *profile, void (*tune)(struct lk_config *), uint32_t seeds)
{
    for (uint32_t seed = 0; seed < seeds; seed++) {
        struct line *l = calloc(1, sizeof *l);
        l->delay = 10 * LK_MILLISECOND;
        l->per_byte = 80;
        l->loss = 10 * (seed % 12);
        l->reorder = 20 * (seed % 5);
        l->duplicate = 20 * (seed % 3);
        l->to_send = 1 + seed * 3001;
        begin(l, profile, tune, seed);
        run(l, true);
        ck_assert_uint_eq(l->got_octets, l->to_send);
        end(l);
        free(l);
    }
}

static void without_sack(struct lk_config *c)
{
    c->tcp.sack = false;
}

static void without_options(struct lk_config *c)
{
    c->tcp.sack = false;
    c->tcp.timestamps = false;
    c->tcp.wscale = false;
}

static void tiny(struct lk_config *c)
{
    c->tcp.send_buffer = 3000;
    c->tcp.receive_buffer = 2000;
    c->tcp.out_of_order = 2;
    c->tcp.segments = 2;
    c->tcp.active = 1;
}

START_TEST(every_octet_arrives_with_sack)
{
    hostile("rfc", NULL, 60);
}
END_TEST

START_TEST(every_octet_arrives_without_sack)
{
    hostile("rfc", without_sack, 60);
}
END_TEST

START_TEST(every_octet_arrives_without_any_option)
{
    hostile("linux", without_options, 60);
}
END_TEST

START_TEST(every_octet_arrives_through_tiny_buffers)
{
    hostile("rfc", tiny, 40);
}
END_TEST

static void large(struct lk_config *c)
{
    c->tcp.send_buffer = 1 << 20;
    c->tcp.receive_buffer = 1 << 20;
    c->tcp.segments = 4096;
    c->tcp.out_of_order = 4096;
}

/* 20 MB over 100 Mbit/s and 10 ms, with loss: time-outs come only from lost retransmissions and lost tails. */
static void bulk(uint32_t loss, void (*tune)(struct lk_config *))
{
    struct line *l = calloc(1, sizeof *l);
    l->delay = 5 * LK_MILLISECOND;
    l->per_byte = 80;
    l->loss = loss;
    l->to_send = 20000000;
    begin(l, "linux", tune, 7);
    lk_time took = run(l, false);
    struct lk_sock_info info;
    lk_tcp_info(l->end[0].tcp, l->client, &info);
    uint64_t needed = (l->to_send + 1447) / 1448 + l->data_lost;
    printf("loss %u/1000: %.2f s, %llu data frames, needed %llu, lost %llu (retransmissions among them %llu), RTOs %llu, recoveries %llu\n", loss,
           (double)took / 1e9, (unsigned long long)l->data_sent, (unsigned long long)needed, (unsigned long long)l->data_lost,
           (unsigned long long)l->resent_lost, (unsigned long long)info.rto_count, (unsigned long long)info.fast_recoveries);
    ck_assert_uint_eq(l->got_octets, l->to_send);
    ck_assert_uint_le(l->data_sent * 100, needed * 102);
    if (loss <= 10) /* more lose whole windows */
        ck_assert_uint_le(info.rto_count, l->resent_lost + 1);
    end(l);
    free(l);
}

START_TEST(bulk_with_one_percent_loss_wastes_nothing)
{
    bulk(0, large);
    bulk(1, large);
    bulk(10, large);
    bulk(30, large);
    bulk(10, NULL);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        every_octet_arrives_with_sack, every_octet_arrives_without_sack, every_octet_arrives_without_any_option,
        every_octet_arrives_through_tiny_buffers, bulk_with_one_percent_loss_wastes_nothing,
    };
    return run_tests("stack/tcp/loop", tests, sizeof tests / sizeof tests[0]);
}
