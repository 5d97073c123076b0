/* The law of RFC 1624: what an edit makes of a checksum is what summing everything anew makes of it. */
#include "stack/gateway/edit.h"
#include "stack/tests/support/gateway.h"

static uint32_t state = 1;

static uint32_t random32(void)
{
    state ^= state << 13, state ^= state >> 17, state ^= state << 5;
    return state;
}

/* Numbers at the edges of ones' complement come often. */
static uint16_t odd16(void)
{
    static const uint16_t edge[] = {0, 0xffff, 1, 0xfffe, 0x8000, 0x7fff};
    uint32_t x = random32();
    return x % 3 == 0 ? edge[x / 3 % 6] : (uint16_t)(x >> 8);
}

static uint32_t odd32(void)
{
    return (uint32_t)odd16() << 16 | odd16();
}

START_TEST(the_headers_checksum_after_an_edit_is_that_of_a_full_sum)
{
    for (int i = 0; i < 200000; i++) {
        uint8_t ip[20], all[20];
        struct lk_ipv4 h = {.type_of_service = (uint8_t)random32(), .time_to_live = (uint8_t)(1 + random32() % 255), .protocol = (uint8_t)random32(),
                            .identification = odd16(), .source_address = odd32(), .destination_address = odd32()};
        lk_ipv4_emit_summed(&h, ip, sizeof ip);
        gw_edit_ttl(ip);
        gw_edit_address(ip, 12, odd32(), (struct gw_sum){.at = NULL});
        gw_edit_address(ip, 16, odd32(), (struct gw_sum){.at = NULL});
        memcpy(all, ip, sizeof ip);
        gw_edit_sum_header(all, sizeof all);
        ck_assert_mem_eq(ip, all, sizeof ip);
    }
}
END_TEST

/* Addresses and ports of a whole datagram change; what comes out is held against the checksum computed from nothing. */
static void law(uint8_t protocol)
{
    size_t at = protocol == LK_PROTOCOL_TCP ? 16 : 6;
    for (int i = 0; i < 200000; i++) {
        uint8_t packet[60] = {0};
        uint8_t *t = packet + 20;
        struct lk_ipv4 h = {.time_to_live = 64, .protocol = protocol, .source_address = odd32(), .destination_address = odd32()};
        for (size_t k = 0; k < 40; k += 2)
            lk_store_be16(t + k, odd16());
        lk_store_be16(t + at, 0);
        uint16_t sum = lk_checksum_finish(lk_checksum_add(lk_checksum_pseudo_ipv4(h.source_address, h.destination_address, protocol, 40), t, 40));
        lk_store_be16(t + at, protocol == LK_PROTOCOL_UDP && sum == 0 ? 0xffff : sum);
        h.payload = t, h.payload_len = 40;
        lk_ipv4_emit_summed(&h, packet, sizeof packet);
        struct gw_sum s = {.at = t + at, .udp = protocol == LK_PROTOCOL_UDP};
        gw_edit_16(t, odd16(), s);
        gw_edit_16(t + 2, odd16(), s);
        gw_edit_address(packet, 12, odd32(), s);
        gw_edit_address(packet, 16, odd32(), s);
        uint16_t edited = lk_load_be16(t + at);
        lk_store_be16(t + at, 0);
        uint64_t pseudo = lk_checksum_pseudo_ipv4(lk_load_be32(packet + 12), lk_load_be32(packet + 16), protocol, 40);
        uint16_t full = lk_checksum_finish(lk_checksum_add(pseudo, t, 40));
        ck_assert_uint_eq(edited, protocol == LK_PROTOCOL_UDP && full == 0 ? 0xffff : full);
    }
}

START_TEST(tcps_checksum_after_edits_is_that_of_a_full_sum)
{
    law(LK_PROTOCOL_TCP);
}
END_TEST

START_TEST(udps_checksum_after_edits_is_that_of_a_full_sum_and_never_none)
{
    law(LK_PROTOCOL_UDP);
}
END_TEST

START_TEST(a_sum_that_is_not_there_is_not_made)
{
    uint8_t field[2] = {1, 2}, sum[2] = {0, 0};
    gw_edit_16(field, 0x3344, (struct gw_sum){.at = sum, .udp = true});
    ck_assert_uint_eq(lk_load_be16(sum), 0);
    gw_edit_16(field, 0x1122, (struct gw_sum){.at = sum});
    ck_assert_uint_ne(lk_load_be16(sum), 0); /* in any other protocol 0 is a sum like any */
}
END_TEST

ALL("edit", the_headers_checksum_after_an_edit_is_that_of_a_full_sum, tcps_checksum_after_edits_is_that_of_a_full_sum,
    udps_checksum_after_edits_is_that_of_a_full_sum_and_never_none, a_sum_that_is_not_there_is_not_made)
