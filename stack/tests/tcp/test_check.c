/* The invariants hold whatever arrives and whatever the application does: random segments near the connection's numbers,
 * random calls, random time. And what the invariants are good for: a broken one is seen.
 */
#include "stack/base/error.h"
#include "stack/base/rng.h"
#include "stack/base/seq.h"
#include "stack/tcp/tcb.h"
#include "stack/tests/support/run.h"
#include "stack/tests/support/tcp_world.h"
#include <check.h>
#include <string.h>

static struct tw w;

static void small(struct lk_config *c)
{
    c->tcp.connections = 4;
    c->tcp.listeners = 2;
    c->tcp.active = 2;
    c->tcp.segments = 6;
    c->tcp.out_of_order = 6;
    c->tcp.send_buffer = 5000;
    c->tcp.receive_buffer = 4000;
    c->tcp.resets = 2;
}

/* Numbers that matter lie close to the edges. */
static uint32_t near(struct lk_rng *rng, uint32_t edge)
{
    static const uint32_t steps[] = {0, 0, 0, 1, 1, 2, 10, 536, 1460, 3000, 4000, 70000};
    uint32_t step = steps[lk_rng_below(rng, sizeof steps / sizeof steps[0])];
    return lk_rng_below(rng, 3) == 0 ? edge - step : edge + step;
}

static void random_segment(struct lk_rng *rng)
{
    static const unsigned controls[] = {A, A, A, A, A, A | F, A | P, S, S | A, R, R | A, 0, A | U, F, A | S | F, 0xff};
    struct lk_sock_info info = {0};
    struct lk_endpoint local = {.address = w.us, .port = w.our_port};
    struct lk_endpoint remote = {.address = w.peer, .port = w.peer_port};
    bool known = lk_tcp_tuple_info(w.tcp, &local, &remote, &info) == 0;
    w.isn = known ? info.iss : 0;
    w.peer_isn = known && info.state != LK_TCP_SYN_SENT ? info.irs : 1000;
    uint32_t seq = near(rng, known ? info.rcv_nxt - w.peer_isn : 0);
    uint32_t ack = near(rng, lk_rng_below(rng, 2) ? info.snd_nxt - w.isn : info.snd_una - w.isn);
    uint32_t len = lk_rng_below(rng, 3) == 0 ? lk_rng_below(rng, 2000) : 0;
    w.peer_window = lk_rng_below(rng, 4) == 0 ? lk_rng_below(rng, 3000) : 65535;
    w.peer_ts += lk_rng_below(rng, 3);
    w.sack_count = info.sack ? lk_rng_below(rng, 4) : 0;
    for (unsigned i = 0; i < w.sack_count; i++) {
        w.sacks[i].left = near(rng, info.snd_una - w.isn) + lk_rng_below(rng, 5000);
        w.sacks[i].right = w.sacks[i].left + lk_rng_below(rng, 3000);
    }
    unsigned control = controls[lk_rng_below(rng, sizeof controls / sizeof controls[0])];
    if (control & S)
        w.sack_count = 0; /* they would not fit */
    if (control == S && lk_rng_below(rng, 2))
        w.peer_timestamps = !w.peer_timestamps;
    w.last_ts = (uint32_t)(w.now / LK_MILLISECOND);
    int result = tw_in(&w, control, seq, ack, len);
    if (result < 0 || result >= LK_RX_COUNT)
        ck_abort_msg("disposition %d", result);
}

