/* The resolver over TCP, with servers that the test plays. */
#include "stack/tests/support/dns_world.h"

static void say_truncated(struct dns_fake *f, const uint8_t *query, size_t len, bool tcp)
{
    struct dns_reply p;
    if (tcp) {
        say_address(f, query, len, tcp);
        return;
    }
    reply_begin(&p, query, len);
    p.header.tc = true;
    reply_a(&p, "www.test", 60, 0x0a0000ee);
    lk_dns_write_header(&p.w, &p.header);
    fake_send(f, p.bytes, p.w.len - 3, tcp); /* in the middle of a record, as some servers do */
}

/* RFC 7766 8. */
START_TEST(a_question_over_tcp_leaves_in_one_segment_with_its_length)
{
    struct dns_fake *f;
    struct dns_world d = world_of(say_truncated, &f);
    resolve(&d, "www.test", LK_DNS_A);
    const struct note *data = NULL;
    for (uint32_t i = 0; i < d.w->notes && data == NULL; i++) {
        const struct note *n = &d.w->note[i];
        if (n->from == d.client && n->type == LK_ETHERTYPE_IPV4 && n->bytes[23] == 6 && n->len > 14u + 20 + (n->bytes[46] >> 4) * 4u)
            data = n;
    }
    ck_assert_ptr_nonnull(data);
    const uint8_t *payload = data->bytes + 34 + (data->bytes[46] >> 4) * 4;
    ck_assert_uint_eq((size_t)(payload[0] << 8 | payload[1]) + 2, (size_t)(data->bytes + data->len - payload));
    world_done(&d, f);
}
END_TEST

START_TEST(a_truncated_answer_is_asked_for_over_tcp)
{
    struct dns_fake *f;
    struct dns_world d = world_of(say_truncated, &f);
    struct lk_dns_result result = resolve(&d, "www.test", LK_DNS_A);
    ck_assert_int_eq(result.error, 0);
    ck_assert(result.over_tcp);
    ck_assert_uint_eq(address_of(&result, 0), 0x0a000050);
    ck_assert_uint_eq(f->asked, 2);
    result = resolve(&d, "www.test", LK_DNS_A);
    ck_assert(result.cached);
    ck_assert_uint_eq(address_of(&result, 0), 0x0a000050);
    world_run(d.w, d.w->now + 3 * S);
    ck_assert_uint_eq(f->tcp, 0); /* closed when idle */
    resolve(&d, "b.test", LK_DNS_A);
    ck_assert_uint_ne(f->tcp, 0);
    ask(&d, "c.test", LK_DNS_A);
    lk_dns_resolver_close(d.resolver, d.w->host[d.client].stack, d.w->now);
    ck_assert_int_eq(lk_dns_resolver_app.deadline(d.resolver), LK_NEVER);
    world_run(d.w, d.w->now + S);
    ck_assert_uint_eq(f->tcp, 0); /* or when told so, with all that is under way */
    ck_assert(!lk_dns_resolver_next(d.resolver, &result));
    world_done(&d, f);
}
END_TEST

/* Keeps two questions and answers them the other way round. */
static void say_reversed(struct dns_fake *f, const uint8_t *query, size_t len, bool tcp)
{
    static struct dns_reply p[2];
    static unsigned kept;
    if (!tcp) {
        say_truncated(f, query, len, tcp);
        return;
    }
    reply_begin(&p[kept % 2], query, len);
    reply_a(&p[kept % 2], kept % 2 == 0 ? "a.test" : "b.test", 60, 0x0a000060 + kept % 2);
    f->ids[kept % 2] = p[kept % 2].header.id;
    if (++kept % 2 == 0) {
        reply_send(f, &p[1], true);
        reply_send(f, &p[0], true);
    }
}

START_TEST(one_connection_carries_several_questions_answered_in_any_order)
{
    struct dns_fake *f;
    struct dns_world d = world_of(say_reversed, &f);
    struct lk_dns_result result;
    uint32_t a = ask(&d, "a.test", LK_DNS_A), b = ask(&d, "b.test", LK_DNS_A);
    world_run(d.w, 500 * MS);
    ck_assert(lk_dns_resolver_next(d.resolver, &result));
    ck_assert_uint_eq(result.query, b);
    ck_assert_uint_eq(address_of(&result, 0), 0x0a000061);
    ck_assert(lk_dns_resolver_next(d.resolver, &result));
    ck_assert_uint_eq(result.query, a);
    ck_assert_uint_eq(address_of(&result, 0), 0x0a000060);
    ck_assert_uint_ne(f->ids[0], f->ids[1]);
    world_done(&d, f);
}
END_TEST

