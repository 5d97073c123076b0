#include "stack/tests/support/gateway.h"

#define SYN LK_TCP_SYN
#define ACK LK_TCP_ACK
#define FIN (LK_TCP_FIN | LK_TCP_ACK)
#define RST LK_TCP_RST

static const struct pkt out = {.from = ALICE, .to = SERVER};
static const struct pkt in = {.from = SERVER, .to = OUT_IP};

static int outward(struct gw *w, uint8_t control)
{
    return give_tcp(w, INSIDE, out, 5000, 80, control);
}

static int inward(struct gw *w, uint8_t control)
{
    return give_tcp(w, OUTSIDE, in, 80, 5000, control); /* port 5000 is preserved */
}

static uint32_t sessions(const struct gw *w)
{
    struct lk_nat_binding b;
    return lk_gateway_binding(w->g, 0, &b) == 0 ? b.sessions : 0;
}

static struct gw *connected(void)
{
    struct gw *w = nat();
    ck_assert_int_eq(outward(w, SYN), LK_GATEWAY_FORWARD);
    ck_assert_int_eq(inward(w, SYN | ACK), LK_GATEWAY_FORWARD);
    ck_assert_int_eq(outward(w, ACK), LK_GATEWAY_FORWARD);
    return w;
}

/* Whether the connection is still there. */
static bool alive_at(struct gw *w, lk_time now)
{
    w->now = now;
    lk_gateway_tick(w->g, now);
    return sessions(w) == 1;
}

START_TEST(a_connection_passes_both_ways) /* RFC 5382 REQ-2 */
{
    struct gw *w = connected();
    ck_assert_int_eq(inward(w, ACK), LK_GATEWAY_FORWARD);
    ck_assert_uint_eq(w->ip.destination_address, ALICE);
    ck_assert_uint_eq(w->tcp.destination_port, 5000);
    ck_assert_uint_eq(w->tcp.sequence_number, 1000);
    ck_assert_int_eq(outward(w, FIN), LK_GATEWAY_FORWARD);
    ck_assert_int_eq(inward(w, ACK), LK_GATEWAY_FORWARD); /* data after one side has closed */
    ck_assert_int_eq(inward(w, FIN), LK_GATEWAY_FORWARD);
    ck_assert_int_eq(outward(w, ACK), LK_GATEWAY_FORWARD);
    gw_free(w);
}
END_TEST

START_TEST(one_inside_endpoint_keeps_one_outside_port_for_all_connections) /* RFC 5382 REQ-1, REQ-7 */
{
    struct gw *w = nat();
    outward(w, SYN);
    uint16_t port = w->tcp.source_port;
    give_tcp(w, INSIDE, (struct pkt){.from = ALICE, .to = OTHER}, 5000, 443, SYN);
    ck_assert_uint_eq(w->tcp.source_port, port);
    give_tcp(w, INSIDE, (struct pkt){.from = BOB, .to = SERVER}, 5000, 80, SYN);
    ck_assert_uint_ne(w->tcp.source_port, port);
    gw_free(w);
}
END_TEST

START_TEST(a_session_begins_with_a_syn) /* RFC 6146 3.5.2.2: other segments of no session are dropped */
{
    struct gw *w = nat();
    ck_assert_int_eq(outward(w, ACK), LK_GATEWAY_DROP_NO_BINDING);
    ck_assert_int_eq(outward(w, RST), LK_GATEWAY_DROP_NO_BINDING);
    ck_assert_int_eq(outward(w, SYN | ACK), LK_GATEWAY_DROP_NO_BINDING);
    outward(w, SYN);
    ck_assert_int_eq(give_tcp(w, OUTSIDE, (struct pkt){.from = OTHER, .to = OUT_IP}, 80, 5000, ACK), LK_GATEWAY_DROP_FILTERED);
    ck_assert_int_eq(give_tcp(w, OUTSIDE, (struct pkt){.from = OTHER, .to = OUT_IP}, 80, 5000, RST), LK_GATEWAY_DROP_FILTERED);
    gw_free(w);
}
END_TEST

