/* Each invariant of the host, and of the rooms it composes, is broken on purpose and must be named. */
#include "stack/host/state.h"
#include "stack/tests/support/host.h"
#include "stack/udp/table.h"

/* A busy host: a datagram waits in a socket, one for its neighbour, a reply is ready, a request is running. */
static struct host *busy(void)
{
    struct host *h = host_near();
    lk_socket s = udp_on(h, 9);
    give_udp(h, from_peer, 1, 9, "unread");
    give_echo(h, from_peer, "owed");
    send_udp_to(h, s, "waits", 0x0a000003, 9);
    give_arp_request(h, other_mac, 0x0a000004, US_IP);
    return h;
}

static uint32_t neighbour_index(struct lk_stack *s, enum lk_neighbour_state state)
{
    for (uint32_t i = 0; i < s->arp.pool.capacity; i++)
        if (lk_pool_taken(&s->arp.pool, i) && ((struct lk_neighbour *)lk_pool_at(&s->arp.pool, i))->state == (uint8_t)state)
            return i;
    ck_abort_msg("no such neighbour");
    return LK_NONE;
}

static struct lk_neighbour *neighbour(struct lk_stack *s, enum lk_neighbour_state state)
{
    return lk_pool_at(&s->arp.pool, neighbour_index(s, state));
}

static struct lk_route *route(struct lk_stack *s)
{
    return (struct lk_route *)(void *)((uint8_t *)&s->routes + s->routes.table);
}

static struct lk_address *address(struct lk_stack *s)
{
    return (struct lk_address *)(void *)((uint8_t *)&s->addresses + s->addresses.table);
}

static struct lk_udp_socket *udp_socket(struct lk_stack *s)
{
    return lk_pool_at(&s->udp.sockets, 0);
}

static void config_ttl(struct lk_stack *s) { s->config.ttl = 0; }
static void iface_count(struct lk_stack *s) { s->links.count = 2; }
static void iface_mtu(struct lk_stack *s) { s->links.at[0].mtu = 1501; }
static void iface_up(struct lk_stack *s) { s->links.up = 0; }
static void iface_down_with_frames(struct lk_stack *s) { s->links.up = s->links.at[0].up = 0; }
static void owed_used(struct lk_stack *s) { s->owed.used[LK_OWED_REPLY]++; }
static void owed_ready(struct lk_stack *s) { s->owed.ready--; }
static void owed_tail(struct lk_stack *s) { s->owed.tail[0] = LK_NONE; }
static void owed_length(struct lk_stack *s) { lk_owed_at(&s->owed, s->owed.head[0])->len = 1501; }
static void owed_order(struct lk_stack *s) { lk_owed_at(&s->owed, s->owed.tail[0])->order = 0; }
static void arp_state(struct lk_stack *s) { neighbour(s, LK_NEIGHBOUR_PINNED)->state = 9; }
static void arp_timer_idle(struct lk_stack *s) { lk_wheel_cancel(&s->wheel, s->arp.node_base + neighbour_index(s, LK_NEIGHBOUR_INCOMPLETE)); }
static void arp_timer_stray(struct lk_stack *s) { lk_wheel_arm(&s->wheel, s->arp.node_base + s->arp.pool.capacity - 1, 5); }
static void arp_tries(struct lk_stack *s) { neighbour(s, LK_NEIGHBOUR_INCOMPLETE)->tries = 4; }
static void arp_wait_tail(struct lk_stack *s) { neighbour(s, LK_NEIGHBOUR_INCOMPLETE)->wait_tail = LK_NONE; }
static void arp_waits_on_known(struct lk_stack *s) { neighbour(s, LK_NEIGHBOUR_REACHABLE)->wait_head = 0; }
static void arp_bucket(struct lk_stack *s) { neighbour(s, LK_NEIGHBOUR_PINNED)->address.octet[15] ^= 0x55; }
static void arp_newest(struct lk_stack *s) { s->arp.newest = LK_NONE; }
static void arp_oldest(struct lk_stack *s) { s->arp.oldest = LK_NONE; }
static void arp_last(struct lk_stack *s) { s->arp.last = s->arp.pool.capacity - 1; }
static void waits_for_nobody(struct lk_stack *s) { lk_owed_at(&s->owed, s->owed.head[0])->neighbour = 0; }
static void address_count(struct lk_stack *s) { s->addresses.count = s->addresses.capacity + 1; }
static void address_group(struct lk_stack *s) { address(s)->address.octet[12] = 224; }
static void address_iface(struct lk_stack *s) { address(s)->iface = 1; }
static void route_count(struct lk_stack *s) { s->routes.count = s->routes.capacity + 1; }
static void route_bits(struct lk_stack *s) { route(s)->destination.octet[15] = 1; }
static void route_order(struct lk_stack *s) { lk_route_add(s, ip4(FAR_IP), 32, ip4(GATEWAY_IP), 0, 0); route(s)->prefix = 0; route(s)->destination = ip4(0); route(s)[1].prefix = 32; }
static void udp_waiting(struct lk_stack *s) { udp_socket(s)->waiting++; }
static void udp_tail(struct lk_stack *s) { udp_socket(s)->tail = LK_NONE; }
static void udp_port(struct lk_stack *s) { udp_socket(s)->local_port++; }
static void udp_unbound_port(struct lk_stack *s) { udp_socket(s)->flags &= (uint8_t)~LK_UDP_BOUND; }
static void udp_untold(struct lk_stack *s) { lk_socket x; uint32_t b; lk_udp_event(&s->udp, &x, &b); udp_socket(s)->told = 0; }
static void udp_event_tail(struct lk_stack *s) { s->udp.event_tail = LK_NONE; }
static void udp_event_before(struct lk_stack *s) { udp_socket(s)->event_before = 0; }
static void wheel_armed(struct lk_stack *s) { s->wheel.armed++; }

