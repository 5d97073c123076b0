/* The IPv4 header before a datagram that leaves (RFC 791 3.1). This host never fragments: DF is always set, every datagram is
 * atomic, and so its Identification may be anything (RFC 6864 4.1). It is 0: a counter would tell strangers how much we
 * send. */
#ifndef LK_IP_OUTPUT_H
#define LK_IP_OUTPUT_H

#include "stack/base/types.h"
#include "stack/wire/ipv4.h"

struct lk_ip_header {
    struct lk_addr src, dst;
    uint8_t protocol, tos, ttl;
};

/* Writes the 20-byte header to buf, for a payload of `len` bytes that already stands behind it. Returns header and payload
 * in bytes; LK_E_INVALID beyond 65535. */
int lk_ip_emit(const struct lk_ip_header *header, uint8_t *buf, uint32_t len);

#endif
