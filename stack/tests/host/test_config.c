#include "stack/host/config.h"

#include "stack/tests/support/host.h"

START_TEST(both_profiles_are_sound_and_others_unknown)
{
    struct lk_config config;
    ck_assert_int_eq(lk_config_init(&config, "rfc"), 0);
    ck_assert_ptr_null(lk_config_check(&config));
    ck_assert_int_eq(lk_config_init(&config, "linux"), 0);
    ck_assert_ptr_null(lk_config_check(&config));
    ck_assert_int_eq(lk_config_init(&config, "bsd"), LK_E_INVALID);
    ck_assert_int_eq(lk_config_init(&config, ""), LK_E_INVALID);
    ck_assert_int_eq(lk_config_init(&config, "rfc "), LK_E_INVALID);
}
END_TEST

START_TEST(rfc_says_what_the_texts_say)
{
    struct lk_config c = plain_config("rfc");
    ck_assert_int_eq(c.tcp.rto_initial, 1 * S);  /* RFC 6298 2.1 */
    ck_assert_int_eq(c.tcp.rto_min, 1 * S);      /* RFC 6298 2.4 */
    ck_assert_int_ge(c.tcp.rto_max, 60 * S);     /* RFC 6298 2.5 */
    ck_assert_int_lt(c.tcp.ack_delay, 500 * MS); /* RFC 9293 MUST-40 */
    ck_assert_int_ge(c.tcp.r2_time, 100 * S);    /* RFC 9293 SHLD-11 */
    ck_assert_int_ge(c.tcp.syn_time, 180 * S);   /* RFC 9293 MUST-23 */
    ck_assert_uint_ge(c.tcp.r1, 3);              /* RFC 9293 SHLD-10 */
    ck_assert_int_eq(c.tcp.msl, 120 * S);        /* RFC 9293 3.4.2 */
    ck_assert_int_ge(c.tcp.keepalive_idle, 7200 * S); /* RFC 9293 MUST-28 */
    ck_assert_int_ge(c.arp_retry, 1 * S);        /* RFC 1122 2.3.2.1 */
    ck_assert_uint_eq(c.tcp.port_first, 49152);  /* RFC 6335 6 */
}
END_TEST

START_TEST(linux_says_what_linux_does)
{
    static const uint8_t order[LK_TCP_ORDER] = {2, 4, 8, 1, 3};
    struct lk_config c = plain_config("linux");
    ck_assert_int_eq(c.tcp.rto_min, 200 * MS);
    ck_assert(c.tcp.rttvar_floor_linux);
    ck_assert_int_eq(c.tcp.ack_delay, 40 * MS);
    ck_assert_uint_eq(c.tcp.quick_acks, 16);
    ck_assert_uint_eq(c.tcp.initial_window, 10);
    ck_assert_int_eq(c.tcp.msl, 30 * S);
    ck_assert_int_eq(c.tcp.fin_wait_2, 60 * S);
    ck_assert_mem_eq(c.tcp.syn_order, order, sizeof order);
    ck_assert(c.tcp.r2_time == LK_NEVER && c.tcp.r2 == 15 && c.tcp.syn_retries == 6 && c.tcp.synack_retries == 5);
}
END_TEST

/* Each of these alone makes a sound configuration unsound, and is named. */
static const struct { const char *name; int64_t low, high; } ranges[] = {
    {"addresses", 0, 65536}, {"arp_retry", 1 * S, 86400 * S}, {"arp_tries", 1, 255}, {"arp_expiry", 1 * S, LK_NEVER}, {"ttl", 1, 255},
    {"icmp_echo", 0, 1}, {"forwarding", 0, 1}, {"udp_queue_bytes", 0, 65507}, {"tcp.connections", 0, 16777216}, {"tcp.rto_min", 1 * MS, 86400 * S},
    {"tcp.ack_delay", 0, 500 * MS - 1}, {"tcp.dup_threshold", 1, 255}, {"tcp.ack_every", 1, 255}, {"tcp.keepalive_count", 1, 1000},
    {"tcp.sack", 0, 1}, {"tcp.port_first", 1, 65535}, {"tcp.msl", 1 * MS, 86400 * S}, {"tcp.receive_buffer", 0, 1073725440}};