static const struct { void (*spoil)(struct lk_stack *); int number; const char *name; } cases[] = {
    {config_ttl, -1, "configuration"}, {iface_count, -2, "interfaces"}, {iface_mtu, -2, "interfaces"}, {iface_up, -2, "interfaces"},
    {iface_down_with_frames, -2, "interfaces"}, {owed_used, -3, "owed packets"}, {owed_ready, -3, "owed packets"}, {owed_tail, -3, "owed packets"},
    {owed_length, -3, "owed packets"}, {owed_order, -3, "owed packets"}, {arp_state, -4, "neighbours"}, {arp_timer_idle, -4, "neighbours"},
    {arp_timer_stray, -4, "neighbours"}, {arp_tries, -4, "neighbours"}, {arp_wait_tail, -4, "neighbours"}, {arp_waits_on_known, -4, "neighbours"},
    {arp_bucket, -4, "neighbours"}, {arp_newest, -4, "neighbours"}, {arp_oldest, -4, "neighbours"}, {arp_last, -4, "neighbours"},
    {waits_for_nobody, -5, "packets waiting for a neighbour"}, {address_count, -6, "addresses"}, {address_group, -6, "addresses"},
    {address_iface, -6, "addresses"}, {route_count, -7, "routes"}, {route_bits, -7, "routes"}, {route_order, -7, "routes"}, {udp_waiting, -8, "udp"},
    {udp_tail, -8, "udp"}, {udp_port, -8, "udp"}, {udp_unbound_port, -8, "udp"}, {udp_untold, -8, "udp"}, {udp_event_tail, -8, "udp"},
    {udp_event_before, -8, "udp"}, {wheel_armed, -9, "timers"}};

START_TEST(each_broken_invariant_is_named)
{
    struct host *h = busy();
    const char *where = NULL;
    sound(h);
    cases[_i].spoil(h->stack);
    ck_assert_int_eq(lk_stack_check(h->stack, &where), cases[_i].number);
    ck_assert_str_eq(where, cases[_i].name);
    ck_assert_int_eq(lk_stack_check(h->stack, NULL), cases[_i].number);
    free(h->arena);
    free(h);
}
END_TEST

/* What a digest must see: one change each, everything else equal. */
static void digest_time(struct lk_stack *s) { lk_stack_tick(s, 1); }
static void digest_owed_byte(struct lk_stack *s) { lk_owed_bytes(&s->owed, s->owed.head[0])[30] ^= 1; }
static void digest_mac(struct lk_stack *s) { neighbour(s, LK_NEIGHBOUR_PINNED)->mac[5] ^= 1; }
static void digest_heard(struct lk_stack *s) { neighbour(s, LK_NEIGHBOUR_REACHABLE)->heard++; }
static void digest_datagram(struct lk_stack *s) { ((uint8_t *)lk_pool_at(&s->udp.datagrams, 0))[sizeof(struct lk_udp_datagram)] ^= 1; }
static void digest_ttl(struct lk_stack *s) { udp_socket(s)->ttl++; }
static void digest_mtu(struct lk_stack *s) { s->links.at[0].mtu--; }
static void digest_gateway(struct lk_stack *s) { route(s)->gateway.octet[15]++; }
static void digest_prefix(struct lk_stack *s) { address(s)->prefix--; }
static void digest_counter(struct lk_stack *s) { s->rx[LK_RX_ACCEPTED]++; }

static void (*const changes[])(struct lk_stack *) = {digest_time, digest_owed_byte, digest_mac, digest_heard, digest_datagram, digest_ttl, digest_mtu,
                                                     digest_gateway, digest_prefix, digest_counter};

START_TEST(the_digest_sees_each_change)
{
    struct host *h = busy();
    uint64_t before = lk_stack_digest(h->stack);
    ck_assert_uint_eq(before, lk_stack_digest(h->stack));
    changes[_i](h->stack);
    ck_assert_uint_ne(before, lk_stack_digest(h->stack));
    free(h->arena);
    free(h);
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("inside");
    TCase *tc = tcase_create("inside");
    tcase_set_timeout(tc, 120);
    tcase_add_loop_test(tc, each_broken_invariant_is_named, 0, (int)(sizeof cases / sizeof cases[0]));
    tcase_add_loop_test(tc, the_digest_sees_each_change, 0, (int)(sizeof changes / sizeof changes[0]));
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