static void random_call(struct lk_rng *rng, lk_socket *sockets, unsigned count)
{
    struct lk_tcp_context c = tw_context(&w);
    static uint8_t bytes[3000];
    lk_socket *s = &sockets[lk_rng_below(rng, count)];
    struct lk_endpoint local = {.iface = LK_ANY, .port = lk_rng_below(rng, 3) ? TW_PORT : 0};
    struct lk_endpoint remote = {.address = w.peer, .iface = LK_ANY, .port = TW_PEER_PORT};
    struct lk_tcp_route route = {.source = w.us, .iface = 0, .mtu = 1500};
    uint8_t *run;
    const uint8_t *view;
    int64_t n;
    switch (lk_rng_below(rng, 18)) {
    case 0: if (lk_tcp_bits(w.tcp, *s) == 0) lk_tcp_open(&c, s); break;
    case 1: lk_tcp_bind(&c, *s, &local); break;
    case 2: lk_tcp_listen(&c, *s, lk_rng_below(rng, 3)); break;
    case 3: lk_tcp_connect(&c, *s, &remote, &route); break;
    case 4: lk_tcp_accept(&c, *s, &sockets[lk_rng_below(rng, count)], NULL); break;
    case 5: case 6: case 7: lk_tcp_send(&c, *s, bytes, lk_rng_below(rng, 3000)); break;
    case 8: case 9: lk_tcp_recv(&c, *s, bytes, lk_rng_below(rng, 3000), lk_rng_below(rng, 2)); break;
    case 10:
        n = lk_tcp_reserve(&c, *s, &run);
        if (n > 0) {
            memset(run, 7, (size_t)n);
            lk_tcp_commit(&c, *s, (size_t)n / 2);
        }
        break;
    case 11:
        n = lk_tcp_peek(&c, *s, &view);
        if (n > 0)
            lk_tcp_consume(&c, *s, (size_t)n / 2);
        break;
    case 12: lk_tcp_shutdown(&c, *s, (int)lk_rng_below(rng, 3)); break;
    case 13: if (lk_rng_below(rng, 3) == 0) lk_tcp_close(&c, *s); break;
    case 14: if (lk_rng_below(rng, 6) == 0) lk_tcp_abort(&c, *s); break;
    case 15: lk_tcp_set(&c, *s, (int)lk_rng_below(rng, 14), lk_rng_below(rng, 100000)); break;
    default: {
        uint32_t bits;
        lk_socket changed;
        while (lk_tcp_event(&c, &changed, &bits)) {
        }
    }
    }
}

static void check_now(void)
{
    const char *where = "?";
    if (lk_tcp_check(w.tcp, w.wheel, &where) != 0)
        ck_abort_msg("invariant: %s", where);
}

static bool pull(struct lk_rng *rng)
{
    uint8_t bytes[2000];
    struct lk_ip_out out = {.iface = LK_ANY, .bytes = bytes, .cap = lk_rng_below(rng, 5) == 0 ? lk_rng_below(rng, 100) : sizeof bytes};
    struct lk_tcp_context c = tw_context(&w);
    int n = lk_tcp_output(&c, &out);
    if (n == LK_E_NOSPACE && out.len <= out.cap)
        ck_abort_msg("no space, but %u are enough", out.len);
    return n > 0;
}

static uint64_t digest(void)
{
    struct lk_digest d;
    lk_digest_begin(&d);
    lk_tcp_digest(w.tcp, &d);
    return d.value;
}

static uint64_t episode(uint64_t number, const char *profile)
{
    struct lk_rng rng;
    uint8_t seed[32] = {0};
    memcpy(seed, &number, sizeof number);
    lk_rng_init(&rng, seed, 1);
    tw_begin(&w, profile, small);
    w.peer_sack = w.peer_timestamps = number % 2;
    w.peer_wscale = number % 3 == 0 ? 3 : -1;
    lk_socket sockets[5] = {0};
    for (int step = 0; step < 400; step++) {
        switch (lk_rng_below(&rng, 5)) {
        case 0: case 1: random_segment(&rng); break;
        case 2: random_call(&rng, sockets, 5); break;
        case 3:
            for (uint32_t n = lk_rng_below(&rng, 8); n > 0 && pull(&rng); n--) {
            }
            break;
        default: tw_wait(&w, (lk_time)lk_rng_below(&rng, 4000) * LK_MILLISECOND / (1 + lk_rng_below(&rng, 20)));
        }
        check_now();
    }
    for (uint32_t n = 0; pull(&rng) && n < 10000; n++)
        if (n == 9999)
            ck_abort_msg("output never ends");
    check_now();
    uint64_t value = digest();
    tw_end(&w);
    return value;
}

START_TEST(invariants_hold_in_random_episodes)
{
    for (uint64_t i = 0; i < 1500; i++)
        episode(i, i % 4 < 2 ? "rfc" : "linux");
}
END_TEST

START_TEST(an_episode_ends_in_the_same_state_again)
{
    for (uint64_t i = 0; i < 50; i++)
        ck_assert_uint_eq(episode(i, "rfc"), episode(i, "rfc"));
    ck_assert_uint_ne(episode(1, "rfc"), episode(3, "rfc"));
}
END_TEST

START_TEST(a_broken_invariant_is_named)
{
    tw_begin(&w, "rfc", NULL);
    tw_passive(&w);
    struct tcb *tcb = tcb_find(w.tcp, w.s);
    tcb->snd_una = seq_add(tcb->snd_nxt, 1);
    const char *where = NULL;
    ck_assert_int_lt(lk_tcp_check(w.tcp, w.wheel, &where), 0);
    ck_assert_ptr_nonnull(where);
    tw_end(&w);
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {invariants_hold_in_random_episodes, an_episode_ends_in_the_same_state_again, a_broken_invariant_is_named};
    return run_tests("stack/tcp/check", tests, sizeof tests / sizeof tests[0]);
}
