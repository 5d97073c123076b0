/* One replay in mode `fields` while it runs: what its files share. Internal to conformance/replay. */
#ifndef LK_REPLAY_FIELD_RUN_H
#define LK_REPLAY_FIELD_RUN_H

#include "conformance/replay/field_map.h"
#include "conformance/replay/judge.h"
#include "conformance/replay/replay.h"

#define LK_NO_STEP UINT32_MAX

#define LK_FIELD_STREAMS 32
#define LK_FIELD_WRAP 42 /* Ethernet, IPv4 and UDP headers around a DNS message that a connection carries; its length of RFC 1035 4.2.2 is dropped */

/* What a difference is about: each is a check. */
enum lk_field_about { LK_ABOUT_FIELDS = 1, LK_ABOUT_ANSWER = 2, LK_ABOUT_RETRY = 4, LK_ABOUT_TIME = 8, LK_ABOUT_SILENCE = 16, LK_ABOUT_RETURNS = 32,
                      LK_ABOUT_MAP = 64, LK_ABOUT_CHECKSUM = 128, LK_ABOUT_EXTRA = 256, LK_ABOUT_STREAM = 512 };

struct lk_field_stream;
struct lk_tcp_end;
struct lk_step_state { bool done, begun; lk_time at; };
struct lk_neighbour { uint8_t iface, mac[6]; uint32_t address; };

struct lk_field_run {
    const struct lk_trace *trace;
    const struct lk_dut *dut;
    void *device;
    const struct lk_replay_options *options;
    struct lk_bump *memory;
    struct lk_judge *judge;
    struct lk_field_map *map;
    struct lk_timeline ours;
    struct lk_step_state *state;
    struct lk_neighbour *neighbours; size_t neighbour_count, neighbour_capacity;
    struct lk_field_view expected, actual;
    struct lk_field_stream *streams; /* by connection; NULL: none so far */
    lk_time now;
    uint32_t frames_out;           /* frames of the device that were compared, for alterations */
    const uint8_t *held; size_t held_len; uint32_t held_iface; lk_time held_until;
    uint64_t compared_frames, compared_bytes, steps;
    bool disturbed;                /* an alteration that happens once */
    bool over;                     /* something was violated: the rest says nothing */
    const char *error;             /* of the run, not of the device */
};

/* Ends the run with an error (printf). */
void lk_field_run_error(struct lk_field_run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The first step that is not done and not optional; step_count: all are done. */
uint32_t lk_field_cursor(const struct lk_field_run *run);
/* When the step before this one was done: what its times count from. */
lk_time lk_field_base(const struct lk_field_run *run, uint32_t step);

/* Whether a step is something done to the device, not expected of it. */
bool lk_step_is_stimulus(unsigned kind);

/* -- field_match.c -- */

/* A check `field NAME` held; a step that is expected ended as it should, in time or not; or it did not. */
void lk_field_held(struct lk_field_run *run, const char *field);
void lk_field_done(struct lk_field_run *run, uint32_t step);
void lk_field_violated(struct lk_field_run *run, unsigned about, uint32_t step, const char *field, const char *expected, const char *actual);
/* Holds a DNS message of a connection against the step's, as the datagram that would carry it. */
bool lk_field_message(struct lk_field_run *run, uint32_t step, const uint8_t *bytes, size_t len);

/* The device sent the frame that is event number `event` of the timeline, on `iface`. */
void lk_field_matched(struct lk_field_run *run, uint32_t iface, uint32_t event);
/* A call returned with this text. */
void lk_field_returned(struct lk_field_run *run, uint32_t call, const char *text);
/* The time of a step has passed. */
void lk_field_missing(struct lk_field_run *run, uint32_t step);
void lk_field_silent(struct lk_field_run *run, uint32_t step);
/* The run is over and nothing was violated. */
void lk_field_whole(struct lk_field_run *run);

/* -- field_neighbour.c: the peers' side of ARP, where it is not part of the trace -- */

void lk_field_neighbours(struct lk_field_run *run);
/* Whether the frame is ARP that is nobody's business here; an answer, when there is one, goes to the device at once. */
bool lk_field_arp(struct lk_field_run *run, uint32_t iface, const uint8_t *bytes, size_t len);


/* -- field_stream.c -- */

/* The time of a step of a connection that the peer does has come. */
void lk_field_stream_act(struct lk_field_run *run, uint32_t step);
void lk_field_stream_say(struct lk_field_run *run, const struct lk_step *step, struct lk_tcp_end *end);
/* A frame of the device: true when it belongs to a connection of the talk. */
bool lk_field_stream_frame(struct lk_field_run *run, uint32_t iface, const uint8_t *bytes, size_t len);
void lk_field_stream_look(struct lk_field_run *run);
bool lk_field_stream_unread(struct lk_field_run *run, const char **what);
const char *lk_field_stream_state(struct lk_field_run *run, uint32_t step);

#endif
