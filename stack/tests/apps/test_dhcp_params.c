#include "stack/apps/dhcp_params.h"

#include "stack/base/error.h"
#include "stack/tests/support/run.h"
#include <string.h>

/* An ACK of 10.0.0.100 by 10.0.0.1 for 3600 s, and these options. */
static struct lk_dhcp ack(uint8_t bytes[1200], const void *options, size_t len)
{
    struct lk_dhcp_writer w = {.at = bytes, .cap = 1200};
    lk_dhcp_put_32(&w, LK_DHCP_OPT_SERVER_IDENTIFIER, 0x0a000001);
    lk_dhcp_put_32(&w, LK_DHCP_OPT_LEASE_TIME, 3600);
    memcpy(bytes + w.len, options, len);
    w.len += len;
    lk_dhcp_put_end(&w, 0);
    return (struct lk_dhcp){.op = 2, .yiaddr = 0x0a000064, .options = bytes, .options_len = w.len};
}

START_TEST(addresses_that_no_host_may_have)
{
    static const struct {
        uint32_t address;
        bool good;
    } rows[] = {{0, false}, {0x00ffffff, false}, {0x01000000, true}, {0x7effffff, true}, {0x7f000001, false}, {0x80000000, true}, {0xdfffffff, true}, {0xe0000000, false}, {0xf0000001, false}, {0xffffffff, false}};
    for (size_t i = 0; i < sizeof rows / sizeof rows[0]; i++)
        ck_assert(dhcp_host_address(rows[i].address) == rows[i].good);
}
END_TEST

START_TEST(the_ends_of_a_network_are_no_hosts_but_of_31_and_32_bits)
{
    ck_assert(!dhcp_in_host_part(0x0a000000, 24) && !dhcp_in_host_part(0x0a0000ff, 24));
    ck_assert(dhcp_in_host_part(0x0a000001, 24) && dhcp_in_host_part(0x0a0000fe, 24));
    ck_assert(!dhcp_in_host_part(0x0a000004, 30) && !dhcp_in_host_part(0x0a000007, 30));
    ck_assert(dhcp_in_host_part(0x0a000004, 31) && dhcp_in_host_part(0x0a000005, 31) && dhcp_in_host_part(0x0a000004, 32));
}
END_TEST

START_TEST(a_mask_is_ones_and_then_zeros_and_no_shorter_than_8)
{
    ck_assert_int_eq(dhcp_prefix(0xff000000), 8);
    ck_assert_int_eq(dhcp_prefix(0xffffff80), 25);
    ck_assert_int_eq(dhcp_prefix(0xffffffff), 32);
    ck_assert_int_eq(dhcp_prefix(0xfe000000), LK_E_INVALID);
    ck_assert_int_eq(dhcp_prefix(0), LK_E_INVALID);
    ck_assert_int_eq(dhcp_prefix(0xff00ff00), LK_E_INVALID);
    ck_assert_int_eq(dhcp_prefix(0x000000ff), LK_E_INVALID);
}
END_TEST

START_TEST(without_a_mask_the_class_decides)
{
    static const struct {
        uint32_t address, prefix;
    } rows[] = {{0x0a000064, 8}, {0xac100064, 16}, {0xc0a80164, 24}};
    uint8_t bytes[1200];
    struct dhcp_params p;
    for (size_t i = 0; i < 3; i++) {
        struct lk_dhcp m = ack(bytes, "", 0);
        m.yiaddr = rows[i].address;
        ck_assert_int_eq(dhcp_params_read(&m, &p), 0);
        ck_assert_uint_eq(p.prefix, rows[i].prefix);
    }
}
END_TEST

START_TEST(more_routers_than_there_is_room_for_are_cut_and_those_that_are_none_left_out)
{
    uint8_t bytes[1200], list[2 + 4 * 60] = {LK_DHCP_OPT_ROUTER, 240, 224, 0, 0, 1, 10, 0, 0, 100, 255, 255, 255, 255};
    struct dhcp_params p;
    for (uint8_t i = 3; i < 60; i++)
        memcpy(list + 2 + 4 * i, (const uint8_t[]){10, 0, 0, i}, 4);
    struct lk_dhcp m = ack(bytes, list, sizeof list);
    ck_assert_int_eq(dhcp_params_read(&m, &p), 0);
    ck_assert_uint_eq(p.routers, DHCP_ADDRESSES);
    for (uint32_t i = 0; i < DHCP_ADDRESSES; i++)
        ck_assert_uint_eq(p.router[i], 0x0a000003 + i); /* multicast, the client itself, broadcast: passed over */
}
END_TEST

START_TEST(a_domain_of_255_octets_fits_and_one_that_is_no_name_is_none)
{
    uint8_t bytes[1200], option[257 + 22] = {LK_DHCP_OPT_DOMAIN_NAME, 255};
    struct dhcp_params p;
    memset(option + 2, 'd', 255);
    struct lk_dhcp m = ack(bytes, option, 257);
    ck_assert_int_eq(dhcp_params_read(&m, &p), 0);
    ck_assert_uint_eq(strlen(p.domain), 255);
    option[257] = LK_DHCP_OPT_DOMAIN_NAME; /* in two pieces, 275 octets: more than a name can have */
    option[258] = 20;
    memset(option + 259, 'e', 20);
    m = ack(bytes, option, sizeof option);
    ck_assert_int_eq(dhcp_params_read(&m, &p), 0);
    ck_assert_str_eq(p.domain, "");
    m = ack(bytes, "\x0f\x05" "a\x1b[2J", 7); /* nothing that a terminal would obey */
    ck_assert_int_eq(dhcp_params_read(&m, &p), 0);
    ck_assert_str_eq(p.domain, "");
}
END_TEST

START_TEST(what_must_be_there_is_asked_for_by_name)
{
    uint8_t bytes[1200];
    struct dhcp_params p;
    struct lk_dhcp m = ack(bytes, "", 0);
    m.options = bytes + 6; /* without the server */
    m.options_len -= 6;
    ck_assert_int_eq(dhcp_params_read(&m, &p), LK_E_NOTFOUND);
    m = ack(bytes, "\x33\x04\0\0\0\1", 6); /* two lease times are eight octets */
    ck_assert_int_eq(dhcp_params_read(&m, &p), LK_E_OPTION_SIZE);
    m = ack(bytes, "\x01\x04\xff\xff\xff\xff", 6);
    m.yiaddr = 0x0a000001; /* the server's own */
    ck_assert_int_eq(dhcp_params_read(&m, &p), LK_E_ADDRNOTAVAIL);
}
END_TEST

int main(void)
{
    const TTest *tests[] = {addresses_that_no_host_may_have,
                            the_ends_of_a_network_are_no_hosts_but_of_31_and_32_bits,
                            a_mask_is_ones_and_then_zeros_and_no_shorter_than_8,
                            without_a_mask_the_class_decides,
                            more_routers_than_there_is_room_for_are_cut_and_those_that_are_none_left_out,
                            a_domain_of_255_octets_fits_and_one_that_is_no_name_is_none,
                            what_must_be_there_is_asked_for_by_name};
    return run_tests("dhcp parameters", tests, sizeof tests / sizeof tests[0]);
}
