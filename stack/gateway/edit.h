/* Changing a header in place, with every checksum that covers it (RFC 1624 equation 3): what was right stays right, what was
 * wrong stays wrong by the same amount, so that no damage is hidden from the receiver. */
#ifndef LK_GATEWAY_EDIT_H
#define LK_GATEWAY_EDIT_H

#include <stdbool.h>
#include <stdint.h>

/* TTL minus one, by at least one (RFC 1812 5.3.1); the TTL must be above 0. */
void gw_edit_ttl(uint8_t *ip);

/* Where the transport's checksum stands in a packet, or that it is not to be touched. */
struct gw_sum {
    uint8_t *at;  /* NULL: none, or not in these bytes */
    bool udp;     /* 0 means "none" and stays so; a sum that comes out as 0 is sent as all ones (RFC 768) */
};

/* A 16-bit field covered by the transport's checksum: a port, an identifier. */
void gw_edit_16(uint8_t *field, uint16_t value, struct gw_sum sum);
/* The source (12) or destination address (16) of an IP header, with the header's checksum, and the transport's through its pseudo
 * header. */
void gw_edit_address(uint8_t *ip, uint32_t offset, uint32_t value, struct gw_sum sum);

/* The header checksum over all `header` bytes anew: for what changed it in odd places. */
void gw_edit_sum_header(uint8_t *ip, uint32_t header);

#endif
