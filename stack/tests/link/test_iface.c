#include "stack/link/iface.h"

#include "stack/tests/support/host.h"

static const struct lk_link_iface ethernet = {.mtu = 1500, .mtu_max = 1500, .kind = LK_LINK_IS_ETHERNET, .up = 1, .mac = {2, 0, 0, 0, 0, 1}};
static const struct lk_link_iface raw = {.mtu = 1500, .mtu_max = 1500, .kind = LK_LINK_IS_RAW, .up = 1};

static int judge(const uint8_t to[6], const uint8_t from[6], uint16_t type, const char *payload, size_t len, struct lk_link_in *out)
{
    uint8_t frame[200];
    size_t total = ether(frame, to, from, type, (const uint8_t *)payload, len);
    return lk_link_input(&ethernet, frame, total, out);
}

START_TEST(frames_to_us_to_all_and_to_groups_are_taken_and_told_apart)
{
    static const uint8_t group[6] = {1, 0, 0x5e, 0, 0, 1};
    struct lk_link_in in;
    ck_assert_int_eq(judge(our_mac, peer_mac, LK_ETHERTYPE_IPV4, "ip", 2, &in), 0);
    ck_assert_uint_eq(in.cast, LK_LINK_UNICAST);
    ck_assert_uint_eq(in.offset, 14);
    ck_assert_uint_eq(in.len, 2);
    ck_assert(mac_is(in.source, peer_mac));
    ck_assert_int_eq(judge(everyone, peer_mac, LK_ETHERTYPE_ARP, "", 0, &in), 0);
    ck_assert_uint_eq(in.cast, LK_LINK_BROADCAST);
    ck_assert_int_eq(judge(group, peer_mac, LK_ETHERTYPE_IPV4, "", 0, &in), 0);
    ck_assert_uint_eq(in.cast, LK_LINK_MULTICAST);
}
END_TEST

START_TEST(frames_to_another_station_are_not)
{
    struct lk_link_in in;
    ck_assert_int_eq(judge(other_mac, peer_mac, LK_ETHERTYPE_IPV4, "", 0, &in), LK_E_NOTFOUND);
}
END_TEST

START_TEST(a_group_is_no_sender)
{
    struct lk_link_in in;
    ck_assert_int_eq(judge(our_mac, everyone, LK_ETHERTYPE_IPV4, "", 0, &in), LK_E_MALFORMED);
}
END_TEST

START_TEST(a_frame_without_a_whole_header_is_truncated)
{
    struct lk_link_in in;
    uint8_t frame[14] = {2, 0, 0, 0, 0, 1};
    for (size_t len = 0; len < 14; len++)
        ck_assert_int_eq(lk_link_input(&ethernet, frame, len, &in), LK_E_TRUNCATED);
}
END_TEST

START_TEST(types_nobody_takes_are_refused)
{
    static const uint16_t types[] = {LK_ETHERTYPE_VLAN, LK_ETHERTYPE_IPV6, 0x88cc, 0xffff, 0x0600};
    struct lk_link_in in;
    for (size_t i = 0; i < sizeof types / sizeof types[0]; i++)
        ck_assert_int_eq(judge(our_mac, peer_mac, types[i], "data", 4, &in), LK_E_UNSUPPORTED);
}
END_TEST

START_TEST(an_802_3_frame_with_snap_is_read_and_its_length_cuts_the_padding)
{
    static const char snap[] = "\xaa\xaa\x03\x00\x00\x00\x08\x00" "IPV4" "padding"; /* RFC 1042 */
    struct lk_link_in in;
    ck_assert_int_eq(judge(our_mac, peer_mac, 12, snap, 19, &in), 0);
    ck_assert_uint_eq(in.type, LK_ETHERTYPE_IPV4);
    ck_assert_uint_eq(in.offset, 22);
    ck_assert_uint_eq(in.len, 4);
}
END_TEST

START_TEST(an_802_3_frame_that_lies_or_is_no_ip_is_refused)
{
    static const char snap[] = "\xaa\xaa\x03\x00\x00\x00\x08\x00" "IPV4", oui[] = "\xaa\xaa\x03\x00\x00\x01\x08\x00" "IPV4", llc[] = "\x42\x42\x03\x00\x00\x00\x00\x00";
    struct lk_link_in in;
    ck_assert_int_eq(judge(our_mac, peer_mac, 13, snap, 12, &in), LK_E_MALFORMED); /* longer than the frame */
    ck_assert_int_eq(judge(our_mac, peer_mac, 7, snap, 12, &in), LK_E_MALFORMED);  /* shorter than LLC and SNAP */
    ck_assert_int_eq(judge(our_mac, peer_mac, 1501, snap, 12, &in), LK_E_MALFORMED);
    ck_assert_int_eq(judge(our_mac, peer_mac, 1535, snap, 12, &in), LK_E_MALFORMED);
    ck_assert_int_eq(judge(our_mac, peer_mac, 12, oui, 12, &in), LK_E_MALFORMED);
    ck_assert_int_eq(judge(our_mac, peer_mac, 8, llc, 8, &in), LK_E_MALFORMED);
}
END_TEST

START_TEST(on_raw_ip_the_frame_is_the_packet)
{
    struct lk_link_in in;
    uint8_t packet[20] = {0x45};
    ck_assert_int_eq(lk_link_input(&raw, packet, sizeof packet, &in), 0);
    ck_assert_uint_eq(in.offset, 0);
    ck_assert_uint_eq(in.len, 20);
    ck_assert_uint_eq(in.type, LK_ETHERTYPE_IPV4);
    ck_assert_uint_eq(lk_link_header(&raw), 0);
}
END_TEST

START_TEST(groups_have_their_own_link_addresses)
{
    uint8_t mac[6];
    struct lk_addr group = ip4(0xefffffff); /* RFC 1112 6.4: 23 bits of it */
    static const uint8_t expected[6] = {0x01, 0x00, 0x5e, 0x7f, 0xff, 0xff};
    lk_link_group_mac(false, &group, mac);
    ck_assert(mac_is(mac, expected));
    lk_link_group_mac(true, &group, mac);
    ck_assert(mac_is(mac, everyone));
}
END_TEST

SUITE("interface", frames_to_us_to_all_and_to_groups_are_taken_and_told_apart, frames_to_another_station_are_not, a_group_is_no_sender,
      a_frame_without_a_whole_header_is_truncated, types_nobody_takes_are_refused,
      an_802_3_frame_with_snap_is_read_and_its_length_cuts_the_padding, an_802_3_frame_that_lies_or_is_no_ip_is_refused,
      on_raw_ip_the_frame_is_the_packet, groups_have_their_own_link_addresses)
