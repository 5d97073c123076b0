/* The laws of the sans-I/O contract, tried in the storm of stack/tests/support/storm.h. */
#include "stack/base/guard.h"
#include "stack/tests/support/storm.h"

#define STEPS 400
#define SEEDS 12

/* Moves a host's stack into an arena elsewhere. */
static void move_away(struct host *h)
{
    void *arena = aligned_alloc(64, (h->size + 63) / 64 * 64);
    ck_assert_int_eq(lk_stack_copy(arena, h->size, h->stack), 0);
    memset(h->arena, 0xa5, LK_GUARD_GAP == 0 ? h->size : 0);
    free(h->arena);
    h->arena = arena;
    h->stack = arena;
}

static bool same_state(const struct host *a, const struct host *b)
{
    if (lk_stack_digest(a->stack) != lk_stack_digest(b->stack))
        return false;
    return LK_GUARD_GAP != 0 || memcmp(a->arena, b->arena, a->size) == 0; /* closed bytes cannot be compared */
}

static void same_run(const struct storm *a, const struct storm *b)
{
    ck_assert_uint_eq(a->seen.value, b->seen.value);
    ck_assert_uint_eq(a->frames, b->frames);
    ck_assert(same_state(a->host[0], b->host[0]) && same_state(a->host[1], b->host[1]));
}

START_TEST(the_same_calls_give_the_same_bytes_and_the_same_state)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct storm *a = storm_new(seed), *b = storm_new(seed);
        storm_run(a, STEPS);
        storm_run(b, STEPS);
        same_run(a, b);
        ck_assert_uint_gt(a->frames, 20); /* otherwise nothing was tried */
        storm_free(a);
        storm_free(b);
    }
}
END_TEST

static void move_now_and_then(struct storm *s)
{
    static uint32_t count; /* not of the storm's own dice: its run must stay the same */
    if (count++ % 7 == 0)
        move_away(s->host[count / 7 % 2]);
}

START_TEST(a_stack_copied_elsewhere_runs_on_the_same)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct storm *a = storm_new(seed), *b = storm_new(seed);
        b->hook = move_now_and_then;
        storm_run(a, STEPS);
        storm_run(b, STEPS);
        same_run(a, b);
        storm_free(a);
        storm_free(b);
    }
}
END_TEST

START_TEST(a_snapshot_taken_back_forgets_what_came_after)
{
    struct storm *a = storm_new(5), *b = storm_new(5);
    storm_run(a, STEPS);
    storm_run(b, STEPS);
    void *kept = aligned_alloc(64, (b->host[0]->size + 63) / 64 * 64);
    ck_assert_int_eq(lk_stack_copy(kept, b->host[0]->size, b->host[0]->stack), 0);
    for (int i = 0; i < 50; i++) {
        storm_garbage(b, 0);
        b->now += S;
        lk_stack_tick(b->host[0]->stack, b->now);
    }
    ck_assert(!same_state(a->host[0], b->host[0]));
    ck_assert_int_eq(lk_stack_copy(b->host[0]->arena, b->host[0]->size, kept), 0);
    ck_assert(same_state(a->host[0], b->host[0]));
    free(kept);
    storm_free(a);
    storm_free(b);
}
END_TEST

static void tick_more(struct storm *s)
{
    for (int i = 0; i < 2; i++) {
        lk_stack_tick(s->host[i]->stack, s->now);
        lk_stack_tick(s->host[i]->stack, s->now - S); /* clamped */
    }
}

START_TEST(extra_ticks_change_no_byte)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct storm *a = storm_new(seed), *b = storm_new(seed);
        b->hook = tick_more;
        storm_run(a, STEPS);
        storm_run(b, STEPS);
        ck_assert_uint_eq(a->seen.value, b->seen.value);
        storm_free(a);
        storm_free(b);
    }
}
END_TEST

