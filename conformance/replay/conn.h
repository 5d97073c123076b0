/* Which connection a segment belongs to, and how far that connection has come as the device sees it. The same code
 * follows a recording (to prepare it) and a run (to drive it).
 *
 * Numbers are relative to the ISN of their sender: SYN is 0, the first data byte 1. A connection that never had a SYN from a
 * side borrows the ISN of the connection before it on the same ports (an answer out of TIME-WAIT), else 0. */
#ifndef LK_REPLAY_CONN_H
#define LK_REPLAY_CONN_H

#include "conformance/replay/ranges.h"
#include "conformance/timeline/event.h"

struct lk_conn {
    uint16_t port[2];        /* of the device (LK_OUT) and of its peer (LK_IN) */
    bool known[2];           /* has this side's ISN been seen */
    uint32_t isn[2];
    uint8_t opener;          /* direction of its first segment */
    uint32_t before;         /* the connection before on the same ports, or LK_NONE */
    bool established;        /* the device has sent and got a SYN, and an ACK of its own */
    uint32_t sent[2];        /* highest number sent, exclusive; OUT: left the device, IN: reached it */
    bool fin[2]; uint32_t fin_at[2];
    bool reset[2];
    uint32_t acked[2];       /* highest acknowledgement of this side's numbers: [LK_OUT] reached the device, [LK_IN] left it */
    struct lk_ranges arrived;/* of the peer's numbers, as far as they reached the device */
    uint32_t window_edge;    /* the furthest right edge the device offered, in the peer's numbers; 0 none yet */
    uint8_t wscale[2]; bool offers_wscale[2];
};

struct lk_conns { struct lk_bump *memory; struct lk_conn *list; size_t count, capacity; };

/* The connection of a TCP segment, a new one if it opens one. `outside`: the segment is not part of its sender's own stream
 * (an injected old duplicate): it never sets an ISN of a connection that is there. LK_NONE without memory. */
uint32_t lk_conns_find(struct lk_conns *conns, enum lk_dir dir, const struct lk_segment *segment, bool outside);
/* Takes note of a segment that left the device (OUT) or reached it (IN) with valid checksums. 0 or LK_E_NOMEM. */
int lk_conns_note(struct lk_conns *conns, uint32_t index, enum lk_dir dir, const struct lk_segment *segment);
/* What to subtract from a number of that side's sequence space. */
uint32_t lk_conns_base(const struct lk_conns *conns, uint32_t index, enum lk_dir dir);
/* How many bytes of data have reached the device in order. */
uint64_t lk_conn_received(const struct lk_conn *conn);
/* Whether the peer's FIN has reached the device with everything before it. */
bool lk_conn_peer_closed(const struct lk_conn *conn);
/* Whether nothing more is to come: both FINs acknowledged, or a reset either way. */
bool lk_conn_closed(const struct lk_conn *conn);

/* The relative numbers of a segment. */
struct lk_relative { uint32_t seq, end, ack; };
struct lk_relative lk_conns_relative(const struct lk_conns *conns, uint32_t index, enum lk_dir dir, const struct lk_segment *segment);

#endif
