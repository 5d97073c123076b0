/* A received IPv4 datagram: every header check, whom it is for, and what IP itself owes for it (RFC 791 3.1,
 * RFC 1122 3.2.1). Takes nothing apart behind the header and changes nothing. */
#ifndef LK_IP_INPUT_H
#define LK_IP_INPUT_H

#include "stack/ip/address.h"
#include "stack/wire/ipv4.h"

/* An ICMP error that a datagram deserves, if the rules of RFC 1122 3.2.2 let one be sent at all (lk_icmp_may_answer). */
struct lk_icmp_owed {
    bool owed;
    uint8_t type, code;
    uint32_t rest; /* bytes 4..7 of the message */
};

struct lk_ip_input {
    const struct lk_addresses *addresses;
    uint32_t iface;
    uint16_t mtu;
    uint8_t link_cast;      /* 0: sent to our link address alone */
    bool forwarding;
    bool asked;             /* a gateway has been asked already: shared addresses are like all of ours */
    bool ignore_checksums;  /* fuzzing only */
    bool verified;          /* the device has verified all checksums */
};

/* Judges the packet of `len` bytes, of which the last may be link padding.
 *
 * LK_RX_ACCEPTED: it is for us; *out is filled for the protocol in out->protocol, *header with the header.
 * LK_RX_FORWARD: it is for another host and may be forwarded, or for a shared address of ours and a gateway is to be asked
 * first; out->packet and out->packet_len are filled.
 * LK_RX_DROP_IP_...: the reason; *owed tells the ICMP error for it, with *header and *out filled when owed->owed. */
enum lk_rx lk_ip_input(const struct lk_ip_input *input, const uint8_t *bytes, size_t len, struct lk_ipv4 *header, struct lk_ip_in *out,
                       struct lk_icmp_owed *owed);

#endif
