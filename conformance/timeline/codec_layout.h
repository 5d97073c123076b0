/* The layout of each record of a trace, written down once for emitting and parsing. Inside this room only. */
#ifndef LK_TIMELINE_CODEC_LAYOUT_H
#define LK_TIMELINE_CODEC_LAYOUT_H

#include "conformance/timeline/codec_field.h"

void lk_layout_dut(struct lk_codec *codec, struct lk_trace *t);
void lk_layout_link_type(struct lk_codec *codec, struct lk_trace *t);
void lk_layout_network(struct lk_codec *codec, struct lk_trace_network *n);
void lk_layout_fate(struct lk_codec *codec, struct lk_fate *f);
void lk_layout_call(struct lk_codec *codec, struct lk_call *c);
void lk_layout_peer(struct lk_codec *codec, struct lk_trace_peer *p);
void lk_layout_pair(struct lk_codec *codec, struct lk_pair *p);
void lk_layout_match(struct lk_codec *codec, struct lk_match *m);
void lk_layout_proof(struct lk_codec *codec, struct lk_proof *p);

void lk_layout_iface(struct lk_codec *codec, struct lk_trace_iface *iface);
void lk_layout_talk(struct lk_codec *codec, struct lk_talk *talk);
void lk_layout_fields(struct lk_codec *codec, struct lk_match *m);

/* Captures by `which`: 0 at the DUT, 1 at the peer, 2 + n of outcome n, 202 + n of interface n; NULL: the trace has none of that number. */
#define LK_CODEC_CAPTURES (2 + LK_OUTCOMES_MAX + LK_TRACE_IFACES)
const struct lk_capture *lk_codec_capture(const struct lk_trace *t, size_t which);

#endif
