/* One replay in mode `fields` while it runs: what its files share. Internal to conformance/replay. */
#ifndef LK_REPLAY_FIELD_RUN_H
#define LK_REPLAY_FIELD_RUN_H

#include "conformance/replay/field_map.h"
#include "conformance/replay/judge.h"
#include "conformance/replay/replay.h"

#define LK_NO_STEP UINT32_MAX

struct lk_step_state { bool done; lk_time at; };
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
    lk_time now;
    uint32_t frames_out;           /* frames of the device that were compared, for alterations */
    const uint8_t *held; size_t held_len; uint32_t held_iface; lk_time held_until;
    uint64_t compared_frames, compared_bytes, steps;
    bool over;                     /* something was violated: the rest says nothing */
    const char *error;             /* of the run, not of the device */
};

/* Ends the run with an error (printf). */
void lk_field_run_error(struct lk_field_run *run, const char *format, ...) __attribute__((format(printf, 2, 3)));

/* The first step that is not done and not optional; step_count: all are done. */
uint32_t lk_field_cursor(const struct lk_field_run *run);
/* When the step before this one was done: what its times count from. */
lk_time lk_field_base(const struct lk_field_run *run, uint32_t step);

/* -- field_match.c -- */

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

#endif
