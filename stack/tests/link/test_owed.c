#include "stack/link/owed.h"

#include "stack/base/mem.h"
#include "stack/tests/support/host.h"

static struct lk_owed *owed_new(void)
{
    static const uint32_t limit[LK_OWED_CLASSES] = {2, 1, 0, 1};
    struct lk_arena arena;
    ck_assert_int_eq(lk_arena_open(&arena, aligned_alloc(16, 4096), 4096), 0);
    struct lk_owed *o = lk_arena_at(&arena, lk_arena_carve(&arena, 1, sizeof *o));
    ck_assert_int_eq(lk_owed_init(o, &arena, limit, 100), 0);
    return o;
}

START_TEST(each_class_has_its_own_bound_and_counts_what_it_drops)
{
    struct lk_owed *o = owed_new();
    uint32_t a = lk_owed_take(o, LK_OWED_REPLY), b = lk_owed_take(o, LK_OWED_REPLY);
    ck_assert(a != LK_NONE && b != LK_NONE && a != b);
    ck_assert_uint_eq(lk_owed_take(o, LK_OWED_REPLY), LK_NONE);
    ck_assert_uint_eq(lk_owed_take(o, LK_OWED_FORWARD), LK_NONE);
    ck_assert_uint_ne(lk_owed_take(o, LK_OWED_UDP), LK_NONE);
    ck_assert_uint_eq(o->dropped[LK_OWED_REPLY], 1);
    ck_assert_uint_eq(o->dropped[LK_OWED_FORWARD], 1);
    lk_owed_give(o, a);
    ck_assert_uint_ne(lk_owed_take(o, LK_OWED_REPLY), LK_NONE);
    free(o);
}
END_TEST

START_TEST(the_ready_leave_in_order_by_interface_or_over_all)
{
    struct lk_owed *o = owed_new();
    uint32_t a = lk_owed_take(o, LK_OWED_REPLY), b = lk_owed_take(o, LK_OWED_REPLY), c = lk_owed_take(o, LK_OWED_UDP);
    lk_owed_at(o, a)->iface = 1;
    lk_owed_at(o, b)->iface = 0;
    lk_owed_at(o, c)->iface = 1;
    lk_owed_make_ready(o, c);
    lk_owed_make_ready(o, b);
    lk_owed_make_ready(o, a);
    ck_assert(lk_owed_check(o));
    ck_assert_uint_eq(lk_owed_first(o, LK_NONE), c);
    ck_assert_uint_eq(lk_owed_first(o, 0), b);
    ck_assert_uint_eq(lk_owed_first(o, 2), LK_NONE);
    lk_owed_sent(o, c);
    ck_assert_uint_eq(lk_owed_first(o, LK_NONE), b);
    lk_owed_flush(o, 0);
    ck_assert_uint_eq(lk_owed_first(o, LK_NONE), a);
    lk_owed_sent(o, a);
    ck_assert_uint_eq(lk_owed_first(o, LK_NONE), LK_NONE);
    ck_assert(lk_owed_check(o));
    free(o);
}
END_TEST

START_TEST(a_broken_count_or_list_is_found)
{
    struct lk_owed *o = owed_new();
    uint32_t a = lk_owed_take(o, LK_OWED_REPLY);
    lk_owed_make_ready(o, a);
    ck_assert(lk_owed_check(o));
    o->ready++;
    ck_assert(!lk_owed_check(o));
    o->ready--;
    o->used[LK_OWED_UDP]++;
    ck_assert(!lk_owed_check(o));
    o->used[LK_OWED_UDP]--;
    o->tail[0] = LK_NONE;
    ck_assert(!lk_owed_check(o));
    o->tail[0] = a;
    lk_owed_at(o, a)->len = 101;
    ck_assert(!lk_owed_check(o));
    free(o);
}
END_TEST

SUITE("owed", each_class_has_its_own_bound_and_counts_what_it_drops, the_ready_leave_in_order_by_interface_or_over_all,
      a_broken_count_or_list_is_found)
