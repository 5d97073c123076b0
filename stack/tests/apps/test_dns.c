/* Resolver and server on two stacks: what one asks the other answers. */
#include "stack/tests/support/dns_world.h"

#define R(n, t, s, bytes) {n, t, s, (const uint8_t *)(bytes), sizeof(bytes) - 1}

static const struct lk_dns_zone_record records[] = {
    R("example.com.", LK_DNS_SOA, 3600, "\2ns\7example\3com\0\4root\7example\3com\0\0\0\0\1\0\0\0\2\0\0\0\3\0\0\0\4\0\0\0\5"),
    R("example.com.", LK_DNS_NS, 3600, "\2ns\7example\3com\0"),
    R("ns.example.com.", LK_DNS_A, 3600, "\x0a\0\0\x35"),
    R("www.example.com.", LK_DNS_CNAME, 300, "\3web\7example\3com\0"),
    R("web.example.com.", LK_DNS_A, 60, "\x0a\0\0\x50"),
    R("web.example.com.", LK_DNS_A, 60, "\x0a\0\0\x51"),
};
static const struct lk_dns_zone zone = {"example.com.", records, sizeof records / sizeof *records};

START_TEST(a_name_becomes_an_address)
{
    struct dns_world d = dns_world();
    dns_server(&d, &zone);
    dns_begin(&d);
    struct lk_dns_result result = resolve(&d, "web.example.com", LK_DNS_A);
    ck_assert_int_eq(result.error, 0);
    ck_assert_uint_eq(address_of(&result, 0), 0x0a000050);
    ck_assert_uint_eq(address_of(&result, 1), 0x0a000051);
    ck_assert_uint_eq(address_of(&result, 2), 0);
    ck_assert(!result.cached && !result.over_tcp);
    ck_assert_uint_eq(lk_addr_ip4(&result.server.address), SERVER_IP);
    dns_free(&d);
}
END_TEST

START_TEST(an_alias_is_followed_within_one_answer)
{
    struct dns_world d = dns_world();
    dns_server(&d, &zone);
    dns_begin(&d);
    struct lk_dns_result result = resolve(&d, "WWW.example.com", LK_DNS_A);
    ck_assert_int_eq(result.error, 0);
    ck_assert_uint_eq(address_of(&result, 0), 0x0a000050);
    ck_assert_uint_eq(dns_count(d.w, true), 1);
    dns_free(&d);
}
END_TEST

START_TEST(what_is_not_there_is_told_as_such)
{
    struct dns_world d = dns_world();
    dns_server(&d, &zone);
    dns_begin(&d);
    struct lk_dns_result result = resolve(&d, "nothing.example.com", LK_DNS_A);
    ck_assert_int_eq(result.error, LK_E_NOTFOUND);
    ck_assert_uint_eq(result.rcode, LK_DNS_NXDOMAIN);
    result = resolve(&d, "web.example.com", LK_DNS_MX);
    ck_assert_int_eq(result.error, LK_E_NOTFOUND);
    ck_assert_uint_eq(result.rcode, LK_DNS_NOERROR);
    result = resolve(&d, "www.elsewhere.test", LK_DNS_A);
    ck_assert_int_eq(result.error, LK_E_CONNREFUSED);
    ck_assert_uint_eq(result.rcode, LK_DNS_REFUSED);
    dns_free(&d);
}
END_TEST

START_TEST(what_was_answered_is_remembered_for_its_time)
{
    struct dns_world d = dns_world();
    dns_server(&d, &zone);
    dns_begin(&d);
    resolve(&d, "web.example.com", LK_DNS_A);
    world_run(d.w, d.w->now + 30 * S);
    struct lk_dns_result result = resolve(&d, "web.example.com", LK_DNS_A);
    ck_assert(result.cached);
    ck_assert_uint_eq(address_of(&result, 1), 0x0a000051);
    ck_assert_uint_eq(dns_count(d.w, true), 1);
    world_run(d.w, d.w->now + 31 * S);
    result = resolve(&d, "web.example.com", LK_DNS_A);
    ck_assert(!result.cached);
    ck_assert_uint_eq(dns_count(d.w, true), 2);
    dns_free(&d);
}
END_TEST

START_TEST(silent_servers_are_asked_in_turn_and_then_given_up)
{
    struct dns_world d = dns_world();
    dns_server(&d, NULL);
    d.config.attempts = 3;
    dns_begin(&d);
    for (uint32_t i = 0; i < 2; i++) /* silent even by ICMP: nobody has these addresses */
        d.config.server[i] = (struct lk_endpoint){.address = lk_addr_from_ip4(0x0a0000c8 + i), .iface = LK_ANY};
    ck_assert_int_eq(lk_dns_resolver_servers(d.resolver, d.config.server, 2, d.w->now), 0);
    struct lk_dns_result result = resolve(&d, "web.example.com", LK_DNS_A);
    ck_assert_int_eq(result.error, LK_E_TIMEDOUT);
    ck_assert_ptr_null(result.message);
    ck_assert_int_ge(d.w->now, 2 * (2 + 4 + 8) * S);
    ck_assert_int_lt(d.w->now, 2 * (2 + 4 + 8) * S + S);
    dns_free(&d);
}
END_TEST

int main(void)
{
    Suite *s = suite_create("apps/dns");
    TCase *c = tcase_create("dns");
    tcase_add_test(c, a_name_becomes_an_address);
    tcase_add_test(c, an_alias_is_followed_within_one_answer);
    tcase_add_test(c, what_is_not_there_is_told_as_such);
    tcase_add_test(c, what_was_answered_is_remembered_for_its_time);
    tcase_add_test(c, silent_servers_are_asked_in_turn_and_then_given_up);
    suite_add_tcase(s, c);
    return run_suite(s);
}
