/* One replay while it runs: what the rooms of the engine share. Internal to conformance/replay. */
#ifndef LK_REPLAY_RUN_H
#define LK_REPLAY_RUN_H

#include "conformance/net/net.h"
#include "conformance/replay/fates.h"
#include "conformance/replay/judge.h"
#include "conformance/replay/replay.h"
#include "conformance/replay/tape.h"

struct lk_calls;
struct lk_peer;
struct lk_peer_player;

/* What the run knows of an event: the connection it belonged to then, and the tape frame it stands for (the peer's); or LK_NONE. */
struct lk_event_note { uint32_t conn, tape; };

/* ERROR: nothing is judged. NOT_APPLICABLE (the recording does not fit, or the run took too many steps): what came before is judged,
 * what is missing is not. UNUSED: the run came to its end,
 * and an expectation of the trace was not used; a violation outranks it. */
enum lk_run_stop { LK_RUN_GOES_ON = 0, LK_RUN_ERROR, LK_RUN_NOT_APPLICABLE, LK_RUN_UNUSED };

struct lk_run {
    const struct lk_trace *trace;
    const struct lk_dut *dut;
    void *device;
    const struct lk_replay_options *options;
    struct lk_bump *memory;
    struct lk_tape tape;
    struct lk_judge *judge;
    struct lk_fates *fates;
    struct lk_calls *calls;
    uint8_t dut_mac[6], peer_mac[6];
    const struct lk_peer_player *player;
    struct lk_peer *peer;
    uint32_t frames_out;           /* frames the device gave, altered or not */
    const uint8_t *held_bytes; size_t held_len; lk_time held_until; /* of an alteration: comes later */
    struct lk_conns live;          /* connections of this run; number i stands for number i of the tape */
    struct lk_timeline ours;
    struct lk_event_note *notes; size_t note_capacity; /* per event of ours */
    lk_time now, horizon, grace;   /* the run ends at the horizon: so long after the recording would have */
    uint64_t steps;
    enum lk_run_stop stop;
    const char *reason;            /* of the stop */
};

/* Ends the run with a reason (printf). */
void lk_run_stop(struct lk_run *run, enum lk_run_stop stop, const char *format, ...) __attribute__((format(printf, 3, 4)));
void lk_run_no_memory(struct lk_run *run);

/* A frame reaches the device now: into the timeline, the connections and the device. tape: the frame it stands for, or LK_NONE. */
void lk_run_deliver(struct lk_run *run, const uint8_t *bytes, size_t len, uint32_t tape, bool outside);

/* The peer, one of two kinds. `heard`: the device sent event number `event` of the timeline, and `fate` is what the network
 * does with it. `next`: when it acts next. `act`: what is due now. */
struct lk_peer_player {
    const char *name;
    struct lk_peer *(*create)(struct lk_run *run);
    void (*heard)(struct lk_run *run, uint32_t event, const struct lk_net_fate *fate);
    lk_time (*next)(struct lk_run *run);
    void (*act)(struct lk_run *run);
};
extern const struct lk_peer_player lk_peer_recorded, lk_peer_acting;

#endif