START_TEST(a_value_is_set_by_name_within_its_range_only)
{
    for (size_t i = 0; i < sizeof ranges / sizeof ranges[0]; i++) {
        struct lk_config c = plain_config("rfc");
        int64_t before, after;
        ck_assert_int_eq(lk_config_get(&c, ranges[i].name, &before), 0);
        ck_assert_int_eq(lk_config_set(&c, ranges[i].name, ranges[i].low - 1), LK_E_INVALID);
        if (ranges[i].high != LK_NEVER)
            ck_assert_int_eq(lk_config_set(&c, ranges[i].name, ranges[i].high + 1), LK_E_INVALID);
        ck_assert_int_eq(lk_config_get(&c, ranges[i].name, &after), 0);
        ck_assert_int_eq(before, after);
        ck_assert_int_eq(lk_config_set(&c, ranges[i].name, ranges[i].high), 0);
        ck_assert_int_eq(lk_config_get(&c, ranges[i].name, &after), 0);
        ck_assert_int_eq(after, ranges[i].high);
    }
    struct lk_config c = plain_config("rfc");
    int64_t value;
    ck_assert_int_eq(lk_config_set(&c, "tcp.rto", 1), LK_E_NOTFOUND);
    ck_assert_int_eq(lk_config_set(&c, "rto_min", 1), LK_E_NOTFOUND);
    ck_assert_int_eq(lk_config_get(&c, "", &value), LK_E_NOTFOUND);
}
END_TEST

static void is_named(const struct lk_config *c, const char *name)
{
    static const uint8_t seed[32];
    _Alignas(16) uint8_t memory[16];
    ck_assert_str_eq(lk_config_check(c), name);
    ck_assert_uint_eq(lk_stack_footprint(c), 0);
    ck_assert_int_eq(lk_stack_init(memory, sizeof memory, c, 0, seed), LK_E_INVALID);
}

#define SPOILT(statement, name)                                                                                                  \
    do {                                                                                                                         \
        struct lk_config c = plain_config("rfc");                                                                                \
        statement;                                                                                                               \
        is_named(&c, name);                                                                                                      \
    } while (0)

START_TEST(each_spoilt_value_is_named_and_no_stack_is_built)
{
    SPOILT(c.size_of--, "size_of");
    SPOILT(c.ifaces = 0, "ifaces");
    SPOILT(c.ifaces = LK_MAX_IFACES + 1, "ifaces");
    SPOILT(c.iface[0].link = 2, "iface.link");
    SPOILT(c.iface[0].mac[0] |= 1, "iface.mac");
    SPOILT(memset(c.iface[0].mac, 0, 6), "iface.mac");
    SPOILT(c.iface[0].mtu = 67, "iface.mtu");
    SPOILT(c.iface[0].reserved = 1, "iface.reserved");
    SPOILT(c.iface[0].reserved2 = 1, "iface.reserved");
    SPOILT(c.arp_retry = 999 * MS, "arp_retry");
    SPOILT(c.arp_tries = 0, "arp_tries");
    SPOILT(c.ttl = 0, "ttl");
    SPOILT(c.tcp.ack_delay = 500 * MS, "tcp.ack_delay");
    SPOILT(c.tcp.wscale_shift = 15, "tcp.wscale_shift");
    SPOILT(c.tcp.rto_max = c.tcp.rto_min - 1, "tcp.rto_max");
    SPOILT(c.tcp.persist_max = c.tcp.persist_min - 1, "tcp.persist_max");
    SPOILT(c.tcp.port_last = 49151, "tcp.port_last");
    SPOILT(c.tcp.active = 0, "tcp.active");
    SPOILT(c.tcp.segments = 0, "tcp.segments");
    SPOILT(c.tcp.send_buffer = 0, "tcp.send_buffer");
    SPOILT(c.tcp.receive_buffer = 0, "tcp.receive_buffer");
    SPOILT(c.tcp.syn_order[5] = 1; c.tcp.syn_order[6] = 1; c.tcp.syn_order[8] = 1, "tcp.syn_order");
    SPOILT(memset(c.tcp.syn_order, 1, LK_TCP_ORDER), "tcp.syn_order");
    SPOILT(c.tcp.mss = 27, "tcp.mss");
    SPOILT(c.udp_queue_bytes = 0, "udp_queue_bytes");
}
END_TEST

START_TEST(every_byte_of_a_bool_is_judged)
{
    struct lk_config c = plain_config("rfc");
    memset(&c.tcp.nagle, 7, sizeof c.tcp.nagle);
    ck_assert_str_eq(lk_config_check(&c), "tcp.nagle");
}
END_TEST

START_TEST(padding_of_the_callers_struct_does_not_reach_the_stack)
{
    struct lk_config a, b, copied_a, copied_b;
    memset(&a, 0x00, sizeof a);
    memset(&b, 0xff, sizeof b);
    lk_config_init(&a, "rfc");
    lk_config_init(&b, "rfc");
    memset(&b.iface[1], 0xff, sizeof b.iface[1]); /* an interface that does not exist */
    config_copy(&copied_a, &a);
    config_copy(&copied_b, &b);
    ck_assert_mem_eq(&copied_a, &copied_b, sizeof copied_a);
    ck_assert_mem_eq(&copied_a, &a, sizeof a);
}
END_TEST

SUITE("configuration", both_profiles_are_sound_and_others_unknown, rfc_says_what_the_texts_say, linux_says_what_linux_does,
      a_value_is_set_by_name_within_its_range_only, each_spoilt_value_is_named_and_no_stack_is_built, every_byte_of_a_bool_is_judged,
      padding_of_the_callers_struct_does_not_reach_the_stack)
