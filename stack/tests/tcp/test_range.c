/* Range lists against a plain bitmap, and the edges by hand. */
#include "stack/base/rng.h"
#include "stack/base/seq.h"
#include "stack/tcp/range.h"
#include "stack/tests/support/run.h"
#include <string.h>

struct world {
    _Alignas(16) uint8_t memory[16384];
    struct lk_pool *pool;
    struct tcp_ranges list;
};

static void begin(struct world *w, uint32_t records)
{
    struct lk_arena arena;
    ck_assert_int_eq(lk_arena_open(&arena, w->memory, sizeof w->memory), 0);
    w->pool = lk_arena_at(&arena, lk_arena_carve(&arena, 1, sizeof(struct lk_pool)));
    ck_assert_int_eq(lk_pool_init(w->pool, &arena, sizeof(struct tcp_range), records), 0);
    tcp_ranges_init(&w->list);
}

START_TEST(touching_ranges_become_one)
{
    struct world w;
    begin(&w, 4);
    ck_assert_int_eq(tcp_ranges_add(w.pool, &w.list, 10, 20, 1), 10);
    ck_assert_int_eq(tcp_ranges_add(w.pool, &w.list, 30, 40, 2), 10);
    ck_assert_int_eq(tcp_ranges_add(w.pool, &w.list, 20, 30, 3), 10);
    ck_assert_uint_eq(w.list.count, 1);
    ck_assert_uint_eq(w.pool->in_use, 1);
    ck_assert_uint_eq(tcp_range_at(w.pool, w.list.head)->stamp, 3);
    ck_assert_int_eq(tcp_ranges_add(w.pool, &w.list, 12, 38, 4), 0);
}
END_TEST

START_TEST(a_full_pool_changes_nothing)
{
    struct world w;
    begin(&w, 1);
    tcp_ranges_add(w.pool, &w.list, 10, 20, 1);
    ck_assert_int_eq(tcp_ranges_add(w.pool, &w.list, 30, 40, 2), -1);
    ck_assert_int_eq(tcp_ranges_add(w.pool, &w.list, 15, 25, 2), 5); /* growing needs no record */
    ck_assert(tcp_ranges_check(w.pool, &w.list));
}
END_TEST

START_TEST(gaps_are_found_from_anywhere)
{
    struct world w;
    uint32_t left, right;
    begin(&w, 4);
    tcp_ranges_add(w.pool, &w.list, 10, 20, 1);
    tcp_ranges_add(w.pool, &w.list, 30, 40, 1);
    ck_assert(tcp_ranges_gap(w.pool, &w.list, 5, &left, &right));
    ck_assert(left == 5 && right == 10);
    ck_assert(tcp_ranges_gap(w.pool, &w.list, 10, &left, &right));
    ck_assert(left == 20 && right == 30);
    ck_assert(!tcp_ranges_gap(w.pool, &w.list, 35, &left, &right));
    ck_assert_uint_eq(left, 40);
}
END_TEST

START_TEST(a_list_is_what_a_bitmap_is)
{
    const uint32_t base = UINT32_MAX - 100; /* across the wrap */
    for (uint64_t seed = 0; seed < 300; seed++) {
        struct world w;
        struct lk_rng rng;
        uint8_t bytes[32] = {(uint8_t)seed, (uint8_t)(seed >> 8)};
        bool map[256] = {false};
        uint32_t cut = 0;
        lk_rng_init(&rng, bytes, 1);
        begin(&w, 200);
        for (int i = 0; i < 60; i++) {
            uint32_t left = cut + lk_rng_below(&rng, 200 - cut);
            uint32_t right = left + 1 + lk_rng_below(&rng, 20);
            int64_t fresh = 0;
            for (uint32_t k = left; k < right; k++) {
                fresh += !map[k];
                map[k] = true;
            }
            ck_assert_int_eq(tcp_ranges_add(w.pool, &w.list, seq_add(base, left), seq_add(base, right), 0), fresh);
            if (lk_rng_below(&rng, 10) == 0) {
                cut += lk_rng_below(&rng, 10);
                memset(map, 0, cut);
                tcp_ranges_cut(w.pool, &w.list, seq_add(base, cut));
            }
            uint32_t sum = 0;
            for (size_t k = 0; k < sizeof map; k++)
                sum += map[k];
            if (w.list.octets != sum || !tcp_ranges_check(w.pool, &w.list))
                ck_abort_msg("seed %d", (int)seed);
        }
        tcp_ranges_clear(w.pool, &w.list);
        ck_assert_uint_eq(w.pool->in_use, 0);
    }
}
END_TEST

START_TEST(check_sees_a_list_out_of_order)
{
    struct world w;
    begin(&w, 4);
    tcp_ranges_add(w.pool, &w.list, 10, 20, 1);
    tcp_ranges_add(w.pool, &w.list, 30, 40, 1);
    ck_assert(tcp_ranges_check(w.pool, &w.list));
    tcp_range_at(w.pool, w.list.head)->right = 30;
    ck_assert(!tcp_ranges_check(w.pool, &w.list));
    tcp_range_at(w.pool, w.list.head)->right = 21;
    ck_assert(!tcp_ranges_check(w.pool, &w.list)); /* the sum is wrong */
    w.list.octets++;
    ck_assert(tcp_ranges_check(w.pool, &w.list));
    w.list.count++;
    ck_assert(!tcp_ranges_check(w.pool, &w.list));
}
END_TEST

int main(void)
{
    const TTest *const tests[] = {touching_ranges_become_one, a_full_pool_changes_nothing, gaps_are_found_from_anywhere,
                                  a_list_is_what_a_bitmap_is, check_sees_a_list_out_of_order};
    return run_tests("stack/tcp/range", tests, sizeof tests / sizeof tests[0]);
}
