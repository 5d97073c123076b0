/* The timeline: events in the order of their time. What the engine writes while it replays, what rules watch, what
 * reports draw. One event is a segment (any frame) seen on the DUT's link, an application call or its return, a fate
 * of the network, or a remark. */
#ifndef LK_TIMELINE_EVENT_H
#define LK_TIMELINE_EVENT_H

#include "conformance/timeline/bump.h"
#include "conformance/timeline/trace.h"
#include "stack/base/types.h"
#include "stack/wire/tcp.h"
#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum lk_event_kind { LK_EVENT_FRAME = 1, LK_EVENT_CALL, LK_EVENT_RETURN, LK_EVENT_FATE, LK_EVENT_DEATH, LK_EVENT_END };
enum lk_knowledge { LK_SEEN = 1, LK_INFERRED = 2, LK_UNKNOWN = 3 };

/* A frame taken apart as far as TCP/IPv4 goes, once, for everybody. Slices point into the event's bytes. */
struct lk_segment {
    bool is_ip, is_tcp;              /* headers were sound */
    int error;                       /* negative: why it was not (first layer that failed) */
    uint32_t src, dst;               /* IPv4, host order */
    uint16_t ip_id; uint8_t ttl, protocol; bool df;
    bool ip_checksum_ok, tcp_checksum_ok;
    struct lk_tcp tcp;               /* header; options slice and payload slice inside */
    struct lk_tcp_options options;   /* decoded */
    int options_error;               /* 0 or negative */
    uint32_t seg_len;                /* RFC 9293 3.4: payload + SYN + FIN */
};

struct lk_event {
    lk_time at;
    uint8_t kind, dir, knowledge, reserved;
    uint32_t number;                 /* index in its timeline */
    uint32_t frame;                  /* frame: number in the capture it stands for, 0 none */
    uint32_t len; const uint8_t *bytes; /* frame */
    struct lk_segment segment;       /* frame */
    uint32_t call, socket; uint8_t op; /* call, return: index in the trace's calls, ... */
    uint64_t requested; int64_t result; const char *error; /* call: bytes asked for; return: what came back */
    uint8_t fate; bool delivered;    /* frame: what the network did with it (0: nothing), and whether it reached the other side */
    lk_time delivered_at;            /* frame: when it reached the other side; LK_NEVER if not */
    const char *text;                /* death, remark, reason of a segment (for the ladder) */
};

struct lk_timeline { struct lk_bump *memory; struct lk_event *events; size_t count, capacity; };

/* Appends a zeroed event (kind, at set) and returns it for filling in; NULL without memory. Times never go backwards:
 * an earlier `at` is an error of the caller (returns NULL too). The pointer is valid until the next append. */
struct lk_event *lk_timeline_add(struct lk_timeline *timeline, enum lk_event_kind kind, lk_time at);
/* Same for a frame: copies the bytes, takes the segment apart. */
struct lk_event *lk_timeline_add_frame(struct lk_timeline *timeline, lk_time at, enum lk_dir dir, const uint8_t *bytes, size_t len, uint32_t link);

/* Takes a frame apart. link: enum lk_capture_link. Always fills *out. */
void lk_segment_read(const uint8_t *bytes, size_t len, uint32_t link, struct lk_segment *out);

/* One line in tcpdump's notation with relative numbers: "Flags [P.], seq 1:101, ack 1, win 502, options [...], length 100".
 * base_seq/base_ack: what to subtract. Returns the length, or LK_E_NOSPACE (nothing written but an empty string). */
int lk_segment_text(const struct lk_segment *segment, uint32_t base_seq, uint32_t base_ack, char *out, size_t cap);

#endif
