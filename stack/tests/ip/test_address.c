#include "stack/ip/address.h"

#include "stack/tests/support/host.h"

/* A table of `count` entries in memory of its own; free it. */
static struct lk_addresses *table(uint32_t count)
{
    struct lk_arena arena;
    size_t size = sizeof(struct lk_addresses) + 64 + count * sizeof(struct lk_address);
    ck_assert_int_eq(lk_arena_open(&arena, aligned_alloc(16, (size + 15) / 16 * 16), size), 0);
    struct lk_addresses *a = lk_arena_at(&arena, lk_arena_carve(&arena, 1, sizeof *a));
    ck_assert_int_eq(lk_addresses_init(a, &arena, count), 0);
    return a;
}

static int add(struct lk_addresses *a, uint32_t iface, uint32_t ip, uint32_t prefix)
{
    struct lk_addr address = ip4(ip);
    return lk_addresses_add(a, iface, &address, prefix, false);
}

static bool own(const struct lk_addresses *a, uint32_t iface, uint32_t ip)
{
    struct lk_addr address = ip4(ip);
    return lk_addresses_own(a, iface, &address);
}

static bool broadcast(const struct lk_addresses *a, uint32_t iface, uint32_t ip)
{
    struct lk_addr address = ip4(ip);
    return lk_addresses_broadcast(a, iface, &address);
}

START_TEST(what_is_added_is_ours_until_it_is_removed)
{
    struct lk_addresses *a = table(2);
    struct lk_addr us = ip4(US_IP);
    ck_assert_int_eq(add(a, 0, US_IP, 24), 0);
    ck_assert(own(a, 0, US_IP) && own(a, LK_ANY, US_IP) && !own(a, 1, US_IP) && !own(a, 0, PEER_IP));
    ck_assert(lk_addresses_configured(a, 0) && !lk_addresses_configured(a, 1));
    ck_assert_int_eq(lk_addresses_remove(a, 0, &us), 0);
    ck_assert_int_eq(lk_addresses_remove(a, 0, &us), LK_E_NOTFOUND);
    ck_assert(!own(a, LK_ANY, US_IP) && lk_addresses_check(a, 1));
    free(a);
}
END_TEST

START_TEST(a_full_table_says_so_and_a_known_address_is_changed_in_place)
{
    struct lk_addresses *a = table(1);
    struct lk_addr us = ip4(US_IP);
    ck_assert_int_eq(add(a, 0, US_IP, 24), 0);
    ck_assert_int_eq(add(a, 0, PEER_IP, 24), LK_E_NOBUFS);
    ck_assert_int_eq(lk_addresses_add(a, 0, &us, 8, true), 0);
    ck_assert(!own(a, 0, US_IP)); /* tentative now */
    free(a);
}
END_TEST

START_TEST(no_host_has_a_group_a_loopback_or_a_network_0_address)
{
    static const uint32_t bad[] = {0, 1, 0x7f000001, 0xe0000001, 0xffffffff};
    struct lk_addresses *a = table(1);
    struct lk_addr six = {{0x20, 1}};
    for (size_t i = 0; i < sizeof bad / sizeof bad[0]; i++)
        ck_assert_int_eq(add(a, 0, bad[i], 24), LK_E_INVALID);
    ck_assert_int_eq(add(a, 0, US_IP, 33), LK_E_INVALID);
    ck_assert_int_eq(lk_addresses_add(a, 0, &six, 24, false), LK_E_INVALID);
    free(a);
}
END_TEST

START_TEST(each_network_has_its_broadcast_addresses)
{
    struct lk_addresses *a = table(3);
    add(a, 0, US_IP, 24);
    add(a, 1, 0xac100101, 31); /* RFC 3021: none */
    ck_assert(broadcast(a, 0, 0xffffffff) && broadcast(a, 0, 0) && broadcast(a, 0, 0x0a0000ff) && broadcast(a, 0, 0x0a000000));
    ck_assert(!broadcast(a, 0, 0x0a0001ff) && !broadcast(a, 0, PEER_IP));
    ck_assert(!broadcast(a, 1, 0x0a0000ff) && broadcast(a, LK_ANY, 0x0a0000ff));
    ck_assert(!broadcast(a, 1, 0xac100101) && !broadcast(a, 1, 0xac100100));
    free(a);
}
END_TEST

START_TEST(the_longest_network_holds_an_address_and_gives_the_source)
{
    struct lk_addresses *a = table(4);
    struct lk_addr near = ip4(0x0a010203), far = ip4(FAR_IP), source;
    add(a, 0, 0x0a000001, 8);
    add(a, 0, 0x0a010201, 24);
    add(a, 1, 0x0a010101, 16);
    ck_assert_uint_eq(lk_addresses_on_link(a, LK_ANY, 3, &near)->prefix, 24);
    ck_assert_uint_eq(lk_addresses_on_link(a, LK_ANY, 2, &near)->prefix, 16); /* interface 0 is down */
    ck_assert_uint_eq(lk_addresses_on_link(a, 1, 3, &near)->prefix, 16);
    ck_assert_ptr_null(lk_addresses_on_link(a, LK_ANY, 3, &far));
    ck_assert(lk_addresses_source(a, 0, &near, &source));
    ck_assert_uint_eq(lk_addr_ip4(&source), 0x0a010201);
    ck_assert(lk_addresses_source(a, 0, &far, &source)); /* the first one of the interface */
    ck_assert_uint_eq(lk_addr_ip4(&source), 0x0a000001);
    ck_assert(!lk_addresses_source(a, 2, &far, &source));
    free(a);
}
END_TEST

SUITE("addresses", what_is_added_is_ours_until_it_is_removed, a_full_table_says_so_and_a_known_address_is_changed_in_place,
      no_host_has_a_group_a_loopback_or_a_network_0_address, each_network_has_its_broadcast_addresses,
      the_longest_network_holds_an_address_and_gives_the_source)