START_TEST(simultaneous_open_passes) /* RFC 5382 REQ-2 a */
{
    struct gw *w = nat();
    ck_assert_int_eq(outward(w, SYN), LK_GATEWAY_FORWARD);
    ck_assert_int_eq(inward(w, SYN), LK_GATEWAY_FORWARD);
    ck_assert_int_eq(outward(w, SYN | ACK), LK_GATEWAY_FORWARD);
    ck_assert_int_eq(inward(w, SYN | ACK), LK_GATEWAY_FORWARD);
    ck_assert(alive_at(w, 7439 * S));
    gw_free(w);
}
END_TEST

START_TEST(half_open_lives_four_minutes_and_established_two_hours_and_four) /* RFC 5382 REQ-5 */
{
    struct gw *w = nat();
    outward(w, SYN);
    ck_assert(alive_at(w, 239 * S) && !alive_at(w, 240 * S));
    gw_free(w);
    w = connected();
    ck_assert(alive_at(w, 7439 * S));
    ck_assert_int_eq(inward(w, ACK), LK_GATEWAY_FORWARD); /* any segment prolongs it */
    ck_assert(alive_at(w, 2 * 7439 * S) && !alive_at(w, 2 * 7440 * S));
    ck_assert_int_eq(inward(w, ACK), LK_GATEWAY_DROP_NO_BINDING);
    gw_free(w);
}
END_TEST

START_TEST(closed_from_both_sides_it_lives_four_minutes_more) /* RFC 7857 2 */
{
    struct gw *w = connected();
    outward(w, FIN);
    ck_assert(alive_at(w, 1000 * S)); /* closed from one side it is still established */
    inward(w, FIN);
    ck_assert(alive_at(w, 1200 * S));
    outward(w, ACK); /* passes and prolongs nothing */
    ck_assert(alive_at(w, 1239 * S) && !alive_at(w, 1240 * S));
    gw_free(w);
}
END_TEST

START_TEST(a_fin_sent_again_closes_one_side_only)
{
    struct gw *w = connected();
    inward(w, FIN);
    inward(w, FIN);
    ck_assert(alive_at(w, 1000 * S));
    gw_free(w);
}
END_TEST

START_TEST(a_reset_passes_and_leaves_four_minutes) /* RFC 7857 2.2 */
{
    struct gw *w = connected();
    ck_assert_int_eq(inward(w, RST), LK_GATEWAY_FORWARD);
    ck_assert(alive_at(w, 239 * S) && !alive_at(w, 240 * S));
    gw_free(w);
}
END_TEST

START_TEST(traffic_after_a_forged_reset_brings_the_session_back) /* RFC 7857 2, TRANS */
{
    struct gw *w = connected();
    inward(w, RST);
    w->now = 200 * S;
    ck_assert_int_eq(outward(w, ACK), LK_GATEWAY_FORWARD);
    ck_assert(alive_at(w, 7000 * S));
    outward(w, RST);
    w->now = 7100 * S;
    outward(w, RST); /* another one prolongs nothing */
    ck_assert(alive_at(w, 7239 * S) && !alive_at(w, 7240 * S));
    gw_free(w);
}
END_TEST

START_TEST(the_same_ports_can_begin_a_new_connection_at_once)
{
    struct gw *w = connected();
    outward(w, FIN), inward(w, FIN);
    w->now = 10 * S;
    ck_assert_int_eq(outward(w, SYN), LK_GATEWAY_FORWARD);
    ck_assert_int_eq(inward(w, SYN | ACK), LK_GATEWAY_FORWARD);
    ck_assert(alive_at(w, 7000 * S));
    gw_free(w);
}
END_TEST

static int stranger(struct gw *w, uint32_t from, uint16_t sport)
{
    return give_tcp(w, OUTSIDE, (struct pkt){.from = from, .to = OUT_IP}, sport, 5000, SYN);
}

START_TEST(filtering_of_connections_by_mode) /* RFC 5382 REQ-3 */
{
    static const int same_host[] = {LK_GATEWAY_FORWARD, LK_GATEWAY_FORWARD, LK_GATEWAY_DROP_FILTERED};
    static const int other_host[] = {LK_GATEWAY_FORWARD, LK_GATEWAY_DROP_FILTERED, LK_GATEWAY_DROP_FILTERED};
    for (uint8_t mode = 0; mode < 3; mode++) {
        struct lk_gateway_config c = nat_config();
        c.filtering = mode;
        struct gw *w = gw_with(c);
        outward(w, SYN);
        ck_assert_int_eq(stranger(w, SERVER, 81), same_host[mode]);
        ck_assert_int_eq(stranger(w, OTHER, 80), other_host[mode]);
        gw_free(w);
    }
}
END_TEST

