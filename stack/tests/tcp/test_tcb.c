/* Blocks and what hangs on them: buffers that go back empty, settings that children inherit, RFC 7661's idle restart. */
#include "stack/base/error.h"
#include "stack/base/guard.h"
#include "stack/tcp/buffer.h"
#include "stack/tcp/tcb.h"
#include "stack/tests/support/dies.h"
#include "stack/tests/support/run.h"
#include "stack/tests/support/tcp_world.h"

static struct tw w;

/* Whether both rings of active record 0 hold nothing but zero. */
static bool wiped(void)
{
    tcp_buffer_open(w.tcp, 0);
    const uint8_t *rings = (const uint8_t *)w.tcp + w.tcp->buffers;
    uint32_t sum = 0;
    for (uint32_t i = 0; i < w.config.tcp.send_buffer; i++)
        sum += rings[i];
    for (uint32_t i = 0; i < w.config.tcp.receive_buffer; i++)
        sum += rings[w.tcp->receive_offset + i];
    tcp_buffer_close(w.tcp, 0);
    return sum == 0;
}

static void small(struct lk_config *c)
{
    c->tcp.send_buffer = 3000;
    c->tcp.receive_buffer = 3000;
}

START_TEST(what_passed_through_the_rings_is_wiped)
{
    tw_begin(&w, "rfc", small);
    tw_passive(&w);
    for (uint32_t at = 1; at < 9000; at += 1000) { /* round the ring three times */
        tw_in(&w, A, at, at, 1000);
        tw_send(&w, 1000);
        while (tw_out(&w)) {
        }
        ck_assert_int_eq(tw_recv(&w, 999), 999); /* one octet stays: the ring never starts again */
        ck_assert_int_eq(tw_recv(&w, 1), 1);
        tw_in(&w, A, at + 1000, at + 1000, 0);
        while (tw_out(&w)) {
        }
    }
    ck_assert_uint_eq(w.tcp->actives.in_use, 0);
    ck_assert(wiped());
    tw_end(&w);
}
END_TEST

START_TEST(a_ring_that_wraps_is_wiped_too)
{
    tw_begin(&w, "rfc", small);
    tw_passive(&w);
    tw_in(&w, A, 1, 1, 2000);
    ck_assert_int_eq(tw_recv(&w, 1999), 1999);
    tw_out(&w);
    tw_in(&w, A, 2001, 1, 2000);
    tw_out(&w);
    ck_assert_int_eq(tw_recv(&w, 5000), 2001);
    while (tw_out(&w)) {
    }
    ck_assert_uint_eq(w.tcp->actives.in_use, 0);
    ck_assert(wiped());
    tw_end(&w);
}
END_TEST

START_TEST(a_child_inherits_its_listeners_settings)
{
    uint8_t bytes[2000];
    struct lk_ip_out out = {.iface = LK_ANY, .bytes = bytes, .cap = sizeof bytes};
    struct lk_tcp_context c;
    tw_begin(&w, "rfc", NULL);
    tw_listen(&w);
    c = tw_context(&w);
    static const struct {
        int option;
        int64_t value;
    } settings[] = {{LK_OPT_RECEIVE_BUFFER, 5000}, {LK_OPT_SEND_BUFFER, 40}, {LK_OPT_DSCP, 10}, {LK_OPT_TTL, 9}, {LK_OPT_NODELAY, 1},
                    {LK_OPT_MSS, 600}, {LK_OPT_R2, 7 * LK_SECOND}, {LK_OPT_KEEPALIVE_IDLE, 50 * LK_SECOND}, {LK_OPT_KEEPALIVE, 1}};
    for (size_t i = 0; i < sizeof settings / sizeof settings[0]; i++)
        ck_assert_int_eq(lk_tcp_set(&c, w.listener, settings[i].option, settings[i].value), 0);
    tw_in(&w, S, 0, 0, 0);
    ck_assert_int_gt(lk_tcp_output(&c, &out), 0);
    ck_assert(out.tos == 40 && out.ttl == 9);
    ck_assert_uint_eq(bytes[14] << 8 | bytes[15], 5000);
    w.isn = (uint32_t)bytes[4] << 24 | (uint32_t)bytes[5] << 16 | (uint32_t)bytes[6] << 8 | bytes[7];
    tw_in(&w, A, 1, 1, 0);
    ck_assert_int_eq(lk_tcp_accept(&c, w.listener, &w.s, NULL), 0);
    ck_assert_uint_eq(tw_info(&w).snd_mss, 600);
    ck_assert_int_eq(tw_send(&w, 100), 40);
    tw_expect(&w, A, 1, 1, 40);
    tw_in(&w, A, 1, 41, 0);
    tw_wait(&w, 50 * LK_SECOND);
    tw_expect(&w, A, 40, 1, 0); /* keep-alive */
    tw_end(&w);
}
END_TEST

START_TEST(data_committed_after_idling_starts_slowly_too)
{ /* RFC 5681 4.1 */
    struct lk_tcp_context c;
    uint8_t *place;
    tw_begin(&w, "rfc", NULL);
    tw_passive(&w);
    for (uint32_t at = 1; at < 60000; at += 1460) {
        tw_send(&w, 1460);
        while (tw_out(&w)) {
        }
        tw_in(&w, A, 1, at + 1460, 0);
    }
    tcb_find(w.tcp, w.s)->cc.cwnd = 50000;
    tw_wait(&w, 10 * LK_SECOND);
    c = tw_context(&w);
    ck_assert_int_gt(lk_tcp_reserve(&c, w.s, &place), 100);
    ck_assert_int_eq(lk_tcp_commit(&c, w.s, 100), 0);
    ck_assert_uint_eq(tw_info(&w).cwnd, 4380);
    tw_end(&w);
}
END_TEST

START_TEST(counters_tell_what_was_sent_again)
{
    tw_begin(&w, "rfc", NULL);
    tw_connect(&w);
    tw_expect(&w, S, 0, 0, 0);
    ck_assert_uint_eq(tw_info(&w).retransmitted_segments, 0);
    tw_wait(&w, LK_SECOND);
    tw_expect(&w, S, 0, 0, 0);
    tw_in(&w, S | A, 0, 1, 0);
    struct lk_sock_info info = tw_info(&w);
    ck_assert_uint_eq(info.retransmitted_segments, 1);
    ck_assert_uint_eq(info.rto_count, 1);
    ck_assert_uint_eq(info.segments_out, 2);
    ck_assert_uint_eq(info.segments_in, 1);
    tw_end(&w);
}
END_TEST

static void overrun(void *unused)
{
    (void)unused;
    volatile uint8_t *rings = (volatile uint8_t *)w.tcp + w.tcp->buffers;
    rings[w.config.tcp.send_buffer] = 1;
}

START_TEST(an_overrun_of_a_ring_dies_under_asan)
{
#ifdef LK_GUARD_ASAN
    tw_begin(&w, "rfc", small);
    tw_passive(&w);
    tw_send(&w, 10);
    ck_assert(dies(overrun, NULL));
    tw_end(&w);
#else
    (void)overrun;
    (void)dies;
#endif
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {
        what_passed_through_the_rings_is_wiped, a_ring_that_wraps_is_wiped_too, a_child_inherits_its_listeners_settings,
        data_committed_after_idling_starts_slowly_too, counters_tell_what_was_sent_again, an_overrun_of_a_ring_dies_under_asan,
    };
    return run_tests("stack/tcp/tcb", tests, sizeof tests / sizeof tests[0]);
}
