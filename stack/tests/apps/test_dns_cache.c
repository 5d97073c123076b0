/* What a resolver remembers, and for how long, with servers that the test plays. */
#include "stack/tests/support/dns_world.h"

static void say_ttl(struct dns_fake *f, const uint8_t *query, size_t len, bool tcp)
{
    static const uint32_t ttl[] = {0, 0x80000000, 2000000, 100};
    struct dns_reply p;
    reply_begin(&p, query, len);
    reply_a(&p, "www.test", ttl[f->mode], 0x0a000050);
    if (f->mode == 3)
        reply_a(&p, "www.test", 10, 0x0a000051);
    reply_send(f, &p, tcp);
}

START_TEST(a_ttl_of_zero_is_not_kept_and_an_endless_one_not_for_ever)
{
    static const struct { int mode; lk_time wait; uint32_t asked; } row[] = {
        {0, 0, 2}, {1, 0, 2}, {2, 600000 * S, 1}, {2, 605000 * S, 2}, {3, 9 * S, 1}, {3, 11 * S, 2}, /* RFC 2181 5.2: the least TTL of the set */
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct dns_fake *f;
        struct dns_world d = world_of(say_ttl, &f);
        f->mode = row[i].mode;
        resolve(&d, "www.test", LK_DNS_A);
        world_run(d.w, d.w->now + row[i].wait);
        ck_assert_int_eq(resolve(&d, "WWW.test", LK_DNS_A).error, 0);
        ck_assert_msg(f->asked == row[i].asked, "row %zu: %u", i, f->asked);
        world_done(&d, f);
    }
}
END_TEST

START_TEST(an_answer_from_memory_counts_down)
{
    struct dns_fake *f;
    struct dns_world d = world_of(say_address, &f);
    struct lk_dns_reader r;
    struct lk_dns_record record;
    resolve(&d, "www.test", LK_DNS_A);
    world_run(d.w, d.w->now + 20 * S);
    struct lk_dns_result result = resolve(&d, "www.test", LK_DNS_A);
    ck_assert(result.cached);
    ck_assert_int_eq(lk_dns_check(result.message, result.len), 0);
    lk_dns_read_begin(&r, result.message, result.len);
    ck_assert_int_eq(lk_dns_read_record(&r, &record), 1);
    ck_assert_uint_ge(record.ttl, 39);
    ck_assert_uint_le(record.ttl, 40);
    ck_assert(!r.header.aa); /* memory is no authority */
    ck_assert_uint_eq(r.header.count[LK_DNS_ADDITIONAL], 0); /* RFC 6891 6.1.1: OPT is not kept */
    world_done(&d, f);
}
END_TEST

static void say_no(struct dns_fake *f, const uint8_t *query, size_t len, bool tcp)
{
    struct dns_reply p;
    reply_begin(&p, query, len);
    p.header.rcode = f->mode & 1 ? LK_DNS_NXDOMAIN : LK_DNS_NOERROR;
    if ((f->mode & 2) == 0)
        reply_soa(&p, f->mode & 4 ? "elsewhere" : "test", 300, 5);
    reply_send(f, &p, tcp);
}

/* RFC 2308 5. */
START_TEST(a_no_is_kept_as_long_as_its_soa_says)
{
    static const struct { int mode; uint16_t again; lk_time wait; uint32_t asked; } row[] = {
        {1, LK_DNS_A, 4 * S, 1},    {1, LK_DNS_A, 6 * S, 2},    {1, LK_DNS_TXT, 4 * S, 1}, /* NXDOMAIN: for all types */
        {0, LK_DNS_A, 4 * S, 1},    {0, LK_DNS_A, 6 * S, 2},    {0, LK_DNS_TXT, 4 * S, 2}, /* no data: for this type */
        {3, LK_DNS_A, 0, 2},        {2, LK_DNS_A, 0, 2},        {5, LK_DNS_A, 0, 2},       /* without SOA of its zone: not at all */
    };
    for (size_t i = 0; i < sizeof row / sizeof *row; i++) {
        struct dns_fake *f;
        struct dns_world d = world_of(say_no, &f);
        f->mode = row[i].mode;
        struct lk_dns_result result = resolve(&d, "no.test", LK_DNS_A);
        ck_assert_int_eq(result.error, LK_E_NOTFOUND);
        ck_assert_uint_eq(result.rcode, row[i].mode & 1 ? LK_DNS_NXDOMAIN : LK_DNS_NOERROR);
        world_run(d.w, d.w->now + row[i].wait);
        result = resolve(&d, "no.test", row[i].again);
        ck_assert_int_eq(result.error, LK_E_NOTFOUND);
        ck_assert_msg(f->asked == row[i].asked, "row %zu: %u", i, f->asked);
        world_done(&d, f);
    }
}
END_TEST

