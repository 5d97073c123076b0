#include "stack/apps/dhcp_lease_table.h"

#include "stack/tests/support/run.h"

#define FIRST 0x0a000064u

static const struct dhcp_reserved reserved = {.prefix = 24, .count = 1, .address = {FIRST + 1}};

static struct dhcp_table table(uint32_t count, uint32_t addresses)
{
    return (struct dhcp_table){.count = count, .first = FIRST, .next = FIRST, .last = FIRST + addresses - 1};
}

static struct dhcp_lease *lease(struct dhcp_table *t, struct dhcp_lease *at, uint64_t who, uint32_t address, lk_time until, lk_time now)
{
    uint64_t client[2] = {who, 1};
    struct dhcp_lease *l = address == 0 ? dhcp_table_take_any(t, at, &reserved, client, now) : dhcp_table_take(t, at, &reserved, client, address, now);
    if (l != NULL) {
        l->state = DHCP_BOUND;
        l->expires = until;
    }
    return l;
}

START_TEST(an_address_that_is_leased_or_reserved_or_outside_is_not_taken)
{
    struct dhcp_lease at[4] = {{.address = 0}};
    struct dhcp_table t = table(4, 4);
    ck_assert_ptr_nonnull(lease(&t, at, 1, FIRST, 100, 0));
    ck_assert_ptr_null(lease(&t, at, 2, FIRST, 100, 99));
    ck_assert_ptr_null(lease(&t, at, 2, FIRST + 1, 100, 0)); /* reserved */
    ck_assert_ptr_null(lease(&t, at, 2, FIRST - 1, 100, 0));
    ck_assert_ptr_null(lease(&t, at, 2, FIRST + 4, 100, 0));
    ck_assert_ptr_nonnull(lease(&t, at, 2, FIRST, 200, 100)); /* over */
}
END_TEST

START_TEST(a_client_has_one_record_whatever_it_asks_for)
{
    struct dhcp_lease at[4] = {{.address = 0}};
    struct dhcp_table t = table(4, 4);
    uint64_t client[2] = {1, 1};
    lease(&t, at, 1, FIRST, 100, 0);
    lease(&t, at, 1, FIRST + 2, 100, 50);
    ck_assert_uint_eq(dhcp_table_of_client(&t, at, client)->address, FIRST + 2);
    ck_assert_ptr_null(dhcp_table_of_address(&t, at, FIRST));
}
END_TEST

START_TEST(untouched_addresses_come_before_those_whose_lease_has_ended_and_of_these_the_oldest)
{
    struct dhcp_lease at[4] = {{.address = 0}};
    struct dhcp_table t = table(4, 4); /* three addresses that may be given */
    ck_assert_uint_eq(lease(&t, at, 1, 0, 30, 0)->address, FIRST);
    ck_assert_uint_eq(lease(&t, at, 2, 0, 10, 0)->address, FIRST + 2);
    ck_assert_uint_eq(lease(&t, at, 3, 0, 99, 50)->address, FIRST + 3); /* all others are over, it was never used */
    ck_assert_uint_eq(lease(&t, at, 4, 0, 99, 50)->address, FIRST + 2); /* ended at 10 */
    ck_assert_uint_eq(lease(&t, at, 5, 0, 99, 50)->address, FIRST);
    ck_assert_ptr_null(lease(&t, at, 6, 0, 99, 50));
}
END_TEST

START_TEST(a_full_table_gives_up_the_record_that_ended_first)
{
    struct dhcp_lease at[2] = {{.address = 0}};
    struct dhcp_table t = table(2, 100);
    lease(&t, at, 1, 0, 10, 0);
    lease(&t, at, 2, 0, 20, 0);
    ck_assert_ptr_null(lease(&t, at, 3, 0, 99, 5));
    ck_assert_ptr_nonnull(lease(&t, at, 3, 0, 99, 15));
    uint64_t gone[2] = {1, 1}, stays[2] = {2, 1};
    ck_assert_ptr_null(dhcp_table_of_client(&t, at, gone));
    ck_assert_ptr_nonnull(dhcp_table_of_client(&t, at, stays));
}
END_TEST

START_TEST(the_last_address_of_all_does_not_wrap)
{
    struct dhcp_lease at[2] = {{.address = 0}};
    struct dhcp_table t = {.count = 2, .first = 0xdffffffc, .next = 0xdffffffe, .last = 0xdffffffe};
    struct dhcp_reserved none = {.prefix = 24};
    uint64_t a[2] = {1, 1}, b[2] = {2, 1};
    ck_assert_uint_eq(dhcp_table_take_any(&t, at, &none, a, 0)->address, 0xdffffffe);
    ck_assert_uint_eq(dhcp_table_take_any(&t, at, &none, b, 0)->address, 0xdffffffc);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {an_address_that_is_leased_or_reserved_or_outside_is_not_taken, a_client_has_one_record_whatever_it_asks_for,
                            untouched_addresses_come_before_those_whose_lease_has_ended_and_of_these_the_oldest, a_full_table_gives_up_the_record_that_ended_first,
                            the_last_address_of_all_does_not_wrap};
    return run_tests("dhcp lease table", tests, sizeof tests / sizeof tests[0]);
}
