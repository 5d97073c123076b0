#include "stack/base/guard.h"
#include "stack/host/state.h"
#include "stack/tests/support/dies.h"
#include "stack/tests/support/host.h"

static const uint8_t seed[32] = {9};

START_TEST(the_footprint_is_enough_and_one_byte_less_is_not)
{
    struct lk_config c = plain_config("rfc");
    size_t size = lk_stack_footprint(&c);
    void *arena = aligned_alloc(16, (size + 15) / 16 * 16);
    ck_assert_int_eq(lk_stack_init(arena, size - 1, &c, 0, seed), LK_E_NOSPACE);
    ck_assert_int_eq(lk_stack_init(arena, size, &c, 0, seed), 0);
    ck_assert_int_eq(lk_stack_check(arena, NULL), 0);
    ck_assert_int_eq(lk_stack_init((uint8_t *)arena + 8, size, &c, 0, seed), LK_E_INVALID);
    free(arena);
}
END_TEST

START_TEST(every_table_may_be_empty)
{
    struct lk_config c = plain_config("rfc");
    c.addresses = c.routes = c.neighbours = c.neighbour_queue = c.udp_sockets = c.udp_queue = c.udp_send_queue = c.intents = c.forward_queue = 0;
    c.tcp.connections = c.tcp.listeners = c.tcp.active = c.tcp.segments = c.tcp.out_of_order = 0;
    struct host *h = host_bare(c);
    lk_socket s;
    ck_assert_int_eq(lk_addr_add(h->stack, 0, ip4(US_IP), 24, LK_ADDR_PREFERRED, 0), LK_E_NOBUFS);
    ck_assert_int_eq(lk_route_add(h->stack, ip4(0), 0, ip4(PEER_IP), 0, 0), LK_E_NOBUFS);
    ck_assert_int_eq(lk_neighbour_set(h->stack, 0, ip4(PEER_IP), peer_mac, 0), LK_E_NOBUFS);
    ck_assert_int_eq(lk_sock_open(h->stack, LK_UDP, &s, 0), LK_E_MFILE);
    ck_assert_int_eq(lk_sock_open(h->stack, LK_TCP, &s, 0), LK_E_MFILE);
    ck_assert_int_eq(give_echo(h, from_peer, "x"), LK_RX_DROP_IP_NOT_OURS);
    nothing_more(h);
    host_free(h);
}
END_TEST

START_TEST(no_intent_may_be_owed_when_their_table_is_empty)
{
    struct lk_config c = plain_config("rfc");
    c.intents = 0;
    struct host *h = host_with(c);
    ck_assert_int_eq(give_echo(h, from_peer, "x"), LK_RX_DROP_FULL);
    ck_assert_int_eq(give_udp(h, from_peer, 1, 9, "x"), LK_RX_DROP_UDP_PORT);
    nothing_more(h);
    host_free(h);
}
END_TEST

START_TEST(a_copy_needs_as_much_room)
{
    struct host *h = host_new();
    void *arena = aligned_alloc(64, (h->size + 63) / 64 * 64);
    ck_assert_int_eq(lk_stack_copy(arena, h->size - 1, h->stack), LK_E_NOSPACE);
    ck_assert_int_eq(lk_stack_copy((uint8_t *)arena + 8, h->size, h->stack), LK_E_INVALID);
    ck_assert_int_eq(lk_stack_copy(arena, h->size, h->stack), 0);
    ck_assert_uint_eq(lk_stack_digest(arena), lk_stack_digest(h->stack));
    free(arena);
    host_free(h);
}
END_TEST

START_TEST(equal_stacks_are_equal_bytes_whatever_the_memory_held_before)
{
    if (LK_GUARD_GAP != 0)
        return; /* closed bytes cannot be compared */
    struct lk_config c = plain_config("linux");
    size_t size = lk_stack_footprint(&c);
    uint8_t *a = aligned_alloc(16, (size + 15) / 16 * 16), *b = aligned_alloc(16, (size + 15) / 16 * 16);
    memset(a, 0x55, size);
    memset(b, 0xaa, size);
    ck_assert_int_eq(lk_stack_init(a, size, &c, 7, seed), 0);
    ck_assert_int_eq(lk_stack_init(b, size, &c, 7, seed), 0);
    ck_assert_mem_eq(a, b, size);
    free(a);
    free(b);
}
END_TEST

START_TEST(an_arena_can_be_built_in_again)
{
    struct host *h = host_near();
    udp_on(h, 9);
    give_udp(h, from_peer, 1, 9, "x");
    ck_assert_int_eq(lk_stack_init(h->arena, h->size, &h->config, 0, seed), 0);
    sound(h);
    ck_assert_int_eq(give_echo(h, from_peer, "x"), LK_RX_DROP_IP_NOT_OURS); /* it has no address again */
    host_free(h);
}
END_TEST

/* ---- sanitizers see into the arena: one byte past a record of each pool ---- */

static void overrun(const struct lk_pool *pool, uint32_t index)
{
    volatile uint8_t *record = lk_pool_at(pool, index);
    record[pool->size] = 1;
}

static void overrun_owed(void *stack)
{
    overrun(&((struct lk_stack *)stack)->owed.pool, 0);
}

static void overrun_neighbour(void *stack)
{
    overrun(&((struct lk_stack *)stack)->arp.pool, 0);
}

static void overrun_socket(void *stack)
{
    overrun(&((struct lk_stack *)stack)->udp.sockets, 0);
}

static void overrun_datagram(void *stack)
{
    overrun(&((struct lk_stack *)stack)->udp.datagrams, 0);
}

static void touch_free_record(void *stack)
{
    *(volatile uint8_t *)lk_pool_at(&((struct lk_stack *)stack)->udp.datagrams, 1) = 1;
}

static void each_pool_is_guarded(struct lk_stack *stack)
{
    ck_assert(dies(overrun_owed, stack));
    ck_assert(dies(overrun_neighbour, stack));
    ck_assert(dies(overrun_socket, stack));
    ck_assert(dies(overrun_datagram, stack));
    ck_assert(dies(touch_free_record, stack));
}

START_TEST(one_byte_past_a_record_of_any_pool_dies)
{
#if defined(LK_GUARD_ASAN)
    struct host *h = host_near();
    udp_on(h, 9);
    give_udp(h, from_peer, 1, 9, "x");
    give_echo(h, from_peer, "x");
    each_pool_is_guarded(h->stack);
    void *arena = aligned_alloc(64, (h->size + 63) / 64 * 64); /* in a copy as well */
    ck_assert_int_eq(lk_stack_copy(arena, h->size, h->stack), 0);
    each_pool_is_guarded(arena);
    each_pool_is_guarded(h->stack);
    free(arena);
    host_free(h);
#else
    (void)each_pool_is_guarded;
#endif
}
END_TEST

SUITE("init", the_footprint_is_enough_and_one_byte_less_is_not, every_table_may_be_empty, no_intent_may_be_owed_when_their_table_is_empty,
      a_copy_needs_as_much_room, equal_stacks_are_equal_bytes_whatever_the_memory_held_before, an_arena_can_be_built_in_again,
      one_byte_past_a_record_of_any_pool_dies)
