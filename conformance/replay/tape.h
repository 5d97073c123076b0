/* The tape: a trace's recording made ready for replay. Each frame is taken apart, belongs to a connection, has its place in
 * that connection's sequence space, and each frame of the peer knows which transmission of the device caused it. */
#ifndef LK_REPLAY_TAPE_H
#define LK_REPLAY_TAPE_H

#include "conformance/replay/conn.h"
#include "conformance/timeline/trace.h"

enum lk_tape_kind { LK_TAPE_OTHER = 0, LK_TAPE_TCP = 1, LK_TAPE_ARP = 2, LK_TAPE_IP = 3 };

struct lk_tape_frame {
    const struct lk_captured *captured;
    lk_time at;              /* captured->at, made strictly increasing */
    uint8_t dir, kind;       /* enum lk_dir, enum lk_tape_kind */
    bool plays;              /* takes part: TCP and IP of the two hosts; ARP when it is recorded */
    bool outside;            /* named by inject: not part of the peer's own stream */
    struct lk_segment segment;
    uint32_t conn;           /* or LK_NONE */
    struct lk_relative rel;
    uint32_t copy;           /* OUT: how many transmissions with the same name came before it */
    uint32_t cause;          /* IN: index of the OUT frame it answers, or LK_NONE: then it comes at its recorded time */
    lk_time peer_at;         /* when it passed the capture at the peer; LK_NEVER: not seen there */
    bool in_window, ack_of_sent; /* IN: was it so in the recording */
};

struct lk_stream { uint8_t *bytes; struct lk_ranges known; uint64_t len; bool fin; }; /* bytes[0] has number 1 */

struct lk_tape {
    const struct lk_trace *trace;
    struct lk_tape_frame *frames; size_t count;
    struct lk_conns conns;   /* as they stand at the end */
    struct lk_stream *streams[2]; /* per connection: what the device sent, what the peer sent */
    lk_time end;             /* of the last frame that plays */
};

/* Prepares `capture` (the trace's own or an outcome's). 0; LK_E_NOMEM; LK_E_INVALID with *why, a line for people: the
 * device's address never occurs, an injection names a frame that is not there, a link that is not Ethernet. */
int lk_tape_load(const struct lk_trace *trace, const struct lk_capture *capture, struct lk_bump *memory, struct lk_tape *out, const char **why);

/* What names a transmission independently of times and ISNs. Two frames of one direction with the same name are copies. */
bool lk_tape_same_name(const struct lk_segment *a, const struct lk_relative *ra, const struct lk_segment *b, const struct lk_relative *rb);
/* Whether a segment occupies no sequence space and carries no RST: a pure acknowledgement. */
bool lk_is_pure_ack(const struct lk_segment *segment);

/* Finds the cause of each of the peer's frames (conformance/replay/cause.c). */
int lk_tape_find_causes(struct lk_tape *tape, const struct lk_capture *peer, struct lk_bump *memory);

#endif
