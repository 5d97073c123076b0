#include "stack/gateway/edit.h"
#include "stack/base/bytes.h"
#include "stack/wire/checksum.h"

void gw_edit_ttl(uint8_t *ip)
{
    uint16_t old = lk_load_be16(ip + 8);
    ip[8]--;
    lk_store_be16(ip + 10, lk_checksum_update16(lk_load_be16(ip + 10), old, lk_load_be16(ip + 8)));
}

static void update(struct gw_sum sum, uint16_t old, uint16_t value)
{
    if (sum.at == NULL || (sum.udp && lk_load_be16(sum.at) == 0))
        return;
    uint16_t updated = lk_checksum_update16(lk_load_be16(sum.at), old, value);
    lk_store_be16(sum.at, sum.udp && updated == 0 ? 0xffff : updated);
}

void gw_edit_16(uint8_t *field, uint16_t value, struct gw_sum sum)
{
    update(sum, lk_load_be16(field), value);
    lk_store_be16(field, value);
}

void gw_edit_address(uint8_t *ip, uint32_t offset, uint32_t value, struct gw_sum sum)
{
    struct gw_sum header = {.at = ip + 10};
    for (uint32_t i = 0; i < 4; i += 2) {
        uint16_t old = lk_load_be16(ip + offset + i), half = (uint16_t)(value >> (16 - 8 * i));
        update(header, old, half);
        update(sum, old, half);
        lk_store_be16(ip + offset + i, half);
    }
}

void gw_edit_sum_header(uint8_t *ip, uint32_t header)
{
    lk_store_be16(ip + 10, 0);
    lk_store_be16(ip + 10, lk_checksum_finish(lk_checksum_add(0, ip, header)));
}
