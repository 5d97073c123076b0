/* A trace into the bytes of an event file: lk_trace_encode() of codec.h. */
#include "conformance/timeline/codec.h"
#include "conformance/timeline/codec_layout.h"
#include "stack/base/error.h"

struct writer {
    struct lk_codec codec;       /* the payload being built */
    struct lk_codec file;        /* the file so far */
    int64_t clock;               /* microseconds of all records so far */
};

/* Puts the payload behind the file as one record, or as several when it is longer than one holds. */
static void finish_at(struct writer *writer, uint8_t kind, uint8_t flags, uint32_t microseconds)
{
    size_t done = 0, left = writer->codec.len;
    uint8_t header[LK_RECORD_HEADER];
    do {
        size_t part = left < LK_RECORD_PAYLOAD_MAX ? left : LK_RECORD_PAYLOAD_MAX;
        struct lk_record record = {.kind = kind, .flags = (uint8_t)(flags | (part < left ? LK_CODEC_MORE : 0)), .microseconds = microseconds};
        lk_record_put(&record, header, sizeof header);
        header[2] = (uint8_t)part;
        header[3] = (uint8_t)(part >> 8);
        lk_codec_bytes(&writer->file, header, sizeof header);
        if (part != 0)
            lk_codec_bytes(&writer->file, writer->codec.payload + done, part);
        done += part;
        left -= part;
        microseconds = 0;
    } while (left != 0);
    writer->file.failed |= writer->codec.failed;
    writer->codec.len = 0;
}

static void finish(struct writer *writer, uint8_t kind)
{
    finish_at(writer, kind, 0, 0);
}

/* The walkers of the layout want what they could also fill: they get copies. */
static void write_lists(struct writer *w, const struct lk_trace *t)
{
    for (size_t i = 0; i < t->fate_count; i++) {
        struct lk_fate fate = t->fates[i];
        lk_layout_fate(&w->codec, &fate);
        finish(w, LK_CODEC_FATE);
    }
    for (size_t i = 0; i < t->call_count; i++) {
        struct lk_call call = t->calls[i];
        lk_layout_call(&w->codec, &call);
        finish(w, LK_CODEC_CALL);
    }
    for (size_t i = 0; i < t->inject_count; i++) {
        struct lk_inject inject = t->injects[i];
        lk_codec_u32(&w->codec, &inject.after);
        lk_codec_u32(&w->codec, &inject.frame);
        finish(w, LK_CODEC_INJECT);
    }
}

static void write_head(struct writer *w, const struct lk_trace *t)
{
    struct lk_trace head = *t;
    lk_codec_text(&w->codec, &head.name);
    finish(w, LK_CODEC_NAME);
    lk_layout_dut(&w->codec, &head);
    finish(w, LK_CODEC_DUT);
    lk_layout_link_type(&w->codec, &head);
    finish(w, LK_CODEC_LINK);
    lk_layout_network(&w->codec, &head.network);
    finish(w, LK_CODEC_NETWORK);
    write_lists(w, t);
    lk_layout_peer(&w->codec, &head.peer);
    finish(w, LK_CODEC_PEER);
}

/* What only traces of mode `fields` have; each is left out when it says nothing. */
static void write_talk(struct writer *w, const struct lk_trace *t)
{
    uint8_t runs = t->dut.runs;
    if (runs != LK_RUNS_SOCKETS) {
        lk_codec_u8(&w->codec, &runs);
        finish(w, LK_CODEC_RUNS);
    }
    for (size_t i = 0; i < t->iface_count; i++) {
        struct lk_trace_iface iface = t->ifaces[i];
        lk_layout_iface(&w->codec, &iface);
        finish(w, LK_CODEC_IFACE);
    }
    for (size_t i = 0; i < t->talk_count; i++) {
        struct lk_talk talk = t->talk[i];
        lk_layout_talk(&w->codec, &talk);
        finish(w, LK_CODEC_TALK);
    }
    if (t->match.ignore_count != 0 || t->match.map_count != 0) {
        struct lk_match match = t->match;
        lk_layout_fields(&w->codec, &match);
        finish(w, LK_CODEC_FIELDS);
    }
}

static void write_pairs(struct writer *w, const struct lk_pair *pairs, size_t count, uint8_t kind)
{
    for (size_t i = 0; i < count; i++) {
        struct lk_pair pair = pairs[i];
        lk_layout_pair(&w->codec, &pair);
        finish(w, kind);
    }
}