START_TEST(a_connection_opened_from_outside_is_tracked_alike)
{
    struct gw *w = nat();
    struct lk_endpoint bob = {.address = ip4(BOB), .port = 8080};
    lk_gateway_publish(w->g, LK_TCP, 80, &bob, 0);
    struct pkt to = {.from = SERVER, .to = OUT_IP}, back = {.from = BOB, .to = SERVER};
    ck_assert_int_eq(give_tcp(w, OUTSIDE, to, 999, 80, SYN), LK_GATEWAY_FORWARD);
    ck_assert_uint_eq(w->tcp.destination_port, 8080);
    ck_assert_int_eq(give_tcp(w, INSIDE, back, 8080, 999, SYN | ACK), LK_GATEWAY_FORWARD);
    ck_assert_uint_eq(w->tcp.source_port, 80);
    ck_assert(alive_at(w, 7439 * S));
    ck_assert_int_eq(give_tcp(w, OUTSIDE, to, 999, 80, RST), LK_GATEWAY_FORWARD);
    ck_assert(!alive_at(w, 7439 * S + 240 * S));
    struct lk_nat_binding b;
    ck_assert_int_eq(lk_gateway_binding(w->g, 0, &b), 0); /* what is published stays */
    gw_free(w);
}
END_TEST

START_TEST(strangers_get_half_of_the_sessions_at_most) /* bug class 93 */
{
    struct lk_gateway_config c = nat_config();
    c.sessions = 8;
    struct gw *w = gw_with(c);
    outward(w, SYN);
    uint32_t admitted = 0;
    for (uint16_t i = 0; i < 100; i++)
        admitted += stranger(w, OTHER, (uint16_t)(1000 + i)) == LK_GATEWAY_FORWARD;
    ck_assert_uint_eq(admitted, 4);
    ck_assert_int_eq(give_tcp(w, INSIDE, (struct pkt){.from = BOB, .to = SERVER}, 7000, 80, SYN), LK_GATEWAY_FORWARD);
    gw_free(w);
}
END_TEST

START_TEST(hairpinned_connections_work) /* RFC 5382 REQ-8, 8a */
{
    struct gw *w = nat();
    struct lk_endpoint bob = {.address = ip4(BOB), .port = 8080};
    lk_gateway_publish(w->g, LK_TCP, 80, &bob, 0);
    ck_assert_int_eq(give_tcp(w, INSIDE, (struct pkt){.from = ALICE, .to = OUT_IP}, 5000, 80, SYN), LK_GATEWAY_FORWARD);
    ck_assert_uint_eq(w->ip.source_address, OUT_IP);
    ck_assert_uint_eq(w->ip.destination_address, BOB);
    ck_assert_uint_eq(w->tcp.destination_port, 8080);
    uint16_t alices = w->tcp.source_port;
    ck_assert_int_eq(give_tcp(w, INSIDE, (struct pkt){.from = BOB, .to = OUT_IP}, 8080, alices, SYN | ACK), LK_GATEWAY_FORWARD);
    ck_assert_uint_eq(w->ip.destination_address, ALICE);
    ck_assert_uint_eq(w->ip.source_address, OUT_IP);
    ck_assert_uint_eq(w->tcp.source_port, 80);
    ck_assert_uint_eq(w->tcp.destination_port, 5000);
    ck_assert_int_eq(give_tcp(w, INSIDE, (struct pkt){.from = ALICE, .to = OUT_IP}, 5000, 80, ACK), LK_GATEWAY_FORWARD);
    gw_free(w);
}
END_TEST

/* ---- SYNs that nobody asked for: RFC 5382 REQ-4 ---- */

