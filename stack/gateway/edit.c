#include "stack/gateway/edit.h"
#include "stack/base/bytes.h"
#include "stack/wire/checksum.h"

void gw_edit_ttl(uint8_t *ip)
{
    uint16_t old = lk_load_be16(ip + 8);
    ip[8]--;
    lk_store_be16(ip + 10, lk_checksum_update16(lk_load_be16(ip + 10), old, lk_load_be16(ip + 8)));
}

void gw_edit_sum_header(uint8_t *ip, uint32_t header)
{
    lk_store_be16(ip + 10, 0);
    lk_store_be16(ip + 10, lk_checksum_finish(lk_checksum_add(0, ip, header)));
}