static void say_hang_up(struct dns_fake *f, const uint8_t *query, size_t len, bool tcp)
{
    if (tcp && f->mode-- > 0) {
        lk_sock_close(f->stack, f->tcp, f->now);
        f->tcp = 0;
        f->in_len = 0;
    } else
        say_truncated(f, query, len, tcp);
}

START_TEST(a_connection_closed_before_the_answer_is_a_reason_to_ask_again)
{
    struct dns_fake *f;
    struct dns_world d = world_of(say_hang_up, &f);
    f->mode = 1;
    struct lk_dns_result result = resolve(&d, "www.test", LK_DNS_A);
    ck_assert_int_eq(result.error, 0);
    ck_assert_uint_eq(address_of(&result, 0), 0x0a000050);
    ck_assert_uint_eq(f->asked, 4);
    f->mode = 100;
    result = resolve(&d, "b.test", LK_DNS_A);
    ck_assert_int_eq(result.error, LK_E_TIMEDOUT);
    ck_assert_uint_le(f->asked, 8);
    world_done(&d, f);
}
END_TEST

static void say_too_long(struct dns_fake *f, const uint8_t *query, size_t len, bool tcp)
{
    static const uint8_t prefix[] = {0xff, 0xff, 0, 0};
    if (!tcp)
        say_truncated(f, query, len, tcp);
    else
        ck_assert_int_eq(lk_sock_send(f->stack, f->tcp, prefix, 4, f->now), 4);
}

START_TEST(an_answer_longer_than_is_taken_ends_the_connection)
{
    struct dns_fake *f;
    struct dns_world d = world_of(say_too_long, &f);
    struct lk_dns_result result = resolve(&d, "www.test", LK_DNS_A);
    ck_assert_int_eq(result.error, LK_E_CONNREFUSED);
    ck_assert_int_lt(d.w->now, S);
    world_done(&d, f);
}
END_TEST

static void say_unusable_over_tcp(struct dns_fake *f, const uint8_t *query, size_t len, bool tcp)
{
    struct dns_reply p;
    if (!tcp) {
        say_truncated(f, query, len, tcp);
        return;
    }
    reply_begin(&p, query, len);
    p.header.tc = f->mode == 0;
    reply_a(&p, "www.test", 60, 0x0a0000ee);
    lk_dns_write_header(&p.w, &p.header);
    fake_send(f, p.bytes, p.w.len - (f->mode == 0 ? 0 : 2), true);
}

START_TEST(what_cannot_be_used_over_tcp_is_a_failure_of_the_server)
{
    for (int mode = 0; mode < 2; mode++) {
        struct dns_fake *f;
        struct dns_world d = world_of(say_unusable_over_tcp, &f);
        f->mode = mode;
        struct lk_dns_result result = resolve(&d, "www.test", LK_DNS_A);
        ck_assert_int_eq(result.error, LK_E_CONNREFUSED);
        ck_assert_uint_eq(result.rcode, LK_DNS_SERVFAIL);
        ck_assert_int_lt(d.w->now, S);
        world_done(&d, f);
    }
}
END_TEST

int main(void)
{
    Suite *s = suite_create("apps/dns_stream");
    TCase *c = tcase_create("dns_stream");
    tcase_add_test(c, a_question_over_tcp_leaves_in_one_segment_with_its_length);
    tcase_add_test(c, a_truncated_answer_is_asked_for_over_tcp);
    tcase_add_test(c, one_connection_carries_several_questions_answered_in_any_order);
    tcase_add_test(c, a_connection_closed_before_the_answer_is_a_reason_to_ask_again);
    tcase_add_test(c, an_answer_longer_than_is_taken_ends_the_connection);
    tcase_add_test(c, what_cannot_be_used_over_tcp_is_a_failure_of_the_server);
    suite_add_tcase(s, c);
    return run_suite(s);
}
