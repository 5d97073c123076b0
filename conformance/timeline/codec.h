/* A whole trace as an event file: what fuzzers mutate, what builds without libraries replay, what a crash leaves.
 * The framing stands in record.h; the records of a trace are kinds 1..21, listed below.
 *
 * Laws: decode(encode(trace)) is equal to the trace (lk_trace_difference() gives NULL); encode(decode(b)) is canonical:
 * decoding and encoding it again gives the same bytes. Every byte string decodes: unknown kinds and short tails are
 * skipped, missing bytes of a record count as zero, a value that is out of range becomes the default.
 *
 * Layout of a payload: integers little endian, times signed 64-bit ns, a text {u16 length, bytes} with length 0xffff for
 * "none", a list {u16 count, elements}, a host {address 16, port u16, has_mac u8, mac 6, prefix u32}, a match
 * {mode u8, tolerance, compare list of text, excess u32, ends_within, must_not_resend list of {u64, u64}}. */
#ifndef LK_TIMELINE_CODEC_H
#define LK_TIMELINE_CODEC_H

#include "conformance/timeline/bump.h"
#include "conformance/timeline/record.h"
#include "conformance/timeline/trace.h"
#include <stddef.h>
#include <stdint.h>

enum lk_codec_kind {
    LK_CODEC_NAME = 1,     /* text */
    LK_CODEC_DUT = 2,      /* host, role u8, capture text */
    LK_CODEC_LINK = 3,     /* type u8 (0 ethernet, 1 raw), neighbours u8, mtu u16 */
    LK_CODEC_NETWORK = 4,  /* rate 2 * u64, delay 2 * time, queue u32 */
    LK_CODEC_FATE = 5,     /* one fate: dir by is required u8 each, copy u32, from to u64, since until late times */
    LK_CODEC_CALL = 6,     /* one call */
    LK_CODEC_INJECT = 7,   /* after frame u32 */
    LK_CODEC_PEER = 8,     /* host, capture text, kind ack u8, ack_delay, window u32, wscale u8 (255 none), sack timestamps u8, mss u16 */
    LK_CODEC_CONFIG = 9,   /* profile pull texts */
    LK_CODEC_SETTING = 10, /* name value texts: one key of config */
    LK_CODEC_MATCH = 11,   /* match */
    LK_CODEC_OUTCOME = 12, /* match, capture text */
    LK_CODEC_PROOF = 13,   /* requirement check texts */
    LK_CODEC_SOURCE = 14,  /* name value texts */
    LK_CODEC_CAPTURE = 15, /* which u8 (0 at the DUT, 1 at the peer, 2 + n of outcome n, 202 + n of interface n), link u32, start time */
    LK_CODEC_RUNS = 17,    /* runs u8 */
    LK_CODEC_IFACE = 18,   /* name text, host, outside u8, capture text */
    LK_CODEC_APP = 19,     /* name value texts: one setting of what runs */
    LK_CODEC_TALK = 20,    /* text, line u32 */
    LK_CODEC_FIELDS = 21,  /* of match: ignore, map: lists of texts */
    LK_CODEC_FRAME = 16    /* which u8, ns u16, number u32, orig_len u32, with LK_CODEC_EXACT its time, bytes to the end */
};

/* flags of a record */
#define LK_CODEC_MORE 1u  /* the payload goes on in the next record of this kind (for what is longer than 65535 bytes) */
#define LK_CODEC_EXACT 2u /* a frame whose time the clock of the records cannot express: it stands in the payload */

/* The time of a frame is the sum of all records' microseconds up to it, and `ns` (0..999). Frames of all captures stand
 * in one order of time. */

/* Writes the whole file into `bump`. 0; LK_E_NOMEM: the budget is used up. */
int lk_trace_encode(const struct lk_trace *trace, struct lk_bump *bump, uint8_t **bytes, size_t *len);

/* Reads a whole file into *trace; everything is copied into `bump`. 0; LK_E_NOMEM: the budget is used up. */
int lk_trace_decode(const uint8_t *bytes, size_t len, struct lk_bump *bump, struct lk_trace *trace);

/* Whether these bytes hold a trace at all: at least one frame or call record. */
bool lk_trace_recognise(const uint8_t *bytes, size_t len);

#endif