START_TEST(a_syn_that_nobody_asked_for_is_answered_after_six_seconds)
{
    struct gw *w = nat();
    ck_assert_int_eq(inward(w, SYN), LK_GATEWAY_DROP_NO_BINDING);
    w->now = 3 * S;
    ck_assert_int_eq(inward(w, SYN), LK_GATEWAY_DROP_NO_BINDING); /* sent again: the same one */
    w->now = 6 * S - 1;
    lk_gateway_tick(w->g, w->now);
    ck_assert_int_eq(more(w), LK_E_AGAIN);
    ck_assert_int_le(lk_gateway_deadline(w->g), 6 * S);
    w->now = 6 * S;
    lk_gateway_tick(w->g, w->now);
    ck_assert_int_eq(more(w), LK_GATEWAY_ANSWER);
    answers(w, OUT_IP, SERVER, LK_ICMPV4_DESTINATION_UNREACHABLE, LK_ICMPV4_PORT_UNREACHABLE);
    ck_assert_uint_eq(w->out.iface, OUTSIDE);
    ck_assert_uint_eq(lk_load_be16(w->icmp.payload + 22), 5000); /* the quoted SYN is the one that came */
    ck_assert_int_eq(more(w), LK_E_AGAIN);
    ck_assert_int_eq(lk_gateway_deadline(w->g), LK_NEVER);
    gw_free(w);
}
END_TEST

START_TEST(our_own_syn_within_six_seconds_takes_the_answer_back)
{
    struct gw *w = nat();
    inward(w, SYN);
    w->now = 5 * S;
    ck_assert_int_eq(outward(w, SYN), LK_GATEWAY_FORWARD);
    ck_assert_int_eq(inward(w, SYN), LK_GATEWAY_FORWARD); /* it comes again, and the connection opens */
    w->now = 7 * S;
    ck_assert_int_eq(more(w), LK_E_AGAIN);
    gw_free(w);
}
END_TEST

START_TEST(another_connections_syn_takes_nothing_back)
{
    struct gw *w = nat();
    inward(w, SYN);
    w->now = 5 * S;
    give_tcp(w, INSIDE, (struct pkt){.from = ALICE, .to = OTHER}, 5000, 80, SYN);
    w->now = 7 * S;
    ck_assert_int_eq(more(w), LK_GATEWAY_ANSWER);
    gw_free(w);
}
END_TEST

START_TEST(a_filtered_syn_waits_too_and_policy_can_forbid_the_answer)
{
    struct lk_gateway_config c = nat_config();
    c.filtering = LK_NAT_ADDRESS_DEPENDENT;
    struct gw *w = gw_with(c);
    outward(w, SYN);
    ck_assert_int_eq(stranger(w, OTHER, 80), LK_GATEWAY_DROP_FILTERED);
    w->now = 6 * S;
    ck_assert_int_eq(more(w), LK_GATEWAY_ANSWER);
    gw_free(w);
    c.silent = true; /* REQ-4 a */
    w = gw_with(c);
    outward(w, SYN);
    stranger(w, OTHER, 80);
    w->now = 6 * S;
    ck_assert_int_eq(more(w), LK_E_AGAIN);
    gw_free(w);
}
END_TEST

START_TEST(a_flood_of_syns_is_bounded)
{
    struct gw *w = nat();
    uint32_t answered = 0;
    for (uint16_t i = 0; i < 1000; i++)
        give_tcp(w, OUTSIDE, in, (uint16_t)(1 + i), 5000, SYN);
    w->now = 6 * S;
    while (more(w) == LK_GATEWAY_ANSWER)
        answered++;
    ck_assert_uint_eq(answered, 32);
    gw_free(w);
}
END_TEST

ALL("nat_tcp", a_connection_passes_both_ways, one_inside_endpoint_keeps_one_outside_port_for_all_connections, a_session_begins_with_a_syn,
    simultaneous_open_passes, half_open_lives_four_minutes_and_established_two_hours_and_four, closed_from_both_sides_it_lives_four_minutes_more,
    a_fin_sent_again_closes_one_side_only, a_reset_passes_and_leaves_four_minutes, traffic_after_a_forged_reset_brings_the_session_back,
    the_same_ports_can_begin_a_new_connection_at_once, filtering_of_connections_by_mode, a_connection_opened_from_outside_is_tracked_alike,
    strangers_get_half_of_the_sessions_at_most, hairpinned_connections_work, a_syn_that_nobody_asked_for_is_answered_after_six_seconds,
    our_own_syn_within_six_seconds_takes_the_answer_back, another_connections_syn_takes_nothing_back,
    a_filtered_syn_waits_too_and_policy_can_forbid_the_answer, a_flood_of_syns_is_bounded)
