/* Frames of TCP over IPv4 over Ethernet, changed in place, and made. Checksums are right afterwards. */
#ifndef LK_REPLAY_REWRITE_H
#define LK_REPLAY_REWRITE_H

#include "conformance/timeline/event.h"

/* What of a recorded frame of the peer is put into the numbers of this run. */
struct lk_mapping {
    uint16_t destination_port;
    uint32_t ack_shift;      /* added to the acknowledgement number and both edges of SACK blocks */
    bool has_ts_ecr; uint32_t ts_ecr;
};

/* Changes an Ethernet frame whose `segment` was taken apart from other bytes with the same content. A TCP checksum that was
 * wrong in the recording is wrong afterwards too (by the same bits), a right one is right. */
void lk_rewrite_peer(uint8_t *bytes, size_t len, const struct lk_segment *segment, const struct lk_mapping *mapping);
/* Computes the IPv4 and TCP checksums of a frame anew. Frames that are not TCP are left alone. */
void lk_rewrite_checksums(uint8_t *bytes, size_t len);
/* Where the TCP header starts in an Ethernet frame, and its header length and payload length; false if it is none. */
struct lk_tcp_place { size_t ip, tcp, header, payload_len; };
bool lk_rewrite_find_tcp(const uint8_t *bytes, size_t len, struct lk_tcp_place *out);

/* Makes a whole frame. Options as given; returns the length, or LK_E_NOSPACE, LK_E_INVALID. */
struct lk_frame_addresses { uint8_t source_mac[6], destination_mac[6]; uint32_t source, destination; };
int lk_make_frame(const struct lk_frame_addresses *addresses, uint16_t ip_id, const struct lk_tcp *tcp, uint8_t *out, size_t cap);

#endif
