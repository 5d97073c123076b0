/* ICMP for IPv4 as a host speaks it (RFC 792, RFC 1122 3.2.2): answers echo, tells senders what could not be delivered,
 * hands received errors to the transport that caused them. Builds messages, sends nothing. */
#ifndef LK_IP_ICMP_H
#define LK_IP_ICMP_H

#include "stack/ip/input.h"
#include "stack/ip/packet.h"

enum lk_icmp_action {
    LK_ICMP_DROP,    /* malformed, of an unknown or obsolete type, or about nothing of ours: silently (RFC 1122 3.2.2) */
    LK_ICMP_IGNORE,  /* sound, and nothing is to be done */
    LK_ICMP_ECHO,    /* an echo request to be answered */
    LK_ICMP_ERROR,   /* an error about a datagram of ours: *error is filled */
};

/* Takes a received message. `protocol` gets the protocol of the quoted datagram with LK_ICMP_ERROR. */
enum lk_icmp_action lk_icmp_input(const struct lk_addresses *addresses, const struct lk_ip_in *in, struct lk_icmp_error *error, uint8_t *protocol);

/* The reply to an echo request: type, checksum, and all else as it came (RFC 1122 3.2.2.6). Returns its length, or
 * LK_E_NOSPACE. */
int lk_icmp_echo_reply(const struct lk_ip_in *in, uint8_t *buf, size_t cap);

/* Whether an error may be sent about this datagram: the never-rules of RFC 1122 3.2.2. */
bool lk_icmp_may_answer(const struct lk_ip_in *in, const struct lk_ipv4 *header);

/* The error message itself, quoting as much of the datagram as fits into 576 bytes with an IP header before it (RFC 1812
 * 4.3.2.3), at least its header and 8 bytes. Returns its length, or LK_E_NOSPACE. */
int lk_icmp_error_emit(const struct lk_icmp_owed *owed, const struct lk_ip_in *about, uint8_t *buf, size_t cap);

#endif
