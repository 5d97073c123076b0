/* Two stacks, one connection, a hostile network between them: the driver behind the fuzz target tcp_pair, the
 * determinism check and the loss table. Side 0 connects, side 1 listens; each sends a stream whose bytes follow from
 * their position, shuts down, reads the other's to its end and closes.
 *
 * What must hold for every input: each byte arrives intact and in order, both ends close, the work is bounded, every
 * invariant of both stacks holds, and no call of the deadline makes no progress. */
#ifndef LK_FUZZ_PAIR_H
#define LK_FUZZ_PAIR_H

#include "conformance/timeline/bump.h"
#include "stack/host/stack.h"
#include <stdint.h>

struct lk_pair_harm { uint32_t lost_ppm, doubled_ppm, corrupted_ppm, late_ppm; lk_time late; }; /* parts per million of frames */

struct lk_pair_config {
    const char *profile;        /* of both stacks */
    struct lk_config stack[2];  /* filled by lk_pair_config_init, may be changed */
    uint8_t seed[32];
    uint64_t bytes[2];          /* that side 0 and side 1 send */
    uint32_t read_size[2];      /* bytes per recv call, at least 1 */
    uint64_t rate;              /* bit/s, 0 unlimited */
    lk_time delay;              /* one way */
    uint32_t queue;             /* frames, 0 unlimited */
    struct lk_pair_harm harm[2];/* to frames that side 0 and side 1 send; drawn from the seed */
    uint64_t harm_frames;       /* after that many frames the network is kind, so that everything must end */
    const uint8_t *script;      /* when given: one byte a frame instead of draws: 0 fine 1 lost 2 doubled 3 late 4 corrupted;
                                   a third frame in a row that would not arrive is left alone */
    size_t script_len;
    uint64_t steps;             /* bound of the work */
    bool check_often;           /* lk_stack_check() after every step, not only at the end */
};

struct lk_pair_result {
    const char *failure;        /* NULL: all held */
    lk_time established, finished; /* virtual time since the start: side 0 connected; both streams delivered */
    uint64_t frames[2], lost[2];/* sent by each side; of them lost */
    uint64_t data_frames, data_needed; /* side 0: frames with payload; payload frames that a loss-free run needs */
    uint64_t resent_frames, rto; /* side 0 */
    uint64_t rto_explained;     /* of them: a retransmission, the tail, or the tail's acknowledgements were lost */
    uint64_t hash;              /* of every frame of both sides in order, and of both digests at the end */
    uint64_t steps;
};

/* Defaults: 1500 bytes MTU, no harm, 1 ms, small tables. Returns 0 or what lk_config_init returns. */
int lk_pair_config_init(struct lk_pair_config *config, const char *profile);

/* Derives a hostile setting from a number: sizes, buffers, options, rates and harm vary with it. */
void lk_pair_config_from_seed(struct lk_pair_config *config, uint64_t seed);

/* Runs it. 0 (then see result->failure), or LK_E_NOMEM / LK_E_INVALID when it could not start. */
int lk_pair_run(const struct lk_pair_config *config, struct lk_pair_result *result, struct lk_bump *memory);

#endif