static void write_match(struct writer *w, const struct lk_trace *t)
{
    struct lk_match match = t->match;
    lk_layout_match(&w->codec, &match);
    finish(w, LK_CODEC_MATCH);
    for (size_t i = 0; i < t->outcome_count; i++) {
        struct lk_outcome outcome = t->outcomes[i];
        lk_layout_match(&w->codec, &outcome.match);
        lk_codec_text(&w->codec, &outcome.capture_file);
        finish(w, LK_CODEC_OUTCOME);
    }
    for (size_t i = 0; i < t->proof_count; i++) {
        struct lk_proof proof = t->proves[i];
        lk_layout_proof(&w->codec, &proof);
        finish(w, LK_CODEC_PROOF);
    }
}

static void write_captures(struct writer *w, const struct lk_trace *t)
{
    for (size_t which = 0; which < LK_CODEC_CAPTURES; which++) {
        const struct lk_capture *there = lk_codec_capture(t, which);
        uint8_t number = (uint8_t)which;
        if (there == NULL || there->count == 0)
            continue;
        struct lk_capture capture = *there;
        lk_codec_u8(&w->codec, &number);
        lk_codec_u32(&w->codec, &capture.link);
        lk_codec_i64(&w->codec, &capture.start);
        finish(w, LK_CODEC_CAPTURE);
    }
}

static void write_frame(struct writer *w, uint8_t which, const struct lk_captured *frame)
{
    struct lk_captured copy = *frame;
    int64_t us = frame->at < 0 ? -1 : frame->at / 1000;
    bool exact = us < w->clock || us - w->clock > UINT32_MAX;
    uint32_t passed = exact ? 0 : (uint32_t)(us - w->clock);
    uint16_t ns = exact ? 0 : (uint16_t)(frame->at % 1000);
    lk_codec_u8(&w->codec, &which);
    lk_codec_u16(&w->codec, &ns);
    lk_codec_u32(&w->codec, &copy.number);
    lk_codec_u32(&w->codec, &copy.orig_len);
    if (exact)
        lk_codec_i64(&w->codec, &copy.at);
    lk_codec_bytes(&w->codec, (uint8_t *)(uintptr_t)frame->bytes, frame->len);
    w->clock += passed;
    finish_at(w, LK_CODEC_FRAME, exact ? LK_CODEC_EXACT : 0, passed);
}

/* The capture whose next frame is the earliest; of equal times the first one. The number of captures when all are through. */
static size_t earliest(const struct lk_trace *t, const size_t *next)
{
    size_t best = LK_CODEC_CAPTURES;
    lk_time at = 0;
    for (size_t which = 0; which < LK_CODEC_CAPTURES; which++) {
        const struct lk_capture *capture = lk_codec_capture(t, which);
        if (capture == NULL || next[which] == capture->count || (best != LK_CODEC_CAPTURES && capture->frames[next[which]].at >= at))
            continue;
        best = which;
        at = capture->frames[next[which]].at;
    }
    return best;
}

static void write_frames(struct writer *w, const struct lk_trace *t)
{
    size_t next[LK_CODEC_CAPTURES] = {0}, which;
    while (!w->file.failed && (which = earliest(t, next)) != LK_CODEC_CAPTURES)
        write_frame(w, (uint8_t)which, &lk_codec_capture(t, which)->frames[next[which]++]);
}

int lk_trace_encode(const struct lk_trace *trace, struct lk_bump *bump, uint8_t **bytes, size_t *len)
{
    struct writer writer = {.codec = {.emit = true, .bump = bump}, .file = {.emit = true, .bump = bump}};
    struct lk_pair config = {trace->config.profile, trace->config.pull};
    uint8_t magic[4];
    lk_record_magic(magic, sizeof magic);
    lk_codec_bytes(&writer.file, magic, sizeof magic);
    write_head(&writer, trace);
    write_pairs(&writer, &config, 1, LK_CODEC_CONFIG);
    write_pairs(&writer, trace->config.settings, trace->config.setting_count, LK_CODEC_SETTING);
    write_match(&writer, trace);
    write_talk(&writer, trace);
    write_pairs(&writer, trace->app, trace->app_count, LK_CODEC_APP);
    write_pairs(&writer, trace->source, trace->source_count, LK_CODEC_SOURCE);
    write_captures(&writer, trace);
    write_frames(&writer, trace);
    *bytes = writer.file.payload;
    *len = writer.file.len;
    return writer.file.failed ? LK_E_NOMEM : 0;
}