/* Up to just before the deadline nothing can be pulled and no event arises; on a copy, so that the run goes on untouched. */
static void nothing_before_the_deadline(struct storm *s)
{
    for (int i = 0; i < 2; i++) {
        struct host *h = s->host[i];
        lk_time deadline = lk_stack_deadline(h->stack);
        lk_stack_tick(h->stack, s->now);
        if (lk_stack_deadline(h->stack) <= s->now)
            continue; /* something can be pulled */
        ck_assert_int_ge(lk_stack_deadline(h->stack), deadline < s->now ? deadline : s->now);
        deadline = lk_stack_deadline(h->stack);
        void *arena = aligned_alloc(64, (h->size + 63) / 64 * 64);
        uint8_t out[1514];
        struct lk_frame f = {.size_of = sizeof f, .bytes = out, .cap = sizeof out};
        struct lk_event_sock e;
        ck_assert_int_eq(lk_stack_copy(arena, h->size, h->stack), 0);
        while (lk_stack_event(arena, &e)) {
        }
        lk_time before = deadline == LK_NEVER ? s->now + 100000 * S : deadline - 1;
        ck_assert_int_eq(lk_stack_tx(arena, LK_ANY, &f, before), 0);
        ck_assert(!lk_stack_event(arena, &e));
        free(arena);
    }
}

START_TEST(nothing_happens_before_the_deadline)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct storm *a = storm_new(seed);
        a->hook = nothing_before_the_deadline;
        storm_run(a, STEPS);
        storm_free(a);
    }
}
END_TEST

/* Who sleeps until each deadline in turn sees time pass: the deadline never stands still. */
START_TEST(waiting_for_deadlines_ends)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct storm *a = storm_new(seed);
        storm_run(a, STEPS);
        for (int i = 0; i < 2; i++) {
            struct lk_stack *stack = a->host[i]->stack;
            uint8_t out[1514];
            uint32_t steps = 0;
            for (lk_time t = a->now; t != LK_NEVER && t < a->now + 1000 * S; t = lk_stack_deadline(stack)) {
                struct lk_frame f = {.size_of = sizeof f, .bytes = out, .cap = sizeof out};
                lk_stack_tick(stack, t);
                while (lk_stack_tx(stack, LK_ANY, &f, t) > 0) {
                }
                ck_assert_uint_lt(++steps, 5000);
            }
        }
        storm_free(a);
    }
}
END_TEST

/* What each socket was last said to be, by handle. */
static struct { lk_socket socket; uint32_t bits; } told[2][64];

static uint32_t *told_of(int who, lk_socket socket)
{
    for (size_t i = 0; i < 64; i++)
        if (told[who][i].socket == socket || told[who][i].socket == 0) {
            told[who][i].socket = socket;
            return &told[who][i].bits;
        }
    ck_abort_msg("too many sockets");
    return NULL;
}

/* An event says something new and true; when there are no more, nobody waits for news. */
static void hear_all_events(struct storm *s)
{
    for (int who = 0; who < 2; who++) {
        struct lk_stack *stack = s->host[who]->stack;
        struct lk_event_sock e;
        while (lk_stack_event(stack, &e)) {
            uint32_t *bits = told_of(who, e.socket);
            ck_assert_uint_ne(e.bits, *bits);
            ck_assert_uint_eq(e.bits, lk_sock_bits(stack, e.socket));
            *bits = e.bits;
        }
        for (size_t i = 0; i < STORM_SOCKETS; i++)
            if (s->sockets[who][i] != 0)
                ck_assert_uint_eq(lk_sock_bits(stack, s->sockets[who][i]), *told_of(who, s->sockets[who][i]));
    }
}

START_TEST(no_change_of_a_socket_goes_unheard)
{
    for (uint64_t seed = 1; seed <= SEEDS; seed++) {
        struct storm *a = storm_new(seed);
        memset(told, 0, sizeof told);
        a->hook = hear_all_events;
        storm_run(a, STEPS);
        storm_free(a);
    }
}
END_TEST

int main(void)
{
    Suite *suite = suite_create("laws");
    TCase *tc = tcase_create("laws");
    tcase_set_timeout(tc, 120);
    tcase_add_test(tc, the_same_calls_give_the_same_bytes_and_the_same_state);
    tcase_add_test(tc, a_stack_copied_elsewhere_runs_on_the_same);
    tcase_add_test(tc, a_snapshot_taken_back_forgets_what_came_after);
    tcase_add_test(tc, extra_ticks_change_no_byte);
    tcase_add_test(tc, nothing_happens_before_the_deadline);
    tcase_add_test(tc, waiting_for_deadlines_ends);
    tcase_add_test(tc, no_change_of_a_socket_goes_unheard);
    suite_add_tcase(suite, tc);
    return run_suite(suite);
}
