/* What a stateful fuzz target does to a stack, one record each: a segment whose numbers are relative to the connection, a
 * raw frame, an application call, a change of the pull cadence. Time passes by the record's microseconds. A parse/emit
 * pair: every payload is a valid input, missing bytes count as zero. */
#ifndef LK_TIMELINE_STIMULUS_H
#define LK_TIMELINE_STIMULUS_H

#include "conformance/timeline/record.h"
#include <stdint.h>

enum lk_stimulus_kind {
    LK_STIMULUS_SEGMENT = 64, /* a TCP segment of the peer */
    LK_STIMULUS_FRAME = 65,   /* payload: a whole frame as it is */
    LK_STIMULUS_CALL = 66,    /* an application call */
    LK_STIMULUS_PULL = 67,    /* u8: pull after every n-th step; 0: only when time passes */
    LK_STIMULUS_PASS = 68,    /* nothing but time; payload u32: further milliseconds */
    LK_STIMULUS_ICMP = 69     /* an ICMP error about the latest segment of the host; payload u8 type, code, u16 next-hop MTU, u8 octets cut off */
};

/* What a number of a segment counts from. */
enum lk_base { LK_BASE_RECEIVER = 0, /* seq: its RCV.NXT; ack: its SND.UNA */
               LK_BASE_SENT = 1,     /* ack: its SND.NXT; seq: RCV.NXT + RCV.WND */
               LK_BASE_ISN = 2, LK_BASE_ABSOLUTE = 3 };

enum { /* lk_stimulus_segment.options */
    LK_STIMULUS_MSS = 1, LK_STIMULUS_WSCALE = 2, LK_STIMULUS_SACK_OK = 4, LK_STIMULUS_TIMESTAMPS = 8, LK_STIMULUS_SACK = 16, LK_STIMULUS_RAW = 32
};
enum { /* lk_stimulus_segment.damage; a record without the bits is sound */
    LK_STIMULUS_BAD_CHECKSUM = 1, LK_STIMULUS_BAD_OFFSET = 2, LK_STIMULUS_CUT = 4 /* the last bytes are missing */
};

struct lk_stimulus_segment { /* 40 bytes on the wire, then raw option bytes */
    uint8_t control;         /* LK_TCP_FIN ... */
    uint8_t seq_base, ack_base, socket; /* enum lk_base; socket: 0 the connection to the listener, 1 the one the host opens */
    int32_t seq, ack;        /* added to the base */
    uint16_t window;         /* as in the header */
    uint16_t payload_len;    /* bytes of the peer's stream from that sequence number */
    uint8_t options, damage;
    uint16_t mss;
    uint8_t wscale, raw_len; /* raw_len: bytes of `raw`, at most 40 */
    uint16_t urgent;
    int32_t ts_val;          /* added to the peer's clock in ms */
    int32_t ts_ecr;          /* added to the latest TSval of the host */
    int32_t sack_left;       /* added to the receiver's SND.UNA */
    uint32_t sack_len;
    const uint8_t *raw;      /* option bytes instead of the others */
};
#define LK_STIMULUS_SEGMENT_BYTES 40

struct lk_stimulus_call { uint8_t op, socket, how, option; uint32_t len; }; /* op: enum lk_do */
#define LK_STIMULUS_CALL_BYTES 8

void lk_stimulus_segment_parse(const struct lk_record *record, struct lk_stimulus_segment *out);
/* Bytes of payload written, or LK_E_NOSPACE / LK_E_INVALID (raw_len above 40). */
int lk_stimulus_segment_emit(const struct lk_stimulus_segment *in, uint8_t *buf, size_t cap);
void lk_stimulus_call_parse(const struct lk_record *record, struct lk_stimulus_call *out);
int lk_stimulus_call_emit(const struct lk_stimulus_call *in, uint8_t *buf, size_t cap);

#endif