START_TEST(a_no_is_kept_no_longer_than_the_config_says)
{
    struct dns_world d = dns_world();
    struct dns_fake *f = dns_fake(&d, say_no);
    d.config.negative_ttl = 2;
    dns_begin(&d);
    f->mode = 1;
    resolve(&d, "no.test", LK_DNS_A);
    world_run(d.w, d.w->now + S);
    resolve(&d, "no.test", LK_DNS_A);
    ck_assert_uint_eq(f->asked, 1);
    world_run(d.w, d.w->now + 2 * S);
    resolve(&d, "no.test", LK_DNS_A);
    ck_assert_uint_eq(f->asked, 2);
    world_done(&d, f);
}
END_TEST

static void say_alias_to_nothing(struct dns_fake *f, const uint8_t *query, size_t len, bool tcp)
{
    struct dns_reply p;
    reply_begin(&p, query, len);
    if (p.question.type == LK_DNS_TXT)
        reply_record(&p, LK_DNS_ANSWER, "a.test", LK_DNS_TXT, 60, "\1x", 2);
    else
        reply_cname(&p, "a.test", 60, "b.test");
    p.header.rcode = p.question.type == LK_DNS_TXT ? LK_DNS_NOERROR : LK_DNS_NXDOMAIN;
    reply_soa(&p, "test", 300, 300);
    reply_send(f, &p, tcp);
}

/* RFC 2308 2.1, 5: the name that does not exist is the last of the chain. */
START_TEST(a_no_at_the_end_of_aliases_is_kept_for_its_type_only)
{
    struct dns_fake *f;
    struct dns_world d = world_of(say_alias_to_nothing, &f);
    ck_assert_int_eq(resolve(&d, "a.test", LK_DNS_A).error, LK_E_NOTFOUND);
    ck_assert(resolve(&d, "a.test", LK_DNS_A).cached);
    ck_assert_int_eq(resolve(&d, "a.test", LK_DNS_TXT).error, 0);
    ck_assert_uint_eq(f->asked, 2);
    world_done(&d, f);
}
END_TEST

/* RFC 5452 6: what stands beside the answer is not believed. */
static void say_extra(struct dns_fake *f, const uint8_t *query, size_t len, bool tcp)
{
    struct dns_reply p;
    static const uint8_t evil[] = {6, 6, 6, 6};
    reply_begin(&p, query, len);
    if (f->asked == 1) {
        reply_a(&p, "a.test", 60, 0x0a000050);
        reply_a(&p, "www.other", 60, 0x06060606);
        reply_record(&p, LK_DNS_ADDITIONAL, "www.other", LK_DNS_A, 60, evil, 4);
    } else
        reply_a(&p, "www.other", 60, 0x0a000051);
    reply_send(f, &p, tcp);
}

START_TEST(records_of_other_names_are_not_remembered)
{
    struct dns_fake *f;
    struct dns_world d = world_of(say_extra, &f);
    struct lk_dns_result result = resolve(&d, "a.test", LK_DNS_A);
    ck_assert_uint_eq(address_of(&result, 0), 0x0a000050);
    ck_assert_uint_eq(address_of(&result, 1), 0);
    result = resolve(&d, "www.other", LK_DNS_A);
    ck_assert_uint_eq(f->asked, 2);
    ck_assert_uint_eq(address_of(&result, 0), 0x0a000051);
    world_done(&d, f);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("apps/dns_cache");
    TCase *c = tcase_create("dns_cache");
    tcase_add_test(c, a_ttl_of_zero_is_not_kept_and_an_endless_one_not_for_ever);
    tcase_add_test(c, an_answer_from_memory_counts_down);
    tcase_add_test(c, a_no_is_kept_as_long_as_its_soa_says);
    tcase_add_test(c, a_no_is_kept_no_longer_than_the_config_says);
    tcase_add_test(c, a_no_at_the_end_of_aliases_is_kept_for_its_type_only);
    tcase_add_test(c, records_of_other_names_are_not_remembered);
    suite_add_tcase(s, c);
    return run_suite(s);
}
